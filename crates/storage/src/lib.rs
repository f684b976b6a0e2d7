//! All SQL of Clocher, for SQLite and PostgreSQL; the only crate that names diesel.
//!
//! Takes no decision: `app` loads, `domain` decides, `app` stores.

pub mod accounts;
pub mod activities;
pub mod actors;
pub mod addresses;
pub mod assertion_methods;
pub mod bans;
pub mod claims;
pub mod communities;
mod db;
pub mod deliveries;
mod dialect;
pub mod domains;
pub mod effects;
mod error;
pub mod fan_outs;
pub mod follows;
pub mod hidings;
pub mod hosts;
pub mod instance;
pub mod invitations;
pub mod jobs;
pub mod joints;
pub mod journal;
pub mod ledger;
pub mod links;
mod migrations;
pub mod openings;
pub mod placements;
pub mod posts;
pub mod reports;
pub mod republications;
pub mod schema;
pub mod sending;
pub mod sessions;
pub mod subscriptions;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timeline;
pub mod votes;

pub use db::{Db, Location};
pub use dialect::Conn;
pub use error::{Error, Result};
