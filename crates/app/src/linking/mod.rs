//! The life of a link between communities: what moderators of here decide, and what communities elsewhere send.
//!
//! A link takes the word of both ends, and each lists it itself. The end that accepts lists it from then on, and its
//! `Accept` names where; the end that proposed looks there before it records the agreement, and lists it then. The one
//! that accepted looks at that listing in a job ([`CHECK`]), and ends the link where it does not come to be: so nobody
//! waits for a listing that waits for theirs, and a link that one end alone wants does not last. Between communities of
//! one instance both ends change in one transaction.
//!
//! The id of the `Offer` decides which proposal an answer is about: what answers an older one changes nothing. How
//! threads travel by a link is not told here.

mod carrying;
mod cycles;
mod deciding;
mod implied;
mod listing;
mod receiving;
mod record;

pub use carrying::{CARRY, Carried, Carry, carry, carry_asked, end_overdue, may_carry, owe_carrying_each};
pub(crate) use carrying::{merged, note_absorbed, note_named, owe_carrying};
pub(crate) use deciding::end_all;
pub use deciding::{accept, administrator, change_policy, end, propose, refuse};
pub(crate) use implied::owe_search;
pub use implied::{SEARCH, Search, implied_relation, is_of_territory, propose_implied, search};
pub use listing::{
    Linked, Listed, Noted, find_listed, journal, list, list_asked, list_listed, list_neighbours,
};
pub use receiving::{
    Stated, concerns, end_unlisted, find_active_with, find_proposed, receive_acceptance, receive_change,
    receive_end, receive_hint, receive_listing, receive_offer, receive_refusal,
};
pub(crate) use receiving::{end_with, owe_first_look};
pub(crate) use record::note_own;

/// The kind of job that looks at what a community elsewhere lists: its subject is that community's ActivityPub id.
pub const CHECK: &str = "links";
/// How often a community elsewhere may be found not to list a link that it agreed to, before the link ends.
pub const PATIENCE: u32 = 12;
/// Lines of a journal that one community elsewhere may cause on one day.
const NOTED_A_DAY: i64 = 30;
