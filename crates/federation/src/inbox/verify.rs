//! Whose request it is: signature, digest, date and host, then that the activity is the signer's own, or is proved by
//! its actor.

use super::{Incoming, actor_id, check, proofs};
use crate::actor::remote as remote_actor;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::transport::keys::ed25519_from_multibase;
use crate::transport::signature::BodyChecked;
use crate::transport::{FetchError, Headers, IncomingSignature, PublicKey, SignatureError, authority, json};
use crate::vocabulary::{first_text, id_of};
use clocher_app::profile::{self, RemoteActor};
use clocher_app::{domains, readers};
use clocher_domain::Refusal;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::assertion_methods;
use serde_json::Value;
use url::Url;

/// Verifies a request to an inbox. None where it is true and means nothing: the deletion of somebody unknown.
pub async fn verify(
    sources: &Sources,
    target: &str,
    headers: &Headers,
    body: &[u8],
) -> Result<Option<Incoming>> {
    let app = &sources.app;
    let now = app.now().seconds();
    let origin = app.site().address("");
    let signature = IncomingSignature::parse("POST", target, headers, now, &origin)?.check_body(body)?;
    let key_id = signature.key_id().to_owned();
    let test_hosts = sources.federation.http().test_hosts();
    let mut key_url = test_hosts.check(&key_id).map_err(FetchError::from)?;
    key_url.set_fragment(None);
    if app.site().owns(key_url.as_str()) {
        // Ours never come in by HTTP: a key on our own host would have us ask ourselves (Discourse, 2026-06).
        return Err(SignatureError::Wrong.into());
    }
    let json = json::parse(body)?;
    let Known { is_blocked, owner, ed25519 } =
        known(sources, &key_id, &key_url, actor_id(&json).ok()).await?;
    if is_blocked {
        return Err(Refusal::DomainBlocked.into());
    }
    let Some(owner) = owner else {
        if is_own_deletion(&json) {
            // Servers tell everybody when an account goes. Nobody of ours knew it; asking for its key would
            // be asking a whole fediverse for what is gone.
            return Ok(None);
        }
        let host = authority(&key_url);
        if !sources.federation.may_ask_for_keys(&host) {
            // Whoever is honest comes again.
            return Err(FetchError::Timeout.into());
        }
        let owner = fetch_owner(sources, &signature, key_url.as_str()).await;
        let owner = owner.inspect_err(|error| {
            if !error.is_transient() {
                sources.federation.note_failed_key(&host);
            }
        })?;
        return record(sources, owner, json, &signature).await.map(Some);
    };
    let keys = Keys { main_id: &owner.public_key_id, main_pem: &owner.public_key_pem, ed25519 };
    match fits(sources, &signature, &keys) {
        Ok(()) => {
            let prover = prover(sources, &owner.ap_id, &json).await?;
            attribute(owner, prover, json, &signature).map(Some)
        }
        // The key may have been changed: its owner is asked, not more often than every five minutes.
        Err(_) if sources.federation.may_refetch(&owner.ap_id) => {
            let owner = fetch_owner(sources, &signature, &owner.ap_id).await?;
            record(sources, owner, json, &signature).await.map(Some)
        }
        Err(error) => Err(error),
    }
}

/// The host that asks for a document, where its signature shows so; none where it does not, or where nothing of ours is
/// for that host: a stranger makes us ask nobody.
pub async fn asker(sources: &Sources, target: &str, headers: &Headers) -> Result<Option<String>> {
    if headers.get("signature").is_none() {
        return Ok(None);
    }
    match signing_host(sources, target, headers).await {
        Ok(host) => Ok(host),
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "who asks does not show who they are");
            Ok(None)
        }
    }
}

async fn signing_host(sources: &Sources, target: &str, headers: &Headers) -> Result<Option<String>> {
    let app = &sources.app;
    let (now, origin) = (app.now().seconds(), app.site().address(""));
    let signature = IncomingSignature::parse("GET", target, headers, now, &origin)?.check_body(b"")?;
    let key_id = signature.key_id().to_owned();
    let mut key_url = sources.federation.http().test_hosts().check(&key_id).map_err(FetchError::from)?;
    key_url.set_fragment(None);
    let host = authority(&key_url);
    let asked = host.clone();
    if !app.read(move |conn| readers::may_be_shown_more(conn, &asked)).await? {
        return Ok(None);
    }
    let Known { is_blocked, owner, ed25519 } = known(sources, &key_id, &key_url, None).await?;
    if is_blocked {
        return Ok(None);
    }
    if let Some(owner) = &owner {
        let keys = Keys { main_id: &owner.public_key_id, main_pem: &owner.public_key_pem, ed25519 };
        if fits(sources, &signature, &keys).is_ok() {
            return Ok(Some(host).filter(|host| *host == owner.host && owner.is_active()));
        }
        if !sources.federation.may_refetch(&owner.ap_id) {
            return Ok(None);
        }
    } else if !sources.federation.may_ask_for_keys(&host) {
        return Ok(None);
    }
    let fetched = fetch_owner(sources, &signature, key_url.as_str()).await.inspect_err(|error| {
        if !error.is_transient() {
            sources.federation.note_failed_key(&host);
        }
    })?;
    let owner = profile::receive(app, fetched).await?;
    Ok(Some(host).filter(|host| *host == owner.host && owner.is_active()))
}

