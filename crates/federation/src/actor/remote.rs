//! Actors of other servers: what of their documents we believe, and what we do not.

use crate::actor::territory_level;
use crate::error::{Error, Result};
use crate::transport::keys::ed25519_from_multibase;
use crate::transport::{TestHosts, authority, read_address, same_origin};
use crate::vocabulary::{Reference, References, first_text, page_of, read_reach};
use activitypub_federation::protocol::helpers::deserialize_skip_error;
use activitypub_federation::protocol::public_key::PublicKey;
use clocher_app::profile::{AssertionMethod, RemoteActor, RemoteCommunity};
use clocher_domain::actor::ActorKind;
use clocher_domain::community::Openness;
use clocher_domain::territory::TerritoryId;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// Longest presentation read, in bytes.
const MAX_SUMMARY: usize = 20_000;
/// Most keys of one actor that are read.
const MAX_METHODS: usize = 10;

/// Most aliases read.
const MAX_ALIASES: usize = 20;

/// The shape of an actor. What is not essential and has another form is read as absent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActorObject {
    id: String,
    #[serde(rename = "type")]
    kind: Value,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    preferred_username: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    name: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    summary: Option<String>,
    #[serde(default)]
    url: Value,
    #[serde(default)]
    inbox: Reference,
    #[serde(default)]
    outbox: Reference,
    #[serde(default)]
    followers: Reference,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    endpoints: Option<Endpoints>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    shared_inbox: Option<String>,
    #[serde(default)]
    public_key: Value,
    #[serde(default)]
    assertion_method: Value,
    #[serde(default)]
    also_known_as: References,
    #[serde(default)]
    moved_to: Reference,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    member_count: Option<i64>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    posting_restricted_to_mods: Option<bool>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    territory_kind: Option<String>,
    #[serde(default)]
    location: Value,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    openness: Option<String>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    manually_approves_followers: Option<bool>,
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    discoverable: Option<bool>,
    #[serde(default)]
    can_follow: Reference,
    #[serde(default)]
    can_participate: Reference,
    #[serde(default)]
    moderators: Value,
    #[serde(default)]
    attributed_to: Value,
    #[serde(default)]
    featured: Value,
    #[serde(default)]
    links: Value,
    #[serde(default)]
    default_reach: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    shared_inbox: Option<String>,
}

/// Reads the document of an actor whose id is `id`.
///
/// The key must be the actor's own by its own word (`owner`). An inbox on an address that may not be
/// reached leaves the actor without one: it is known, and nothing is delivered to it (S13).
///
/// # Errors
/// `Malformed` for what is not an actor; `Forged` for a key that is another's.
pub fn read(document: &Value, id: &Url, test_hosts: &TestHosts) -> Result<RemoteActor> {
    let object = ActorObject::deserialize(document).map_err(|_| Error::Malformed("an actor"))?;
    let openness = openness(&object);
    let kind = first_text(&object.kind).and_then(ActorKind::parse_of_others);
    let kind = kind.ok_or(Error::Malformed("the type of an actor"))?;
    if Url::parse(&object.id).ok().as_ref() != Some(id) {
        return Err(Error::Forged("the id of an actor"));
    }
    // Inboxes and collections of another host would have us send to, or ask, whoever did not ask for it.
    let own = |address: Option<&str>| {
        address
            .and_then(|address| test_hosts.check(address).ok())
            .filter(|url| same_origin(url, id))
            .map(|url| url.to_string())
    };
    let (public_key_id, public_key_pem) = match first_key(&object.public_key) {
        // A key named as if it were of another server would stand in the way of that server's own.
        Some(key) if key.owner == *id && is_of(&key.id, id) => (key.id, key.public_key_pem),
        Some(_) => return Err(Error::Forged("the owner of a key")),
        None => (String::new(), String::new()),
    };
    let name = object.preferred_username.filter(|name| !name.is_empty()).unwrap_or_else(|| authority(id));
    let url =
        page_of(&object.url).and_then(|url| test_hosts.check(url).ok()).filter(|url| same_origin(url, id));
    // Discourse names it among its own.
    let shared_inbox = object.endpoints.and_then(|endpoints| endpoints.shared_inbox).or(object.shared_inbox);
    let community = (kind == ActorKind::Group).then(|| RemoteCommunity {
        openness,
        territory: claimed_territory(object.territory_kind.as_deref(), &object.location),
        moderators_only: object.posting_restricted_to_mods.unwrap_or(false),
        members: object.member_count,
        // A text names a collection; persons named one by one do not.
        moderators: own(object.moderators.as_str().or_else(|| object.attributed_to.as_str())),
        featured: own(object.featured.as_str()),
        links: own(object.links.as_str()),
        default_reach: read_reach(&object.default_reach),
    });
    Ok(RemoteActor {
        ap_id: id.to_string(),
        kind,
        host: authority(id),
        display_name: object.name.unwrap_or_else(|| name.clone()),
        name,
        summary: object.summary.filter(|summary| summary.len() <= MAX_SUMMARY).unwrap_or_default(),
        url: url.unwrap_or_else(|| id.clone()).into(),
        inbox: own(object.inbox.id()).unwrap_or_default(),
        shared_inbox: own(shared_inbox.as_deref()),
        outbox: own(object.outbox.id()),
        followers: own(object.followers.id()),
        public_key_id,
        public_key_pem,
        assertion_methods: assertion_methods(&object.assertion_method, id),
        also_known_as: aliases(&object.also_known_as, test_hosts),
        moved_to: moved_to(&object.moved_to, id, test_hosts),
        community,
    })
}

