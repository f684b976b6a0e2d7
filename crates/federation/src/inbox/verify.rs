//! Whose request it is: signature, digest, date and host, then that the activity is the signer's own.

use super::{Incoming, actor_id, check};
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::signature::BodyChecked;
use crate::transport::{FetchError, Headers, IncomingSignature, SignatureError, authority, json};
use crate::vocabulary::{first_text, id_of};
use clocher_app::domains;
use clocher_storage::actors::{self, ActorRow};
use serde_json::Value;

/// Verifies a request to an inbox. None where it is true and means nothing: the deletion of somebody unknown.
pub async fn verify(
    sources: &Sources,
    target: &str,
    headers: &Headers,
    body: &[u8],
) -> Result<Option<Incoming>> {
    let app = &sources.app;
    let now = app.now().seconds();
    let signature =
        IncomingSignature::parse("POST", target, headers, now, app.site().domain())?.check_body(body)?;
    let key_id = signature.key_id().to_owned();
    let test_hosts = sources.federation.http().test_hosts();
    let mut key_url = test_hosts.check(&key_id).map_err(FetchError::from)?;
    key_url.set_fragment(None);
    if app.site().owns(&key_id) {
        // Ours never come in by HTTP: a key on our own host would have us ask ourselves (Discourse, 2026-06).
        return Err(SignatureError::Wrong.into());
    }
    domains::check(app, &authority(&key_url)).await?;
    let json = json::parse(body)?;
    let wanted = key_id.clone();
    let known = app.read(move |conn| actors::find_by_key_id(conn, &wanted)).await?;
    if known.is_none() && is_own_deletion(&json) {
        // Servers tell everybody when an account goes. Nobody of ours knew it; asking for its key would be
        // asking a whole fediverse for what is gone.
        return Ok(None);
    }
    let actor = match known {
        Some(actor) => verify_known(sources, &signature, actor, &key_id).await?,
        None => verify_fetched(sources, &signature, key_url.as_str(), &key_id).await?,
    };
    check(actor, json).map(Some)
}

async fn verify_known(
    sources: &Sources,
    signature: &BodyChecked,
    actor: ActorRow,
    key_id: &str,
) -> Result<ActorRow> {
    match fits(sources, signature, &actor) {
        Ok(()) => Ok(actor),
        // The key may have been changed: its owner is asked, not more often than every five minutes.
        Err(_) if sources.federation.may_refetch(&actor.ap_id) => {
            verify_fetched(sources, signature, &actor.ap_id, key_id).await
        }
        Err(error) => Err(error),
    }
}

/// Fetches the owner of a key, who must list that key as its own.
async fn verify_fetched(
    sources: &Sources,
    signature: &BodyChecked,
    address: &str,
    key_id: &str,
) -> Result<ActorRow> {
    let (_, document) = sources.document(address).await?;
    let owner = match document.get("owner").and_then(id_of) {
        // The key stands in a document of its own, which names its owner.
        Some(owner) => owner.to_owned(),
        None => document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let actor = sources.fetch_actor(&owner).await?;
    if actor.public_key_id != key_id {
        return Err(Error::Forged("a key that its owner does not list"));
    }
    fits(sources, signature, &actor)?;
    Ok(actor)
}

fn fits(sources: &Sources, signature: &BodyChecked, actor: &ActorRow) -> Result<()> {
    let key =
        sources.federation.keyring().public(&actor.public_key_pem).map_err(|_| SignatureError::Wrong)?;
    Ok(signature.verify(&key)?)
}

/// Whether it is the deletion of the very actor that sends it.
fn is_own_deletion(json: &Value) -> bool {
    let is_delete = json.get("type").and_then(first_text) == Some("Delete");
    is_delete && actor_id(json).ok() == json.get("object").and_then(id_of)
}
