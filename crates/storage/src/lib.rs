//! All SQL of Clocher, for SQLite and PostgreSQL; the only crate that names diesel.
//!
//! Takes no decision: `app` loads, `domain` decides, `app` stores.

pub mod accounts;
pub mod activities;
pub mod actors;
pub mod assertion_methods;
pub mod bans;
pub mod communities;
mod db;
pub mod deliveries;
mod dialect;
pub mod domains;
pub mod effects;
mod error;
pub mod follows;
pub mod hosts;
pub mod instance;
pub mod invitations;
pub mod jobs;
pub mod journal;
pub mod links;
mod migrations;
pub mod placements;
pub mod posts;
pub mod reports;
pub mod schema;
pub mod sessions;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod votes;

pub use db::{Db, Location};
pub use dialect::Conn;
pub use error::{Error, Result};
