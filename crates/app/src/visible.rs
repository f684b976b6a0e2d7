//! The one place that hears of every message that a community comes to show: a top post in its home or in a community that
//! shares it, a reply in its home, of here or elsewhere.

use crate::app::Deed;
use clocher_storage::posts::PostRow;

/// A message is shown by a community from now on, in the transaction that records it.
pub(crate) fn appears(deed: &mut Deed<'_>, post: &PostRow, community_id: i64) {
    tracing::trace!(post = post.id, community = community_id, at = deed.now(), "appears");
}
