//! What is said of links: to the other end, and to those who look at what a community lists.

use super::activity::{Outgoing, Scribe};
use super::audience::Inboxes;
use super::posts::unique;
use crate::links::document;
use clocher_app::linking::Linked;
use clocher_app::{Result, Site};
use clocher_domain::link::{LinkState, Relation};
use clocher_storage::actors::ActorRow;
use clocher_storage::links;
use serde_json::{Value, json};

/// A link, with the community of ours.
struct Ends {
    community: ActorRow,
    linked: Linked,
}

impl Ends {
    fn find(scribe: &mut Scribe<'_>, id: i64) -> Result<Option<Self>> {
        let Some(row) = links::find(scribe.conn, id)? else { return Ok(None) };
        let pair = scribe.pair(row.community_id, row.other_id)?;
        let Some((community, other)) = pair else { return Ok(None) };
        Ok(Some(Self { community, linked: Linked::new((row, other))? }))
    }

    /// An activity from this end to the other.
    fn to_other(&self, scribe: &Scribe<'_>, kind: &str, object: Value) -> Outgoing {
        scribe.answer(&self.community, &self.linked.other, kind, object)
    }
}

/// The same with that id, and with more members.
fn named(outgoing: Outgoing, id: &str, fields: Value) -> Outgoing {
    let mut outgoing = Outgoing { ap_id: id.to_owned(), ..outgoing };
    if let (Value::Object(document), Value::Object(fields)) = (&mut outgoing.document, fields) {
        document.insert("id".to_owned(), json!(id));
        document.extend(fields);
    }
    outgoing
}

/// A community of ours offers a link, unless it has thought better of it.
pub fn offered(scribe: &mut Scribe<'_>, link: i64, offer: &str) -> Result<Vec<Outgoing>> {
    let Some(ends) = Ends::find(scribe, link)? else { return Ok(Vec::new()) };
    if ends.linked.link.offer != offer || ends.linked.state != LinkState::Proposed {
        return Ok(Vec::new());
    }
    let object = document(&ends.community, &ends.linked);
    let outgoing = ends.to_other(scribe, "Offer", object);
    let mut fields = json!({ "target": ends.linked.other.ap_id });
    if let (true, Value::Object(fields)) = (ends.linked.link.implied, &mut fields) {
        fields.insert("implied".to_owned(), json!(true));
    }
    let former = links::find_former(scribe.conn, link)?;
    if let (Some(former), Value::Object(fields)) = (former, &mut fields) {
        fields.insert("carries".to_owned(), json!(former.ap_id));
    }
    Ok(vec![named(outgoing, offer, fields)])
}

/// A community of ours agrees, and names what it lists now.
pub fn accepted(scribe: &mut Scribe<'_>, link: i64, offer: &str, acceptance: &str) -> Result<Vec<Outgoing>> {
    let Some(ends) = Ends::find(scribe, link)? else { return Ok(Vec::new()) };
    if ends.linked.state != LinkState::Active {
        return Ok(Vec::new());
    }
    let other = &ends.linked.other.ap_id;
    let object = json!({
        "id": offer,
        "type": "Offer",
        "actor": other,
        "object": ends.linked.link.other_document,
        "target": ends.community.ap_id,
    });
    let outgoing = ends.to_other(scribe, "Accept", object);
    Ok(vec![named(outgoing, acceptance, json!({ "result": document(&ends.community, &ends.linked) }))])
}

/// A community of ours refuses.
pub fn refused(scribe: &mut Scribe<'_>, community: i64, other: i64, offer: &str) -> Result<Vec<Outgoing>> {
    let Some((community, other)) = scribe.pair(community, other)? else { return Ok(Vec::new()) };
    let object = json!({
        "id": offer,
        "type": "Offer",
        "actor": other.ap_id,
        "target": community.ap_id,
    });
    Ok(vec![scribe.answer(&community, &other, "Reject", object)])
}

/// A community of ours ends a link: it undoes its own `Accept`, or its own `Offer`.
pub fn ended(
    scribe: &mut Scribe<'_>,
    link: i64,
    offer: &str,
    acceptance: Option<&str>,
) -> Result<Vec<Outgoing>> {
    let Some(ends) = Ends::find(scribe, link)? else { return Ok(Vec::new()) };
    let (own, other) = (&ends.community.ap_id, &ends.linked.other.ap_id);
    let object = match acceptance {
        Some(id) => json!({ "id": id, "type": "Accept", "actor": own, "object": offer }),
        None => json!({
            "id": offer,
            "type": "Offer",
            "actor": own,
            "object": Site::link(own, ends.linked.link.id),
            "target": other,
        }),
    };
    Ok(vec![ends.to_other(scribe, "Undo", object)])
}

/// A community of ours states what it shares and accepts from now on.
pub fn changed(scribe: &mut Scribe<'_>, link: i64) -> Result<Vec<Outgoing>> {
    let Some(ends) = Ends::find(scribe, link)? else { return Ok(Vec::new()) };
    if !ends.linked.state.is_live() {
        return Ok(Vec::new());
    }
    let object = document(&ends.community, &ends.linked);
    Ok(vec![ends.to_other(scribe, "Update", object)])
}

/// What a community of ours lists has changed. The other end is told, where it waits for that; where what is above has
/// changed, those below, who are nested in it too; and where what is above or beside has, the Clocher instances of those
/// who follow it, who may send there what they write.
pub fn listed(scribe: &mut Scribe<'_>, link: i64, added: bool) -> Result<Vec<Outgoing>> {
    let Some(ends) = Ends::find(scribe, link)? else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    if !added || scribe.app.site().owns(&ends.linked.link.offer) {
        told.push(ends.linked.other.clone());
    }
    if ends.linked.relation == Relation::Upper {
        let below = links::list_active_as(scribe.conn, ends.community.id, Relation::Lower)?;
        told.extend(below.into_iter().map(|(_, other)| other));
    }
    let followers = if ends.linked.relation == Relation::Lower {
        Vec::new()
    } else {
        Inboxes::followers(scribe.conn, ends.community.id)?.of_clocher()
    };
    let away = told.iter().filter(|row| !row.local && !row.delivery_inbox().is_empty());
    let away = away.map(|row| (row.delivery_inbox().to_owned(), row.host.clone()));
    let inboxes = away.chain(followers).collect();
    let object = document(&ends.community, &ends.linked);
    let (kind, object) = if added {
        ("Add", object)
    } else {
        ("Remove", json!(Site::link(&ends.community.ap_id, ends.linked.link.id)))
    };
    let list = Site::links(&ends.community.ap_id);
    let cc = [ends.linked.other.ap_id.clone()];
    let mut outgoing =
        scribe.activity(kind, &ends.community, object, &[crate::vocabulary::PUBLIC.to_owned()], &cc);
    if let Value::Object(fields) = &mut outgoing.document {
        fields.insert("target".to_owned(), json!(list));
    }
    Ok(vec![Outgoing { inboxes: unique(inboxes), ..outgoing }])
}
