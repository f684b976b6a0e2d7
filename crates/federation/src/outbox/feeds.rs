//! What is said of feeds to those who follow them: Lemmy is told of the whole by the person to whom a feed is attributed,
//! PieFed of each community by the feed itself. Each would refuse the form of the other.

use super::activity::{Outgoing, Scribe};
use super::audience::Inboxes;
use super::without_context;
use crate::feeds::document;
use crate::vocabulary::PUBLIC;
use clocher_app::feeds::{self, Feed};
use clocher_app::{Error, Result, Site};
use clocher_domain::community::Openness;
use clocher_domain::feed;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{communities, links};
use serde_json::json;

/// The list of the feed of a community has changed.
pub fn changed(scribe: &mut Scribe<'_>, community: i64) -> Result<Vec<Outgoing>> {
    let Some(feed) = feeds::followed(scribe.conn, scribe.app.site(), community)? else {
        return Ok(Vec::new());
    };
    let (_, inboxes) = Inboxes::followers(scribe.conn, feed.actor.id)?.split_piefed();
    let Feed { actor, owner: Some(owner), .. } = &feed else { return Ok(Vec::new()) };
    // Whoever follows it was answered under its key.
    if inboxes.is_empty() || actor.public_key_pem.is_empty() {
        return Ok(Vec::new());
    }
    let whole = document(scribe.app.site(), &feed).map_err(|error| Error::Internal(error.to_string()))?;
    let to = [actor.ap_id.clone(), PUBLIC.to_owned()];
    let update = scribe.activity("Update", owner, without_context(whole), &to, &[]);
    Ok(vec![Outgoing { inboxes, subject: actor.ap_id.clone(), ..update }])
}

/// A community begins or ceases to be listed as linked with another: where it stands in the feed of that one, PieFed is
/// told of it.
pub fn listed(scribe: &mut Scribe<'_>, link: i64, added: bool) -> Result<Option<Outgoing>> {
    let Some(row) = links::find(scribe.conn, link)?.filter(|row| row.relation().is_ok_and(feed::lists))
    else {
        return Ok(None);
    };
    let Some(Feed { actor, .. }) = feeds::followed(scribe.conn, scribe.app.site(), row.community_id)? else {
        return Ok(None);
    };
    let (inboxes, _) = Inboxes::followers(scribe.conn, actor.id)?.split_piefed();
    let other = actors::find(scribe.conn, row.other_id)?.filter(ActorRow::is_active);
    let Some(other) = other.filter(|_| !inboxes.is_empty()) else { return Ok(None) };
    let is_open = communities::find_openness(scribe.conn, other.id)?;
    if !is_open.is_some_and(Openness::is_open) {
        return Ok(None);
    }
    let said = json!({
        "id": scribe.app.site().activity(scribe.app.mint()),
        "type": if added { "Add" } else { "Remove" },
        "actor": actor.ap_id,
        "object": { "id": other.ap_id, "type": "Group" },
        "target": { "id": Site::following(&actor.ap_id), "type": "Collection" },
    });
    let everybody = [PUBLIC.to_owned()];
    let announce = scribe.activity("Announce", &actor, said, &everybody, actor.followers.as_slice());
    Ok(Some(Outgoing { inboxes, ..announce }))
}
