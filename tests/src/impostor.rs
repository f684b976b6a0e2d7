//! A server that is not Clocher: it serves what a test tells it to, takes or refuses what is sent to it, and
//! sends what a test makes it sign.
//!
//! Forges on demand; what it forges must be refused.

use crate::request::Request;
use crate::shapes::context::misdirected;
use crate::shapes::{Breach, Context, check};
use actix_web::web::Bytes;
use clocher_app::Clock;
use clocher_federation::transport::proof::prove;
use clocher_federation::transport::{Ed25519Key, Form, Headers, Signer, SigningKey};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What stands at a path.
#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    /// Its header lines.
    lines: Vec<(&'static str, String)>,
    body: Bytes,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: String,
}

impl Asked {
    /// In which form it is signed, if it is.
    pub fn form(&self) -> Option<Form> {
        self.headers.get("signature")?;
        Some(if self.headers.get("signature-input").is_some() { Form::Rfc9421 } else { Form::Cavage })
    }
}

/// What it answers to a POST: the status, and `Retry-After`.
type Reply = (u16, Option<String>);

/// How long it takes for a byte where the answer drips.
const DRIP: Duration = Duration::from_millis(20);

/// What the server and the test know of each other.
#[derive(Default)]
struct Desk {
    answers: HashMap<String, Answer>,
    /// Answers to the next POSTs.
    replies: VecDeque<Reply>,
    /// The only form of signature that is understood.
    only: Option<Form>,
    /// What was asked and posted, as it came.
    requests: Vec<Asked>,
    /// The answer to every POST to a path.
    at_paths: HashMap<String, u16>,
    /// Paths at which a GET is never answered.
    held: HashSet<String>,
    /// Paths at which every answer is begun and never ends, and its content type.
    dripping: HashMap<String, String>,
    /// The answer to every other one.
    standing: Option<Reply>,
    received: Vec<(String, String)>,
    refused: Vec<(String, String)>,
    asked: Vec<String>,
    /// What it says in NodeInfo that it runs.
    software: Option<String>,
    /// What of that which was posted here such software would refuse.
    breaches: Vec<String>,
}

impl Desk {
    /// Holds what another server posted against the shapes that are accepted here.
    fn judge(&mut self, own_host: &str, body: &str) {
        let Ok(document) = serde_json::from_str::<Value>(body) else { return };
        let actor = document.get("actor").and_then(Value::as_str).unwrap_or_default();
        if actor.contains(own_host) {
            return;
        }
        let software = self.software.as_deref().unwrap_or_default();
        let context = Context::sent_to(software, &document).unwrap_or_else(|| Context::of(&document));
        let mut breaches = check(&document, &context);
        breaches.extend(misdirected(software, &document));
        self.breaches.extend(breaches.iter().map(|breach: &Breach| format!("{document}\n    {breach}")));
    }
}

/// A foreign server.
pub struct Impostor {
    /// Host and port.
    pub host: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The key of all its actors.
    pub key: SigningKey,
    /// The key with which all its actors prove what they say.
    pub proof_key: Ed25519Key,
    desk: Arc<Mutex<Desk>>,
    server: Option<actix_web::dev::ServerHandle>,
}

