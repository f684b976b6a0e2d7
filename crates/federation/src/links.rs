//! Links between communities on the wire: AS2 `Relationship`s, ours as documents and those of others, read; and the job
//! that looks at what others list.
//!
//! A `Relationship` counts as the word of the community that it is attributed to, where that community sent it or
//! serves it.

use crate::collections::Page;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::{CollectionLimits, read_address, same_origin};
use crate::vocabulary::{first_text, id_of, with_context, write_time};
use clocher_app::linking::{self, Linked, PATIENCE, Stated};
use clocher_app::{App, Site, delivering, domains};
use clocher_domain::Id;
use clocher_domain::link::{Accepting, MAX_LINKS, Policy, Relation, Sharing};
use clocher_storage::actors::ActorRow;
use clocher_storage::communities;
use clocher_storage::jobs::JobRow;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The type of what a community says of a link.
pub const RELATIONSHIP: &str = "Relationship";

/// Links on one page of a collection.
const PAGE: usize = 100;
/// Most communities around a neighbour that are looked at.
const AROUND: usize = 40;
/// How far the collection of another community is walked.
const LIMITS: CollectionLimits = CollectionLimits { pages: 40, items: MAX_LINKS };
/// The vocabulary of organisations of the W3C (<https://www.w3.org/TR/vocab-org/>).
const ORG: &str = "http://www.w3.org/ns/org#";

/// The name of what the object of a relationship is to its subject.
fn name_of(relation: Relation) -> &'static str {
    match relation {
        Relation::Upper => "org:subOrganizationOf",
        Relation::Lower => "org:hasSubOrganization",
        Relation::Peer => "org:linkedTo",
    }
}

/// Reads such a name, compact or written out.
fn relation_of(name: &str) -> Option<Relation> {
    let own = |relation: &Relation| name_of(*relation).trim_start_matches("org:");
    let name = name.strip_prefix("org:").or_else(|| name.strip_prefix(ORG))?;
    Relation::ALL.into_iter().find(|relation| own(relation) == name)
}

/// What a community says of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// The id of the document.
    pub id: String,
    /// The other community.
    pub object: String,
    /// What the other is to the one that says it.
    pub relation: Relation,
    /// What the one that says it shares and accepts.
    pub policy: Policy,
    /// Whether it lists it only because official territories imply it.
    pub implied: bool,
}

impl Relationship {
    /// Reads what that actor says.
    ///
    /// # Errors
    /// `Malformed`; `Forged` for what is attributed to another, or has its id on another server.
    pub fn read(document: &Value, actor: &str) -> Result<Self> {
        let id = |name: &str| document.get(name).and_then(id_of);
        if document.get("type").and_then(first_text) != Some(RELATIONSHIP) {
            return Err(Error::Malformed("a relationship"));
        }
        if id("attributedTo") != Some(actor) || id("subject") != Some(actor) {
            return Err(Error::Forged("the subject of a relationship"));
        }
        let own =
            document.get("id").and_then(Value::as_str).ok_or(Error::Malformed("the id of a relationship"))?;
        match (read_address(own), read_address(actor)) {
            (Ok(own), Ok(actor)) if same_origin(&own, &actor) => {}
            _ => return Err(Error::Forged("the id of a relationship")),
        }
        let relation = document.get("relationship").and_then(id_of).and_then(relation_of);
        let object = id("object").filter(|object| read_address(object).is_ok());
        Ok(Self {
            id: own.to_owned(),
            object: object.ok_or(Error::Malformed("the object of a relationship"))?.to_owned(),
            relation: relation.ok_or(Error::Malformed("the kind of a relationship"))?,
            policy: policy_of(document),
            implied: document.get("implied") == Some(&Value::Bool(true)),
        })
    }

    /// As the other end, its object, understands it.
    pub fn stated_by_other(&self) -> Stated {
        let relation = self.relation.inverse();
        Stated { document: self.id.clone(), relation, policy: self.policy, implied: false }
    }
}

/// What it shares and accepts: what it does not say is as it is where nothing is chosen, and what is not understood is
/// nothing.
fn policy_of(document: &Value) -> Policy {
    let named = |name: &str| document.get(name).map(|value| value.as_str().unwrap_or_default());
    let usual = Policy::default();
    Policy {
        shares: named("shares").map_or(usual.shares, |name| Sharing::parse(name).unwrap_or(Sharing::Nothing)),
        accepts: named("accepts")
            .map_or(usual.accepts, |name| Accepting::parse(name).unwrap_or(Accepting::Nothing)),
    }
}

