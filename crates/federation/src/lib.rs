//! ActivityPub: the door through which other servers come in, and the voice with which ours speaks.
//!
//! Translates and verifies; decides nothing (that is `domain`, through `app`) and shows nothing to people
//! (that is `web`).

mod actor;
mod backfill;
mod collections;
mod conversation;
mod deliver;
mod directory;
mod discovery;
mod documents;
mod error;
mod federation;
mod feeds;
#[cfg(test)]
mod fixtures;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod groups;
mod inbox;
mod jobs;
mod joints;
mod links;
mod merging;
mod neighbours;
mod object;
mod outbox;
mod routes;
mod signature_forms;
mod slots;
mod sources;
mod stepping;
mod threads;
pub mod transport;
mod vocabulary;
mod workers;

pub use directory::Fediverse;
pub use error::{Error, Result};
pub use federation::{Federation, Options, Siblings, Traffic};
pub use routes::routes;
pub use vocabulary::NAMESPACE;
