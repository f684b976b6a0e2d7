//! The client against servers that mean no good.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::{
    Accept, AddressError, FetchError, Http, IncomingSignature, Limits, PublicKey, TestHosts, Verdict,
};
use super::{KEY, NOW, Peer, hasty, http, reply, signer, url};

const AS2: &str = "application/activity+json";

async fn get(http: &Http, target: &str) -> Result<Bytes, FetchError> {
    let url = url(&format!("http://alpha.test:4000{target}"));
    http.get_json(&url, Accept::Activity, Some(&signer()), NOW).await.map(|fetched| fetched.body)
}

#[tokio::test]
async fn a_signed_get_names_its_host_and_verifies() {
    let peer = Peer::serving(|_| (200, AS2, "{}".to_owned()));
    let http = http([peer.named("alpha.test", 4000)]);
    assert_eq!(get(&http, "/actor?page=1").await.unwrap(), "{}");
    let asked = &peer.asked()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/actor?page=1"));
    assert_eq!(asked.headers.get("host"), Some("alpha.test:4000"));
    let agent = asked.headers.get("user-agent").unwrap();
    assert!(agent.starts_with("Clocher/") && agent.ends_with(" (+http://alpha.test:4000/)"), "{agent}");
    assert_eq!(asked.headers.get_all("accept").count(), 1);
    let parsed =
        IncomingSignature::parse("GET", &asked.target, &asked.headers, NOW, "http://alpha.test:4000")
            .unwrap();
    parsed.check_body(b"").unwrap().verify(&PublicKey::from_pem(KEY.public_pem()).unwrap()).unwrap();
}

#[tokio::test]
async fn a_signed_post_verifies_and_its_status_is_told() {
    let peer = Peer::start(|_, stream| reply(stream, 429, &[("retry-after", "120")], b"slow down"));
    let http = http([peer.named("alpha.test", 4000)]);
    let inbox = url("http://alpha.test:4000/inbox");
    let outcome = http.post(&inbox, Bytes::from_static(b"{}"), &signer(), NOW).await.unwrap();
    assert_eq!((outcome.status, outcome.retry_after), (429, Some(120)));
    assert_eq!((outcome.verdict(), outcome.body_head.as_ref()), (Verdict::Retry, &b"slow down"[..]));
    let asked = &peer.asked()[0];
    assert_eq!(asked.body, b"{}");
    assert_eq!(asked.headers.get("content-type"), Some(AS2));
    let parsed =
        IncomingSignature::parse("POST", "/inbox", &asked.headers, NOW, "http://alpha.test:4000").unwrap();
    parsed.check_body(&asked.body).unwrap().verify(&PublicKey::from_pem(KEY.public_pem()).unwrap()).unwrap();
}

#[tokio::test]
async fn outcomes_of_a_post_are_read_by_status_and_by_mobilizons_habit() {
    let peer = Peer::start(|asked, stream| {
        let status = asked.target.trim_start_matches('/').split('/').next().unwrap().parse().unwrap();
        let body: &[u8] = if asked.target.ends_with("/error") { b"\"error\"\n" } else { b"ok" };
        reply(
            stream,
            status,
            &[("location", "http://alpha.test:4000/200"), ("retry-after", "Mon, 23 Nov 2026 12:01:00 GMT")],
            body,
        );
    });
    let http = http([peer.named("alpha.test", 4000)]);
    let cases = [
        ("/200", Verdict::Delivered),
        ("/202", Verdict::Delivered),
        ("/200/error", Verdict::Refused),
        ("/302", Verdict::Refused),
        ("/307", Verdict::Refused),
        ("/400", Verdict::Refused),
        ("/401", Verdict::Unverified),
        ("/404", Verdict::Refused),
        ("/408", Verdict::Retry),
        ("/410", Verdict::Gone),
        ("/500", Verdict::Retry),
        ("/503", Verdict::Retry),
    ];
    for (target, verdict) in cases {
        let inbox = url(&format!("http://alpha.test:4000{target}"));
        let outcome = http.post(&inbox, Bytes::from_static(b"{}"), &signer(), NOW).await.unwrap();
        assert_eq!(outcome.verdict(), verdict, "{target}");
        assert_eq!(outcome.retry_after, Some(60));
    }
    assert_eq!(peer.asked().len(), cases.len(), "a redirect of a POST was followed");
}

