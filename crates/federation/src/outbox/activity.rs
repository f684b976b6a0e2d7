//! Activities of ours: their documents, their ids, and the rows that carry them.

use crate::actor::proof_key_id;
use crate::transport::proof::prove;
use crate::transport::{Ed25519Key, ProofError};
use crate::vocabulary::{with_context, write_time};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clocher_app::App;
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::{Conn, Error, Result};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// An activity that goes out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Its id.
    pub ap_id: String,
    /// `type`.
    pub kind: String,
    /// The document: still without `@context` and proof, or [sealed](Scribe::seal).
    pub document: Value,
    /// The actor, who signs it.
    pub actor_id: i64,
    /// The message that it concerns.
    pub post_id: Option<i64>,
    /// Whether the outbox lists it and anybody may fetch it.
    pub listed: bool,
    /// Whether it is kept also where nobody gets it and no outbox lists it.
    pub kept: bool,
    /// What it is about: what is about the same thing arrives in order.
    pub subject: String,
    /// Where it goes: inbox and host.
    pub inboxes: Vec<(String, String)>,
}

impl Outgoing {
    /// An activity from one actor to another about the relation of the two.
    pub fn to(from: &ActorRow, to: &ActorRow, kind: &str, ap_id: String, document: Value) -> Self {
        let mut pair = [from.ap_id.as_str(), to.ap_id.as_str()];
        pair.sort_unstable();
        Self {
            ap_id,
            kind: kind.to_owned(),
            document,
            actor_id: from.id,
            post_id: None,
            listed: false,
            kept: false,
            subject: pair.join(" "),
            inboxes: vec![(to.inbox.clone(), to.host.clone())],
        }
    }
}

/// Writes activities within one transaction.
pub struct Scribe<'a> {
    /// The transaction.
    pub conn: &'a mut Conn,
    /// The instance.
    pub app: &'a App,
}

/// The member that tells a sealed document.
const PROOF: &str = "proof";

impl Scribe<'_> {
    /// Both actors, where both are known.
    pub fn pair(&mut self, one: i64, other: i64) -> Result<Option<(ActorRow, ActorRow)>> {
        Ok(actors::find(self.conn, one)?.zip(actors::find(self.conn, other)?))
    }

    /// An activity with a new id.
    pub fn activity(
        &self,
        kind: &str,
        actor: &ActorRow,
        object: Value,
        to: &[String],
        cc: &[String],
    ) -> Outgoing {
        let ap_id = self.app.site().activity(self.app.mint());
        let mut fields = Map::new();
        fields.insert("id".to_owned(), json!(ap_id));
        fields.insert("type".to_owned(), json!(kind));
        fields.insert("actor".to_owned(), json!(actor.ap_id));
        fields.insert("object".to_owned(), object);
        fields.insert("to".to_owned(), json!(to));
        fields.insert("cc".to_owned(), json!(cc));
        fields.insert("published".to_owned(), json!(write_time(self.app.now().0)));
        Outgoing {
            ap_id,
            kind: kind.to_owned(),
            document: Value::Object(fields),
            actor_id: actor.id,
            post_id: None,
            listed: false,
            kept: false,
            subject: actor.ap_id.clone(),
            inboxes: Vec::new(),
        }
    }

    /// An activity in answer to another actor, about the relation of the two.
    pub fn answer(&self, from: &ActorRow, to: &ActorRow, kind: &str, object: Value) -> Outgoing {
        let outgoing = self.activity(kind, from, object, std::slice::from_ref(&to.ap_id), &[]);
        Outgoing::to(from, to, kind, outgoing.ap_id, outgoing.document)
    }

    /// Gives an activity its `@context` and its actor's proof, unless it has them: from now on it is passed on as it is,
    /// by itself and in what announces it. What cannot be proved, because it passes on what has no one form, goes out
    /// without.
    pub fn seal(&mut self, outgoing: &mut Outgoing) -> clocher_app::Result<()> {
        if outgoing.document.get(PROOF).is_some() {
            return Ok(());
        }
        let whole = with_context(std::mem::take(&mut outgoing.document));
        let (key, method) = self.proof_key(outgoing.actor_id)?;
        outgoing.document = match prove(whole.clone(), &key, &method, self.app.now().seconds()) {
            Ok(proved) => proved,
            Err(ProofError::Json(_)) => whole,
            Err(error) => return Err(clocher_app::Error::Internal(error.to_string())),
        };
        Ok(())
    }

    /// The key with which a local actor proves what it says, and its id.
    fn proof_key(&mut self, actor_id: i64) -> clocher_app::Result<(Ed25519Key, String)> {
        let corrupt = || Error::Corrupt { table: "actor_keys", column: "ed25519_seed", id: actor_id };
        let actor = actors::find(self.conn, actor_id)?.ok_or_else(corrupt)?;
        let keys = actors::find_keys(self.conn, actor_id)?.ok_or_else(corrupt)?;
        let seed = Zeroizing::new(STANDARD.decode(keys.ed25519_seed).map_err(|_| corrupt())?);
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| corrupt())?;
        let key = Ed25519Key::from_seed(seed).map_err(|_| corrupt())?;
        Ok((key, proof_key_id(&actor.ap_id)))
    }

    /// Stores an activity and owes its deliveries; says whether there are any. What nobody gets, no outbox
    /// lists and nothing keeps leaves no trace.
    pub fn put(&mut self, mut outgoing: Outgoing) -> clocher_app::Result<bool> {
        let delivers = !outgoing.inboxes.is_empty();
        if !delivers && !outgoing.listed && !outgoing.kept {
            return Ok(false);
        }
        self.seal(&mut outgoing)?;
        let now = self.app.now().0;
        let row = ActivityRow {
            id: self.app.mint(),
            ap_id: outgoing.ap_id,
            kind: outgoing.kind,
            local: true,
            actor_id: outgoing.actor_id,
            post_id: outgoing.post_id,
            listed: outgoing.listed,
            document: outgoing.document.to_string(),
            created_at: now,
        };
        let row = match activity_id(&row.ap_id) {
            // Its address is `/activity/ID`: the row bears that id.
            Some(id) => ActivityRow { id, ..row },
            None => row,
        };
        let activity_id = activities::put(self.conn, &row)?;
        for (inbox, host) in outgoing.inboxes {
            if inbox.is_empty() || self.app.site().owns(&inbox) {
                continue;
            }
            let delivery = DeliveryRow {
                id: self.app.mint(),
                activity_id,
                signer_id: outgoing.actor_id,
                inbox,
                host,
                subject: outgoing.subject.clone(),
                state: deliveries::DUE.to_owned(),
                attempts: 0,
                next_at: now,
                claimed_until: None,
                last_error: None,
                created_at: now,
                waits: false,
            };
            deliveries::put(self.conn, &delivery)?;
        }
        Ok(delivers)
    }
}

fn activity_id(ap_id: &str) -> Option<i64> {
    ap_id.rsplit_once("/activity/").and_then(|(_, id)| id.parse::<clocher_domain::Id>().ok()).map(|id| id.0)
}