impl Impostor {
    /// Starts a server whose name is `name` (as `mallory.test`).
    ///
    /// # Panics
    /// Where it cannot listen.
    pub fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let desk: Arc<Mutex<Desk>> = Arc::default();
        let server = Some(listen(listener, Arc::clone(&desk)));
        let key = SigningKey::generate().expect("a key");
        let proof_key = Ed25519Key::generate().expect("a key");
        Self { host: format!("{name}:{}", address.port()), address, key, proof_key, desk, server }
    }

    /// Its name without the port, and where it listens: as the network takes it.
    pub fn stranger(&self) -> (&str, SocketAddr) {
        (self.host.split(':').next().unwrap_or_default(), self.address)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An address on this server.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// Puts an ActivityPub document at a path.
    pub fn put(&self, path: &str, document: &Value) {
        self.put_as(path, 200, "application/activity+json", &document.to_string());
    }

    /// Puts any answer at a path.
    pub fn put_as(&self, path: &str, status: u16, content_type: &str, body: &str) {
        self.answer(path, status, vec![("Content-Type", content_type.to_owned())], body.as_bytes().to_vec());
    }

    /// Sends whoever asks for that path to another address.
    pub fn redirect(&self, path: &str, to: &str) {
        self.answer(path, 302, vec![("Location", to.to_owned())], Vec::new());
    }

    /// Puts what is compressed, or says so, at a path.
    pub fn put_compressed(&self, path: &str, content_type: &str, coding: &str, body: Vec<u8>) {
        let kind = ("Content-Type", content_type.to_owned());
        self.answer(path, 200, vec![kind, ("Content-Encoding", coding.to_owned())], body);
    }

    fn answer(&self, path: &str, status: u16, lines: Vec<(&'static str, String)>, body: Vec<u8>) {
        let mut desk = self.desk();
        desk.dripping.remove(path);
        desk.answers.insert(path.to_owned(), Answer { status, lines, body: body.into() });
    }

    /// Answers whoever asks or posts to that path with 200 and a byte now and then, for ever.
    pub fn drip(&self, path: &str, content_type: &str) {
        self.desk().dripping.insert(path.to_owned(), content_type.to_owned());
    }

    /// Puts a NodeInfo that names this software.
    pub fn runs(&self, software: &str) {
        self.desk().software = Some(software.to_owned());
        let links = json!({ "links": [{
            "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
            "href": self.at("/nodeinfo/2.0"),
        }] });
        let info =
            json!({ "version": "2.0", "software": { "name": software, "version": "1.0" }, "metadata": {} });
        self.put_as("/.well-known/nodeinfo", 200, "application/json", &links.to_string());
        self.put_as("/nodeinfo/2.0", 200, "application/json", &info.to_string());
    }

    /// Never answers whoever asks for that path from now on.
    pub fn hold(&self, path: &str) {
        self.desk().held.insert(path.to_owned());
    }

    /// Answers the next POSTs with these statuses, one each.
    pub fn answer_next(&self, statuses: &[u16]) {
        self.desk().replies.extend(statuses.iter().map(|status| (*status, None)));
    }

    /// Answers every POST with that status, and with that `Retry-After`.
    pub fn answer_all(&self, status: u16, retry_after: Option<&str>) {
        self.desk().standing = Some((status, retry_after.map(str::to_owned)));
    }

    /// Answers every POST to that path with that status.
    pub fn answer_at(&self, path: &str, status: u16) {
        self.desk().at_paths.insert(path.to_owned(), status);
    }

    /// Understands no other form of signature from now on: 401 to every other request. None understands all, and
    /// also no signature.
    pub fn understands_only(&self, form: Option<Form>) {
        self.desk().only = form;
    }

    /// Every request that was made of this server.
    pub fn requests(&self) -> Vec<Asked> {
        self.desk().requests.clone()
    }

    /// What was posted here and taken: path and body.
    pub fn received(&self) -> Vec<(String, String)> {
        self.desk().received.clone()
    }

    /// The activities that were posted here and taken.
    ///
    /// # Panics
    /// Where one is not JSON.
    pub fn activities(&self) -> Vec<Value> {
        self.received().iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect()
    }

    /// What was posted here and answered with a failure: path and body.
    pub fn refused(&self) -> Vec<(String, String)> {
        self.desk().refused.clone()
    }

    /// Which paths were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.desk().asked.clone()
    }

    /// Forgets what was posted here and what was asked for.
    pub fn forget(&self) {
        let mut desk = self.desk();
        desk.received.clear();
        desk.refused.clear();
        desk.asked.clear();
        desk.requests.clear();
    }

    /// Puts a person with this server's key at `/u/NAME`, and gives its id.
    pub fn person(&self, name: &str) -> String {
        self.actor("Person", &format!("/u/{name}"), name, json!({}))
    }

    /// Puts a group with this server's key at `/c/NAME`, and gives its id.
    pub fn group(&self, name: &str) -> String {
        self.actor("Group", &format!("/c/{name}"), name, json!({}))
    }

    /// Puts an actor at a path, with these fields in place of its usual ones, and gives its id.
    pub fn actor(&self, kind: &str, path: &str, name: &str, fields: Value) -> String {
        self.put(path, &self.actor_document(kind, path, name, fields));
        self.at(path)
    }

    /// The document of such an actor.
    pub fn actor_document(&self, kind: &str, path: &str, name: &str, fields: Value) -> Value {
        let id = self.at(path);
        let document = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id,
            "type": kind,
            "preferredUsername": name,
            "inbox": format!("{id}/inbox"),
            "outbox": format!("{id}/outbox"),
            "followers": format!("{id}/followers"),
            "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": self.key.public_pem() },
            "assertionMethod": [assertion_method(&id, &proof_key_id(&id), &self.proof_key)],
        });
        with(document, fields)
    }

    /// Puts a message at its id, which is on this server.
    ///
    /// # Panics
    /// Where its id is elsewhere.
    pub fn serve(&self, message: &Value) {
        let id = message.get("id").and_then(Value::as_str).expect("an id");
        self.put(id.strip_prefix(&self.at("")).expect("an id on this server"), message);
    }

    /// An activity with the proof of its actor, made now.
    ///
    /// # Panics
    /// Where it cannot be proved.
    pub fn proved(&self, clock: &dyn Clock, activity: &Value) -> Value {
        let actor = activity.get("actor").and_then(Value::as_str).expect("an actor");
        let seconds = clock.now().seconds();
        prove(activity.clone(), &self.proof_key, &proof_key_id(actor), seconds).expect("a proof")
    }

    /// Signs with this server's key under that key id.
    pub fn signer(&self, key_id: &str) -> Signer {
        Signer::new(key_id.to_owned(), self.key.clone())
    }

    /// A request that posts a document to an inbox, signed now as that actor's main key.
    pub fn request(&self, clock: &dyn Clock, actor: &str, inbox: &str, document: &Value) -> Request {
        let signer = self.signer(&format!("{actor}#main-key"));
        Request::signed(&signer, inbox, document.to_string().as_bytes(), clock.now().seconds())
    }

    /// Stops listening: connections are refused from now on.
    pub async fn fall_silent(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(false).await;
        }
    }

    /// Listens again, where it listened before.
    ///
    /// # Panics
    /// Where it cannot.
    pub fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).expect("the port it had");
        self.server = Some(listen(listener, Arc::clone(&self.desk)));
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        let breaches = std::mem::take(&mut self.desk().breaches);
        let failing = std::thread::panicking();
        assert!(failing || breaches.is_empty(), "{} refuses:\n{}", self.host, breaches.join("\n"));
    }
}

