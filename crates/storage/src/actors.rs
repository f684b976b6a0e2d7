//! Actors of here and elsewhere, and the private keys of those of here.

use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{actor_keys, actors};
use crate::{Conn, Error, Result};
use clocher_domain::actor::ActorKind;
use diesel::prelude::*;

/// An actor. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = actors, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ActorRow {
    /// Minted here, also for actors of elsewhere.
    pub id: i64,
    /// The ActivityPub id: an address.
    pub ap_id: String,
    /// An [`ActorKind`]; read it with [`ActorRow::kind`].
    pub kind: String,
    /// Whether it lives on this instance.
    pub local: bool,
    /// `preferredUsername`.
    pub name: String,
    /// Host, with its port where that is not the default one.
    pub host: String,
    /// Name for people; plain text.
    pub display_name: String,
    /// Presentation, sanitised.
    pub summary_html: String,
    /// Presentation in Markdown, of local actors.
    pub summary_source: Option<String>,
    /// The page for people.
    pub url: String,
    /// Inbox; empty for an actor that was never fetched.
    pub inbox: String,
    /// `endpoints.sharedInbox`.
    pub shared_inbox: Option<String>,
    /// Outbox.
    pub outbox: Option<String>,
    /// Followers collection.
    pub followers: Option<String>,
    /// `publicKey.id`; empty where there is no key yet.
    pub public_key_id: String,
    /// `publicKey.publicKeyPem` (SPKI, PEM); empty where there is no key yet.
    pub public_key_pem: String,
    /// Ed25519 public key of a local actor, multibase (FEP-521a); those of others are in `assertion_methods`.
    pub ed25519_public: Option<String>,
    /// When it was last fetched; none for local actors and for those known by their id only.
    pub fetched_at: Option<i64>,
    /// When it came to be, or became known here.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Since when it is suspended here.
    pub suspended_at: Option<i64>,
    /// Since when it is deleted.
    pub deleted_at: Option<i64>,
    /// `name@host` where it bears a handle of another host than that of its id, and that host has confirmed it.
    pub handle: Option<String>,
    /// Which other actors it says it is too, a JSON array of ids; read it with [`ActorRow::aliases`].
    pub also_known_as: Option<String>,
    /// The id of the actor that it moved to.
    pub moved_to: Option<String>,
    /// When it moved there.
    pub moved_at: Option<i64>,
}

impl ActorRow {
    /// What the actor is.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn kind(&self) -> Result<ActorKind> {
        ActorKind::parse(&self.kind).ok_or(Error::Corrupt { table: "actors", column: "kind", id: self.id })
    }

    /// Where deliveries for it go: the shared inbox of its host if there is one.
    pub fn delivery_inbox(&self) -> &str {
        self.shared_inbox.as_deref().unwrap_or(&self.inbox)
    }

    /// Whether it may act: neither suspended nor deleted.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none() && self.deleted_at.is_none()
    }

    /// The ids of the actors that it says it is too.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn aliases(&self) -> Result<Vec<String>> {
        let Some(text) = &self.also_known_as else { return Ok(Vec::new()) };
        serde_json::from_str(text).map_err(|_| Error::Corrupt {
            table: "actors",
            column: "also_known_as",
            id: self.id,
        })
    }

    /// `name@host`, as it is shown.
    pub fn handle(&self) -> String {
        self.handle.clone().unwrap_or_else(|| format!("{}@{}", self.name, self.host))
    }
}

/// The private keys of a local actor.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = actor_keys, treat_none_as_default_value = false)]
pub struct ActorKeysRow {
    /// The actor.
    pub actor_id: i64,
    /// RSA-2048, PKCS#8 in PEM; made when the actor first signs or is first fetched.
    pub rsa_private: Option<String>,
    /// Ed25519 seed, 32 bytes in base64.
    pub ed25519_seed: String,
}

/// The actor with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<ActorRow>> {
    Ok(on_backend!(conn, c => actors::table.find(id).first(c)).optional()?)
}

/// The actors with these ids, in no order.
pub fn list(conn: &mut Conn, ids: &[i64]) -> Result<Vec<ActorRow>> {
    Ok(among_on_backend!(conn, actors::id, ids, (c, among) => actors::table.filter(among).load(c))?)
}

/// The actor with that ActivityPub id.
pub fn find_by_ap_id(conn: &mut Conn, ap_id: &str) -> Result<Option<ActorRow>> {
    Ok(on_backend!(conn, c => actors::table.filter(actors::ap_id.eq(ap_id)).first(c)).optional()?)
}

/// The actors with these ActivityPub ids that are known here, in no order.
pub fn list_by_ap_ids(conn: &mut Conn, ap_ids: &[String]) -> Result<Vec<ActorRow>> {
    Ok(among_on_backend!(conn, actors::ap_id, ap_ids, (c, among) => actors::table.filter(among).load(c))?)
}

