//! `WebFinger` and `NodeInfo`.

use clocher_domain::handle::Handle;
use serde_json::{Value, json};

use super::super::webfinger::{confirm, resolve};
use super::super::{FetchError, TestHosts, fetch_nodeinfo, read_handle};
use super::{NOW, Peer, http, reply, url};

const JRD: &str = "application/jrd+json";

fn jrd(subject: &str, actor: &str) -> String {
    json!({"subject": subject, "links": [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://example.org/"},
        {"rel": "self", "type": "text/html", "href": "https://example.org/"},
        {"rel": "self", "type": "application/activity+json", "href": actor},
    ]})
    .to_string()
}

fn handle(text: &str, http: &super::Http) -> Handle {
    read_handle(text, http.test_hosts()).unwrap()
}

#[test]
fn handles_are_read_in_their_usual_forms() {
    let hosts = TestHosts::default();
    for text in [
        "lea@Example.org",
        "@lea@example.org",
        "!lea@example.org",
        "acct:lea@example.org:443",
        " lea@example.org ",
    ] {
        assert_eq!(read_handle(text, &hosts).unwrap().to_string(), "lea@example.org", "{text}");
    }
    assert_eq!(read_handle("lea@example.org:8443", &hosts).unwrap().host, "example.org:8443");
    let wrong = [
        "",
        "lea",
        "@lea",
        "lea@",
        "@example.org",
        "lea@localhost",
        "lea@10.0.0.1",
        "lea@example.org/x",
        "l ea@example.org",
        "lea@a@example.org",
        "l\u{202e}ea@example.org",
        "lea@exam ple.org",
        "lea?x@example.org",
    ];
    for text in wrong {
        assert!(read_handle(text, &hosts).is_err(), "{text}");
    }
    assert!(read_handle(&format!("{}@example.org", "a".repeat(129)), &hosts).is_err());
}

#[tokio::test]
async fn a_handle_leads_to_its_actor() {
    let alpha =
        Peer::serving(|_| (200, JRD, jrd("acct:Lea@alpha.test:4000", "http://alpha.test:4000/u/lea")));
    let http = http([alpha.named("alpha.test", 4000)]);
    let found = resolve(&http, &handle("lea@alpha.test:4000", &http), NOW).await.unwrap();
    assert_eq!(found.actor.as_str(), "http://alpha.test:4000/u/lea");
    assert_eq!(found.handle.name, "Lea");
    assert_eq!(alpha.asked()[0].target, "/.well-known/webfinger?resource=acct%3Alea%40alpha.test%3A4000");
    assert_eq!(alpha.asked()[0].headers.get("signature"), None);
}

#[tokio::test]
async fn s61_another_subject_must_answer_for_itself() {
    let town = Peer::serving(|_| {
        (200, JRD, jrd("acct:mairie@social.test:4001", "http://social.test:4001/c/mairie"))
    });
    let social = Peer::serving(|_| {
        (200, JRD, jrd("acct:mairie@social.test:4001", "http://social.test:4001/c/mairie"))
    });
    let impostor =
        Peer::serving(|_| (200, JRD, jrd("acct:mairie@social.test:4001", "http://impostor.test:4666/u/x")));
    let lost = Peer::serving(|_| (200, JRD, jrd("acct:a@town.test:4000", "http://impostor.test:4666/u/x")));
    let http = http([
        town.named("town.test", 4000),
        social.named("social.test", 4001),
        impostor.named("impostor.test", 4666),
        lost.named("lost.test", 4002),
    ]);
    for text in ["mairie@town.test:4000", "x@impostor.test:4666"] {
        let found = resolve(&http, &handle(text, &http), NOW).await.unwrap();
        assert_eq!(found.handle.to_string(), "mairie@social.test:4001", "{text}");
        assert_eq!(found.actor.as_str(), "http://social.test:4001/c/mairie", "{text}");
    }
    let outcome = resolve(&http, &handle("b@lost.test:4002", &http), NOW).await;
    assert_eq!(outcome, Err(FetchError::IdMismatch));
}

