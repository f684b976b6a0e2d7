//! Signatures after RFC 9421: the published vectors, the round trip, and every way to tamper with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::message_signature;
use super::super::signature::Received;
use super::super::{Ed25519Key, Form, Headers, IncomingSignature, PublicKey, SignatureError, date};
use super::{KEY, NOW, fixtures, signer, url};

const BODY: &[u8] = br#"{"type":"Create"}"#;
const INBOX: &str = "/c/lemps/inbox";
const ORIGIN: &str = "http://beta.test:4001";
const HOST: &str = "beta.test:4001";
const KEY_ID: &str = r#"keyid="http://alpha.test:4000/actor#main-key""#;
const COVERED: &str = r#""@method" "@target-uri" "content-digest""#;

type Lines = Vec<(String, String)>;

fn posted() -> Lines {
    let inbox = url(&format!("{ORIGIN}{INBOX}"));
    signer().sign_post(Form::Rfc9421, &inbox, "application/activity+json", BODY, NOW).unwrap()
}

fn set(lines: &mut Lines, name: &str, value: &str) {
    lines.retain(|(known, _)| known != name);
    lines.push((name.to_owned(), value.to_owned()));
}

/// A signature by hand over these components of a POST to that target, with these parameters.
fn by_hand(target: &str, covered: &str, params: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Lines {
    let mut lines = posted();
    set(&mut lines, "date", &date::format(NOW).unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let base: Vec<String> = covered
        .split_ascii_whitespace()
        .map(|quoted| {
            let name = quoted.trim_matches('"');
            let value = match name {
                "@method" => "POST".to_owned(),
                "@target-uri" => format!("{ORIGIN}{target}"),
                "@authority" => HOST.to_owned(),
                "@path" => path.to_owned(),
                "@query" => format!("?{query}"),
                "@request-target" => target.to_owned(),
                name => {
                    lines.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone()).unwrap_or_default()
                }
            };
            format!("{quoted}: {value}\n")
        })
        .collect();
    let input = format!("({covered}){params}");
    let signature =
        STANDARD.encode(sign(format!("{}\"@signature-params\": {input}", base.concat()).as_bytes()));
    set(&mut lines, "signature-input", &format!("x={input}"));
    set(&mut lines, "signature", &format!("x=:{signature}:"));
    lines
}

fn rsa(text: &[u8]) -> Vec<u8> {
    KEY.sign(text).unwrap()
}

fn usual(covered: &str, params: &str) -> Lines {
    by_hand(INBOX, covered, params, rsa)
}

fn good_params() -> String {
    format!(";created={NOW};{KEY_ID}")
}

fn check_with(lines: &Lines, target: &str, body: &[u8], key: &PublicKey) -> Result<(), SignatureError> {
    let headers: Headers = lines.iter().map(|(name, value)| (name, value)).collect();
    let signature = IncomingSignature::parse("POST", target, &headers, NOW, ORIGIN)?.check_body(body)?;
    assert_eq!(signature.key_id(), signer().key_id);
    signature.verify(key)
}

fn check(lines: &Lines) -> Result<(), SignatureError> {
    check_with(lines, INBOX, BODY, &PublicKey::from_pem(KEY.public_pem()).unwrap())
}

#[test]
fn what_is_signed_is_believed() {
    assert_eq!(check(&posted()), Ok(()));
    let get = url(&format!("{ORIGIN}/actor?page=1"));
    let lines = signer().sign_get(Form::Rfc9421, &get, "application/activity+json", NOW).unwrap();
    let headers: Headers = lines.iter().map(|(name, value)| (name, value)).collect();
    let parsed = IncomingSignature::parse("GET", "/actor?page=1", &headers, NOW, ORIGIN).unwrap();
    assert_eq!(
        parsed.check_body(b"").unwrap().verify(&PublicKey::from_pem(KEY.public_pem()).unwrap()),
        Ok(())
    );
    let input = lines.iter().find(|(name, _)| name == "signature-input").unwrap().1.as_str();
    let wanted = format!(
        r#"sig1=("@method" "@target-uri" "@authority" "accept");created={NOW};{KEY_ID};alg="rsa-v1_5-sha256""#
    );
    assert_eq!(input, wanted);
}

#[test]
fn each_way_to_cover_the_place_is_read() {
    for covered in [
        COVERED,
        r#""@method" "@authority" "@path" "content-digest""#,
        r#""content-digest" "@request-target" "@authority" "@method" "date" "host""#,
        r#""@method" "@scheme" "@target-uri" "content-digest" "content-type""#,
    ] {
        let lines = usual(&covered.replace(r#" "@scheme""#, ""), &good_params());
        assert_eq!(check(&lines), Ok(()), "{covered}");
    }
    // A query is part of the place.
    let target = "/c/lemps/inbox?a=b";
    let key = PublicKey::from_pem(KEY.public_pem()).unwrap();
    let covered = |query: &str| format!(r#""@method" "@authority" "@path" {query} "content-digest""#);
    let lines = by_hand(target, &covered(r#""@query""#), &good_params(), rsa);
    assert_eq!(check_with(&lines, target, BODY, &key), Ok(()));
    assert_eq!(check_with(&lines, "/c/lemps/inbox?a=c", BODY, &key), Err(SignatureError::Wrong));
    let lines = by_hand(target, &covered("").replace("  ", " "), &good_params(), rsa);
    assert_eq!(check_with(&lines, target, BODY, &key), Err(SignatureError::NotCovered("@query")));
}

#[test]
fn s47_everything_that_matters_must_be_covered() {
    for (covered, why) in [
        (r#""@target-uri" "content-digest""#, SignatureError::NotCovered("@method")),
        (r#""@method" "content-digest""#, SignatureError::NotCovered("@authority")),
        (r#""@method" "@path" "content-digest""#, SignatureError::NotCovered("@authority")),
        (r#""@method" "@authority" "content-digest""#, SignatureError::NotCovered("@path")),
        (r#""@method" "host" "@path" "content-digest""#, SignatureError::NotCovered("@authority")),
        (r#""@method" "@target-uri""#, SignatureError::NotCovered("content-digest")),
        ("", SignatureError::NotCovered("@method")),
        (
            r#""@method" "@method" "@target-uri" "content-digest""#,
            SignatureError::Duplicate("@method".into()),
        ),
        (r#""@method" "@target-uri" "content-digest" "x-absent""#, SignatureError::Absent),
        (r#""@method" "@target-uri" "content-digest" "@status""#, SignatureError::Component),
        (r#""@method" "@target-uri" "content-digest" "@signature-params""#, SignatureError::Component),
        (r#""@method" "@target-uri" "content-digest" "@query-param";name="a""#, SignatureError::Component),
        (r#""@method" "@target-uri" "content-digest";sf"#, SignatureError::Component),
        (r#""@method" "@target-uri" "content-digest";req"#, SignatureError::Component),
        (r#""@Method" "@target-uri" "content-digest""#, SignatureError::Component),
        (r#"@method "@target-uri" "content-digest""#, SignatureError::Malformed),
    ] {
        assert_eq!(check(&usual(covered, &good_params())), Err(why), "{covered}");
    }
}

#[test]
fn s47_times_outside_the_window_are_refused() {
    let created = |at: i64| check(&usual(COVERED, &format!(";created={at};{KEY_ID}")));
    assert_eq!(created(NOW - 12 * 3600), Ok(()));
    assert_eq!(created(NOW - 12 * 3600 - 1), Err(SignatureError::Expired));
    assert_eq!(created(NOW - 13 * 3600), Err(SignatureError::Expired));
    assert_eq!(created(NOW + 3600), Ok(()));
    assert_eq!(created(NOW + 2 * 3600), Err(SignatureError::Future));
    let expires = |at: i64| check(&usual(COVERED, &format!(";created={NOW};expires={at};{KEY_ID}")));
    assert_eq!(expires(NOW + 1), Ok(()));
    assert_eq!(expires(NOW - 1), Err(SignatureError::Expired));
    for params in [
        format!(";{KEY_ID}"),
        format!(";created=\"{NOW}\";{KEY_ID}"),
        format!(";created={NOW}.5;{KEY_ID}"),
        format!(";created=@{NOW};{KEY_ID}"),
        format!(";created=9999999999999999;{KEY_ID}"),
        format!(";created=-1;{KEY_ID}"),
        format!(";created={NOW};expires=?1;{KEY_ID}"),
    ] {
        assert!(check(&usual(COVERED, &params)).is_err(), "{params}");
    }
    // A date that is covered counts too.
    let mut lines = usual(&format!(r#"{COVERED} "date""#), &good_params());
    set(&mut lines, "date", &date::format(NOW - 13 * 3600).unwrap());
    assert_eq!(check(&lines), Err(SignatureError::Expired));
}

#[test]
fn s47_one_label_is_read_and_no_more() {
    let good = usual(COVERED, &good_params());
    let line = |name: &str| good.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let (input, signature) = (line("signature-input"), line("signature"));
    let second = |name: &str, line: &str| line.replacen("x=", name, 1);
    for (inputs, signatures, why) in [
        (
            format!("{input}, {}", second("y=", &input)),
            format!("{signature}, y=:AAAA:"),
            SignatureError::Several,
        ),
        (
            format!("{input}, {}", second("y=", &input)),
            format!("{signature}, {}", second("y=", &signature)),
            SignatureError::Several,
        ),
        (input.clone(), format!("{signature}, y=:AAAA:"), SignatureError::Several),
        (second("y=", &input), signature.clone(), SignatureError::Malformed),
        (String::new(), signature.clone(), SignatureError::Missing),
        (input.clone(), String::new(), SignatureError::Missing),
        ("x".to_owned(), signature.clone(), SignatureError::Malformed),
        ("x=(".to_owned(), signature.clone(), SignatureError::Malformed),
        (input.clone(), "x=AAAA".to_owned(), SignatureError::Malformed),
        (input.clone(), "x=(:AAAA:)".to_owned(), SignatureError::Malformed),
        (input.clone(), "x=:?:".to_owned(), SignatureError::Malformed),
        (format!("{input};{}", "a=1;".repeat(5_000)), signature.clone(), SignatureError::Malformed),
    ] {
        let mut lines = posted();
        set(&mut lines, "signature-input", &inputs);
        set(&mut lines, "signature", &signatures);
        assert_eq!(check(&lines), Err(why), "{inputs} {signatures}");
    }
    let mut lines = posted();
    lines.retain(|(name, _)| name != "signature");
    assert_eq!(check(&lines), Err(SignatureError::Missing));
    for name in ["signature", "signature-input", "content-digest"] {
        let mut lines = posted();
        let line = lines.iter().find(|(known, _)| known == name).unwrap().clone();
        lines.push(line);
        assert_eq!(check(&lines), Err(SignatureError::Duplicate(name.to_owned())));
    }
}

#[test]
fn s47_the_algorithm_is_the_keys() {
    let named = |alg: &str| format!(";created={NOW};{KEY_ID};alg=\"{alg}\"");
    assert_eq!(check(&usual(COVERED, &named("rsa-v1_5-sha256"))), Ok(()));
    for alg in
        ["ed25519", "ecdsa-p256-sha256", "hmac-sha256", "none", "", "RSA-V1_5-SHA256", "rsa-sha256", "hs2019"]
    {
        assert_eq!(check(&usual(COVERED, &named(alg))), Err(SignatureError::Algorithm), "{alg}");
    }
    // The name decides: what is PKCS#1 is not PSS, and the other way round.
    assert_eq!(check(&usual(COVERED, &named("rsa-pss-sha512"))), Err(SignatureError::Wrong));
    assert_eq!(
        check(&usual(COVERED, &format!(";created={NOW};{KEY_ID};alg=token"))),
        Err(SignatureError::Malformed)
    );

    let pair = Ed25519Key::generate().unwrap();
    let key = PublicKey::Ed25519(*pair.public());
    let signed = |params: &str| by_hand(INBOX, COVERED, params, |text| pair.sign(text));
    assert_eq!(check_with(&signed(&good_params()), INBOX, BODY, &key), Ok(()));
    assert_eq!(check_with(&signed(&named("ed25519")), INBOX, BODY, &key), Ok(()));
    let as_rsa = check_with(&signed(&named("rsa-v1_5-sha256")), INBOX, BODY, &key);
    assert_eq!(as_rsa, Err(SignatureError::Algorithm));
    assert_eq!(check(&signed(&good_params())), Err(SignatureError::Wrong));
}

#[test]
fn s03_another_body_or_digest_is_refused() {
    let key = PublicKey::from_pem(KEY.public_pem()).unwrap();
    assert_eq!(check_with(&posted(), INBOX, b"{}", &key), Err(SignatureError::Body));
    assert_eq!(check_with(&posted(), INBOX, b"", &key), Err(SignatureError::Body));
    let digest = |algorithm, body: &[u8]| STANDARD.encode(aws_lc_rs::digest::digest(algorithm, body));
    let (sha256, sha512) = (&aws_lc_rs::digest::SHA256, &aws_lc_rs::digest::SHA512);
    let mut lines = posted();
    set(&mut lines, "content-digest", &format!("sha-256=:{}:", digest(sha256, b"{}")));
    assert_eq!(check_with(&lines, INBOX, b"{}", &key), Err(SignatureError::Wrong));
    for (line, outcome) in [
        (format!("sha-512=:{}:", digest(sha512, BODY)), Err(SignatureError::Wrong)),
        (
            format!("sha-256=:{}:, sha-512=:{}:", digest(sha256, BODY), digest(sha512, b"{}")),
            Err(SignatureError::Body),
        ),
        ("sha-256=:AAAA:".to_owned(), Err(SignatureError::Body)),
        ("md5=:AAAA:".to_owned(), Err(SignatureError::Digest)),
        (String::new(), Err(SignatureError::Digest)),
        (format!("sha-256={}", digest(sha256, BODY).replace('=', "")), Err(SignatureError::Digest)),
        (format!("SHA-256=:{}:", digest(sha256, BODY)), Err(SignatureError::Digest)),
        ("sha-256=(:AAAA:)".to_owned(), Err(SignatureError::Digest)),
    ] {
        let mut lines = posted();
        set(&mut lines, "content-digest", &line);
        assert_eq!(check(&lines), outcome, "{line}");
    }
}

#[test]
fn another_place_key_or_header_is_refused() {
    let key = PublicKey::from_pem(KEY.public_pem()).unwrap();
    assert_eq!(check_with(&posted(), "/c/vion/inbox", BODY, &key), Err(SignatureError::Wrong));
    for host in ["gamma.test:4001", "beta.test", "beta.test:4002"] {
        let inbox = url(&format!("http://{host}{INBOX}"));
        let lines = signer().sign_post(Form::Rfc9421, &inbox, "a/b", BODY, NOW).unwrap();
        assert_eq!(check(&lines), Err(SignatureError::Host), "{host}");
    }
    // As if it were for us, and by https.
    let inbox = url("https://beta.test:4001/c/lemps/inbox");
    let lines = signer().sign_post(Form::Rfc9421, &inbox, "a/b", BODY, NOW).unwrap();
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
    let mut lines = posted();
    set(&mut lines, "content-type", "text/plain");
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
    let mut lines = posted();
    let input = lines.iter().find(|(name, _)| name == "signature-input").unwrap().1.clone();
    set(&mut lines, "signature-input", &input.replace(&NOW.to_string(), &(NOW + 1).to_string()));
    assert_eq!(check(&lines), Err(SignatureError::Wrong));
}

/// What becomes of an example of RFC 9421, appendix B: whether the text that was signed can be built (it is
/// then the one printed), whether the signature is the key's, and whether it is believed as a request to us.
type Outcome = (Result<(), SignatureError>, bool, Result<(), SignatureError>);

fn outcome(vector: &Value, case: &Value) -> Outcome {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let message = text(&vector["messages"][text(&case["message"])]);
    let (head, body) = message.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let target = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers: Headers = lines.map(|line| line.split_once(": ").unwrap()).collect();
    headers.push("signature-input", text(&case["signature_input"]).as_bytes());
    headers.push("signature", text(&case["signature"]).as_bytes());
    let key = vector["keys"][text(&case["keyid"])]["public_pem"].as_str();
    let key = key.and_then(|pem| PublicKey::from_pem(pem).ok());

    let (scheme, authority) = ("https", "example.com");
    let request = Received { method: "POST", target, headers: &headers, scheme, authority };
    let built = message_signature::base_of(&request).inspect(|(base, signature)| {
        assert_eq!(*base, text(&case["signature_base"]));
        assert_eq!(
            format!("{}=:{}:", text(&case["label"]), STANDARD.encode(signature)),
            text(&case["signature"])
        );
    });
    let genuine = built.as_ref().is_ok_and(|(base, signature)| {
        let (base, signature) = (base.as_bytes(), signature.as_slice());
        key.as_ref().is_some_and(|key| key.verifies(base, signature) || key.verifies_pss(base, signature))
    });
    let parsed = IncomingSignature::parse("POST", target, &headers, 1_618_884_473, "https://example.com");
    let checked = parsed.and_then(|parsed| parsed.check_body(body.as_bytes()));
    (built.map(|_| ()), genuine, checked.and_then(|checked| checked.verify(&key.unwrap())))
}

#[test]
fn the_examples_of_rfc_9421_verify_or_are_refused_for_a_stated_reason() {
    let Some(folder) = fixtures() else { return };
    let text = std::fs::read_to_string(folder.join("vectors/rfc9421-appendix-b.json")).unwrap();
    let vector: Value = serde_json::from_str(&text).unwrap();
    let cases = vector["cases"].as_array().unwrap();
    let outcomes: Vec<_> =
        cases.iter().map(|case| (case["name"].as_str().unwrap(), outcome(&vector, case))).collect();
    let not_covered = |name: &'static str| Err(SignatureError::NotCovered(name));
    let expected = [
        // RSA-PSS over nothing.
        ("B.2.1", (Ok(()), true, not_covered("@method"))),
        // RSA-PSS over a single parameter of the query, which we do not read.
        ("B.2.2", (Err(SignatureError::Component), false, Err(SignatureError::Component))),
        // RSA-PSS over everything.
        ("B.2.3", (Ok(()), true, Ok(()))),
        // ECDSA, of an answer: we read neither.
        ("B.2.4", (Err(SignatureError::Component), false, not_covered("@method"))),
        // HMAC, by a secret that both sides know: not read. It covers no method either.
        ("B.2.5", (Ok(()), false, not_covered("@method"))),
        // Ed25519, over neither the query nor the digest of the body.
        ("B.2.6", (Ok(()), true, not_covered("@query"))),
    ];
    assert_eq!(outcomes, expected);
}
