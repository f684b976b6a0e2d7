//! Keeps in mind in which form each host takes our signatures: for an hour in memory, for good in the table of
//! hosts.
//!
//! It deliberately does not sign, and does not choose when to try the other form: `transport` does.

use crate::transport::{Form, HostForms, Known};
use async_trait::async_trait;
use clocher_app::{App, delivering};
use std::fmt;
use std::time::Duration;

/// How many hosts are kept in mind, of all instances of the process.
const HOSTS: u64 = 10_000;
/// A host that refuses both forms is tried with both again after this time: it may have been unable to get
/// our key.
const AGAIN: Duration = Duration::from_hours(1);

/// What is known of the hosts of every instance: by instance and host.
#[derive(Clone, Debug)]
pub(crate) struct Cache(moka::sync::Cache<(String, String), Known>);

impl Default for Cache {
    fn default() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(HOSTS).time_to_live(AGAIN).build())
    }
}

/// What one instance knows of the hosts that it signs to.
pub(crate) struct SignatureForms {
    app: App,
    cache: Cache,
    /// Whether a host that is not in the table is added. Not one that was only asked for something: whoever
    /// names keys and messages of ever new hosts would fill it.
    adds: bool,
}

impl SignatureForms {
    /// For the deliveries of an instance.
    pub(crate) fn of_deliveries(app: &App, cache: &Cache) -> Self {
        Self { app: app.clone(), cache: cache.clone(), adds: true }
    }

    /// For its questions.
    pub(crate) fn of_questions(app: &App, cache: &Cache) -> Self {
        Self { app: app.clone(), cache: cache.clone(), adds: false }
    }

    fn key(&self, host: &str) -> (String, String) {
        (self.app.site().domain().to_owned(), host.to_owned())
    }
}

impl fmt::Debug for SignatureForms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureForms").field("of", &self.app.site().domain()).finish_non_exhaustive()
    }
}

#[async_trait]
impl HostForms for SignatureForms {
    async fn known(&self, host: &str) -> Known {
        let key = self.key(host);
        if let Some(known) = self.cache.0.get(&key) {
            return known;
        }
        let rfc9421 = delivering::takes_rfc9421(&self.app, host).await.unwrap_or_else(|error| {
            tracing::error!(%error, host, "it could not be looked up how to sign");
            false
        });
        let form = if rfc9421 { Form::Rfc9421 } else { Form::Cavage };
        let known = Known { form, may_retry: true };
        self.cache.0.insert(key, known);
        known
    }

    async fn took(&self, host: &str, form: Form) {
        self.cache.0.insert(self.key(host), Known { form, may_retry: true });
        let rfc9421 = form == Form::Rfc9421;
        if let Err(error) = delivering::record_rfc9421(&self.app, host, rfc9421, self.adds).await {
            tracing::error!(%error, host, "it could not be recorded how to sign");
        }
    }

    async fn refused_both(&self, host: &str) {
        let known = self.known(host).await;
        self.cache.0.insert(self.key(host), Known { may_retry: false, ..known });
    }
}
