//! Tests of the transport, against real servers on the loopback interface.

mod address;
mod client;
mod discovery;
mod fetch;
mod json;
mod keys;
mod message_signature;
mod proof;
mod signature;
mod vectors;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use url::Url;

use super::{Headers, Http, Limits, Scheme, Signer, SigningKey, TestHost, TestHosts};

/// 2026-11-23T12:00:00Z.
const NOW: i64 = 1_795_435_200;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());

fn signer() -> Signer {
    Signer::new("http://alpha.test:4000/actor#main-key".to_owned(), KEY.clone())
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A request as a peer received it.
#[derive(Debug, Clone)]
struct Asked {
    method: String,
    target: String,
    headers: Headers,
    body: Vec<u8>,
}

/// A server on the loopback interface that keeps what it was asked.
struct Peer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Peer {
    /// Starts a server; `answer` writes the whole answer, and the connection is closed after it.
    fn start(answer: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let Some(request) = read_request(&stream) else { return };
                    log.lock().unwrap().push(request.clone());
                    answer(&request, &mut stream);
                });
            }
        });
        Self { address, asked }
    }

    /// A server that answers by the target: status, content type, body.
    fn serving(answer: impl Fn(&str) -> (u16, &'static str, String) + Send + Sync + 'static) -> Self {
        Self::start(move |asked, stream| {
            let (status, kind, body) = answer(&asked.target);
            reply(stream, status, &[("content-type", kind)], body.as_bytes());
        })
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// This server as `http://name:port`.
    fn named(&self, name: &str, port: u16) -> TestHost {
        TestHost { scheme: Scheme::Http, host: name.to_owned(), port, address: self.address }
    }
}

fn read_request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Headers::default();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push(name, value.as_bytes());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, target, headers, body })
}

fn reply(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let mut head =
        format!("HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head = head + name + ": " + value + "\r\n";
    }
    // The other side may have hung up: that is what some tests are about.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(body);
}

fn http(hosts: impl IntoIterator<Item = TestHost>) -> Http {
    Http::new(TestHosts::new(hosts)).unwrap()
}

/// A client that gives up after 300 ms.
fn hasty(hosts: impl IntoIterator<Item = TestHost>) -> Http {
    let limits = Limits { deadline: Duration::from_millis(300), ..Limits::default() };
    Http::with_limits(TestHosts::new(hosts), limits).unwrap()
}

/// The folder of published vectors and real objects; on a machine without it the test says so and
/// passes, but never in continuous integration.
fn fixtures() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", folder.display());
    println!("not tested: {} is missing", folder.display());
    None
}
