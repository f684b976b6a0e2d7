//! A request to an inbox, written by hand: what no honest client sends can be sent.
//!
//! Goes to the instance that its `Host` names, over a connection of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clocher_federation::transport::{Form, Signer, SigningKey};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use url::Url;

/// A request before it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query.
    pub target: String,
    /// The header lines, `host` among them.
    pub lines: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Asks for documents as a peer does, one after the other, and gives those that are there, or were: target and
/// body.
///
/// # Panics
/// Where nobody listens.
pub async fn get(address: SocketAddr, host: &str, targets: Vec<String>) -> Vec<(String, String)> {
    let host = host.to_owned();
    let ask = move |target: String| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let head = format!(
            "GET {target} HTTP/1.1\r\nhost: {host}\r\naccept: application/activity+json\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a question");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let there = matches!(answer.split(' ').nth(1), Some("200" | "410"));
        let body = answer.split_once("\r\n\r\n").filter(|_| there).map(|(_, body)| body.to_owned());
        body.map(|body| (target, body))
    };
    tokio::task::spawn_blocking(move || targets.into_iter().filter_map(ask).collect()).await.expect("answers")
}

/// A whole answer to a question: the status, the header lines but for the date and what names this very answer, the
/// body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The status.
    pub status: u16,
    /// The header lines, in lower case.
    pub lines: Vec<String>,
    /// The body.
    pub body: String,
}

/// Asks for a document; signed by that signer, where there is one. `now` in seconds since 1970.
///
/// # Panics
/// Where nobody listens, or what is asked for is no address.
pub async fn ask(at: SocketAddr, address: &str, accept: &str, signer: Option<&Signer>, now: i64) -> Whole {
    let url = Url::parse(address).expect("an address");
    let lines = if let Some(signer) = signer {
        signer.sign_get(Form::Cavage, &url, accept, now).expect("a signature")
    } else {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        vec![("host".to_owned(), host), ("accept".to_owned(), accept.to_owned())]
    };
    let target = &url[url::Position::BeforePath..];
    let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let head = format!("GET {target} HTTP/1.1\r\n{}\r\nconnection: close\r\n\r\n", lines.join("\r\n"));
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        stream.write_all(head.as_bytes()).expect("a question");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let lines = head.to_ascii_lowercase();
    let lines = lines.split("\r\n").skip(1).filter(|line| !line.starts_with("date:"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    Whole { status: status_of(&answer), lines, body: body.to_owned() }
}

/// What came back: the status, and the permanent code of the refusal.
pub type Answered = (u16, String);

impl Request {
    /// A signed POST, as an honest server sends it. `now` in seconds since 1970.
    ///
    /// # Panics
    /// Where the inbox is not an address.
    pub fn signed(signer: &Signer, inbox: &str, body: &[u8], now: i64) -> Self {
        Self::signed_in(Form::Cavage, signer, inbox, body, now)
    }

    /// The same in that form of signature.
    ///
    /// # Panics
    /// Where the inbox is not an address.
    pub fn signed_in(form: Form, signer: &Signer, inbox: &str, body: &[u8], now: i64) -> Self {
        let url = Url::parse(inbox).expect("an address");
        let kind = "application/activity+json";
        let lines = signer.sign_post(form, &url, kind, body, now).expect("a signature");
        Self { target: url.path().to_owned(), lines, body: body.to_vec() }
    }

    /// The same without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.lines.retain(|(known, _)| known != name);
        self
    }

    /// The same with another value of a header.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.lines.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The same with another body, whatever its digest says.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// The same to another path.
    #[must_use]
    pub fn to(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> &str {
        self.lines.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same, signed anew over these headers, with a `Signature` that begins with these parameters.
    ///
    /// # Panics
    /// Where it cannot be signed.
    #[must_use]
    pub fn sign_over(self, key: &SigningKey, covered: &str, params: &str) -> Self {
        let text: Vec<String> = covered
            .split(' ')
            .map(|name| match name {
                "(request-target)" => format!("{name}: post {}", self.target),
                name => format!("{name}: {}", self.get(name)),
            })
            .collect();
        let signature = STANDARD.encode(key.sign(text.join("\n").as_bytes()).expect("a signature"));
        let line = format!(r#"{params},headers="{covered}",signature="{signature}""#);
        self.set("signature", &line)
    }

    /// The same, signed anew after RFC 9421 over these components (in quotes, with blanks between them), with these
    /// parameters.
    ///
    /// # Panics
    /// Where it cannot be signed.
    #[must_use]
    pub fn sign_message(self, sign: impl Fn(&[u8]) -> Vec<u8>, covered: &str, params: &str) -> Self {
        let text: Vec<String> = covered
            .split(' ')
            .map(|quoted| {
                let value = match quoted.trim_matches('"') {
                    "@method" => "POST".to_owned(),
                    "@path" => self.target.clone(),
                    "@authority" => self.get("host").to_owned(),
                    "@target-uri" => format!("http://{}{}", self.get("host"), self.target),
                    name => self.get(name).to_owned(),
                };
                format!("{quoted}: {value}\n")
            })
            .collect();
        let input = format!("({covered}){params}");
        let text = format!("{}\"@signature-params\": {input}", text.concat());
        let signature = STANDARD.encode(sign(text.as_bytes()));
        self.set("signature-input", &format!("hand={input}")).set("signature", &format!("hand=:{signature}:"))
    }

    /// Sends it, and gives what comes back.
    ///
    /// # Panics
    /// Where nothing does.
    pub async fn send(&self, address: SocketAddr) -> Answered {
        let request = self.clone();
        tokio::task::spawn_blocking(move || request.exchange(address)).await.expect("an exchange")
    }

    /// Sends it, and gives the status and the header lines of what comes back.
    ///
    /// # Panics
    /// Where nothing does.
    pub async fn send_for_lines(&self, address: SocketAddr) -> (u16, String) {
        let request = self.clone();
        let answer = tokio::task::spawn_blocking(move || request.raw(address)).await.expect("an exchange");
        let lines = answer.split_once("\r\n\r\n").map_or("", |(lines, _)| lines);
        (status_of(&answer), lines.to_ascii_lowercase())
    }

    fn exchange(&self, address: SocketAddr) -> Answered {
        let answer = self.raw(address);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let code = problem.get("title").and_then(serde_json::Value::as_str).unwrap_or_default();
        (status_of(&answer), code.to_owned())
    }

    fn raw(&self, address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let mut lines = vec![format!("POST {} HTTP/1.1", self.target)];
        lines.extend(self.lines.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len()));
        let head = lines.join("\r\n");
        // A server may answer before it has read everything, and close.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&self.body));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}