/// Who may read a group, by what it says: where it is not sure that everybody may, its members.
fn openness(object: &ActorObject) -> Openness {
    let word = object.openness.as_deref().unwrap_or_default();
    let for_members = |who: &Reference| who.id() == Some("member");
    if word == "invite_only" && object.discoverable == Some(false) {
        Openness::Hidden
    } else if matches!(word, "moderated" | "invite_only")
        || object.manually_approves_followers == Some(true)
        || for_members(&object.can_follow)
        || for_members(&object.can_participate)
    {
        Openness::Closed
    } else {
        Openness::Open
    }
}

/// Which other actors it says it is too.
fn aliases(named: &References, test_hosts: &TestHosts) -> Vec<String> {
    let addresses = named.0.iter().filter_map(|alias| test_hosts.check(alias).ok());
    addresses.map(String::from).take(MAX_ALIASES).collect()
}

/// Where it says that it moved to, if that is not itself.
fn moved_to(named: &Reference, id: &Url, test_hosts: &TestHosts) -> Option<String> {
    let target = test_hosts.check(named.id()?).ok()?;
    (target != *id).then(|| target.into())
}

/// The key, or the first of several; none in a form that is not read.
fn first_key(keys: &Value) -> Option<PublicKey> {
    let first = keys.as_array().map_or(Some(keys), |many| many.first())?;
    PublicKey::deserialize(first).ok()
}

/// Whether an address is on the server of that actor.
fn is_of(address: &str, actor: &Url) -> bool {
    read_address(address).is_ok_and(|address| same_origin(&address, actor))
}

/// The keys with which the actor proves what it says.
fn assertion_methods(methods: &Value, id: &Url) -> Vec<AssertionMethod> {
    let methods = match methods {
        Value::Array(methods) => methods.as_slice(),
        other => std::slice::from_ref(other),
    };
    methods.iter().take(MAX_METHODS).filter_map(|method| assertion_method(method, id)).collect()
}

/// An Ed25519 `Multikey` that is the actor's own, on its own server (FEP-521a). One that stands elsewhere is not
/// fetched; one that ends is not kept, since nobody would notice its end.
fn assertion_method(method: &Value, id: &Url) -> Option<AssertionMethod> {
    let text = |name: &str| method.get(name).and_then(Value::as_str);
    let (key_id, key) = (text("id")?, text("publicKeyMultibase")?);
    let is_own = text("controller") == Some(id.as_str()) && is_of(key_id, id);
    let ends = method.get("revoked").is_some() || method.get("expires").is_some();
    let is_usable = text("type") == Some("Multikey") && !ends && ed25519_from_multibase(key).is_ok();
    (is_own && is_usable).then(|| AssertionMethod { id: key_id.to_owned(), ed25519_public: key.to_owned() })
}

