//! Signing and checking signatures: the round trip, and every way to tamper with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::{Form, Headers, IncomingSignature, PublicKey, SignatureError, Signer, date};
use super::{KEY, NOW, signer, url};

const BODY: &[u8] = br#"{"type":"Create"}"#;
const INBOX: &str = "/c/lemps/inbox?a=b";
const HOST: &str = "beta.test:4001";

/// Lines of a request; `signature` made by [`sign`] over what is named.
type Lines = Vec<(String, String)>;

fn posted() -> Lines {
    let inbox = url(&format!("http://{HOST}{INBOX}"));
    signer().sign_post(Form::Cavage, &inbox, "application/activity+json", BODY, NOW).unwrap()
}

fn got() -> Lines {
    signer()
        .sign_get(Form::Cavage, &url(&format!("http://{HOST}/actor")), "application/activity+json", NOW)
        .unwrap()
}

fn set(lines: &mut Lines, name: &str, value: &str) {
    lines.retain(|(known, _)| known != name);
    lines.push((name.to_owned(), value.to_owned()));
}

/// Signs these lines by hand, with a `Signature` header that begins with `params`.
fn signed_by_hand(mut lines: Lines, covered: &str, params: &str, method: &str, target: &str) -> Lines {
    let find = |wanted: &str| {
        let name = wanted.trim_matches(['(', ')']);
        let quoted = params.split(',').find_map(|p| p.strip_prefix(&format!("{name}=")));
        lines
            .iter()
            .find(|(known, _)| known == wanted)
            .map(|(_, v)| v.as_str())
            .or(quoted)
            .unwrap_or_default()
    };
    let text: Vec<_> = covered
        .split(' ')
        .map(|name| match name {
            "(request-target)" => format!("{name}: {} {target}", method.to_lowercase()),
            _ => format!("{name}: {}", find(name)),
        })
        .collect();
    let signature = STANDARD.encode(KEY.sign(text.join("\n").as_bytes()).unwrap());
    set(&mut lines, "signature", &format!(r#"{params},headers="{covered}",signature="{signature}""#));
    lines
}

fn check_at(lines: &Lines, method: &str, target: &str, body: &[u8], now: i64) -> Result<(), SignatureError> {
    let headers: Headers = lines.iter().map(|(name, value)| (name, value)).collect();
    let origin = format!("http://{HOST}");
    let signature = IncomingSignature::parse(method, target, &headers, now, &origin)?.check_body(body)?;
    assert_eq!(signature.key_id(), signer().key_id);
    signature.verify(&PublicKey::from_pem(KEY.public_pem()).unwrap())
}

fn check(lines: &Lines) -> Result<(), SignatureError> {
    check_at(lines, "POST", INBOX, BODY, NOW)
}

fn plain_lines() -> Lines {
    let mut lines = posted();
    lines.retain(|(name, _)| name != "signature");
    lines
}

const KEY_ID: &str = r#"keyId="http://alpha.test:4000/actor#main-key""#;
const COVERED: &str = "(request-target) host date digest";

#[test]
fn what_is_signed_is_believed() {
    assert_eq!(check(&posted()), Ok(()));
    assert_eq!(check_at(&got(), "GET", "/actor", b"", NOW), Ok(()));
    let header = posted().into_iter().find(|(name, _)| name == "signature").unwrap().1;
    assert!(
        header.starts_with(&format!("{KEY_ID},algorithm=\"rsa-sha256\",headers=\"(request-target) ")),
        "{header}"
    );
    assert!(header.contains(r#"headers="(request-target) content-type date digest host""#), "{header}");
}

#[test]
fn hs2019_and_no_algorithm_are_read_as_the_keys_own() {
    for params in [format!("{KEY_ID},algorithm=\"hs2019\""), KEY_ID.to_owned()] {
        let lines = signed_by_hand(plain_lines(), COVERED, &params, "POST", INBOX);
        assert_eq!(check(&lines), Ok(()), "{params}");
    }
}

#[test]
fn created_and_expires_are_honoured_with_hs2019() {
    let covered = "(request-target) (created) (expires) host digest";
    let made = |created: i64, expires: i64| {
        let params = format!("{KEY_ID},algorithm=\"hs2019\",created={created},expires={expires}");
        check(&signed_by_hand(plain_lines(), covered, &params, "POST", INBOX))
    };
    assert_eq!(made(NOW, NOW + 300), Ok(()));
    assert_eq!(made(NOW - 600, NOW - 1), Err(SignatureError::Expired));
    assert_eq!(made(NOW - 13 * 3600, NOW + 300), Err(SignatureError::Expired));
    assert_eq!(made(NOW + 2 * 3600, NOW + 3 * 3600), Err(SignatureError::Future));
}

#[test]
fn created_with_rsa_sha256_is_refused() {
    let params = format!("{KEY_ID},algorithm=\"rsa-sha256\",created={NOW}");
    let lines =
        signed_by_hand(plain_lines(), "(request-target) (created) host digest", &params, "POST", INBOX);
    assert_eq!(check(&lines), Err(SignatureError::Algorithm));
}

#[test]
fn absurd_times_are_refused_without_a_panic() {
    for time in ["99999999999999999999", "18446744073709551615", "-1", "", "1e9", "0x1", "."] {
        let params = format!("{KEY_ID},algorithm=\"hs2019\",created={time}");
        let lines =
            signed_by_hand(plain_lines(), "(request-target) (created) host digest", &params, "POST", INBOX);
        assert_eq!(check(&lines), Err(SignatureError::Date), "{time}");
    }
    let mut lines = posted();
    set(&mut lines, "date", "yesterday");
    assert_eq!(check(&lines), Err(SignatureError::Date));
}

#[test]
fn other_algorithms_are_refused() {
    for name in ["none", "hmac-sha256", "rsa-sha1", "rsa-sha512", "ecdsa-sha256", "ed25519", "", "RSA-SHA256"]
    {
        let params = format!("{KEY_ID},algorithm=\"{name}\"");
        let lines = signed_by_hand(plain_lines(), COVERED, &params, "POST", INBOX);
        assert_eq!(check(&lines), Err(SignatureError::Algorithm), "{name}");
    }
}

#[test]
fn everything_that_matters_must_be_covered() {
    let cases = [
        ("host date digest", SignatureError::NotCovered("(request-target)")),
        ("(request-target) date digest", SignatureError::NotCovered("host")),
        ("(request-target) host digest", SignatureError::NotCovered("date")),
        ("(request-target) host date", SignatureError::NotCovered("digest")),
        ("date", SignatureError::NotCovered("(request-target)")),
        ("", SignatureError::NotCovered("(request-target)")),
        ("(request-target) host date digest x-absent", SignatureError::Absent),
        ("(request-target) host date digest (created)", SignatureError::Absent),
        ("(request-target) host date date digest", SignatureError::Duplicate("date".to_owned())),
    ];
    for (covered, why) in cases {
        let params = format!("{KEY_ID},algorithm=\"hs2019\"");
        let lines = signed_by_hand(plain_lines(), covered, &params, "POST", INBOX);
        assert_eq!(check(&lines), Err(why), "{covered}");
    }
}

#[test]
fn a_missing_list_of_headers_is_refused() {
    let mut lines = posted();
    let signature = STANDARD.encode(KEY.sign(b"date: x").unwrap());
    set(&mut lines, "signature", &format!(r#"{KEY_ID},algorithm="rsa-sha256",signature="{signature}""#));
    assert_eq!(check(&lines), Err(SignatureError::NotCovered("(request-target)")));
}

#[test]
fn malformed_and_repeated_parameters_are_refused() {
    let cases = [
        ("", SignatureError::Malformed),
        ("keyId", SignatureError::Malformed),
        ("keyId=\"a", SignatureError::Malformed),
        ("keyId=\"a\" headers=\"date\"", SignatureError::Malformed),
        ("keyId=\"a\",", SignatureError::Malformed),
        ("keyId=\"\",headers=\"date\",signature=\"AAAA\"", SignatureError::Malformed),
        ("keyId=\"a b\",headers=\"date\",signature=\"AAAA\"", SignatureError::Malformed),
        ("keyId=\"a\",headers=\"date\"", SignatureError::Malformed),
        ("keyId=\"a\",headers=\"date\",signature=\"?\"", SignatureError::Malformed),
        ("headers=\"date\",signature=\"AAAA\"", SignatureError::Malformed),
        ("key-id=\"a\",headers=\"date\",signature=\"AAAA\"", SignatureError::Malformed),
        ("keyId=\"a\\\"\",headers=\"date\",signature=\"AAAA\"", SignatureError::Malformed),
        (
            "keyId=\"a\",keyId=\"b\",headers=\"date\",signature=\"AAAA\"",
            SignatureError::Duplicate("keyId".to_owned()),
        ),
        (
            "keyId=\"a\",keyid=\"b\",headers=\"date\",signature=\"AAAA\"",
            SignatureError::Duplicate("keyid".to_owned()),
        ),
        ("keyId=\"a\",headers=\"date\",headers=\"host\"", SignatureError::Duplicate("headers".to_owned())),
    ];
    for (header, why) in cases {
        let mut lines = posted();
        set(&mut lines, "signature", header);
        assert_eq!(check(&lines), Err(why), "{header}");
    }
    let mut lines = posted();
    set(&mut lines, "signature", &format!("keyId=\"{}\"", "a".repeat(10_000)));
    assert_eq!(check(&lines), Err(SignatureError::Malformed));
}

#[test]
fn a_covered_name_cannot_smuggle_parameters() {
    let params = format!("{KEY_ID},algorithm=\"hs2019\"");
    let covered = "(request-target) host date digest a,created=1";
    let mut lines = plain_lines();
    lines.push(("a,created=1".to_owned(), "x".to_owned()));
    assert_eq!(
        check(&signed_by_hand(lines, covered, &params, "POST", INBOX)),
        Err(SignatureError::Malformed)
    );
}

#[test]
fn beside_a_signature_input_a_signature_of_the_draft_is_not_read() {
    assert_eq!(check(&plain_lines()), Err(SignatureError::Missing));
    let mut lines = posted();
    set(&mut lines, "signature-input", r#"sig1=("@method");created=1"#);
    assert_eq!(check(&lines), Err(SignatureError::Malformed));
}

#[test]
fn headers_that_stand_twice_are_refused() {
    for name in ["host", "date", "digest", "signature", "content-type"] {
        let mut lines = posted();
        let line = lines.iter().find(|(known, _)| known == name).unwrap().clone();
        lines.push((line.0.to_ascii_uppercase(), line.1));
        assert_eq!(check(&lines), Err(SignatureError::Duplicate(name.to_owned())), "{name}");
    }
}

#[test]
fn another_body_digest_or_length_is_refused() {
    assert_eq!(check_at(&posted(), "POST", INBOX, b"{}", NOW), Err(SignatureError::Body));
    assert_eq!(check_at(&posted(), "POST", INBOX, b"", NOW), Err(SignatureError::Body));
    let mut lines = posted();
    let other = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"{}"));
    set(&mut lines, "digest", &format!("SHA-256={other}"));
    assert_eq!(check_at(&lines, "POST", INBOX, b"{}", NOW), Err(SignatureError::Wrong));
    assert_eq!(check_at(&got(), "GET", "/actor", b"{}", NOW), Err(SignatureError::NotCovered("digest")));
}

#[test]
fn a_digest_of_several_algorithms_needs_every_known_one_right() {
    let sha256 = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, BODY));
    let sha512 = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, BODY));
    let cases = [
        (format!("SHA-256={sha256},SHA-512={sha512}"), Ok(())),
        (format!("unixsum=30637, sha-256={sha256}"), Ok(())),
        (format!("SHA-256={sha256},SHA-512={sha256}"), Err(SignatureError::Body)),
        (format!("SHA-512={sha512}"), Err(SignatureError::Digest)),
        ("SHA-256".to_owned(), Err(SignatureError::Digest)),
        ("SHA-256=?".to_owned(), Err(SignatureError::Digest)),
        (format!("SHA-256={sha256},sha-256={sha256}"), Err(SignatureError::Duplicate("digest".to_owned()))),
    ];
    for (digest, outcome) in cases {
        let mut lines = plain_lines();
        set(&mut lines, "digest", &digest);
        let params = format!("{KEY_ID},algorithm=\"rsa-sha256\"");
        assert_eq!(check(&signed_by_hand(lines, COVERED, &params, "POST", INBOX)), outcome, "{digest}");
    }
}

#[test]
fn a_request_signed_for_another_place_is_refused() {
    assert_eq!(check_at(&posted(), "POST", "/c/vion/inbox", BODY, NOW), Err(SignatureError::Wrong));
    assert_eq!(check_at(&posted(), "POST", "/c/lemps/inbox", BODY, NOW), Err(SignatureError::Wrong));
    assert_eq!(check_at(&posted(), "PUT", INBOX, BODY, NOW), Err(SignatureError::Wrong));
    for host in ["gamma.test:4001", "beta.test", "beta.test:4002", "alpha.test:4000"] {
        let inbox = url(&format!("http://{host}{INBOX}"));
        let lines = signer().sign_post(Form::Cavage, &inbox, "application/activity+json", BODY, NOW).unwrap();
        assert_eq!(check(&lines), Err(SignatureError::Host), "{host}");
    }
    let mut lines = signer().sign_post(Form::Cavage, &url("http://gamma.test/x"), "a/b", BODY, NOW).unwrap();
    set(&mut lines, "host", HOST);
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
}

#[test]
fn a_signature_lasts_twelve_hours_and_an_hour_ahead() {
    let at = |now: i64| check_at(&posted(), "POST", INBOX, BODY, now);
    assert_eq!(at(NOW + 12 * 3600), Ok(()));
    assert_eq!(at(NOW + 12 * 3600 + 1), Err(SignatureError::Expired));
    assert_eq!(at(NOW - 3600), Ok(()));
    assert_eq!(at(NOW - 3601), Err(SignatureError::Future));
    assert_eq!(at(i64::MAX), Err(SignatureError::Expired));
    assert_eq!(at(i64::MIN), Err(SignatureError::Future));
}

#[test]
fn another_key_or_another_date_is_refused() {
    let other = Signer { key: super::SigningKey::generate().unwrap(), ..signer() };
    let inbox = url(&format!("http://{HOST}{INBOX}"));
    let lines = other.sign_post(Form::Cavage, &inbox, "application/activity+json", BODY, NOW).unwrap();
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
    let mut lines = posted();
    set(&mut lines, "date", &date::format(NOW + 60).unwrap());
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
    let mut lines = posted();
    set(&mut lines, "content-type", "text/plain");
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
}

#[test]
fn a_date_is_written_and_read_as_http_does() {
    assert_eq!(date::format(NOW).unwrap(), "Mon, 23 Nov 2026 12:00:00 GMT");
    assert_eq!(date::parse("Mon, 23 Nov 2026 12:00:00 GMT"), Some(NOW));
    assert_eq!(date::parse("Sun, 05 Jan 2014 21:31:40 GMT"), Some(1_388_957_500));
    assert_eq!(date::format(i64::MAX), None);
}