/// The id of the key with which an actor of a foreign server proves what it says.
pub fn proof_key_id(actor: &str) -> String {
    format!("{actor}#proof-key")
}

/// A key as an actor lists it (FEP-521a).
pub fn assertion_method(actor: &str, key_id: &str, key: &Ed25519Key) -> Value {
    json!({ "id": key_id, "type": "Multikey", "controller": actor, "publicKeyMultibase": key.multibase() })
}

/// A document with these fields in place of its own; what is null is taken out.
pub fn with(mut document: Value, fields: Value) -> Value {
    if let (Value::Object(document), Value::Object(fields)) = (&mut document, fields) {
        for (name, value) in fields {
            if value.is_null() {
                document.remove(&name);
            } else {
                document.insert(name, value);
            }
        }
    }
    document
}

fn listen(listener: TcpListener, desk: Arc<Mutex<Desk>>) -> actix_web::dev::ServerHandle {
    let server = actix_web::HttpServer::new(move || {
        let desk = Arc::clone(&desk);
        actix_web::App::new().default_service(actix_web::web::to(
            move |request: actix_web::HttpRequest, body: String| {
                let desk = Arc::clone(&desk);
                async move {
                    let response = answer(&desk, &request, body);
                    if is_held(&desk, &request) {
                        std::future::pending::<()>().await;
                    }
                    response
                }
            },
        ))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .expect("a server")
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    handle
}

fn is_held(desk: &Mutex<Desk>, request: &actix_web::HttpRequest) -> bool {
    let desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    request.method() == actix_web::http::Method::GET && desk.held.contains(request.path())
}

fn answer(desk: &Mutex<Desk>, request: &actix_web::HttpRequest, body: String) -> actix_web::HttpResponse {
    use actix_web::http::StatusCode;
    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let asked = Asked {
        method: request.method().to_string(),
        target: path.clone(),
        headers: request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
        body: body.clone(),
    };
    let is_understood = desk.only.is_none() || asked.form() == desk.only;
    desk.requests.push(asked);
    if request.method() == actix_web::http::Method::POST {
        let at_path = desk.at_paths.get(&path).map(|status| (*status, None));
        let misunderstood = (!is_understood).then_some((401, None));
        let next = misunderstood.or(at_path).or_else(|| desk.replies.pop_front());
        let (status, retry_after) = next.or_else(|| desk.standing.clone()).unwrap_or((202, None));
        let own_host = request.connection_info().host().to_owned();
        desk.judge(&own_host, &body);
        let list = if status < 300 { &mut desk.received } else { &mut desk.refused };
        list.push((path.clone(), body));
        if let Some(content_type) = desk.dripping.get(&path) {
            return dripping(content_type);
        }
        let mut response = actix_web::HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default());
        if let Some(retry_after) = retry_after {
            response.insert_header(("Retry-After", retry_after));
        }
        return response.finish();
    }
    desk.asked.push(path.clone());
    if !is_understood && !path.starts_with("/.well-known/") && !path.starts_with("/nodeinfo/") {
        return actix_web::HttpResponse::Unauthorized().finish();
    }
    if let Some(content_type) = desk.dripping.get(&path) {
        return dripping(content_type);
    }
    match desk.answers.get(&path) {
        Some(Answer { status, lines, body }) => {
            let status = StatusCode::from_u16(*status).unwrap_or_default();
            let mut response = actix_web::HttpResponse::build(status);
            for (name, value) in lines {
                response.insert_header((*name, value.as_str()));
            }
            response.body(body.clone())
        }
        None => actix_web::HttpResponse::NotFound().finish(),
    }
}

/// An answer that begins like any other and has no end.
fn dripping(content_type: &str) -> actix_web::HttpResponse {
    let drops = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, actix_web::Error>(Bytes::from_static(b" ")), ()))
    });
    actix_web::HttpResponse::Ok().content_type(content_type).streaming(drops)
}
