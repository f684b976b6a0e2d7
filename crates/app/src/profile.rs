//! Local actors: their addresses, keys and profiles.

use crate::app::Deed;
use crate::{App, Error, Result, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::effect::Effect;
use clocher_domain::handle::check_name;
use clocher_storage::actors::{self, ActorKeysRow, ActorRow};

/// Longest name for people, in characters.
pub const MAX_DISPLAY_NAME: usize = 100;
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
        _ => site.instance_actor(),
    };
    if kind != ActorKind::Application {
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
