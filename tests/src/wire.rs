//! What our instances say to others, held against the shapes that others accept: every activity that they wrote,
//! and what they serve, asked for by HTTP as a peer asks.
//!
//! Looks at a thing once for each state it is in. Judges nothing itself: [`crate::shapes`] does.

use crate::request::get;
use crate::shapes::{Breach, Context, check, loops_back};
use clocher_app::App;
use clocher_domain::actor::ActorKind;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{Conn, testing};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// Most messages of one instance that are asked for at one look: the newest.
const MOST_MESSAGES: usize = 20;

/// What was looked at already.
#[derive(Default)]
pub struct Wire(Mutex<HashSet<String>>);

/// What an instance has that concerns others.
struct Stock {
    activities: Vec<(i64, String)>,
    actors: Vec<ActorRow>,
    posts: Vec<PostRow>,
}

impl Wire {
    /// Looks at what is new, and at the first lists of each kind; a last time, at all lists. `address` is where
    /// the instance listens.
    ///
    /// # Panics
    /// Where storage fails, or where something breaks a rule.
    pub async fn look(&self, app: &App, address: Option<SocketAddr>, last: bool) {
        let stock = app.read(stock).await.expect("what the instance has");
        let mut wrong = Vec::new();
        for (id, document) in &stock.activities {
            if self.is_new(&format!("{} activity {id} {}", app.site().domain(), document.len())) {
                wrong.extend(breaches(&format!("activity {document}"), document));
            }
        }
        if let Some(address) = address {
            wrong.extend(self.look_at_served(app, address, &stock, last).await);
        }
        assert!(wrong.is_empty(), "others refuse what we say:\n{}", wrong.join("\n"));
    }

    fn is_new(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned())
    }

    async fn look_at_served(&self, app: &App, address: SocketAddr, stock: &Stock, last: bool) -> Vec<String> {
        let domain = app.site().domain().to_owned();
        let mut targets = self.discovery();
        // An actor without its RSA key was never asked for: to ask for it would make one.
        let known = stock.actors.iter().filter(|actor| !actor.public_key_pem.is_empty() && actor.is_active());
        targets.extend(known.flat_map(|actor| self.of_actor(&domain, actor, last)));
        targets.extend(stock.posts.iter().take(MOST_MESSAGES).flat_map(|post| self.of_post(post, last)));
        let answers = get(address, &domain, targets).await;
        let documents: HashMap<&str, Value> = answers
            .iter()
            .filter_map(|(target, body)| Some((target.as_str(), serde_json::from_str(body).ok()?)))
            .collect();
        let served = answers.iter().flat_map(|(target, body)| breaches(&format!("{domain}{target}"), body));
        let astray = stock.actors.iter().filter_map(|actor| {
            let document = documents.get(path_of(&actor.ap_id))?;
            let jrd = documents.get(webfinger(&domain, actor).as_str())?;
            loops_back(document, jrd).map(|breach| breach.to_string())
        });
        served.chain(astray).collect()
    }

    fn discovery(&self) -> Vec<String> {
        if !self.is_new("discovery") {
            return Vec::new();
        }
        ["/.well-known/nodeinfo", "/nodeinfo/2.0", "/nodeinfo/2.1"].map(str::to_owned).to_vec()
    }

    fn of_actor(&self, domain: &str, actor: &ActorRow, last: bool) -> Vec<String> {
        let path = path_of(&actor.ap_id);
        let mut targets = Vec::new();
        if self.is_new(&format!("{} {}", actor.ap_id, actor.updated_at)) {
            targets.extend([path.to_owned(), webfinger(domain, actor)]);
        }
        if last || self.is_new(&format!("lists of a {}", actor.kind)) {
            let of_groups = ["moderators", "featured"].into_iter().filter(|_| actor.kind == "Group");
            let of_feeds = ["following"].into_iter().filter(|_| actor.kind == "Feed");
            let lists = ["outbox", "outbox?page=true", "followers"].into_iter();
            let lists = lists.chain(of_groups).chain(of_feeds);
            targets.extend(lists.map(|list| format!("{path}/{list}")));
        }
        targets
    }

    fn of_post(&self, post: &PostRow, last: bool) -> Vec<String> {
        let path = path_of(&post.ap_id);
        let mut targets = Vec::new();
        if self.is_new(&format!("{} {:?} {:?}", post.ap_id, post.edited_at, post.deleted_at)) {
            targets.push(path.to_owned());
        }
        if last || self.is_new(&format!("lists of a message, top: {}", post.is_top())) {
            targets.push(format!("{path}/replies"));
            targets.extend(post.is_top().then(|| format!("{path}/context")));
        }
        targets
    }
}

fn stock(conn: &mut Conn) -> clocher_app::Result<Stock> {
    let mut all = Vec::new();
    for kind in [ActorKind::Person, ActorKind::Group, ActorKind::Application, ActorKind::Feed] {
        all.extend(actors::list_local(conn, kind)?);
    }
    Ok(Stock {
        activities: testing::local_activities(conn)?,
        actors: all,
        posts: testing::local_posts(conn)?,
    })
}

/// The path of an id of ours.
fn path_of(id: &str) -> &str {
    id.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest.split_at(at).1)).unwrap_or("/")
}

fn webfinger(domain: &str, actor: &ActorRow) -> String {
    format!("/.well-known/webfinger?resource=acct:{}@{domain}", actor.name)
}

/// What of a document breaks a rule. A withdrawn activity is empty, and is sent to nobody.
fn breaches(what: &str, body: &str) -> Vec<String> {
    let Ok(document) = serde_json::from_str::<Value>(body) else { return Vec::new() };
    if document.as_object().is_none_or(serde_json::Map::is_empty) {
        return Vec::new();
    }
    let context = Context::of(&document);
    check(&document, &context).iter().map(|breach: &Breach| format!("{what}\n    {breach}")).collect()
}
