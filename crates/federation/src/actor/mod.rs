//! Actors on the wire: ours as documents here, those of others in [`remote`].

pub mod remote;

use crate::error::Result;
use crate::vocabulary::{NAMESPACE, with_context, write_time};
use clocher_app::{Site, text};
use clocher_domain::actor::ActorKind;
use clocher_domain::community::{CommunityKind, Openness, Posting};
use clocher_domain::territory::{Level, TerritoryId};
use clocher_storage::actors::ActorRow;
use clocher_storage::communities::CommunityRow;
use serde_json::{Map, Value, json};

/// What we implement, for those who ask (FEP-844e).
fn implements() -> Value {
    json!([
        { "href": "https://w3id.org/fep/1b12", "name": "FEP-1b12: Group federation" },
        { "href": "https://w3id.org/fep/8b32", "name": "FEP-8b32: Object Integrity Proofs" },
        { "href": "https://w3id.org/fep/f228", "name": "FEP-f228: Backfilling conversations" }
    ])
}

/// The id of the key with which a local actor proves what it says.
pub fn proof_key_id(actor: &str) -> String {
    format!("{actor}#ed25519-key")
}

/// A local actor as a document. It must have its RSA key. `community` and `members` are of a group.
///
/// # Errors
/// That of a corrupt row.
pub fn document(
    site: &Site,
    actor: &ActorRow,
    community: Option<&CommunityRow>,
    members: i64,
) -> Result<Value> {
    let id = &actor.ap_id;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(id));
    put("type", json!(actor.kind));
    put("preferredUsername", json!(actor.name));
    put("webfinger", json!(format!("{}@{}", actor.name, site.domain())));
    put("name", json!(actor.display_name));
    put("summary", json!(actor.summary_html));
    if let Some(source) = &actor.summary_source {
        put("source", json!({ "content": source, "mediaType": "text/markdown" }));
    }
    put("url", json!(actor.url));
    put("inbox", json!(actor.inbox));
    put("outbox", json!(actor.outbox));
    put("followers", json!(actor.followers));
    let openness = community.map(CommunityRow::openness).transpose()?.unwrap_or(Openness::Open);
    put("manuallyApprovesFollowers", json!(!openness.is_open()));
    put("endpoints", json!({ "sharedInbox": site.shared_inbox() }));
    put("publicKey", json!({ "id": actor.public_key_id, "owner": id, "publicKeyPem": actor.public_key_pem }));
    if let Some(key) = &actor.ed25519_public {
        let key_id = proof_key_id(id);
        put(
            "assertionMethod",
            json!([{ "id": key_id, "type": "Multikey", "controller": id, "publicKeyMultibase": key }]),
        );
    }
    let aliases = actor.aliases()?;
    if !aliases.is_empty() {
        put("alsoKnownAs", json!(aliases));
    }
    if let Some(target) = &actor.moved_to {
        put("movedTo", json!(target));
    }
    put("published", json!(write_time(actor.created_at)));
    put("updated", json!(write_time(actor.updated_at)));
    if actor.kind == ActorKind::Application.as_str() {
        put("implements", implements());
    } else {
        put("discoverable", json!(openness.is_open()));
        put("indexable", json!(openness.is_open()));
        let generator = site.instance_actor();
        put(
            "generator",
            json!({ "type": "Application", "id": generator, "name": "Clocher", "implements": implements() }),
        );
    }
    if let Some(community) = community {
        put_community(&mut fields, site, actor, community, members);
        put_openness(&mut fields, actor, openness);
    }
    Ok(with_context(Value::Object(fields)))
}

fn put_community(
    fields: &mut Map<String, Value>,
    site: &Site,
    actor: &ActorRow,
    community: &CommunityRow,
    members: i64,
) {
    let moderators = Site::moderators(&actor.ap_id);
    let territory = match community.kind() {
        Ok(CommunityKind::Territorial(territory)) => Some(territory),
        _ => None,
    };
    let community_fields = [
        ("attributedTo", json!(moderators)),
        ("moderators", json!(moderators)),
        ("featured", json!(Site::featured(&actor.ap_id))),
        ("links", json!(Site::links(&actor.ap_id))),
        ("memberCount", json!(members)),
        ("postingRestrictedToMods", json!(community.posting == Posting::Moderators.as_str())),
        ("sensitive", json!(false)),
        (
            "territoryKind",
            json!(territory.map_or("ter:ALocalised", |territory| territory_kind(territory.level))),
        ),
    ];
    fields.extend(community_fields.map(|(name, value)| (name.to_owned(), value)));
    if let (Some(_), Ok(reach)) = (&community.default_reach, community.default_reach()) {
        fields.insert("defaultReach".to_owned(), json!(reach));
    }
    if let Some(place) = territory.and_then(|territory| place(site, territory)) {
        fields.insert("location".to_owned(), place);
    }
}