/// The actor that owns the key with that id.
pub fn find_by_key_id(conn: &mut Conn, key_id: &str) -> Result<Option<ActorRow>> {
    Ok(on_backend!(conn, c => actors::table
        .filter(actors::public_key_id.eq(key_id))
        .order(actors::id)
        .first(c))
    .optional()?)
}

/// The local actor, deleted or not, that bears the name.
pub fn find_local(conn: &mut Conn, name: &str) -> Result<Option<ActorRow>> {
    Ok(on_backend!(conn, c => actors::table
        .filter(actors::local.eq(true).and(actors::name.eq(name)))
        .first(c))
    .optional()?)
}

/// The actor of that handle, of here or elsewhere: whom that host has confirmed, else whose id is there. A host
/// may bear a person and a group of one name.
pub fn find_by_handle(conn: &mut Conn, name: &str, host: &str, kind: ActorKind) -> Result<Option<ActorRow>> {
    let confirmed = actors::handle.eq(format!("{name}@{host}")).and(actors::kind.eq(kind.as_str()));
    if let Some(row) = actors::table.filter(confirmed).first(conn).optional()? {
        return Ok(Some(row));
    }
    Ok(on_backend!(conn, c => actors::table
        .filter(actors::host.eq(host).and(actors::name.eq(name)).and(actors::kind.eq(kind.as_str())))
        .order(actors::id)
        .first(c))
    .optional()?)
}

/// Local actors of a kind, by name.
pub fn list_local(conn: &mut Conn, kind: ActorKind) -> Result<Vec<ActorRow>> {
    Ok(actors::table
        .filter(actors::local.eq(true).and(actors::kind.eq(kind.as_str())).and(actors::deleted_at.is_null()))
        .order(actors::name)
        .load(conn)?)
}

/// Adds an actor.
///
/// # Errors
/// [`Error::Duplicate`] where the ActivityPub id, or the local name, is taken.
pub fn put(conn: &mut Conn, row: &ActorRow) -> Result<()> {
    diesel::insert_into(actors::table).values(row).execute(conn)?;
    Ok(())
}

/// Adds an actor unless its ActivityPub id is known, and gives the row that stands.
pub fn put_if_new(conn: &mut Conn, row: &ActorRow) -> Result<ActorRow> {
    on_backend!(conn, c => diesel::insert_into(actors::table)
        .values(row)
        .on_conflict(actors::ap_id)
        .do_nothing()
        .execute(c))?;
    Ok(actors::table.filter(actors::ap_id.eq(&row.ap_id)).first(conn)?)
}

/// Replaces an actor by its id.
pub fn update(conn: &mut Conn, row: &ActorRow) -> Result<()> {
    diesel::update(actors::table.find(row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Gives an actor a confirmed handle, which nobody else bears from now on, or none.
pub fn set_handle(conn: &mut Conn, id: i64, handle: Option<&str>) -> Result<()> {
    if let Some(handle) = handle {
        let bearers = actors::table.filter(actors::handle.eq(handle));
        diesel::update(bearers).set(actors::handle.eq(None::<String>)).execute(conn)?;
    }
    diesel::update(actors::table.find(id)).set(actors::handle.eq(handle)).execute(conn)?;
    Ok(())
}

/// Suspends an actor here, or lifts it.
pub fn suspend(conn: &mut Conn, id: i64, since: Option<i64>) -> Result<()> {
    diesel::update(actors::table.find(id)).set(actors::suspended_at.eq(since)).execute(conn)?;
    Ok(())
}

/// The private keys of a local actor.
pub fn find_keys(conn: &mut Conn, id: i64) -> Result<Option<ActorKeysRow>> {
    Ok(on_backend!(conn, c => actor_keys::table.find(id).first(c)).optional()?)
}

/// Adds the private keys of a local actor.
pub fn put_keys(conn: &mut Conn, row: &ActorKeysRow) -> Result<()> {
    diesel::insert_into(actor_keys::table).values(row).execute(conn)?;
    Ok(())
}

/// Gives a local actor its RSA key unless it has one; false where it had one already.
pub fn put_rsa_key(conn: &mut Conn, id: i64, private_pem: &str, public_pem: &str) -> Result<bool> {
    let changed = diesel::update(actor_keys::table.find(id).filter(actor_keys::rsa_private.is_null()))
        .set(actor_keys::rsa_private.eq(private_pem))
        .execute(conn)?;
    if changed == 1 {
        diesel::update(actors::table.find(id)).set(actors::public_key_pem.eq(public_pem)).execute(conn)?;
    }
    Ok(changed == 1)
}