#[tokio::test]
async fn s18_a_server_that_drips_is_cut_off_by_the_deadline() {
    let peer = Peer::start(|asked, stream| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {AS2}\r\ncontent-length: 100000\r\n\r\n");
        drip(stream, asked.target == "/inbox");
    });
    let http = hasty([peer.named("alpha.test", 4000)]);
    assert_eq!(get(&http, "/drip").await, Err(FetchError::Timeout));
    // The status of a delivery counts even if its body never ends.
    let inbox = url("http://alpha.test:4000/inbox");
    let outcome = http.post(&inbox, Bytes::from_static(b"{}"), &signer(), NOW).await.unwrap();
    assert_eq!(outcome.verdict(), Verdict::Delivered);
}

#[tokio::test]
async fn s18_a_server_that_drips_its_headers_or_says_nothing_is_cut_off() {
    let peer = Peer::start(|asked, stream| {
        if asked.target == "/headers" {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ");
        }
        drip(stream, asked.target == "/headers");
    });
    let http = hasty([peer.named("alpha.test", 4000)]);
    for target in ["/headers", "/silence"] {
        assert_eq!(get(&http, target).await, Err(FetchError::Timeout), "{target}");
    }
    let inbox = url("http://alpha.test:4000/silence");
    let outcome = http.post(&inbox, Bytes::from_static(b"{}"), &signer(), NOW).await;
    assert_eq!(outcome.unwrap_err(), FetchError::Timeout);
}