/// The official area that a group claims: a claim, and shown as such, until a link confirms it.
fn claimed_territory(kind: Option<&str>, location: &Value) -> Option<TerritoryId> {
    let level = territory_level(kind?)?;
    let code = location.get("codeINSEE").and_then(Value::as_str).or_else(|| {
        let identifiers = location.get("identifier")?.as_array()?;
        identifiers.first()?.get("value")?.as_str()
    })?;
    let territory = TerritoryId::new(level, code).ok()?;
    // A retired code is that of its successor.
    clocher_cog::resolve_id(territory).territory().map(|area| area.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group() -> Value {
        json!({
            "id": "https://alpha.example/c/velo", "type": "Group", "preferredUsername": "velo", "name": 7,
            "inbox": "https://alpha.example/c/velo/inbox", "endpoints": { "sharedInbox": "https://victim.example/inbox" },
            "publicKey": { "id": "https://alpha.example/c/velo#main-key", "owner": "https://alpha.example/c/velo", "publicKeyPem": "x" },
            "territoryKind": "ter:Commune", "location": { "codeINSEE": "07186" }, "memberCount": 12
        })
    }

    fn read_group(document: &Value) -> Result<RemoteActor> {
        read(document, &Url::parse("https://alpha.example/c/velo").unwrap(), &TestHosts::default())
    }

    #[test]
    fn what_a_group_says_of_itself_is_read_as_claims() {
        let actor = read_group(&group()).unwrap();
        assert_eq!((actor.name.as_str(), actor.display_name.as_str()), ("velo", "velo"));
        let community = actor.community.unwrap();
        assert_eq!(community.members, Some(12));
        assert_eq!(community.territory.unwrap().to_string(), "commune:07186");
        assert_eq!(actor.shared_inbox, None, "a shared inbox of another host is not believed");
    }

    #[test]
    fn s63_where_an_actor_moved_to_is_another_address_that_may_be_asked() {
        for (named, read) in [
            (json!("https://beta.example.org/u/lea"), Some("https://beta.example.org/u/lea")),
            (
                json!({ "id": "https://beta.example.org/u/lea", "type": "Person" }),
                Some("https://beta.example.org/u/lea"),
            ),
            (json!("https://alpha.example/c/velo"), None),
            (json!("https://localhost/u/lea"), None),
            (json!(null), None),
            (json!(7), None),
        ] {
            let mut document = group();
            document["movedTo"] = named;
            assert_eq!(read_group(&document).unwrap().moved_to.as_deref(), read);
        }
    }

    #[test]
    fn a_key_of_another_owner_or_server_and_another_id_are_forged() {
        let mut other = group();
        other["publicKey"]["owner"] = json!("https://alpha.example/c/other");
        assert!(matches!(read_group(&other), Err(Error::Forged(_))));
        let mut other = group();
        other["publicKey"]["id"] = json!("https://victim.example/u/bob#main-key");
        assert!(matches!(read_group(&other), Err(Error::Forged(_))));
        let mut other = group();
        other["id"] = json!("https://beta.example/c/velo");
        assert!(matches!(read_group(&other), Err(Error::Forged(_))));
        assert!(matches!(
            read_group(&json!({ "id": "https://alpha.example/c/velo", "type": "Note" })),
            Err(Error::Malformed(_))
        ));
    }

    #[test]
    fn s13_an_inbox_that_may_not_be_reached_leaves_the_actor_undeliverable() {
        for inbox in [
            "https://localhost/inbox",
            "https://10.0.0.1/inbox",
            "https://[::1]/inbox",
            "https://printer.local/inbox",
        ] {
            let mut document = group();
            document["inbox"] = json!(inbox);
            assert_eq!(read_group(&document).unwrap().inbox, "", "{inbox}");
        }
    }

    #[test]
    fn fep_521a_the_keys_of_an_actor_are_those_that_are_its_own() {
        let id = "https://alpha.example/c/velo";
        let key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
        let method = |name: &str| json!({ "id": format!("{id}#{name}"), "type": "Multikey", "controller": id, "publicKeyMultibase": key });
        let mut document = group();
        document["assertionMethod"] = json!([method("one"), method("two")]);
        for (field, value) in [
            ("id", json!("https://beta.example/c/velo#one")),
            ("type", json!("Ed25519VerificationKey2020")),
            ("controller", json!("https://alpha.example/u/mallory")),
            (
                "publicKeyMultibase",
                json!("z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5"),
            ),
            ("revoked", json!("2026-01-01T00:00:00Z")),
            ("expires", json!("2036-01-01T00:00:00Z")),
        ] {
            let mut other = method("other");
            other[field] = value;
            document["assertionMethod"].as_array_mut().unwrap().push(other);
        }
        let read = |document: &Value| read_group(document).unwrap().assertion_methods;
        let ids: Vec<_> = read(&document).into_iter().map(|key| key.id).collect();
        assert_eq!(ids, [format!("{id}#one"), format!("{id}#two")]);
        document["assertionMethod"] = method("alone");
        assert_eq!(read(&document).len(), 1);
        document["assertionMethod"] = (0..50).map(|number| method(&number.to_string())).collect();
        assert_eq!(read(&document).len(), MAX_METHODS);
    }
}
