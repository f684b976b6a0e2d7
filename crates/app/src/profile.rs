//! Local actors: their addresses, keys and profiles.

use crate::app::Deed;
use crate::membership::tell_members;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, claims, placing, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::effect::Effect;
use clocher_domain::handle::{check_name, shown_name};
use clocher_domain::placement::Reach;
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::{self, ActorKeysRow, ActorRow};
use clocher_storage::assertion_methods::{self, AssertionMethodRow};
use clocher_storage::communities::{self, CommunityRow};
use clocher_storage::{activities, follows, posts};

/// Longest name for people, in characters.
pub const MAX_DISPLAY_NAME: usize = 100;
/// Messages of a deleted actor that are erased in one transaction.
const PORTION: i64 = 100;
/// Longest presentation, in characters of its source.
pub const MAX_PRESENTATION: usize = 5_000;

/// A new local actor, not stored yet. It has no RSA key: that is made when it first signs or is fetched.
pub(crate) fn new_local(
    app: &App,
    kind: ActorKind,
    name: &str,
    display_name: &str,
    presentation: Option<&str>,
) -> Result<ActorRow> {
    let site = app.site();
    let ap_id = match kind {
        ActorKind::Person => site.person(name),
        ActorKind::Group => site.community(name),
        ActorKind::Feed => site.feed(name),
        _ => site.instance_actor(),
    };
    if !matches!(kind, ActorKind::Application | ActorKind::Feed) {
        check_name(name)?;
    }
    let display_name = text::clean_line(display_name, MAX_DISPLAY_NAME);
    if presentation.is_some_and(|source| source.chars().count() > MAX_PRESENTATION) {
        return Err(Refusal::TextTooLong.into());
    }
    let now = app.now().0;
    Ok(ActorRow {
        id: app.mint(),
        kind: kind.as_str().to_owned(),
        local: true,
        name: name.to_owned(),
        host: site.domain().to_owned(),
        display_name: if display_name.is_empty() { name.to_owned() } else { display_name },
        summary_html: presentation.map(text::render).unwrap_or_default(),
        summary_source: presentation.map(str::to_owned),
        url: if kind == ActorKind::Application { site.address("/") } else { ap_id.clone() },
        inbox: format!("{ap_id}/inbox"),
        shared_inbox: Some(site.shared_inbox()),
        outbox: Some(format!("{ap_id}/outbox")),
        followers: Some(format!("{ap_id}/followers")),
        public_key_id: format!("{ap_id}#main-key"),
        public_key_pem: String::new(),
        ed25519_public: None,
        fetched_at: None,
        created_at: now,
        updated_at: now,
        suspended_at: None,
        deleted_at: None,
        handle: None,
        also_known_as: None,
        moved_to: None,
        moved_at: None,
        ap_id,
    })
}

/// Stores a new local actor with an Ed25519 seed.
pub(crate) fn put_new(deed: &mut Deed<'_>, actor: &ActorRow) -> Result<()> {
    if actors::find_local(deed.conn, &actor.name)?.is_some() {
        return Err(Refusal::NameTaken.into());
    }
    let mut seed = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| Error::Internal("no randomness".into()))?;
    let mut actor = actor.clone();
    actor.ed25519_public = Some(ed25519_multibase(&seed)?);
    actors::put(deed.conn, &actor)?;
    let keys = ActorKeysRow { actor_id: actor.id, rsa_private: None, ed25519_seed: STANDARD.encode(seed) };
    actors::put_keys(deed.conn, &keys)?;
    Ok(())
}

/// The public key of a seed as a multibase `Multikey` (FEP-521a): base58btc of `0xed01` and the key.
fn ed25519_multibase(seed: &[u8; 32]) -> Result<String> {
    use aws_lc_rs::signature::KeyPair;
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|_| Error::Internal("an Ed25519 seed was refused".into()))?;
    let mut bytes = vec![0xed, 0x01];
    bytes.extend_from_slice(pair.public_key().as_ref());
    Ok(format!("z{}", bs58::encode(bytes).into_string()))
}

