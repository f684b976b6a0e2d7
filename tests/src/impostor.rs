//! A server that is not Clocher: it serves what a test tells it to, and sends what a test makes it sign.
//!
//! Forges on demand; what it forges must be refused.

use clocher_federation::transport::{Http, Signer, SigningKey, TestHosts};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// What stands at a path: status, content type and body.
pub type Answer = (u16, String, String);

/// A foreign server.
pub struct Impostor {
    /// Host and port.
    pub host: String,
    /// Where it listens.
    pub address: SocketAddr,
    key: SigningKey,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    received: Arc<Mutex<Vec<(String, String)>>>,
    server: actix_web::dev::ServerHandle,
}

impl Impostor {
    /// Starts a server whose name is `name` (as `mallory.test`).
    ///
    /// # Panics
    /// Where it cannot listen.
    pub fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let answers: Arc<Mutex<HashMap<String, Answer>>> = Arc::default();
        let received: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let (served, kept) = (Arc::clone(&answers), Arc::clone(&received));
        let server = actix_web::HttpServer::new(move || {
            let (served, kept) = (Arc::clone(&served), Arc::clone(&kept));
            actix_web::App::new().default_service(actix_web::web::to(
                move |request: actix_web::HttpRequest, body: String| {
                    let (served, kept) = (Arc::clone(&served), Arc::clone(&kept));
                    async move { answer(&served, &kept, &request, body) }
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
        let key = SigningKey::generate().expect("a key");
        Self { host: format!("{name}:{}", address.port()), address, key, answers, received, server: handle }
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
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(path.to_owned(), (status, content_type.to_owned(), body.to_owned()));
    }

    /// What was posted here: path and body.
    pub fn received(&self) -> Vec<(String, String)> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts an actor with this server's key at `/u/NAME`, and gives its id.
    pub fn person(&self, name: &str) -> String {
        self.actor(&format!("/u/{name}"), name, "Person")
    }

    /// Puts a group with this server's key at `/c/NAME`, and gives its id.
    pub fn group(&self, name: &str) -> String {
        self.actor(&format!("/c/{name}"), name, "Group")
    }

    fn actor(&self, path: &str, name: &str, kind: &str) -> String {
        let id = self.at(path);
        self.put(
            path,
            &json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": id,
                "type": kind,
                "preferredUsername": name,
                "inbox": format!("{id}/inbox"),
                "outbox": format!("{id}/outbox"),
                "followers": format!("{id}/followers"),
                "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": self.key.public_pem() },
            }),
        );
        id
    }

    /// Signs with this server's key under that key id.
    pub fn signer(&self, key_id: &str) -> Signer {
        Signer { key_id: key_id.to_owned(), key: self.key.clone() }
    }

    /// Posts a document to an inbox, signed as that actor's main key; gives the status.
    ///
    /// # Panics
    /// Where the inbox does not answer.
    pub async fn send(&self, test_hosts: &TestHosts, actor: &str, inbox: &str, document: &Value) -> u16 {
        let http = Http::new(test_hosts.clone()).expect("a client");
        let inbox = Url::parse(inbox).expect("an address");
        let signer = self.signer(&format!("{actor}#main-key"));
        let body = document.to_string().into();
        let now = clocher_app::Clock::now(&clocher_app::SystemClock).seconds();
        http.post(&inbox, body, &signer, now).await.expect("an answer").status
    }

    /// Stops the server.
    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

fn answer(
    answers: &Mutex<HashMap<String, Answer>>,
    received: &Mutex<Vec<(String, String)>>,
    request: &actix_web::HttpRequest,
    body: String,
) -> actix_web::HttpResponse {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    if request.method() == actix_web::http::Method::POST {
        received.lock().unwrap_or_else(PoisonError::into_inner).push((path, body));
        return actix_web::HttpResponse::Accepted().finish();
    }
    let answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    match answers.get(&path) {
        Some((status, content_type, body)) => {
            let status = actix_web::http::StatusCode::from_u16(*status).unwrap_or_default();
            actix_web::HttpResponse::build(status).content_type(content_type.as_str()).body(body.clone())
        }
        None => actix_web::HttpResponse::NotFound().finish(),
    }
}