/// What a community of ours says of a link, without `@context`.
pub fn document(community: &ActorRow, linked: &Linked) -> Value {
    let mut document = json!({
        "id": Site::link(&community.ap_id, linked.link.id),
        "type": RELATIONSHIP,
        "attributedTo": community.ap_id,
        "subject": community.ap_id,
        "relationship": name_of(linked.relation),
        "object": linked.other.ap_id,
        "shares": linked.policy.shares.as_str(),
        "accepts": linked.policy.accepts.as_str(),
        "startTime": write_time(linked.link.effective_at),
    });
    if let (true, Value::Object(fields)) = (linked.link.implied, &mut document) {
        fields.insert("implied".to_owned(), json!(true));
    }
    document
}

/// What a community of ours says of one of its links; none where it is not active.
pub async fn found(app: &App, community: ActorRow, id: &str) -> Result<Option<Value>> {
    let Ok(id) = id.parse::<Id>() else { return Ok(None) };
    let linked = linking::find_listed(app, community.id, id.0).await?;
    Ok(linked.map(|linked| with_context(document(&community, &linked))))
}

/// The active links of a community of ours, newest first: as many as a page has stand in the collection itself.
pub async fn collection(app: &App, community: ActorRow, page: Page) -> Result<Value> {
    let id = Site::links(&community.ap_id);
    let before = match page {
        Page::Whole => None,
        Page::Below(before) => before,
    };
    let listed = linking::list_listed(app, community.id, before, PAGE).await?;
    let items: Vec<Value> = listed.links.iter().map(|linked| document(&community, linked)).collect();
    let last = listed.links.last().filter(|_| listed.goes_on);
    let next = last.map(|linked| format!("{id}?before={}", linked.link.id));
    let mut whole = match page {
        Page::Whole => json!({
            "id": id,
            "type": "OrderedCollection",
            "attributedTo": community.ap_id,
            "totalItems": listed.total,
            "orderedItems": items,
        }),
        Page::Below(before) => {
            let own =
                before.map_or_else(|| format!("{id}?page=true"), |before| format!("{id}?before={before}"));
            json!({ "id": own, "type": "OrderedCollectionPage", "partOf": id, "orderedItems": items })
        }
    };
    if let (Value::Object(fields), Some(next)) = (&mut whole, next) {
        fields.insert("next".to_owned(), json!(next));
    }
    Ok(with_context(whole))
}

/// What a community elsewhere lists as its links, by its own server. What stands there and is none of its own is passed
/// over.
///
/// # Errors
/// `NeedsNetwork`; what fetching refuses.
pub async fn listing(sources: &Sources, other: &ActorRow) -> Result<Vec<Relationship>> {
    let id = other.id;
    let find = async || {
        let row = sources.app.read(move |conn| communities::find(conn, id)).await?;
        Ok::<_, Error>(row.and_then(|row| row.links_url))
    };
    let mut address = find().await?;
    if address.is_none() {
        // It was last described before it had links, or before we read where they are.
        sources.fetch_actor(&other.ap_id).await?;
        address = find().await?;
    }
    let Some(address) = address else { return Ok(Vec::new()) };
    let items = sources.collection(&address, LIMITS).await?;
    let listed: Vec<_> =
        items.items.iter().filter_map(|item| Relationship::read(item, &other.ap_id).ok()).collect();
    if items.complete { Ok(listed) } else { Err(Error::NotYet("the whole list of links")) }
}

/// Looks at what a community elsewhere lists that is linked with one of here, or followed from here: that it lists the links that it agreed to, and which others it has. A link
/// that it was found often not to list is ended.
///
/// # Errors
/// `NotYet` where it is to be looked at again; what fetching refuses.
pub async fn check(sources: &Sources, row: &JobRow) -> Result<()> {
    let app = &sources.app;
    let Some(other) = sources.find_actor(&row.subject).await?.filter(ActorRow::is_active) else {
        return Ok(());
    };
    if !linking::concerns(app, other.id).await? {
        return Ok(());
    }
    let links = linking::find_active_with(app, other.id).await?;
    domains::check(app, &other.host).await?;
    let listed = match listing(sources, &other).await {
        // There is none: that is what it lists.
        Err(Error::Fetch(error)) if !error.is_transient() => Vec::new(),
        listed => listed?,
    };
    record(app, &other, &listed).await?;
    look_around(sources, &listed).await;
    let kept = row.progress.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut times: BTreeMap<String, u32> = kept.unwrap_or_default();
    let mut waits = false;
    for (link, community) in links {
        let relation = link.relation()?.inverse();
        if listed.iter().any(|one| one.object == community && one.relation == relation) {
            times.remove(&link.offer);
            continue;
        }
        let seen = times.entry(link.offer.clone()).or_default();
        *seen += 1;
        if *seen > PATIENCE {
            linking::end_unlisted(app, link.id, link.offer).await?;
        } else {
            waits = true;
        }
    }
    if !waits {
        return Ok(());
    }
    let progress = serde_json::to_string(&times).map_err(|_| Error::Malformed("the progress of a job"))?;
    delivering::job_progress(app, row.id, progress).await?;
    Err(Error::NotYet("a link that both agreed to"))
}

