//! Whether communities are nested in themselves, as far as that is known here.
//!
//! Knows the links of the communities of here and what their neighbours list; asks nobody.

use crate::Result;
use clocher_storage::{Conn, links};
use std::collections::{HashSet, VecDeque};

/// Most communities that one walk upward looks at.
const MOST: usize = 500;

/// Whether `lower` is `upper`, or is above it: a link that nests it there would close a circle. Both are ActivityPub ids.
pub(super) fn closes(conn: &mut Conn, lower: &str, upper: &str) -> Result<bool> {
    if lower == upper {
        return Ok(true);
    }
    let mut seen = HashSet::from([upper.to_owned()]);
    let mut waiting = VecDeque::from([upper.to_owned()]);
    while let Some(next) = waiting.pop_front() {
        for above in links::list_claimed_uppers(conn, &next)? {
            if above == lower {
                return Ok(true);
            }
            if seen.len() < MOST && seen.insert(above.clone()) {
                waiting.push_back(above);
            }
        }
    }
    Ok(false)
}
