//! What all the instances of the process share to federate: the HTTP client, keys, and one another.

use crate::error::Result;
use crate::signature_forms::{self, SignatureForms};
use crate::transport::{Http, KeyPool, Keyring, Limits, Signer, TestHosts};
use clocher_app::{App, profile};
use clocher_domain::delivery::Policy;
use clocher_storage::actors::{self, ActorRow};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How instances of this process reach one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Siblings {
    /// Into the inbox directly, after the place where signatures are checked.
    Direct,
    /// Over HTTP, as anybody.
    Http,
}

/// How this process federates.
#[derive(Clone, Debug)]
pub struct Options {
    /// Hosts that are reached by plain http or at loopback addresses.
    pub test_hosts: TestHosts,
    /// How instances of this process reach one another.
    pub siblings: Siblings,
    /// How persistent deliveries are.
    pub policy: Policy,
    /// What one exchange with another server may cost.
    pub limits: Limits,
}

/// What the instances of a process have sent since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Deliveries that were tried.
    pub deliveries: u64,
    /// The bytes of their documents.
    pub bytes: u64,
}

/// Federation of all the instances of a process.
pub struct Federation {
    options: Options,
    http: Http,
    keyring: Keyring,
    pool: KeyPool,
    served: RwLock<HashMap<String, App>>,
    refetched: moka::sync::Cache<String, ()>,
    failed_keys: moka::sync::Cache<String, Arc<AtomicU32>>,
    forms: signature_forms::Cache,
    deliveries: AtomicU64,
    bytes: AtomicU64,
}

/// Private and public keys kept parsed.
const KEYS: (u64, u64) = (256, 2_048);
/// Keys of one host that may come to nothing before it is not asked any more.
const FAILED_KEYS: u32 = 20;
/// For how long after the first of them.
const FORGIVE: Duration = Duration::from_mins(2);
/// A key that does not fit is asked for again at most once in this time.
const REFETCH: Duration = Duration::from_mins(5);

impl Federation {
    /// Federation without instances yet.
    ///
    /// # Errors
    /// `Internal` where the HTTP client cannot be made.
    pub fn new(options: Options) -> clocher_app::Result<Arc<Self>> {
        let http = Http::with_limits(options.test_hosts.clone(), options.limits)
            .map_err(|error| clocher_app::Error::Internal(error.to_string()))?;
        Ok(Arc::new(Self {
            options,
            http,
            keyring: Keyring::new(KEYS.0, KEYS.1),
            pool: KeyPool::default(),
            served: RwLock::default(),
            refetched: moka::sync::Cache::builder().max_capacity(10_000).time_to_live(REFETCH).build(),
            failed_keys: moka::sync::Cache::builder().max_capacity(10_000).time_to_live(FORGIVE).build(),
            forms: signature_forms::Cache::default(),
            deliveries: AtomicU64::default(),
            bytes: AtomicU64::default(),
        }))
    }

    /// Adds an instance of this process, found by its domain from now on.
    pub fn add(&self, app: &App) {
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        served.insert(app.site().domain().to_owned(), app.clone());
    }

    /// Removes an instance that is no longer served.
    pub fn remove(&self, domain: &str) {
        self.served.write().unwrap_or_else(PoisonError::into_inner).remove(domain);
    }

    /// The domains of the instances of this process, in order.
    pub(crate) fn domains(&self) -> Vec<String> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        let mut domains: Vec<String> = served.keys().cloned().collect();
        domains.sort_unstable();
        domains
    }

    /// The instance of this process with that domain, where siblings are reached directly.
    pub(crate) fn sibling(&self, domain: &str) -> Option<App> {
        if self.options.siblings == Siblings::Http {
            return None;
        }
        self.served.read().unwrap_or_else(PoisonError::into_inner).get(domain).cloned()
    }

    /// What they have sent since the process started.
    pub fn traffic(&self) -> Traffic {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Traffic { deliveries: load(&self.deliveries), bytes: load(&self.bytes) }
    }

    /// Counts a delivery that is tried.
    pub(crate) fn count_delivery(&self, bytes: usize) {
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(u64::try_from(bytes).unwrap_or_default(), Ordering::Relaxed);
    }

    /// How persistent deliveries are.
    pub(crate) fn policy(&self) -> Policy {
        self.options.policy
    }

    /// The HTTP client.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Parsed keys.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Whether the actor may be asked again for a key that did not fit; true once in five minutes.
    pub(crate) fn may_refetch(&self, actor: &str) -> bool {
        let fresh = self.refetched.get(actor).is_none();
        if fresh {
            self.refetched.insert(actor.to_owned(), ());
        }
        fresh
    }

    /// Whether the actor was asked again within the last five minutes.
    pub(crate) fn was_refetched(&self, actor: &str) -> bool {
        self.refetched.contains_key(actor)
    }

    /// Lets the actor be asked again: its server did not answer.
    pub(crate) fn allow_refetch(&self, actor: &str) {
        self.refetched.invalidate(actor);
    }

    /// Whether that host may still be asked for keys that nobody has seen: not when many in a row, within a few
    /// minutes, came to nothing. Else anybody could have us ask anybody, as often as they like.
    pub(crate) fn may_ask_for_keys(&self, host: &str) -> bool {
        self.failed_keys.get(host).is_none_or(|failed| failed.load(Ordering::Relaxed) < FAILED_KEYS)
    }

    /// Notes that a key of that host came to nothing.
    pub(crate) fn note_failed_key(&self, host: &str) {
        self.failed_keys.get_with(host.to_owned(), Arc::default).fetch_add(1, Ordering::Relaxed);
    }

    /// The key of a local actor, made now if it has none: keys cost 100 ms, and most actors never sign.
    pub(crate) async fn signer(&self, app: &App, actor_id: i64) -> Result<Signer> {
        let (actor, keys) = app
            .read(move |conn| {
                Ok::<_, clocher_app::Error>((
                    actors::find(conn, actor_id)?,
                    actors::find_keys(conn, actor_id)?,
                ))
            })
            .await?;
        let actor = actor.ok_or(crate::Error::Malformed("the signer is unknown"))?;
        let pem = if let Some(pem) = keys.and_then(|keys| keys.rsa_private) {
            pem
        } else {
            let key = self.pool.take().await?;
            let private = key.to_pkcs8_pem()?.to_string();
            profile::give_rsa_key(app, actor_id, private, key.public_pem().to_owned()).await?
        };
        let forms = SignatureForms::of_deliveries(app, &self.forms);
        let key = self.keyring.signing(&pem)?;
        Ok(Signer { key_id: actor.public_key_id, key, forms: Some(Arc::new(forms)) })
    }

    /// The key with which an instance signs its own questions.
    pub(crate) async fn instance_signer(&self, app: &App) -> Result<Signer> {
        let actor_id = app.instance().await?.actor_id;
        let forms = SignatureForms::of_questions(app, &self.forms);
        Ok(Signer { forms: Some(Arc::new(forms)), ..self.signer(app, actor_id).await? })
    }

    /// A local actor with its public key, made now if it has none.
    pub(crate) async fn with_key(&self, app: &App, actor: ActorRow) -> Result<ActorRow> {
        if !actor.public_key_pem.is_empty() {
            return Ok(actor);
        }
        let signer = self.signer(app, actor.id).await?;
        Ok(ActorRow { public_key_pem: signer.key.public_pem().to_owned(), ..actor })
    }
}
