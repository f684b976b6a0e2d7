//! `clocher serve`, as a system runs it: instances that come and go, locks, signals, configuration.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

use program::{Server, clocher, init, run, until};
use std::fs;
use std::path::Path;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// What `serve` says on the standard error when it does not start.
fn refusal(data: &Path, variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = clocher(&["serve", "--listen", "127.0.0.1:0"]);
    let answer: program::Answer =
        command.env("CLOCHER_DATA", data).envs(variables.iter().copied()).output().unwrap().into();
    assert!(answer.out.is_empty());
    (answer.code, answer.err)
}

#[test]
fn an_instance_is_served_by_its_host_and_no_other() {
    let data = folder();
    init(data.path(), "a.localhost").json();
    let server = Server::start(data.path());
    let (status, page) = server.get("a.localhost", "/");
    assert_eq!(status, 200);
    assert!(page.contains("Lamastre"), "{page}");
    assert_eq!(server.status("A.Localhost:9999", "/"), 200);
    assert_eq!(server.status("b.localhost", "/"), 404);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.status("whatever", path), 200);
    }
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn an_instance_made_or_removed_while_serving_is_followed() {
    let data = folder();
    let server = Server::start(&data.path().join("later"));
    assert_eq!(server.status("a.localhost", "/"), 404);
    init(&data.path().join("later"), "a.localhost").json();
    until("the new instance is served", SOON, || server.status("a.localhost", "/") == 200);
    let domain = data.path().join("later/a.localhost");
    fs::rename(&domain, data.path().join("away")).unwrap();
    until("the removed instance is not served", SOON, || server.status("a.localhost", "/") == 404);
    fs::rename(data.path().join("away"), &domain).unwrap();
    until("the instance that is back is served", SOON, || server.status("a.localhost", "/") == 200);
    assert_eq!(server.end("-INT"), Some(0));
}

#[test]
fn a_second_server_of_the_same_data_is_refused() {
    let data = folder();
    init(data.path(), "a.fr").json();
    let first = Server::start(data.path());
    let (code, error) = refusal(data.path(), &[]);
    assert_eq!(code, 1);
    assert!(error.contains("a.fr"), "{error}");
    assert_eq!(first.end("-TERM"), Some(0));
    let second = Server::start(data.path());
    assert_eq!(second.status("a.fr", "/"), 200);
}

#[test]
fn commands_work_on_the_data_of_a_running_server() {
    let data = folder();
    init(data.path(), "a.localhost").json();
    let server = Server::start(data.path());
    assert_eq!(server.status("a.localhost", "/c/velo"), 404);
    assert_eq!(run(data.path(), &["community", "add", "velo"]).code, 0);
    assert_eq!(server.status("a.localhost", "/c/velo"), 200);
}

#[test]
fn an_address_in_use_is_told() {
    let data = folder();
    let server = Server::start(data.path());
    let answer = run(data.path(), &["serve", "--listen", &server.address]);
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains(&server.address), "{}", answer.err);
}

#[test]
fn the_environment_overrides_the_file_and_a_flag_the_environment() {
    let data = folder();
    fs::write(data.path().join("clocher.toml"), "[server]\nlisten = \"203.0.113.7:1\"\n").unwrap();
    let mut command = clocher(&["serve"]);
    let file: program::Answer = command.env("CLOCHER_DATA", data.path()).output().unwrap().into();
    assert!(file.err.contains("203.0.113.7:1"), "{}", file.err);
    let mut command = clocher(&["serve"]);
    command.env("CLOCHER_DATA", data.path()).env("CLOCHER_SERVER__LISTEN", "203.0.113.8:1");
    let environment: program::Answer = command.output().unwrap().into();
    assert!(environment.err.contains("203.0.113.8:1"), "{}", environment.err);
    let server = Server::start_with(data.path(), &[("CLOCHER_SERVER__LISTEN", "203.0.113.8:1")]);
    assert_eq!(server.status("a", "/healthz"), 200);
}

