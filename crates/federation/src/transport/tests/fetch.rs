//! Documents and their ids: an impostor gains nothing.

use serde_json::json;

use super::super::{AddressError, CollectionLimits, FetchError, JsonError, fetch_collection, fetch_document};
use super::{NOW, Peer, http, reply, url};

const AS2: &str = "application/activity+json";

fn note(id: &str, content: &str) -> String {
    json!({"id": id, "type": "Note", "content": content}).to_string()
}

#[tokio::test]
async fn a_document_under_its_own_id_is_taken() {
    let alpha = Peer::serving(|_| (200, AS2, note("http://alpha.test:4000/x", "hello")));
    let http = http([alpha.named("alpha.test", 4000)]);
    let document = fetch_document(&http, &url("http://alpha.test:4000/x#part"), None, NOW).await.unwrap();
    assert_eq!(document.id.as_str(), "http://alpha.test:4000/x");
    assert_eq!(document.json["content"], "hello");
    assert_eq!(alpha.asked().len(), 1);
}

#[tokio::test]
async fn s01_anothers_object_is_taken_from_its_own_server_and_never_from_the_impostor() {
    let beta = Peer::serving(|_| (200, AS2, note("http://beta.test:4001/y", "genuine")));
    let impostor = Peer::serving(|_| (200, AS2, note("http://beta.test:4001/y", "forged")));
    let http = http([beta.named("beta.test", 4001), impostor.named("impostor.test", 4666)]);
    let document = fetch_document(&http, &url("http://impostor.test:4666/x"), None, NOW).await.unwrap();
    assert_eq!(document.json["content"], "genuine");
    assert_eq!((impostor.asked().len(), beta.asked().len()), (1, 1));
    assert_eq!(beta.asked()[0].target, "/y");
}

#[tokio::test]
async fn another_port_of_the_same_name_is_another_server() {
    let real = Peer::serving(|_| (200, AS2, note("http://alpha.test:4000/x", "genuine")));
    let impostor = Peer::serving(|_| (200, AS2, note("http://alpha.test:4000/x", "forged")));
    let http = http([real.named("alpha.test", 4000), impostor.named("alpha.test", 4666)]);
    let document = fetch_document(&http, &url("http://alpha.test:4666/x"), None, NOW).await.unwrap();
    assert_eq!(document.json["content"], "genuine");
    assert_eq!(real.asked().len(), 1);
}

#[tokio::test]
async fn s01_two_servers_that_name_each_other_get_nowhere() {
    let alpha = Peer::serving(|_| (200, AS2, note("http://beta.test:4001/y", "a")));
    let beta = Peer::serving(|_| (200, AS2, note("http://alpha.test:4000/x", "b")));
    let http = http([alpha.named("alpha.test", 4000), beta.named("beta.test", 4001)]);
    let outcome = fetch_document(&http, &url("http://alpha.test:4000/x"), None, NOW).await;
    assert_eq!(outcome, Err(FetchError::IdMismatch));
    assert_eq!(alpha.asked().len() + beta.asked().len(), 2);
}

#[tokio::test]
async fn s08_an_alias_is_followed_once_to_the_id() {
    let alpha = Peer::serving(|target| match target {
        "/@lea" => (200, AS2, note("http://alpha.test:4000/u/lea", "page")),
        "/u/lea" => (200, AS2, note("http://alpha.test:4000/u/lea", "actor")),
        farther => (200, AS2, note(&format!("http://alpha.test:4000{farther}x"), "never")),
    });
    let http = http([alpha.named("alpha.test", 4000)]);
    let document = fetch_document(&http, &url("http://alpha.test:4000/@lea"), None, NOW).await.unwrap();
    assert_eq!(document.json["content"], "actor");
    let outcome = fetch_document(&http, &url("http://alpha.test:4000/loop"), None, NOW).await;
    assert_eq!(outcome, Err(FetchError::IdMismatch));
}

#[tokio::test]
async fn s04_s08_a_redirected_actor_is_who_the_last_server_says() {
    let beta = Peer::serving(|_| (200, AS2, note("http://beta.test:4001/u/bob", "bob")));
    let alpha = Peer::start(|_, stream| {
        reply(stream, 302, &[("location", "http://beta.test:4001/u/bob")], b"");
    });
    let http = http([alpha.named("alpha.test", 4000), beta.named("beta.test", 4001)]);
    let document = fetch_document(&http, &url("http://alpha.test:4000/u/lea"), None, NOW).await.unwrap();
    assert_eq!(document.id.as_str(), "http://beta.test:4001/u/bob");

    // The other way round: alpha's id, served by beta after a redirect, is asked of alpha again.
    let liar = Peer::serving(|_| (200, AS2, note("http://alpha.test:4000/u/lea", "forged")));
    let http = super::http([alpha.named("alpha.test", 4000), liar.named("beta.test", 4001)]);
    let outcome = fetch_document(&http, &url("http://alpha.test:4000/u/lea"), None, NOW).await;
    assert_eq!(outcome, Err(FetchError::IdMismatch));
}

