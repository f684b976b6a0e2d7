//! The library part: several instances in one process, found by host, and an orderly end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::{App, Site, SystemClock};
use clocher_server::process::{Process, ProcessOptions, Running};
use clocher_storage::{Db, Location};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn app(folder: &Path, domain: &str) -> App {
    let db = Db::new(Location::Sqlite(folder.join(domain)));
    App::new(db, Site::new("http", domain), Arc::new(SystemClock))
}

fn serve(apps: impl IntoIterator<Item = App>) -> Running {
    let mut process = Process::new(ProcessOptions { threads: 1, ..ProcessOptions::default() }).unwrap();
    for app in apps {
        process.add(app, None);
    }
    process.serve(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

async fn get(client: &reqwest::Client, running: &Running, host: &str, path: &str) -> u16 {
    let url = format!("http://{}{path}", running.address());
    client.get(url).header("host", host).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_not_found_and_health_answers_at_any() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve([app(folder.path(), "alpha.test")]);
    let client = reqwest::Client::new();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(&client, &running, "anything.test", path).await, 200);
    }
    assert_eq!(get(&client, &running, "beta.test", "/").await, 404);
    running.add(app(folder.path(), "beta.test"), None);
    assert_eq!(running.served().domains(), ["alpha.test", "beta.test"]);
    running.remove("beta.test");
    assert_eq!(running.served().domains(), ["alpha.test"]);
    assert!(running.stop().await, "a worker died");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_does_not_delay_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve([app(folder.path(), "alpha.test")]);
    let client = reqwest::Client::new();
    assert_eq!(get(&client, &running, "alpha.test", "/healthz").await, 200);
    // Far below the five seconds that requests under way are given.
    tokio::time::timeout(Duration::from_secs(4), running.stop()).await.expect("an end without waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_hosts_or_none_is_refused() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let running = serve([app(folder.path(), "alpha.test")]);
    for head in [
        "GET / HTTP/1.1\r\nHost: alpha.test\r\nHost: beta.test\r\n",
        "GET http://beta.test/ HTTP/1.1\r\nHost: alpha.test\r\n",
        "GET / HTTP/1.1\r\n",
    ] {
        let mut stream = std::net::TcpStream::connect(running.address()).unwrap();
        write!(stream, "{head}Connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
    }
    assert!(running.stop().await, "a worker died");
}

/// A request whose body is not sent to its end yet.
fn half_a_request(running: &Running) -> std::net::TcpStream {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(running.address()).unwrap();
    write!(stream, "POST /inbox HTTP/1.1\r\nHost: alpha.test\r\nContent-Length: 4\r\n\r\n{{}}").unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_before_the_end() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let running = serve([app(folder.path(), "alpha.test")]);
    let mut stream = half_a_request(&running);
    let client = reqwest::Client::new();
    let ready = format!("http://{}/readyz", running.address());
    // The connection that is open already is the only one that is still answered.
    assert_eq!(client.get(&ready).send().await.unwrap().status(), 200);
    let stopped = tokio::spawn(running.stop());
    while client.get(&ready).send().await.unwrap().status() != 503 {}
    stream.write_all(b"  ").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer:?}");
    stopped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_does_not_keep_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        ProcessOptions { threads: 1, finish_within: Duration::from_millis(200), ..ProcessOptions::default() };
    let mut process = Process::new(options).unwrap();
    process.add(app(folder.path(), "alpha.test"), None);
    let running = process.serve(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    let _stream = half_a_request(&running);
    let client = reqwest::Client::new();
    assert_eq!(get(&client, &running, "alpha.test", "/healthz").await, 200);
    // It would be waited for without an end.
    tokio::time::timeout(Duration::from_mins(1), running.stop()).await.expect("an end");
}