/// Changes the name for people and the presentation of a local actor.
///
/// # Errors
/// `NotFound` for an actor of elsewhere, `TextTooLong`.
pub async fn change(app: &App, actor_id: i64, display_name: String, presentation: String) -> Result<()> {
    app.write(move |deed| {
        let mut actor =
            actors::find(deed.conn, actor_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        if presentation.chars().count() > MAX_PRESENTATION {
            return Err(Error::from(Refusal::TextTooLong));
        }
        let display_name = text::clean_line(&display_name, MAX_DISPLAY_NAME);
        if !display_name.is_empty() {
            actor.display_name = display_name;
        }
        actor.summary_html = text::render(&presentation);
        actor.summary_source = Some(presentation);
        actor.updated_at = deed.now();
        actors::update(deed.conn, &actor)?;
        deed.owe(&Effect::ProfileChanged { actor: clocher_domain::Id(actor_id), members_only: false })
    })
    .await
}

/// An actor of another server, as it describes itself, verified to be its own description.
#[derive(Clone, Debug)]
pub struct RemoteActor {
    /// Its ActivityPub id.
    pub ap_id: String,
    /// What it is.
    pub kind: ActorKind,
    /// `preferredUsername`.
    pub name: String,
    /// Host of its id, with its port where that is not the default one.
    pub host: String,
    /// Name for people, plain text.
    pub display_name: String,
    /// Presentation, HTML, not yet sanitised.
    pub summary: String,
    /// The page for people.
    pub url: String,
    /// Inbox; empty where it has none that may be reached.
    pub inbox: String,
    /// Shared inbox.
    pub shared_inbox: Option<String>,
    /// Outbox.
    pub outbox: Option<String>,
    /// Followers collection.
    pub followers: Option<String>,
    /// `publicKey.id`.
    pub public_key_id: String,
    /// `publicKey.publicKeyPem`.
    pub public_key_pem: String,
    /// The keys with which it proves what it says.
    pub assertion_methods: Vec<AssertionMethod>,
    /// Which other actors it says it is too (`alsoKnownAs`).
    pub also_known_as: Vec<String>,
    /// Which other actor it says that it moved to (`movedTo`).
    pub moved_to: Option<String>,
    /// Of a group: the area that it claims, the number of members that it gives.
    pub community: Option<RemoteCommunity>,
}

/// A public key with which an actor of another server proves what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionMethod {
    /// Its id.
    pub id: String,
    /// Ed25519, multibase.
    pub ed25519_public: String,
}

/// What a group of another server says of itself. Claims, all of it.
#[derive(Clone, Debug)]
pub struct RemoteCommunity {
    /// The official area it claims to stand for.
    pub territory: Option<TerritoryId>,
    /// Whether only moderators post.
    pub moderators_only: bool,
    /// Who may read it.
    pub openness: Openness,
    /// The number of members.
    pub members: Option<i64>,
    /// The collection of its moderators, on its own server.
    pub moderators: Option<String>,
    /// The collection of the threads that it features, on its own server.
    pub featured: Option<String>,
    /// The collection of its links, on its own server.
    pub links: Option<String>,
    /// How far threads go whose authors do not say.
    pub default_reach: Option<Reach>,
}

/// Records what another server's actor says of itself: a new row, or the known one brought up to date.
/// An actor that is suspended or deleted here stays so.
///
/// # Errors
/// Those of storage.
pub async fn receive(app: &App, remote: RemoteActor) -> Result<ActorRow> {
    app.write(move |deed| put_remote(deed, remote)).await
}