/// Records whose key it is once the whole of the activity is found to be theirs, and not before.
async fn record(
    sources: &Sources,
    owner: RemoteActor,
    json: Value,
    signature: &BodyChecked,
) -> Result<Incoming> {
    let prover = prover(sources, &owner.ap_id, &json).await?;
    if prover.is_none() {
        check(&owner.ap_id, &json)?;
    }
    let signer = profile::receive(&sources.app, owner).await?;
    attribute(signer, prover, json, signature)
}

/// Who proved an activity that its signer only forwards; none where it is the signer's own.
async fn prover(sources: &Sources, signer: &str, json: &Value) -> Result<Option<ActorRow>> {
    if actor_id(json)? == signer {
        return Ok(None);
    }
    proofs::forwarded(sources, json).await.map(Some)
}

/// The activity as that of its actor. Only the signer's own is told from its repetitions by the request.
fn attribute(
    signer: ActorRow,
    prover: Option<ActorRow>,
    json: Value,
    signature: &BodyChecked,
) -> Result<Incoming> {
    let request = prover.is_none().then(|| signature.fingerprint());
    let sender = signer.host.clone();
    let actor = prover.unwrap_or(signer);
    let id = check(&actor.ap_id, &json)?;
    Ok(Incoming { sender, actor, id, json, request })
}

/// Fetches the owner of a key, who must list that key as its own, and whose signature it must be.
async fn fetch_owner(sources: &Sources, signature: &BodyChecked, address: &str) -> Result<RemoteActor> {
    let (mut id, mut document) = sources.document(address).await?;
    if let Some(owner) = document.get("owner").and_then(id_of) {
        // The key stands in a document of its own, which names its owner.
        (id, document) = sources.document(owner).await?;
    }
    let owner = remote_actor::read(&document, &id, sources.federation.http().test_hosts())?;
    fits(sources, signature, &Keys::listed_by(&owner, signature.key_id()))?;
    Ok(owner)
}

/// What is known of a key and of the host where it is.
struct Known {
    /// This instance has nothing to do with the host.
    is_blocked: bool,
    /// Whoever is known to own the key: its address is below the owner's own, where only the owner's Ed25519 key may
    /// stand besides (FEP-521a), or it is its main key.
    owner: Option<ActorRow>,
    /// The key, where it is not its owner's main one and is listed by the owner.
    ed25519: Option<String>,
}

/// What is known of a key with which an activity of `actor` is signed.
async fn known(sources: &Sources, key_id: &str, key_url: &Url, actor: Option<&str>) -> Result<Known> {
    let (wanted, address, host) = (key_id.to_owned(), key_url.to_string(), authority(key_url));
    let is_at_actor = actor == Some(&address);
    let known = sources.app.read(move |conn| {
        let own = wanted.contains('#').then(|| actors::find_by_ap_id(conn, &address)).transpose()?.flatten();
        let owner = match own.filter(|row| row.fetched_at.is_some()) {
            // Another of that server may have named it as its own, which is in nobody's way.
            None if is_at_actor => None,
            None => actors::find_by_key_id(conn, &wanted)?.filter(|row| row.fetched_at.is_some()),
            own => own,
        };
        let besides = owner.as_ref().filter(|row| row.public_key_id != wanted);
        let ed25519 = besides.map(|row| assertion_methods::find(conn, row.id, &wanted)).transpose()?;
        let ed25519 = ed25519.flatten().map(|key| key.ed25519_public);
        Ok::<_, clocher_app::Error>(Known { is_blocked: domains::is_blocked(conn, &host)?, owner, ed25519 })
    });
    Ok(known.await?)
}

/// Of the keys that an actor lists as its own: the main one, and the Ed25519 key with the id that is asked for.
struct Keys<'a> {
    main_id: &'a str,
    main_pem: &'a str,
    ed25519: Option<String>,
}

impl<'a> Keys<'a> {
    fn listed_by(owner: &'a RemoteActor, key_id: &str) -> Self {
        let key = owner.assertion_methods.iter().find(|key| key.id == key_id);
        Self {
            main_id: &owner.public_key_id,
            main_pem: &owner.public_key_pem,
            ed25519: key.map(|key| key.ed25519_public.clone()),
        }
    }
}

/// Whether the signature is of the key that it names, among those of its owner.
fn fits(sources: &Sources, signature: &BodyChecked, keys: &Keys<'_>) -> Result<()> {
    let key = if signature.key_id() == keys.main_id {
        sources.federation.keyring().public(keys.main_pem).map_err(|_| SignatureError::Wrong)?
    } else {
        let listed = keys.ed25519.as_deref().and_then(|key| ed25519_from_multibase(key).ok());
        PublicKey::Ed25519(listed.ok_or(Error::Unverified("a key that its owner does not list"))?)
    };
    Ok(signature.verify(&key)?)
}

/// Whether it is the deletion of the very actor that sends it.
fn is_own_deletion(json: &Value) -> bool {
    let is_delete = json.get("type").and_then(first_text) == Some("Delete");
    is_delete && actor_id(json).ok() == json.get("object").and_then(id_of)
}