#[tokio::test]
async fn s11_answers_that_lead_to_forbidden_places_or_nowhere_are_refused() {
    let alpha = Peer::start(|asked, stream| {
        let name = asked.target.split("acct%3A").nth(1).unwrap().split('%').next().unwrap();
        let own = format!("acct:{name}@alpha.test:4000");
        let body = match name {
            "data" => jrd(&own, "data:application/json,{}"),
            "file" => jrd(&own, "file:///etc/passwd"),
            "plain" => jrd(&own, "http://example.org/u/x"),
            "private" => jrd(&own, "https://169.254.169.254/"),
            "nosubject" => json!({"links": []}).to_string(),
            "nolinks" => json!({"subject": own}).to_string(),
            "noself" => {
                json!({"subject": own, "links": [{"rel": "self", "type": "text/html", "href": "x"}, 1]})
                    .to_string()
            }
            "large" => format!("{{\"subject\":\"{}\"}}", "a".repeat(70_000)),
            "urlsubject" => jrd("https://alpha.test/u/x", "http://alpha.test:4000/u/x"),
            "redirect" => return reply(stream, 302, &[("location", "https://127.0.0.1/")], b""),
            "downgrade" => return reply(stream, 302, &[("location", "http://example.org/")], b""),
            "loop" => return reply(stream, 302, &[("location", &asked.target)], b""),
            _ => return reply(stream, 200, &[("content-type", "text/html")], b"{}"),
        };
        reply(stream, 200, &[("content-type", JRD)], body.as_bytes());
    });
    let http = http([alpha.named("alpha.test", 4000)]);
    for (name, code) in [
        ("data", "url_scheme"),
        ("file", "url_scheme"),
        ("plain", "url_scheme"),
        ("private", "url_host"),
        ("nosubject", "fetch_lacks"),
        ("nolinks", "fetch_lacks"),
        ("noself", "fetch_lacks"),
        ("large", "fetch_too_large"),
        ("urlsubject", "fetch_lacks"),
        ("redirect", "url_host"),
        ("downgrade", "url_scheme"),
        ("loop", "fetch_redirect"),
        ("html", "fetch_content_type"),
    ] {
        let outcome = resolve(&http, &handle(&format!("{name}@alpha.test:4000"), &http), NOW).await;
        assert_eq!(outcome.unwrap_err().code(), code, "{name}");
    }
}

#[tokio::test]
async fn s61_an_actor_bears_a_handle_only_if_that_handle_leads_back() {
    // alpha knows mairie only as its own; beta's actor claims to be mairie@alpha.
    let alpha =
        Peer::serving(|_| (200, JRD, jrd("acct:mairie@alpha.test:4000", "http://alpha.test:4000/c/mairie")));
    let beta =
        Peer::serving(|_| (200, JRD, jrd("acct:mairie@alpha.test:4000", "http://beta.test:4001/u/mairie")));
    let silent = Peer::serving(|_| (404, JRD, String::new()));
    let http = http([
        alpha.named("alpha.test", 4000),
        beta.named("beta.test", 4001),
        silent.named("silent.test", 4002),
    ]);
    let ask = async |id: &str, claimed: Option<&str>| {
        let found = confirm(&http, &url(id), "mairie", claimed, NOW).await.unwrap();
        (found.handle.to_string(), found.confirmed)
    };
    let genuine = ("mairie@alpha.test:4000".to_owned(), true);
    assert_eq!(ask("http://alpha.test:4000/c/mairie", None).await, genuine);
    assert_eq!(ask("http://alpha.test:4000/c/mairie", Some("mairie@alpha.test:4000")).await, genuine);
    let doubtful = ("mairie@beta.test:4001".to_owned(), false);
    assert_eq!(ask("http://beta.test:4001/u/mairie", Some("mairie@alpha.test:4000")).await, doubtful);
    assert_eq!(ask("http://beta.test:4001/u/mairie", None).await, doubtful);
    let unknown = ("mairie@silent.test:4002".to_owned(), false);
    assert_eq!(ask("http://silent.test:4002/u/mairie", None).await, unknown);
    assert!(confirm(&http, &url("http://beta.test:4001/u/x"), "a b", None, NOW).await.is_err());
}

