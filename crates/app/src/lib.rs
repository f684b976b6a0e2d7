//! The use cases of Clocher: one function for each deed, whatever door it came through.
//!
//! Each loads, asks `domain` to decide, and stores what was decided with the effects it owes, in one
//! transaction. Knows neither HTTP, nor the wire format of ActivityPub, nor SQL.

pub mod accounts;
pub mod admitting;
mod app;
pub mod backfill;
pub mod claims;
pub mod clock;
pub mod communities;
mod conversation;
pub mod delivering;
pub mod domains;
mod error;
pub mod feeds;
pub mod founding;
mod ids;
pub mod joining;
pub mod ledger;
pub mod linking;
pub mod marker;
mod markup;
pub mod membership;
pub mod moderating;
pub mod moving;
pub mod notifying;
mod place;
pub mod placing;
pub mod ports;
pub mod posting;
pub mod profile;
pub mod queue;
pub mod readers;
pub mod reading;
pub mod received;
pub mod receiving;
pub mod reporting;
pub mod republishing;
mod secret;
pub mod sending;
pub mod sessions;
mod shown;
mod site;
pub mod subscribing;
pub mod text;
pub mod timeline;
pub mod twins;
pub mod voting;

pub use app::{App, Deed, Wakers};
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result};
pub use ids::Ids;
pub use site::Site;