/// Another server's actor tells what it says of itself now. The same activity again says nothing: what it
/// told may have changed since.
///
/// # Errors
/// Those of storage.
pub async fn receive_update(app: &App, received: Received, remote: RemoteActor) -> Result<Outcome> {
    app.write(move |deed| {
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        put_remote(deed, remote)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// Aliases as they are stored: none for no alias.
pub(crate) fn write_aliases(aliases: &[String]) -> Result<Option<String>> {
    if aliases.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(aliases).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Some(text))
}

pub(crate) fn put_remote(deed: &mut Deed<'_>, remote: RemoteActor) -> Result<ActorRow> {
    let now = deed.now();
    let known = actors::find_by_ap_id(deed.conn, &remote.ap_id)?;
    if let Some(local) = known.as_ref().filter(|row| row.local) {
        return Ok(local.clone());
    }
    let name = shown_name(&remote.name);
    let name = if name.is_empty() { remote.host.clone() } else { name };
    let display_name = text::clean_line(&remote.display_name, MAX_DISPLAY_NAME);
    let row = ActorRow {
        id: known.as_ref().map_or_else(|| deed.app.mint(), |row| row.id),
        ap_id: remote.ap_id,
        kind: remote.kind.as_str().to_owned(),
        local: false,
        display_name: if display_name.is_empty() { name.clone() } else { display_name },
        name,
        host: remote.host,
        summary_html: text::sanitise(&remote.summary),
        summary_source: None,
        url: remote.url,
        inbox: remote.inbox,
        shared_inbox: remote.shared_inbox,
        outbox: remote.outbox,
        followers: remote.followers,
        public_key_id: remote.public_key_id,
        public_key_pem: remote.public_key_pem,
        ed25519_public: None,
        fetched_at: Some(now),
        created_at: known.as_ref().map_or(now, |row| row.created_at),
        updated_at: now,
        suspended_at: known.as_ref().and_then(|row| row.suspended_at),
        deleted_at: known.as_ref().and_then(|row| row.deleted_at),
        handle: known.as_ref().and_then(|row| row.handle.clone()),
        also_known_as: write_aliases(&remote.also_known_as)?,
        // Its own word on itself: nobody who follows goes along but by a `Move`.
        moved_to: remote.moved_to,
        moved_at: known.as_ref().and_then(|row| row.moved_at),
    };
    let row = if known.is_some() {
        actors::update(deed.conn, &row)?;
        row
    } else {
        // Another request of the same actor may have been first.
        actors::put_if_new(deed.conn, &row)?
    };
    let methods: Vec<_> = remote
        .assertion_methods
        .into_iter()
        .map(|key| AssertionMethodRow {
            actor_id: row.id,
            key_id: key.id,
            ed25519_public: key.ed25519_public,
        })
        .collect();
    assertion_methods::replace(deed.conn, row.id, &methods)?;
    if let Some(community) = remote.community {
        let posting = if community.moderators_only { Posting::Moderators } else { Posting::Everybody };
        let shown = claims::receive(deed, row.id, community.territory)?;
        let claims = CommunityRow {
            actor_id: row.id,
            territory: shown.map(|territory| territory.to_string()),
            posting: posting.as_str().to_owned(),
            members_claimed: community.members.map(|members| members.max(0)),
            moderators_url: community.moderators,
            featured_url: community.featured,
            links_url: community.links,
            default_reach: community.default_reach.and_then(|reach| placing::write_reach(&reach).ok()),
            openness: community.openness.as_str().to_owned(),
        };
        let before = communities::find_openness(deed.conn, row.id)?;
        communities::put(deed.conn, &claims)?;
        if let Some(before) = before {
            placing::turned_elsewhere(deed, &row, before, community.openness)?;
        }
    }
    Ok(row)
}

/// Records under which handle of another host an actor is shown: that host has confirmed it. None where none does.
///
/// # Errors
/// `NotFound`; those of storage.
pub async fn receive_handle(app: &App, actor_id: i64, handle: Option<String>) -> Result<ActorRow> {
    app.write(move |deed| {
        actors::set_handle(deed.conn, actor_id, handle.as_deref())?;
        actors::find(deed.conn, actor_id)?.ok_or_else(|| Error::from(Refusal::NotFound))
    })
    .await
}

/// Records an actor that is known by its id only: enough to count its vote, not to believe its signature.
///
/// # Errors
/// Those of storage.
pub async fn receive_id(app: &App, ap_id: String, host: String) -> Result<ActorRow> {
    app.write(move |deed| put_id(deed, ap_id, host)).await
}

pub(crate) fn put_id(deed: &mut Deed<'_>, ap_id: String, host: String) -> Result<ActorRow> {
    if let Some(known) = actors::find_by_ap_id(deed.conn, &ap_id)? {
        return Ok(known);
    }
    let now = deed.now();
    let row = ActorRow {
        id: deed.app.mint(),
        url: ap_id.clone(),
        ap_id,
        kind: ActorKind::Unknown.as_str().to_owned(),
        local: false,
        name: String::new(),
        display_name: host.clone(),
        host,
        summary_html: String::new(),
        summary_source: None,
        inbox: String::new(),
        shared_inbox: None,
        outbox: None,
        followers: None,
        public_key_id: String::new(),
        public_key_pem: String::new(),
        ed25519_public: None,
        fetched_at: None,
        created_at: now,
        updated_at: now,
        suspended_at: None,
        deleted_at: None,
        handle: None,
        also_known_as: None,
        moved_to: None,
        moved_at: None,
    };
    Ok(actors::put_if_new(deed.conn, &row)?)
}

/// Another server's actor is deleted: it follows nobody any more, and what it wrote is erased.
///
/// # Errors
/// Those of storage.
pub async fn receive_deleted(app: &App, actor_id: i64) -> Result<()> {
    // In portions: nobody else writes meanwhile.
    while app
        .write(move |deed| {
            let now = deed.now();
            let portion = posts::list_live_by(deed.conn, actor_id, PORTION)?;
            for post in &portion {
                placing::root_turned(deed, post, false)?;
                posts::delete(deed.conn, post, now)?;
                activities::withdraw(deed.conn, post.id, now)?;
            }
            Ok::<_, Error>(!portion.is_empty())
        })
        .await?
    {}
    app.write(move |deed| {
        let now = deed.now();
        let Some(mut actor) = actors::find(deed.conn, actor_id)?.filter(|row| !row.local) else {
            return Ok::<_, Error>(());
        };
        for (_, followed) in follows::list_followed(deed.conn, actor_id)? {
            follows::remove(deed.conn, actor_id, followed.id)?;
            tell_members(deed, &followed)?;
        }
        follows::remove_all(deed.conn, actor_id)?;
        actor.deleted_at = Some(now);
        actor.display_name.clone_from(&actor.name);
        actor.summary_html = String::new();
        actors::update(deed.conn, &actor)?;
        Ok(())
    })
    .await
}

/// Gives a local actor its RSA key, unless it has one; gives the private key that stands, in PEM.
///
/// # Errors
/// `Internal` for an actor without keys; those of storage.
pub async fn give_rsa_key(
    app: &App,
    actor_id: i64,
    private_pem: String,
    public_pem: String,
) -> Result<String> {
    app.write(move |deed| {
        actors::put_rsa_key(deed.conn, actor_id, &private_pem, &public_pem)?;
        let keys = actors::find_keys(deed.conn, actor_id)?;
        keys.and_then(|keys| keys.rsa_private)
            .ok_or_else(|| Error::Internal(format!("actor {actor_id} has no keys")))
    })
    .await
}
