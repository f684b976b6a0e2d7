//! What an instance in foul hands says: others' threads as its own, changed, or deleted (I10).

use crate::{Outcome, Stage};
use clocher_storage::actors;
use serde_json::{Value, json};

/// Everybody.
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

impl Stage {
    /// The instance of somebody says to all others, in their name and in that of the author, what it may not say of a thread
    /// that somebody of another instance wrote.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn forge(&mut self, person: usize, author: usize, ap_id: &str) -> Outcome {
        let place = self.world.people.get(person).ok_or("a person that there is not")?.instance;
        let (forger, author) = (self.actor_id(person).await?, self.actor_id(author).await?);
        let mut numbers = 0..;
        let mut activity = |kind: &str, actor: &str, object: Value| {
            let number = numbers.next().unwrap_or_default();
            json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": format!("{actor}/forged/{number}/{}", ap_id.rsplit('/').next().unwrap_or_default()),
                "type": kind,
                "actor": actor,
                "to": [PUBLIC],
                "object": object,
            })
        };
        let note = |author: &str, id: &str| {
            json!({
                "id": id,
                "type": "Page",
                "attributedTo": author,
                "name": "Falsifié",
                "content": "<p>Falsifié.</p>",
                "url": ap_id,
                "to": [PUBLIC],
            })
        };
        let own = format!("{forger}/forged/{}", ap_id.rsplit('/').next().unwrap_or_default());
        let mut said = Vec::new();
        for kind in ["Create", "Update"] {
            for (actor, attributed_to) in [(&forger, &forger), (&forger, &author), (&author, &author)] {
                said.push(activity(kind, actor, note(attributed_to, ap_id)));
            }
            // Its own, but for the address where it is read.
            said.push(activity(kind, &forger, note(&forger, &own)));
        }
        for actor in [&forger, &author] {
            said.push(activity("Delete", actor, json!(ap_id)));
            said.push(activity("Delete", actor, json!({ "id": ap_id, "type": "Tombstone" })));
        }
        for document in said {
            self.network.say_to_all(place, &document.to_string()).await?;
        }
        Ok(())
    }

    /// The ActivityPub id of somebody.
    async fn actor_id(&self, person: usize) -> Outcome<String> {
        let place = self.world.people.get(person).ok_or("a person that there is not")?.instance;
        let (app, id) = (self.network.look_at(place)?, self.person(person)?);
        let row = app.read(move |conn| actors::find(conn, id)).await?;
        Ok(row.ok_or("nobody")?.ap_id)
    }
}
