//! The real binary, run in an environment of its own.
//!
//! Waits on conditions within a limit, never for a time.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A call of the binary, without any variable of ours.
pub fn clocher(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clocher"));
    command.env_clear().env("LC_ALL", "C").args(arguments).stdin(Stdio::null());
    command
}

/// Runs it on a data folder.
pub fn run(data: &Path, arguments: &[&str]) -> Answer {
    clocher(arguments).env("CLOCHER_DATA", data).output().unwrap().into()
}

/// Runs it without one.
pub fn run_alone(arguments: &[&str]) -> Answer {
    clocher(arguments).output().unwrap().into()
}

/// Makes an instance of Lamastre.
pub fn init(data: &Path, domain: &str) -> Answer {
    let admin = ["--admin", "elodie@example.fr"];
    run(data, &[&["init", "--commune", "07129", "--domain", domain, "--json"], &admin[..]].concat())
}

/// Tries until it holds.
pub fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A server, ended when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    /// Starts one on a port of the system's choice, and waits until it says where.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = clocher(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("CLOCHER_DATA", data).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("it said {line:?}"));
        Self { address: address.to_owned(), child }
    }

    /// The status and the body of an answer.
    pub fn get(&self, host: &str, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no status in {answer:?}")), answer)
    }

    pub fn status(&self, host: &str, path: &str) -> u16 {
        self.get(host, path).0
    }

    /// Sends a signal, and gives the exit code once it has ended.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut ended = None;
        until("the server ends", Duration::from_secs(15), || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