async fn record(app: &App, other: &ActorRow, listed: &[Relationship]) -> Result<()> {
    let named = listed.iter().map(|one| (one.object.clone(), one.relation)).collect();
    let implied = listed.iter().filter(|one| one.implied).map(|one| one.object.clone()).collect();
    Ok(linking::receive_listing(app, other.id, named, implied).await?)
}

/// Gets to know what is above and beside a neighbour, and what is above that: whereto people may send what they write, what
/// is nearer than what, and which circles there are. As far as it can be had now.
async fn look_around(sources: &Sources, listed: &[Relationship]) {
    let wanted = |listed: &[Relationship]| -> Vec<(String, Relation)> {
        let around = listed.iter().filter(|one| one.relation != Relation::Lower);
        around.map(|one| (one.object.clone(), one.relation)).collect()
    };
    let mut seen = BTreeSet::new();
    let mut waiting = wanted(listed);
    while let Some((id, relation)) = waiting.pop() {
        let is_new = !sources.app.site().owns(&id) && seen.insert(id.clone());
        if !is_new || seen.len() > AROUND {
            continue;
        }
        if let Err(error) = look_at(sources, &id, relation, |more| waiting.extend(wanted(more))).await {
            tracing::debug!(community = id, %error, "not looked at");
        }
    }
}

/// Gets to know one of them; of one that is above, also what it lists.
async fn look_at(
    sources: &Sources,
    id: &str,
    relation: Relation,
    goes_on: impl FnOnce(&[Relationship]),
) -> Result<()> {
    let other = sources.actor(id).await?;
    if relation == Relation::Upper && !other.local && other.is_active() {
        let listed = listing(sources, &other).await?;
        record(&sources.app, &other, &listed).await?;
        goes_on(&listed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated() -> Value {
        json!({
            "id": "https://a.test/c/x/links/1", "type": "Relationship",
            "attributedTo": "https://a.test/c/x", "subject": "https://a.test/c/x",
            "relationship": "org:subOrganizationOf", "object": "https://b.test/c/y",
            "shares": "everything", "accepts": "moderated",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut document = stated();
        document[name] = value;
        document
    }

    #[test]
    fn what_is_above_one_end_is_below_the_other() {
        let read = Relationship::read(&stated(), "https://a.test/c/x").unwrap();
        assert_eq!((read.relation, read.stated_by_other().relation), (Relation::Upper, Relation::Lower));
        assert_eq!(read.policy, Policy { shares: Sharing::Everything, accepts: Accepting::Moderated });
        let long = with("relationship", json!("http://www.w3.org/ns/org#hasSubOrganization"));
        assert_eq!(Relationship::read(&long, "https://a.test/c/x").unwrap().relation, Relation::Lower);
    }

    #[test]
    fn s54_a_community_speaks_of_its_own_links_alone() {
        for (name, value) in [
            ("attributedTo", "https://a.test/c/other"),
            ("subject", "https://b.test/c/y"),
            ("id", "https://b.test/c/y/links/1"),
        ] {
            let read = Relationship::read(&with(name, json!(value)), "https://a.test/c/x");
            assert!(matches!(read, Err(Error::Forged(_))), "{name}");
        }
        for (name, value) in
            [("relationship", json!("org:memberOf")), ("object", json!(7)), ("type", json!("Group"))]
        {
            let read = Relationship::read(&with(name, value), "https://a.test/c/x");
            assert!(matches!(read, Err(Error::Malformed(_))), "{name}");
        }
    }

    #[test]
    fn a_policy_that_is_not_understood_is_nothing_and_one_that_is_not_said_is_the_usual() {
        let odd = Relationship::read(&with("shares", json!(["all"])), "https://a.test/c/x").unwrap();
        assert_eq!(odd.policy.shares, Sharing::Nothing);
        let mut silent = stated();
        silent.as_object_mut().unwrap().shift_remove("shares");
        silent.as_object_mut().unwrap().shift_remove("accepts");
        assert_eq!(Relationship::read(&silent, "https://a.test/c/x").unwrap().policy, Policy::default());
    }
}
