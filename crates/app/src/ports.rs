//! What use cases and doors need of other servers, and what carries messages to people, without knowing how it is had.

use crate::marker::Marker;
use crate::sending::Parcel;
use crate::{App, Result};
use clocher_storage::actors::ActorRow;
use std::future::Future;
use std::pin::Pin;

/// A future that the caller awaits on any thread.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Finds actors of other servers by what people type.
pub trait Directory: Send + Sync {
    /// The actor of a handle (`@name@host`, `!name@host`) or of an address, fetched if it is not known.
    ///
    /// # Errors
    /// `NotFound` where there is none, `DomainBlocked`, `Remote` where its server does not answer.
    fn find<'a>(&'a self, app: &'a App, address: &'a str) -> Later<'a, Result<ActorRow>>;

    /// An actor as its own server describes it now, whatever was known of it.
    ///
    /// # Errors
    /// `NotFound` where it is gone or cannot be reached, `DomainBlocked`, `Remote` where its server does not answer.
    fn ask_again<'a>(&'a self, app: &'a App, actor: &'a ActorRow) -> Later<'a, Result<ActorRow>>;

    /// Asks what the server of an actor runs, where it is not known to keep closed what is.
    ///
    /// # Errors
    /// `Remote` where it does not answer.
    fn learn_software<'a>(&'a self, app: &'a App, actor: &'a ActorRow) -> Later<'a, Result<()>>;
}

/// Keeps a marker where no backup of the database brings back an old one.
pub trait Seal: Send + Sync {
    /// Writes it, in the place of the one before.
    ///
    /// # Errors
    /// Those of the file system: nothing is sent then.
    fn write(&self, marker: &Marker) -> std::io::Result<()>;
}

/// The other instances of the process, which verified addresses themselves. What one of them knows of an address is said
/// to whoever brings the address, and to nobody else.
pub trait Household: Send + Sync {
    /// Which of the others verified an address, and when each did, in milliseconds.
    ///
    /// # Errors
    /// Those of storage.
    fn who_verified<'a>(&'a self, app: &'a App, mail: &'a str) -> Later<'a, Result<Vec<(String, i64)>>>;

    /// Joins an address that both of these verified, as if its holder had carried the ticket: `home` alone sends.
    ///
    /// # Errors
    /// Those of storage.
    fn join<'a>(&'a self, mail: &'a str, second: &'a str, home: &'a str) -> Later<'a, Result<()>>;
}

/// Carries mail to people: what the ledger hands over, once per person.
pub trait Channel: Send + Sync {
    /// Carries one parcel. Once it returns, the parcel is the channel's own affair: it is not handed over again, unless
    /// the process is stopped before that is recorded.
    ///
    /// # Errors
    /// Where it cannot be carried now: it is handed over again later.
    fn carry<'a>(&'a self, app: &'a App, parcel: &'a Parcel) -> Later<'a, Result<()>>;
}
