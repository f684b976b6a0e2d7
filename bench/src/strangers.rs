//! The other servers: many hosts behind one listener of this process. They know their actors, take what is sent to
//! them, and sign what they send.

use crate::Outcome;
use actix_web::dev::ServerHandle;
use actix_web::http::{Method, header};
use actix_web::{App as Routes, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use clocher_app::{Clock, SystemClock};
use clocher_federation::transport::{ACTIVITY_JSON, Form, Signer, SigningKey};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How long arrivals are waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Something that was sent to one of them and taken.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Which of them got it.
    pub host: String,
    /// When it was taken.
    pub at: Instant,
}

/// What the listener and the benchmark know of each other.
type Arrivals = Arc<Mutex<Vec<Arrival>>>;

/// The other servers.
pub struct Strangers {
    /// Where all of them listen.
    pub port: u16,
    /// Their names.
    pub names: Vec<String>,
    /// The key of all their actors.
    pub key: SigningKey,
    arrivals: Arrivals,
    server: ServerHandle,
}

impl Strangers {
    /// Starts that many servers.
    ///
    /// # Errors
    /// Where they cannot listen.
    pub fn start(count: usize) -> Outcome<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let names = (0..count).map(|number| format!("loin-{number}")).collect();
        let key = SigningKey::generate()?;
        let arrivals = Arrivals::default();
        let (pem, taken) = (key.public_pem().to_owned(), Arc::clone(&arrivals));
        let server = HttpServer::new(move || {
            let (pem, taken) = (pem.clone(), Arc::clone(&taken));
            Routes::new().default_service(web::to(move |request: HttpRequest, _: Bytes| {
                let answer = answer(&request, &pem, &taken);
                async move { answer }
            }))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { port, names, key, arrivals, server: handle })
    }

    /// The host of one of them.
    pub fn host(&self, name: &str) -> String {
        host(name, self.port)
    }

    /// What arrived since it was last asked.
    pub fn take_arrivals(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much has arrived since.
    pub fn count_arrivals(&self) -> usize {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits until that much has arrived.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn wait_for(&self, count: usize) -> Outcome {
        let until = Instant::now() + PATIENCE;
        while self.count_arrivals() < count {
            if Instant::now() > until {
                return Err(format!("{} of {count} arrived", self.count_arrivals()).into());
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(())
    }

    /// A signed request to the inbox of an instance: the headers and the body.
    ///
    /// # Errors
    /// Where it cannot be signed.
    pub fn sign(&self, name: &str, domain: &str, activity: &Value) -> Outcome<Signed> {
        let url = Url::parse(&format!("http://{domain}/inbox"))?;
        let signer = Signer::new(format!("{}#main-key", self.person(name)), self.key.clone());
        let body = activity.to_string();
        let lines = signer.sign_post(
            Form::Cavage,
            &url,
            ACTIVITY_JSON,
            body.as_bytes(),
            SystemClock.now().seconds(),
        )?;
        Ok(Signed { lines, body })
    }

    /// The id of the one person of a server.
    pub fn person(&self, name: &str) -> String {
        format!("http://{}/u/{name}", self.host(name))
    }
}

impl Drop for Strangers {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// A request that is signed and not sent yet.
#[derive(Clone, Debug)]
pub struct Signed {
    lines: Vec<(String, String)>,
    body: String,
}

impl Signed {
    /// Sends it to the inbox at that address.
    ///
    /// # Errors
    /// Where it is not accepted.
    pub async fn send(self, client: &reqwest::Client, address: std::net::SocketAddr) -> Outcome {
        let mut request = client.post(format!("http://{address}/inbox")).body(self.body);
        for (name, value) in self.lines {
            request = request.header(name, value);
        }
        let answer = request.send().await?;
        if answer.status() == 202 {
            return Ok(());
        }
        Err(format!("the inbox answers {}: {}", answer.status(), answer.text().await?).into())
    }
}

fn host(name: &str, port: u16) -> String {
    format!("{name}.bench:{port}")
}

fn answer(request: &HttpRequest, pem: &str, arrivals: &Arrivals) -> HttpResponse {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if request.method() == Method::POST {
        let arrival = Arrival { host: host.to_owned(), at: Instant::now() };
        arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
        return HttpResponse::Accepted().finish();
    }
    let document = match request.path() {
        "/.well-known/nodeinfo" => json!({ "links": [{
            "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
            "href": format!("http://{host}/nodeinfo/2.0"),
        }] }),
        "/nodeinfo/2.0" => {
            json!({ "version": "2.0", "software": { "name": "lemmy", "version": "0.19" }, "metadata": {} })
        }
        path if path.starts_with("/u/") => person(host, path, pem),
        _ => return HttpResponse::NotFound().finish(),
    };
    HttpResponse::Ok().content_type("application/activity+json").body(document.to_string())
}

fn person(host: &str, path: &str, pem: &str) -> Value {
    let id = format!("http://{host}{path}");
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": id,
        "type": "Person",
        "preferredUsername": path.trim_start_matches("/u/"),
        "inbox": format!("{id}/inbox"),
        "endpoints": { "sharedInbox": format!("http://{host}/inbox") },
        "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": pem },
    })
}