#[tokio::test]
async fn a_host_with_a_separate_web_name_is_confirmed() {
    // town.test gives out handles for actors that live on social.test.
    let answer = |_: &str| (200, JRD, jrd("acct:mairie@town.test:4000", "http://social.test:4001/c/mairie"));
    let (town, social) = (Peer::serving(answer), Peer::serving(answer));
    let http = http([town.named("town.test", 4000), social.named("social.test", 4001)]);
    for claimed in [None, Some("mairie@town.test:4000")] {
        let found =
            confirm(&http, &url("http://social.test:4001/c/mairie"), "mairie", claimed, NOW).await.unwrap();
        assert_eq!((found.handle.to_string().as_str(), found.confirmed), ("mairie@town.test:4000", true));
    }
}

fn nodeinfo_peer(href: &'static str, document: Value) -> Peer {
    Peer::serving(move |target| match target {
        "/.well-known/nodeinfo" => {
            let links = json!({"links": [
                {"rel": "http://nodeinfo.diaspora.software/ns/schema/1.0", "href": "https://example.org/"},
                {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": href},
            ]});
            (200, "application/json", links.to_string())
        }
        _ => (200, "application/json; profile=\"x\"", document.to_string()),
    })
}

#[tokio::test]
async fn a_host_says_which_software_it_runs() {
    let document = json!({"software": {"name": "Lemmy", "version": "1.0.0\n<b>"}});
    let alpha = nodeinfo_peer("http://alpha.test:4000/nodeinfo/2.0", document);
    let found =
        fetch_nodeinfo(&http([alpha.named("alpha.test", 4000)]), "alpha.test:4000", NOW).await.unwrap();
    assert_eq!(
        (found.software_name.as_str(), found.version.as_str(), found.clocher),
        ("lemmy", "1.0.0<b>", false)
    );

    let document = json!({"software": {"name": "clocher", "version": "9".repeat(1000)}});
    let alpha = nodeinfo_peer("http://alpha.test:4000/nodeinfo/2.0", document);
    let found =
        fetch_nodeinfo(&http([alpha.named("alpha.test", 4000)]), "alpha.test:4000", NOW).await.unwrap();
    assert!(found.clocher && found.version.len() == 64);

    let document = json!({"software": {"name": "beffroi"}, "metadata": {"generator": "Clocher"}});
    let alpha = nodeinfo_peer("http://alpha.test:4000/nodeinfo/2.0", document);
    let found =
        fetch_nodeinfo(&http([alpha.named("alpha.test", 4000)]), "alpha.test:4000", NOW).await.unwrap();
    assert!(found.clocher && found.version.is_empty());
}

#[tokio::test]
async fn s12_nodeinfo_that_points_elsewhere_is_refused() {
    for (href, code) in [
        ("data:application/json,{}", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("http://169.254.169.254/", "url_scheme"),
        ("https://169.254.169.254/", "url_host"),
        ("https://example.org/nodeinfo/2.0", "fetch_id"),
        ("http://beta.test:4001/nodeinfo/2.0", "fetch_id"),
        ("http://alpha.test:4001/nodeinfo/2.0", "fetch_id"),
    ] {
        let alpha = nodeinfo_peer(href, json!({"software": {"name": "lemmy"}}));
        let hosts = [
            alpha.named("alpha.test", 4000),
            alpha.named("beta.test", 4001),
            alpha.named("alpha.test", 4001),
        ];
        let outcome = fetch_nodeinfo(&http(hosts), "alpha.test:4000", NOW).await;
        assert_eq!(outcome.unwrap_err().code(), code, "{href}");
        assert_eq!(alpha.asked().len(), 1, "{href}");
    }
}
