//! Sending one delivery: over HTTP, signed, or straight into the inbox of a sibling of the process. Records nothing.

use crate::error::Error;
use crate::federation::Federation;
use crate::inbox;
use crate::transport::{FetchError, Verdict};
use bytes::Bytes;
use clocher_app::App;
use clocher_app::delivering::{Claimed, Failure, Tried};
use clocher_domain::Refusal;
use clocher_storage::deliveries::DeliveryRow;
use std::sync::Arc;

/// Tries a delivery; what came of it is for the worker to record.
pub async fn run(federation: Arc<Federation>, app: App, claimed: Claimed) -> Tried {
    let Claimed { row, document, is_blocked } = claimed;
    let failure = if is_blocked {
        Some(local(&Refusal::DomainBlocked.into()))
    } else {
        federation.count_delivery(document.len());
        send(&federation, &app, &row, document).await.err()
    };
    if let Some((failure, error)) = &failure {
        tracing::debug!(host = row.host, ?failure, error, "a delivery did not arrive");
    }
    Tried { row, failure, jitter: rand::random() }
}

async fn send(
    federation: &Arc<Federation>,
    app: &App,
    row: &DeliveryRow,
    document: String,
) -> Result<(), (Failure, String)> {
    if let Some(sibling) = federation.sibling(&row.host) {
        let received = inbox::receive_from_sibling(federation, &sibling, app, document.as_bytes()).await;
        return received.map_err(|error| local(&error));
    }
    let url = match federation.http().test_hosts().check(&row.inbox) {
        Ok(url) => url,
        Err(error) => return Err((Failure::Refused, error.to_string())),
    };
    let signer = federation.signer(app, row.signer_id).await.map_err(|error| local(&error))?;
    let answer = federation.http().post(&url, Bytes::from(document), &signer, app.now().seconds()).await;
    let answer = answer.map_err(|error| (silence(&error), error.to_string()))?;
    let text = || format!("status {}", answer.status);
    match answer.verdict() {
        Verdict::Delivered => Ok(()),
        Verdict::Retry => {
            let retry_after = answer.retry_after.map(|seconds| seconds.saturating_mul(1_000));
            Err((Failure::Later { retry_after }, text()))
        }
        Verdict::Unverified => Err((Failure::Unverified, text())),
        Verdict::Gone | Verdict::Refused => Err((Failure::Refused, text())),
    }
}

/// A host that does not answer rests; an address that may not be asked is refused for good.
fn silence(error: &FetchError) -> Failure {
    match error {
        FetchError::Timeout | FetchError::Connection(_) => Failure::HostSilent,
        FetchError::Address(_) => Failure::Refused,
        _ => Failure::Later { retry_after: None },
    }
}

/// A failure on this side, or in a sibling.
fn local(error: &Error) -> (Failure, String) {
    let transient = error.is_transient() || error.status().is_server_error();
    let failure = if transient { Failure::Later { retry_after: None } } else { Failure::Refused };
    (failure, error.to_string())
}