#[test]
fn the_environment_overrides_an_instance_only_where_it_is_alone() {
    let data = folder();
    init(data.path(), "a.fr").json();
    let list = |more: &[&str]| {
        let mut command = clocher(&[&["user", "list"], more].concat());
        command.env("CLOCHER_DATA", data.path()).env("CLOCHER_DATABASE__URL", "postgres://127.0.0.1:1/none");
        program::Answer::from(command.output().unwrap())
    };
    assert_eq!(list(&[]).code, 1, "it did not ask the other database");
    init(data.path(), "b.fr").json();
    assert_eq!(list(&["--instance", "a.fr"]).code, 0);
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one() {
    let data = folder();
    fs::write(data.path().join("clocher.toml"), "[server]\nlisen = \"127.0.0.1:0\"\n").unwrap();
    let (code, error) = refusal(data.path(), &[]);
    assert_eq!(code, 2);
    assert!(error.contains("clocher.toml:2") && error.contains("server.listen"), "{error}");
    let (code, error) = refusal(&data.path().join("other"), &[("CLOCHER_LOG__LEVL", "debug")]);
    assert_eq!(code, 2);
    assert!(error.contains("CLOCHER_LOG__LEVL") && error.contains("log.level"), "{error}");
}

#[test]
fn one_wrong_instance_does_not_keep_the_others_from_being_served() {
    let data = folder();
    init(data.path(), "a.fr").json();
    init(data.path(), "b.fr").json();
    let file = data.path().join("b.fr/instance.toml");
    fs::write(&file, "domain = \"b.fr\"\ncolour = \"red\"\n").unwrap();
    let server = Server::start(data.path());
    assert_eq!((server.status("a.fr", "/"), server.status("b.fr", "/")), (200, 404));
    fs::write(&file, "domain = \"b.fr\"\n").unwrap();
    until("the corrected instance is served", SOON, || server.status("b.fr", "/") == 200);
    assert_eq!(server.end("-TERM"), Some(0));
    fs::write(data.path().join("a.fr/instance.toml"), "domain = \"c.fr\"\n").unwrap();
    fs::write(&file, "domain = \"b.fr\"\ncolour = \"red\"\n").unwrap();
    let (code, error) = refusal(data.path(), &[]);
    assert_eq!(code, 1);
    assert!(error.contains("colour") && error.contains("c.fr"), "{error}");
}

#[test]
fn nothing_but_code_sets_test_hosts() {
    let data = folder();
    let (code, error) = refusal(data.path(), &[("CLOCHER_FEDERATION__TEST_HOSTS", "a.test:80")]);
    assert_eq!(code, 2);
    assert!(error.contains("CLOCHER_FEDERATION__TEST_HOSTS"), "{error}");
    for text in
        ["[federation]\ntest_hosts = [\"a.test\"]\n", "[[federation.test_hosts]]\nhost = \"a.test\"\n"]
    {
        fs::write(data.path().join("clocher.toml"), text).unwrap();
        let (code, error) = refusal(data.path(), &[]);
        assert_eq!(code, 2);
        assert!(error.contains("federation.test_hosts"), "{error}");
    }
    for flag in ["--test-hosts", "--test-host", "--federation-test-hosts"] {
        assert_eq!(run(data.path(), &["serve", flag, "a.test"]).code, 2);
        assert_eq!(run(data.path(), &["demo", flag, "a.test"]).code, 2);
    }
}

#[test]
fn serve_prints_json_when_asked() {
    use std::io::{BufRead, BufReader};
    let data = folder();
    init(data.path(), "a.fr").json();
    let mut command = clocher(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    let mut child =
        command.env("CLOCHER_DATA", data.path()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(said["address"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(said["instances"], serde_json::json!(["a.fr"]));
}

#[test]
fn links_are_proposed_and_accepted_beside_the_server_that_tells_the_other_end() {
    let data = folder();
    for domain in ["a.fr", "b.fr"] {
        init(data.path(), domain).json();
    }
    let _server = Server::start(data.path());
    let link = |instance: &str, arguments: &[&str]| {
        run(data.path(), &[&["link"], arguments, &["--instance", instance, "--json"]].concat())
    };
    let state = |instance: &str| {
        let list = link(instance, &["list", "lamastre"]).json();
        list[0]["state"].as_str().map(str::to_owned)
    };
    let unknown = link("a.fr", &["accept", "lamastre", "!lamastre@b.fr"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (1, ""));
    assert_eq!(link("a.fr", &["propose", "lamastre", "lamastre", "--as", "peer"]).code, 2);
    assert_eq!(link("a.fr", &["propose", "lamastre", "!lamastre@b.fr", "--as", "above"]).code, 2);
    let proposed = link("a.fr", &["propose", "lamastre", "!lamastre@b.fr", "--as", "lower"]).json();
    assert_eq!((&proposed["relation"], &proposed["state"]), (&"upper".into(), &"proposed".into()));
    let limit = Duration::from_secs(30);
    until("b.fr is asked", limit, || state("b.fr").as_deref() == Some("asked"));
    let accepted = link("b.fr", &["accept", "lamastre", "!lamastre@a.fr", "--accepts", "everything"]);
    assert_eq!(accepted.json()["state"], "active");
    until("a.fr hears of it", limit, || state("a.fr").as_deref() == Some("active"));
    let policy = ["policy", "lamastre", "!lamastre@b.fr", "--shares", "everything", "--accepts", "nothing"];
    link("a.fr", &policy).json();
    until("b.fr hears of it", limit, || {
        link("b.fr", &["list", "lamastre"]).json()[0]["other_shares"] == "everything"
    });
    link("b.fr", &["end", "lamastre", "!lamastre@a.fr", "--withdraw"]).json();
    until("a.fr hears of the end", limit, || state("a.fr").is_none());
    let journal = link("a.fr", &["journal", "lamastre"]).json();
    let events: Vec<_> =
        journal.as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["link_ended", "link_policy", "link_agreed", "link_proposed"]);
}
