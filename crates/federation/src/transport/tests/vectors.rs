//! Published vectors and captured deliveries.

use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::keys::{ed25519_from_multibase, ed25519_verifies};
use super::super::{Headers, IncomingSignature, PublicKey, SignatureError, date};
use super::fixtures;

fn read(name: &str) -> Option<Vec<u8>> {
    fixtures().map(|folder| std::fs::read(folder.join("vectors").join(name)).unwrap())
}

fn read_json(name: &str) -> Option<Value> {
    read(name).map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

fn headers_of(lines: &Value) -> Headers {
    lines.as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap())).collect()
}

/// A PEM's bytes, for keys that are too short for [`PublicKey`].
fn der(pem: &str) -> Vec<u8> {
    let figures: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    STANDARD.decode(figures).unwrap()
}

#[test]
fn the_drafts_own_examples_verify_or_are_refused_for_a_stated_reason() {
    let Some(vector) = read_json("draft-cavage-12-appendix-c.json") else { return };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (pem, body) = (text(&vector["key"]["public_pem"]), text(&vector["request"]["body"]));
    let now = date::parse(vector["request"]["headers"]["Date"].as_str().unwrap()).unwrap();
    let parse = |params: &str| {
        let mut headers = headers_of(&vector["request"]["headers"]);
        headers.push("Signature", params.as_bytes());
        let target = vector["request"]["target"].as_str().unwrap();
        IncomingSignature::parse("POST", target, &headers, now, "https://example.com")
    };
    let key = r#"keyId="Test",algorithm="rsa-sha256""#;
    let case = |index: usize| &vector["cases"][index];

    // C.1 covers the date alone, by leaving out the list; C.2 has a body and covers no digest.
    let refused = parse(&format!("{key},signature=\"{}\"", text(&case(0)["signature"])));
    assert_eq!(refused.unwrap_err(), SignatureError::NotCovered("(request-target)"));
    let covered = text(&case(1)["headers"]);
    let refused =
        parse(&format!("{key},headers=\"{covered}\",signature=\"{}\"", text(&case(1)["signature"])));
    assert_eq!(refused.unwrap_err(), SignatureError::NotCovered("digest"));

    // C.3 verifies over the six headers of its signing string, by a key of 1024 bits that is
    // refused; over the list as printed it names (created) beside rsa-sha256.
    let signature = text(&case(2)["signature"]);
    let covered = text(&case(2)["headers"]);
    let parsed = parse(&format!("{key},headers=\"{covered}\",signature=\"{signature}\"")).unwrap();
    let checked = parsed.check_body(body.as_bytes()).unwrap();
    assert_eq!(checked.signing_string(), text(&case(2)["signing_string"]));
    UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, der(&pem))
        .verify(checked.signing_string().as_bytes(), &STANDARD.decode(&signature).unwrap())
        .unwrap();
    assert!(!PublicKey::from_pem(&pem).is_ok_and(|short| checked.verify(&short).is_ok()));
    let printed = text(&case(2)["draft12_headers_as_printed"]);
    let refused = parse(&format!(
        "{key},created=1402170695,expires=1402170699,headers=\"{printed}\",signature=\"{signature}\""
    ));
    assert_eq!(refused.unwrap_err(), SignatureError::Algorithm);
}

#[test]
fn captured_deliveries_that_were_tampered_with_are_refused() {
    let Some(key) = read_json("peertube-tests_mastodon_public-key.json") else { return };
    let key = PublicKey::from_pem(key["publicKey"].as_str().unwrap()).unwrap();
    let parse = |name: &str| {
        let request = read_json(name).unwrap();
        let now = date::parse(request["headers"]["date"].as_str().unwrap()).unwrap();
        let headers = headers_of(&request["headers"]);
        let parsed =
            IncomingSignature::parse("POST", "/accounts/ronan/inbox", &headers, now, "https://localhost")
                .unwrap();
        assert_eq!(parsed.key_id(), "http://localhost:3000/users/ronan2#main-key");
        (parsed, serde_json::to_vec(&request["body"]).unwrap())
    };
    let (parsed, body) = parse("peertube-tests_mastodon_bad-body-http-signature.json");
    assert_eq!(parsed.check_body(&body).unwrap_err(), SignatureError::Body);
    let (parsed, body) = parse("peertube-tests_mastodon_bad-http-signature.json");
    let outcome = parsed.check_body(&body).and_then(|checked| checked.verify(&key));
    assert!(matches!(outcome, Err(SignatureError::Wrong | SignatureError::Body)), "{outcome:?}");
}

#[test]
fn captured_signature_headers_of_lemmy_and_kbin_are_read() {
    for (index, key_id) in [
        "https://lemmy.ml/c/memes#main-key",
        "https://kbin.social/u/Infiltrated_ad8271#main-key",
        "https://lemmy.ml/c/asklemmy#main-key",
    ]
    .iter()
    .enumerate()
    {
        let number = index + 1;
        let Some(signature) = read(&format!("piefed_signature_{number}.txt")) else { return };
        let digest = read(&format!("piefed_digest_{number}.txt")).unwrap();
        let mut headers = Headers::default();
        headers.push("signature", &signature);
        headers.push("digest", &digest);
        headers.push("host", b"piefed.ngrok.app");
        headers.push("date", b"Sun, 05 Jan 2014 21:31:40 GMT");
        headers.push("content-type", b"application/activity+json");
        let parsed =
            IncomingSignature::parse("POST", "/inbox", &headers, 1_388_957_500, "https://piefed.ngrok.app")
                .unwrap();
        assert_eq!(parsed.key_id(), *key_id);
        assert_eq!(parsed.check_body(b"{}").unwrap_err(), SignatureError::Body);
    }
}

#[test]
fn the_published_ed25519_signature_fits_its_multikey() {
    let folder = "w3c-di-eddsa_eddsa-jcs-2022";
    let Some(config) = read_json(&format!("{folder}_proofConfigJCS.json")) else { return };
    let hex = |name: &str| {
        let text = String::from_utf8(read(&format!("{folder}_{name}")).unwrap()).unwrap();
        let figures: Vec<_> = text.trim().bytes().collect();
        figures
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect::<Vec<_>>()
    };
    let method = config["verificationMethod"].as_str().unwrap();
    let key = ed25519_from_multibase(method.rsplit('#').next().unwrap()).unwrap();
    let (message, signature) = (hex("combinedHashJCS.txt"), hex("sigHexJCS.txt"));
    assert!(ed25519_verifies(&key, &message, &signature));
    assert!(!ed25519_verifies(&key, &message[1..], &signature));
}
