//! The rules of Clocher: pure types and decisions.
//!
//! No input or output, no async, no wire format and no clock: what a rule needs is given to it,
//! what it decides is returned.

pub mod actor;
pub mod audience;
pub mod backfill;
pub mod claim;
pub mod community;
pub mod delivery;
pub mod effect;
pub mod feed;
pub mod handle;
pub mod hiding;
pub mod home;
pub mod id;
pub mod joint;
pub mod ledger;
pub mod link;
pub mod membership;
pub mod moderation;
pub mod moving;
pub mod mutant;
pub mod placement;
pub mod post;
pub mod refusal;
pub mod republication;
pub mod territory;
pub mod time;
pub mod vote;

pub use id::Id;
pub use refusal::Refusal;
pub use time::Timestamp;