/// Writes a byte every 20 ms, or nothing, until the other side hangs up or a second has gone.
fn drip(stream: &mut TcpStream, loud: bool) {
    for _ in 0..50 {
        std::thread::sleep(Duration::from_millis(20));
        if loud && stream.write_all(b" ").is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn s18_a_redirect_chain_cannot_outlast_the_deadline() {
    let peer = Peer::start(|_, stream| {
        std::thread::sleep(Duration::from_millis(150));
        reply(stream, 302, &[("location", "/again")], b"");
    });
    assert_eq!(get(&hasty([peer.named("alpha.test", 4000)]), "/").await, Err(FetchError::Timeout));
}

#[tokio::test]
async fn s60_a_body_over_the_limit_is_refused_whether_announced_streamed_or_compressed() {
    let peer = Peer::start(|asked, stream| match asked.target.as_str() {
        "/announced" => {
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {AS2}\r\ncontent-length: 1048577\r\n\r\n");
        }
        "/streamed" => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {AS2}\r\nconnection: close\r\n\r\n");
            let chunk = vec![b' '; 64 * 1024];
            while stream.write_all(&chunk).is_ok() {}
        }
        "/compressed" => {
            let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
            for _ in 0..64 {
                bomb.write_all(&vec![b' '; 1024 * 1024]).unwrap();
            }
            let bomb = bomb.finish().unwrap();
            assert!(bomb.len() < 100_000);
            reply(stream, 200, &[("content-type", AS2), ("content-encoding", "gzip")], &bomb);
        }
        "/small" => {
            let mut small = GzEncoder::new(Vec::new(), Compression::best());
            small.write_all(b"{\"id\":1}").unwrap();
            reply(
                stream,
                200,
                &[("content-type", AS2), ("content-encoding", "gzip")],
                &small.finish().unwrap(),
            );
        }
        _ => reply(stream, 200, &[("content-type", AS2), ("content-encoding", "gzip")], b"not gzip"),
    });
    let http = http([peer.named("alpha.test", 4000)]);
    for target in ["/announced", "/streamed", "/compressed"] {
        assert_eq!(get(&http, target).await, Err(FetchError::TooLarge), "{target}");
    }
    assert_eq!(get(&http, "/small").await.unwrap(), "{\"id\":1}");
    assert_eq!(get(&http, "/broken").await, Err(FetchError::Broken));
}

#[tokio::test]
async fn the_answer_to_a_post_is_kept_up_to_its_limit() {
    let peer = Peer::start(|_, stream| reply(stream, 200, &[], &vec![b'x'; 1024 * 1024]));
    let http = http([peer.named("alpha.test", 4000)]);
    let inbox = url("http://alpha.test:4000/inbox");
    let outcome = http.post(&inbox, Bytes::from_static(b"{}"), &signer(), NOW).await.unwrap();
    assert_eq!(outcome.body_head.len(), 64 * 1024);
}

#[tokio::test]
async fn three_redirects_are_followed_and_each_is_signed_anew() {
    let peer = Peer::start(|asked, stream| match asked.target.as_str() {
        "/4" => reply(stream, 301, &[("location", "http://alpha.test:4000/3")], b""),
        "/3" => reply(stream, 302, &[("location", "/2")], b""),
        "/2" => reply(stream, 307, &[("location", "1#fragment")], b""),
        "/1" => reply(stream, 308, &[("location", "?x")], b""),
        _ => reply(stream, 200, &[("content-type", AS2)], b"{}"),
    });
    let http = http([peer.named("alpha.test", 4000)]);
    let start = url("http://alpha.test:4000/3#main-key");
    let fetched = http.get_json(&start, Accept::Activity, Some(&signer()), NOW).await.unwrap();
    assert_eq!(fetched.final_url.as_str(), "http://alpha.test:4000/1?x");
    let key = PublicKey::from_pem(KEY.public_pem()).unwrap();
    for asked in peer.asked() {
        let parsed =
            IncomingSignature::parse("GET", &asked.target, &asked.headers, NOW, "http://alpha.test:4000")
                .unwrap();
        parsed.check_body(b"").unwrap().verify(&key).unwrap();
    }
    assert_eq!(get(&http, "/4").await, Err(FetchError::TooManyRedirects));
}

#[tokio::test]
async fn a_redirect_loop_ends_after_three() {
    let peer = Peer::start(|_, stream| reply(stream, 302, &[("location", "/loop")], b""));
    let http = http([peer.named("alpha.test", 4000)]);
    assert_eq!(get(&http, "/loop").await, Err(FetchError::TooManyRedirects));
    assert_eq!(peer.asked().len(), 4);
}

#[tokio::test]
async fn a_redirect_to_a_place_that_is_not_asked_is_refused() {
    let peer = Peer::start(|asked, stream| {
        let place = percent_encoding::percent_decode_str(&asked.target[1..]).decode_utf8().unwrap();
        let places: Vec<_> = place.split('|').map(|place| ("location", place)).collect();
        reply(stream, 302, &places, b"");
    });
    let secret = Peer::serving(|_| (200, AS2, "{}".to_owned()));
    let http = http([peer.named("alpha.test", 4000)]);
    let port = secret.address.port();
    let cases = [
        (format!("http://127.0.0.1:{port}/"), FetchError::Address(AddressError::Scheme)),
        (format!("https://127.0.0.1:{port}/"), FetchError::Address(AddressError::Host)),
        (format!("https://localhost:{port}/"), FetchError::Address(AddressError::Host)),
        (format!("http://alpha.test:{port}/"), FetchError::Address(AddressError::TestHost)),
        ("https://10.0.0.1/".to_owned(), FetchError::Address(AddressError::Host)),
        ("https://169.254.169.254/latest".to_owned(), FetchError::Address(AddressError::Host)),
        ("http://example.org/".to_owned(), FetchError::Address(AddressError::Scheme)),
        ("file:///etc/passwd".to_owned(), FetchError::Address(AddressError::Scheme)),
        ("https://a@example.org/".to_owned(), FetchError::Address(AddressError::UserInfo)),
        ("https://exa mple.org/".to_owned(), FetchError::BadRedirect),
        ("\\\\127.0.0.1/".to_owned(), FetchError::BadRedirect),
        (String::new(), FetchError::BadRedirect),
        ("/a|/b".to_owned(), FetchError::BadRedirect),
    ];
    for (place, why) in cases {
        let target = percent_encoding::utf8_percent_encode(&place, percent_encoding::NON_ALPHANUMERIC);
        assert_eq!(get(&http, &format!("/{target}")).await, Err(why), "{place}");
    }
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn a_place_that_is_not_asked_is_not_asked_directly_either() {
    let secret = Peer::serving(|_| (200, AS2, "{}".to_owned()));
    let http = http([]);
    for text in [format!("http://{}/", secret.address), format!("https://{}/", secret.address)] {
        let url = url(&text);
        assert!(matches!(
            http.get_json(&url, Accept::Activity, None, NOW).await,
            Err(FetchError::Address(_))
        ));
        assert!(matches!(http.post(&url, Bytes::new(), &signer(), NOW).await, Err(FetchError::Address(_))));
    }
    assert!(secret.asked().is_empty());
}

#[tokio::test]
async fn s02_only_the_right_content_type_is_believed() {
    let peer = Peer::start(|asked, stream| {
        let kind = percent_encoding::percent_decode_str(&asked.target[1..]).decode_utf8().unwrap();
        let kinds: Vec<_> = kind.split('|').map(|kind| ("content-type", kind)).collect();
        reply(stream, 200, if kind == "-" { &[] } else { &kinds }, b"{}");
    });
    let http = http([peer.named("alpha.test", 4000)]);
    let profile = "\"https://www.w3.org/ns/activitystreams\"";
    let cases = [
        (AS2.to_owned(), true),
        ("Application/Activity+JSON; charset=utf-8".to_owned(), true),
        (format!("application/ld+json; profile={profile}"), true),
        (format!("APPLICATION/LD+JSON;charset=utf-8;PROFILE={profile}"), true),
        ("application/ld+json; profile=https://www.w3.org/ns/activitystreams".to_owned(), true),
        ("application/ld+json".to_owned(), false),
        ("application/ld+json; profile=\"https://example.org/\"".to_owned(), false),
        ("application/json".to_owned(), false),
        ("text/plain".to_owned(), false),
        ("text/html; charset=utf-8".to_owned(), false),
        ("application/octet-stream".to_owned(), false),
        ("application/activity+json-seq".to_owned(), false),
        (format!("{AS2}|text/html"), false),
        (format!("text/html, {AS2}"), false),
        ("-".to_owned(), false),
    ];
    for (kind, believed) in cases {
        let target = percent_encoding::utf8_percent_encode(&kind, percent_encoding::NON_ALPHANUMERIC);
        let answer = get(&http, &format!("/{target}")).await;
        assert_eq!(answer.is_ok(), believed, "{kind}");
        assert!(believed || answer == Err(FetchError::ContentType), "{kind}");
    }
    assert!(Accept::WebFinger.takes("application/jrd+json; charset=utf-8"));
    assert!(!Accept::WebFinger.takes(AS2));
    assert!(
        Accept::NodeInfo
            .takes("application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\"")
    );
    assert!(!Accept::NodeInfo.takes("text/html"));
}

#[tokio::test]
async fn errors_say_whether_to_come_back() {
    let peer = Peer::start(|asked, stream| {
        let status = asked.target[1..].parse().unwrap();
        reply(stream, status, &[("content-type", AS2)], b"{}");
    });
    let http = http([peer.named("alpha.test", 4000)]);
    for (status, gone, transient) in [
        (401, false, false),
        (403, false, false),
        (404, true, false),
        (410, true, false),
        (408, false, true),
        (429, false, true),
        (500, false, true),
        (503, false, true),
        (204, false, false),
    ] {
        let error = get(&http, &format!("/{status}")).await.unwrap_err();
        assert_eq!((error.is_gone(), error.is_transient()), (gone, transient), "{status}");
    }
    // Nobody listens there any more.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = super::TestHost { address, ..peer.named("alpha.test", 4000) };
    let dead = Http::with_limits(TestHosts::new([dead]), Limits::default()).unwrap();
    assert!(get(&dead, "/").await.unwrap_err().is_transient());
}

#[tokio::test]
async fn an_https_test_host_is_connected_to_at_its_own_address_with_tls() {
    let peer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = peer.local_addr().unwrap();
    let host = super::TestHost {
        scheme: super::Scheme::Https,
        host: "alpha.test".to_owned(),
        port: address.port(),
        address,
    };
    let http = http([host]);
    let seen = std::thread::spawn(move || {
        let mut head = [0; 3];
        std::io::Read::read_exact(&mut peer.accept().unwrap().0, &mut head).unwrap();
        head
    });
    let url = url(&format!("https://alpha.test:{}/", address.port()));
    let error = http.get_json(&url, Accept::Activity, None, NOW).await.unwrap_err();
    assert!(matches!(error, FetchError::Connection(_)), "{error:?}");
    // A TLS handshake record, and not a request in the clear.
    assert_eq!(seen.join().unwrap()[..2], [0x16, 0x03]);
}