/// Who may join and read it: in the words of Mobilizon, and for a community that is not open in those of FEP-5219.
fn put_openness(fields: &mut Map<String, Value>, actor: &ActorRow, openness: Openness) {
    let word = match openness {
        Openness::Open => "open",
        Openness::Closed => "moderated",
        Openness::Hidden => "invite_only",
    };
    fields.insert("openness".to_owned(), json!(word));
    if !openness.is_open() {
        fields.insert("affiliations".to_owned(), json!(format!("{}/affiliations", actor.ap_id)));
        fields.insert("canFollow".to_owned(), json!("member"));
        fields.insert("canParticipate".to_owned(), json!("member"));
    }
}

/// What microblogs show of a community in a table beside it: its territory, and what it is nested in.
pub fn put_attachment(fields: &mut Map<String, Value>, community: &CommunityRow, uppers: &[ActorRow]) {
    let field = |name: &str, value: String| json!({ "type": "PropertyValue", "name": name, "value": value });
    let territory = match community.kind() {
        Ok(CommunityKind::Territorial(territory)) => Some(territory),
        _ => None,
    };
    let territory = territory.map(|territory| {
        let code = if territory.level == Level::Epci { "SIREN" } else { "INSEE" };
        field("Territoire", format!("{} · {code} {}", level_name(territory.level), territory.code))
    });
    let above = uppers.iter().map(|upper| {
        let (address, name) = (text::escape(&upper.ap_id), text::escape(&upper.display_name));
        field("Fait partie de", format!("<a href=\"{address}\" rel=\"nofollow noopener\">{name}</a>"))
    });
    let all: Vec<Value> = territory.into_iter().chain(above).collect();
    fields.insert("attachment".to_owned(), json!(all));
}

/// What a level is called, in the language of the communes.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Hamlet => "Hameau",
        Level::Commune => "Commune",
        Level::Epci => "Intercommunalité",
        Level::Arrondissement => "Arrondissement",
        Level::Departement => "Département",
        Level::Region => "Région",
    }
}

/// The kind of a territory, in our namespace.
fn territory_kind(level: Level) -> &'static str {
    match level {
        Level::Hamlet => "ter:Hamlet",
        Level::Commune => "ter:Commune",
        Level::Epci => "ter:Intercommunalite",
        Level::Arrondissement => "ter:Arrondissement",
        Level::Departement => "ter:Departement",
        Level::Region => "ter:Region",
    }
}

/// The level of a kind of territory, in our namespace or written out.
pub(crate) fn territory_level(kind: &str) -> Option<Level> {
    let kind = kind.strip_prefix("ter:").or_else(|| kind.strip_prefix(NAMESPACE))?;
    Level::ALL.into_iter().find(|level| territory_kind(*level).strip_prefix("ter:") == Some(kind))
}

/// The official area as a `Place`, with its code.
pub fn place(site: &Site, territory: TerritoryId) -> Option<Value> {
    // A code that was retired since is told as it was: whoever reads it knows its successor.
    let area = clocher_cog::resolve_id(territory).territory()?;
    let mut place = json!({
        "type": "Place",
        "id": site.address(&format!("/place/{}", territory.code)),
        "name": area.name,
        "identifier": [{
            "type": "PropertyValue",
            "propertyID": if territory.level == Level::Epci { "SIREN" } else { "INSEE-COG" },
            "name": if territory.level == Level::Epci { "Code SIREN" } else { "Code INSEE" },
            "value": territory.code.as_str(),
        }],
    });
    if let (Level::Commune, Value::Object(fields)) = (territory.level, &mut place) {
        fields.insert("codeINSEE".to_owned(), json!(territory.code.as_str()));
    }
    Some(place)
}