#[tokio::test]
async fn gone_is_told_from_other_failures_and_only_by_the_objects_own_server() {
    let alpha = Peer::serving(|target| match target {
        "/404" => (404, AS2, String::new()),
        "/410" => (410, AS2, String::new()),
        "/tombstone" => {
            (200, AS2, json!({"id": "http://alpha.test:4000/tombstone", "type": ["Tombstone"]}).to_string())
        }
        "/rumour" => (200, AS2, json!({"id": "http://beta.test:4001/y", "type": "Tombstone"}).to_string()),
        _ => (503, AS2, String::new()),
    });
    let beta = Peer::serving(|_| (200, AS2, note("http://beta.test:4001/y", "alive")));
    let http = http([alpha.named("alpha.test", 4000), beta.named("beta.test", 4001)]);
    let fetch = async |target: &str| {
        fetch_document(&http, &url(&format!("http://alpha.test:4000{target}")), None, NOW).await
    };
    assert_eq!(fetch("/404").await, Err(FetchError::Gone(404)));
    assert_eq!(fetch("/410").await, Err(FetchError::Gone(410)));
    assert_eq!(fetch("/tombstone").await, Err(FetchError::Gone(200)));
    assert_eq!(fetch("/503").await, Err(FetchError::Status(503)));
    assert_eq!(fetch("/rumour").await.unwrap().json["content"], "alive");
}

#[tokio::test]
async fn a_document_without_a_usable_id_or_strict_json_is_refused() {
    let alpha = Peer::serving(|target| {
        let body = match target {
            "/none" => "{}",
            "/null" => r#"{"id":null}"#,
            "/number" => r#"{"id":1}"#,
            "/relative" => r#"{"id":"/x"}"#,
            "/array" => "[]",
            "/private" => r#"{"id":"https://10.0.0.1/x"}"#,
            "/twice" => r#"{"id":"http://alpha.test:4000/twice","id":"http://beta.test:4001/x"}"#,
            "/blank" => r#"{"id":" http://alpha.test:4000/blank"}"#,
            _ => "<html>",
        };
        (200, AS2, body.to_owned())
    });
    let http = http([alpha.named("alpha.test", 4000)]);
    for (target, why) in [
        ("/none", FetchError::NoId),
        ("/null", FetchError::NoId),
        ("/number", FetchError::NoId),
        ("/relative", FetchError::NoId),
        ("/array", FetchError::NoId),
        ("/blank", FetchError::NoId),
        ("/private", FetchError::Address(AddressError::Host)),
        ("/twice", FetchError::Json(JsonError::DuplicateKey)),
        ("/html", FetchError::Json(JsonError::Malformed)),
    ] {
        let url = url(&format!("http://alpha.test:4000{target}"));
        assert_eq!(fetch_document(&http, &url, None, NOW).await, Err(why), "{target}");
    }
}

#[tokio::test]
async fn s56_a_collection_is_walked_within_bounds() {
    let alpha = Peer::serving(|target| {
        let id = format!("http://alpha.test:4000{target}");
        let first =
            |next: &str| json!({"id": id, "type": "Collection", "totalItems": 1_000_000_000, "first": next});
        let body = match target {
            "/plain" => json!({"id": id, "first": {"items": ["a"], "next": "http://alpha.test:4000/last"}}),
            "/last" => json!({"id": id, "orderedItems": ["b", "c"], "next": null}),
            "/loop" => first("http://alpha.test:4000/self"),
            "/self" => json!({"id": id, "items": ["a"], "next": id}),
            "/away" => first("http://beta.test:4001/page"),
            "/port" => first("http://alpha.test:4001/page"),
            "/huge" => json!({"id": id, "items": vec!["a"; 5000]}),
            "/endless" => first("http://alpha.test:4000/page/0"),
            page => {
                let number: usize = page.rsplit('/').next().unwrap().parse().unwrap();
                json!({"items": [number], "next": format!("http://alpha.test:4000/page/{}", number + 1)})
            }
        };
        (200, AS2, body.to_string())
    });
    let beta = Peer::serving(|_| (200, AS2, json!({"items": ["x"]}).to_string()));
    let http = http([
        alpha.named("alpha.test", 4000),
        beta.named("beta.test", 4001),
        beta.named("alpha.test", 4001),
    ]);
    for (name, count, complete) in [
        ("/plain", 3, true),
        ("/loop", 1, false),
        ("/away", 0, false),
        ("/port", 0, false),
        ("/huge", 1000, false),
        ("/endless", 10, false),
    ] {
        let start = url(&format!("http://alpha.test:4000{name}"));
        let found = fetch_collection(&http, &start, None, CollectionLimits::default(), NOW).await.unwrap();
        assert_eq!((found.items.len(), found.complete), (count, complete), "{name}");
    }
    assert!(beta.asked().is_empty());
}
