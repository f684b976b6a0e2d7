//! Two instances of ours, `alpha` and `beta`, among strangers: an honest server and one that forges.
//!
//! Tells whether what was refused has left a trace.

use crate::impostor::Impostor;
use crate::request::Answered;
use crate::{Network, Setting, Ways, person};
use clocher_app::{App, membership};
use clocher_domain::delivery::Policy;
use clocher_storage::actors::ActorRow;
use clocher_storage::testing;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Everybody.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The network and the strangers.
pub struct Stage {
    /// Our instances.
    pub net: Network,
    /// Who forges.
    pub mallory: Impostor,
    /// Who does not.
    pub honest: Impostor,
    /// The id of a person of the honest server, known to our instances.
    pub bob: String,
}

/// The kinds of storage at hand.
pub fn each_storage() -> Vec<Ways> {
    let postgres = testing::postgres_url().map(|_| Ways::PostgresHttp);
    std::iter::once(Ways::SqliteHttp).chain(postgres).collect()
}

impl Stage {
    /// Sets the stage.
    ///
    /// # Panics
    /// Where it does not stand.
    pub async fn set(ways: Ways) -> Self {
        Self::set_as(Setting::default(), ways).await
    }

    /// Sets the stage with deliveries as persistent as that, rather than with the short pauses of tests.
    ///
    /// # Panics
    /// Where it does not stand.
    pub async fn set_with(policy: Option<Policy>, ways: Ways) -> Self {
        let usual = Setting::default();
        Self::set_as(Setting { policy: policy.unwrap_or(usual.policy), ..usual }, ways).await
    }

    /// Sets the stage in any setting, with its own strangers.
    ///
    /// # Panics
    /// Where it does not stand.
    pub async fn set_as(setting: Setting<'_>, ways: Ways) -> Self {
        eprintln!("on {ways:?}");
        let (mallory, honest) = (Impostor::start("mallory.test"), Impostor::start("honest.test"));
        let strangers = [mallory.stranger(), honest.stranger()];
        let setting = Setting { strangers: &strangers, ..setting };
        let net = Network::start_as(setting, ways, &["alpha", "beta"]).await;
        let bob = honest.person("bob");
        for name in ["alpha", "beta"] {
            // Makes the keys of the instance too, so that they are not news later.
            net.find(net.node(name), &bob).await.expect("Bob");
        }
        honest.forget();
        Self { net, mallory, honest, bob }
    }

    /// One instance of ours.
    pub fn alpha(&self) -> &App {
        self.net.node("alpha")
    }

    /// The other one.
    pub fn beta(&self) -> &App {
        self.net.node("beta")
    }

    /// Sends an activity of an actor of that server to the shared inbox of an instance, signed.
    pub async fn send(&self, from: &Impostor, to: &App, document: &Value) -> u16 {
        let actor = document.get("actor").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.send_as(from, &actor, to, document).await.0
    }

    /// Sends a document to the shared inbox of an instance, signed as that actor.
    pub async fn send_as(&self, from: &Impostor, actor: &str, to: &App, document: &Value) -> Answered {
        let request = from.request(&*self.net.clock, actor, &to.site().shared_inbox(), document);
        request.send(self.net.address).await
    }

    /// Sends an activity that must be answered with that status and leave no trace whatsoever.
    ///
    /// # Panics
    /// Where it does not.
    pub async fn leaves_no_trace(&self, status: u16, from: &Impostor, to: &App, document: &Value) {
        let before = dump(to).await;
        assert_eq!(self.send(from, to, document).await, status, "{document}");
        self.net.settle().await;
        assert_same(&before, &dump(to).await, &document.to_string());
    }

    /// A person of alpha follows a group of that server, which accepts it. Gives the group as alpha has it.
    ///
    /// # Panics
    /// Where it does not come to be.
    pub async fn follow_group(&self, follower: &ActorRow, server: &Impostor, name: &str) -> ActorRow {
        self.follow(follower, server, &server.group(name)).await
    }

    /// A person of alpha follows an actor of that server, which accepts it. Gives the actor as alpha has it.
    ///
    /// # Panics
    /// Where it does not come to be.
    pub async fn follow(&self, follower: &ActorRow, server: &Impostor, id: &str) -> ActorRow {
        let followed = self.net.find(self.alpha(), id).await.expect("an actor");
        membership::join(self.alpha(), follower.id, followed.id).await.expect("a request");
        self.net.settle().await;
        let follows = |one: &Value| {
            one["type"] == "Follow" && one["actor"] == follower.ap_id.as_str() && one["object"] == id
        };
        let follow = server.activities().into_iter().find(follows).expect("a Follow");
        let accept = activity("Accept", id, &format!("{id}/accept/{}", follower.id), &follow);
        assert_eq!(self.send(server, self.alpha(), &accept).await, 202);
        // What it published before is asked for.
        self.net.settle().await;
        server.forget();
        followed
    }

    /// Alice of alpha.
    pub async fn alice(&self) -> ActorRow {
        person(self.alpha(), "alice").await
    }

    /// Takes the stage down.
    pub async fn clear(mut self) {
        self.net.stop().await;
        self.mallory.fall_silent().await;
        self.honest.fall_silent().await;
    }
}

/// An activity of an actor, addressed to everybody.
pub fn activity(kind: &str, actor: &str, id: &str, object: &Value) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": kind,
        "actor": actor,
        "object": object,
        "to": [PUBLIC],
        "cc": [],
    })
}

/// A public message.
pub fn note(author: &str, id: &str, html: &str) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "Note",
        "attributedTo": author,
        "to": [PUBLIC],
        "cc": [],
        "content": html,
        "published": "2026-01-02T03:04:05Z",
    })
}

/// Everything that an instance has stored.
///
/// # Panics
/// Where storage fails.
pub async fn dump(app: &App) -> Vec<String> {
    app.read(testing::dump).await.expect("storage")
}

/// Asserts that nothing changed, and says what did.
///
/// # Panics
/// Where something did.
pub fn assert_same(before: &[String], after: &[String], what: &str) {
    let short = |line: &String| line.chars().take(400).collect::<String>();
    let lost: Vec<_> = before.iter().filter(|line| !after.contains(line)).map(short).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).map(short).collect();
    assert!(lost.is_empty() && new.is_empty(), "{what} left a trace: lost {lost:#?}, new {new:#?}");
}

/// Waits until something is so.
///
/// # Panics
/// Where it does not come to be.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < limit, "it never came to be: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
