//! Proofs and the canonical form, against the published vectors and against whoever alters something.

use super::super::canonical::canonical_object;
use super::super::keys::{Ed25519Key, ed25519_from_multibase};
use super::super::proof::{Proof, ProofError, prove};
use super::super::{JsonError, json};
use super::{NOW, fixtures};
use serde_json::{Value, json};

const METHOD: &str = "https://a.test/u/alice#ed25519-key";

/// The secret key of the vectors, 2023-02-24T23:36:38Z, and their public key.
const VECTOR_SECRET: &str = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
const VECTOR_TIME: i64 = 1_677_281_798;
const VECTOR_PUBLIC: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

fn vector(name: &str) -> Option<Value> {
    let folder = fixtures()?;
    Some(json::parse(&std::fs::read(folder.join("vectors").join(name)).unwrap()).unwrap())
}

fn vector_key() -> Ed25519Key {
    let bytes = bs58::decode(&VECTOR_SECRET[1..]).into_vec().unwrap();
    // The multicodec prefix of a secret Ed25519 key, then its seed.
    Ed25519Key::from_seed(bytes.strip_prefix(&[0x80, 0x26]).unwrap().try_into().unwrap()).unwrap()
}

fn figures(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

fn create() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
        "id": "https://a.test/create/1",
        "type": "Create",
        "actor": "https://a.test/u/alice",
        "object": { "type": "Note", "content": "Bonjour €", "longitude": 4.0, "latitude": -1.5e-7 },
    })
}

/// A proved document, and the key.
fn proved() -> (Value, Ed25519Key) {
    let key = Ed25519Key::generate().unwrap();
    (prove(create(), &key, METHOD, NOW).unwrap(), key)
}

/// What comes of a document: whether it bears a proof that this key made.
fn outcome(document: &Value, key: &Ed25519Key) -> Result<bool, ProofError> {
    match Proof::read(document, NOW)? {
        Some(proof) => proof.verify(key.public()).map(|()| true),
        None => Ok(false),
    }
}

#[test]
fn the_published_canonical_forms_are_ours() {
    let Some(folder) = fixtures() else { return };
    for name in ["french", "structures", "unicode", "values", "weird"] {
        let read = |file: String| std::fs::read(folder.join("vectors").join(file)).unwrap();
        let input = json::parse(&read(format!("jcs_input_{name}.json"))).unwrap();
        let members = input.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value));
        let bytes = canonical_object(members).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()),
            String::from_utf8(read(format!("jcs_output_{name}.json")))
        );
        let figures = figures(&bytes);
        let expected = String::from_utf8(read(format!("jcs_outhex_{name}.txt"))).unwrap();
        assert_eq!(figures, expected.split_whitespace().collect::<String>(), "{name}");
    }
    // The one that is an array stands in a member.
    let (input, output) =
        (vector("jcs_input_arrays.json").unwrap(), folder.join("vectors/jcs_output_arrays.json"));
    let expected = format!("{{\"a\":{}}}", std::fs::read_to_string(output).unwrap().trim_end());
    assert_eq!(canonical_object([("a", &input)]).unwrap(), expected.as_bytes());
}

#[test]
fn numbers_are_written_as_ecmascript_does() {
    for (text, written) in [
        ("56.0", "56"),
        ("-71.184902", "-71.184902"),
        ("25.273962", "25.273962"),
        ("1e21", "1e+21"),
        ("1e-7", "1e-7"),
        ("333333333.33333329", "333333333.3333333"),
        ("9007199254740992", "9007199254740992"),
        ("4.50", "4.5"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ] {
        let value = json::parse(text.as_bytes()).unwrap();
        assert_eq!(canonical_object([("n", &value)]).unwrap(), format!("{{\"n\":{written}}}").as_bytes());
    }
}

#[test]
fn fep_8b32_the_published_proof_is_made_and_verified() {
    let (Some(unproved), Some(expected)) = (vector("fep-8b32__01.json"), vector("fep-8b32__02.json")) else {
        return;
    };
    let method = "https://server.example/users/alice#ed25519-key";
    assert_eq!(prove(unproved, &vector_key(), method, VECTOR_TIME).unwrap(), expected);
    let proof = Proof::read(&expected, NOW).unwrap().unwrap();
    let actor = vector("fep-8b32__04.json").unwrap();
    let listed = &actor["assertionMethod"][0];
    assert_eq!((proof.method(), proof.created()), (listed["id"].as_str().unwrap(), VECTOR_TIME));
    let key = ed25519_from_multibase(listed["publicKeyMultibase"].as_str().unwrap()).unwrap();
    assert_eq!(proof.verify(&key), Ok(()));
}

#[test]
fn fep_c390_the_published_identity_proofs_verify() {
    let (Some(claim), Some(expected)) = (vector("fep-c390__01.json"), vector("fep-c390__02.json")) else {
        return;
    };
    let method = format!("did:key:{VECTOR_PUBLIC}");
    // The order of the members is another; what is signed is the same.
    assert_eq!(prove(claim, &vector_key(), &method, VECTOR_TIME).unwrap(), expected);
    let key = ed25519_from_multibase(VECTOR_PUBLIC).unwrap();
    let attached = &vector("fep-c390__03.json").unwrap()["attachment"][0];
    assert_eq!(Proof::read(attached, NOW).unwrap().unwrap().verify(&key), Ok(()));
}

#[test]
fn fep_521a_the_published_ed25519_key_is_written_so() {
    let Some(expected) = vector("fep-521a__01.json") else { return };
    let public = ed25519_from_multibase(expected["publicKeyMultibase"].as_str().unwrap()).unwrap();
    assert_eq!(figures(&public), "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6");
    // An RSA key is no key for this suite.
    let other = vector("fep-521a__02.json").unwrap();
    assert!(ed25519_from_multibase(other["publicKeyMultibase"].as_str().unwrap()).is_err());
}

#[test]
fn the_published_credential_of_the_suite_verifies() {
    let Some(signed) = vector("w3c-di-eddsa_eddsa-jcs-2022_signedJCS.json") else { return };
    let proof = Proof::read(&signed, NOW).unwrap().unwrap();
    assert_eq!(proof.verify(&ed25519_from_multibase(VECTOR_PUBLIC).unwrap()), Ok(()));
    // Two proofs of one document are the business of nobody here.
    let set = vector("w3c-di-eddsa_proof-set-chain_signedProofSet1.json").unwrap();
    let has_several = set["proof"].as_array().is_some_and(|proofs| proofs.len() > 1);
    assert!(!has_several || Proof::read(&set, NOW).unwrap_err() == ProofError::Several);
}

#[test]
fn what_was_proved_verifies_after_any_rewriting_that_says_the_same() {
    let (document, key) = proved();
    assert_eq!(outcome(&document, &key), Ok(true));
    let text = document.to_string().replace("4.0", "4.000e0").replace('€', "\\u20ac");
    let mut again = json::parse(text.as_bytes()).unwrap();
    assert_eq!(outcome(&again, &key), Ok(true));
    again.sort_all_objects();
    assert_eq!(outcome(&again, &key), Ok(true));
    again["proof"] = json!([again["proof"]]);
    assert_eq!(outcome(&again, &key), Ok(true), "the only one of a list");
}

#[test]
fn s45_what_is_altered_does_not_fit() {
    let (document, key) = proved();
    for (pointer, value) in [
        ("/actor", json!("https://a.test/u/mallory")),
        ("/object/content", json!("Bonsoir")),
        ("/object/longitude", json!(4.000_000_1)),
        ("/proof/verificationMethod", json!("https://a.test/u/mallory#ed25519-key")),
        ("/proof/created", json!("2026-11-23T11:59:59Z")),
    ] {
        let mut altered = document.clone();
        *altered.pointer_mut(pointer).unwrap() = value;
        assert_eq!(outcome(&altered, &key), Err(ProofError::Wrong), "{pointer}");
    }
    let mut altered = document.clone();
    altered["summary"] = json!("more");
    assert_eq!(outcome(&altered, &key), Err(ProofError::Wrong));
    let mut altered = document.clone();
    altered.as_object_mut().unwrap().remove("object");
    assert_eq!(outcome(&altered, &key), Err(ProofError::Wrong));
    assert_eq!(outcome(&document, &Ed25519Key::generate().unwrap()), Err(ProofError::Wrong));
}

#[test]
fn s45_a_proof_that_is_not_as_it_must_be_is_refused_with_its_reason() {
    let key = Ed25519Key::generate().unwrap();
    // Each is signed as it stands, so that nothing but the rule refuses it.
    for (name, value, reason) in [
        ("proofPurpose", json!("authentication"), ProofError::Purpose),
        ("proofPurpose", Value::Null, ProofError::Malformed),
        ("previousProof", json!("urn:1"), ProofError::Malformed),
        ("created", json!("2026-11-23T13:00:01Z"), ProofError::Future),
        ("created", json!("yesterday"), ProofError::Malformed),
        ("created", Value::Null, ProofError::Malformed),
        ("expires", json!("2026-11-23T12:00:00Z"), ProofError::Expired),
        ("expires", json!(7), ProofError::Malformed),
        ("verificationMethod", json!({ "id": METHOD }), ProofError::Malformed),
        ("@context", json!(["https://w3id.org/security/data-integrity/v2"]), ProofError::Context),
    ] {
        assert_eq!(outcome(&signed_with(&key, name, &value), &key), Err(reason), "{name}: {value}");
    }
    for (name, value) in [
        ("created", json!("2026-11-23T13:00:00Z")),
        ("expires", json!("2026-11-23T12:00:01Z")),
        ("@context", json!(["https://www.w3.org/ns/activitystreams"])),
        ("@context", json!("https://www.w3.org/ns/activitystreams")),
        ("nonce", json!("7")),
    ] {
        assert_eq!(outcome(&signed_with(&key, name, &value), &key), Ok(true), "{name}: {value}");
    }
    let (document, key) = proved();
    for value in ["", "z", "zz", "u1234", &format!("z{}", "1".repeat(200))] {
        let mut other = document.clone();
        other["proof"]["proofValue"] = json!(value);
        assert_eq!(outcome(&other, &key), Err(ProofError::Malformed), "{value}");
    }
}

/// A document whose proof has another member (or lacks it), and is signed so.
fn signed_with(key: &Ed25519Key, name: &str, value: &Value) -> Value {
    let mut document = prove(create(), key, METHOD, NOW).unwrap();
    let proof = document["proof"].as_object_mut().unwrap();
    proof.remove("proofValue");
    if value.is_null() {
        proof.remove(name)
    } else {
        proof.insert(name.to_owned(), value.clone())
    };
    let options = proof.clone();
    let context = options.get("@context").cloned();
    let mut unproved = create();
    unproved["@context"] = context.unwrap();
    let hash = |value: &Value| {
        let members = value.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value));
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &canonical_object(members).unwrap())
            .as_ref()
            .to_vec()
    };
    let message = [hash(&Value::Object(options)), hash(&unproved)].concat();
    document["proof"]["proofValue"] = json!(format!("z{}", bs58::encode(key.sign(&message)).into_string()));
    document
}

#[test]
fn s45_several_proofs_are_refused_and_those_of_other_suites_are_none() {
    let (document, key) = proved();
    let mut several = document.clone();
    several["proof"] = json!([document["proof"], document["proof"]]);
    assert_eq!(outcome(&several, &key), Err(ProofError::Several));
    several["proof"] = json!([document["proof"], { "type": "Unknown" }]);
    assert_eq!(outcome(&several, &key), Err(ProofError::Several));
    for proof in [
        json!(null),
        json!([]),
        json!("https://a.test/proof"),
        json!({ "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z1" }),
        json!({ "type": "DataIntegrityProof", "cryptosuite": "jcs-eddsa-2022" }),
        json!({ "type": "JcsEd25519Signature2020", "cryptosuite": "eddsa-jcs-2022" }),
    ] {
        let mut other = document.clone();
        other["proof"] = proof;
        assert_eq!(outcome(&other, &key), Ok(false), "{other}");
    }
    assert_eq!(outcome(&create(), &key), Ok(false));
    assert_eq!(outcome(&json!("https://a.test/create/1"), &key), Ok(false));
}

#[test]
fn s46_what_programs_read_differently_is_refused_before_it_is_hashed() {
    let key = Ed25519Key::generate().unwrap();
    for number in ["9007199254740993", "-0", "-0.0", "18446744073709551615"] {
        let mut document = create();
        document["object"]["likes"] = json::parse(number.as_bytes()).unwrap();
        let refusal = ProofError::Json(JsonError::Inexact);
        assert_eq!(prove(document.clone(), &key, METHOD, NOW).unwrap_err(), refusal, "{number}");
        document["proof"] = proved().0["proof"].clone();
        assert_eq!(outcome(&document, &key), Err(refusal), "{number}");
    }
    for text in [r#"{"type":"Create","type":"Delete"}"#, r#"{"a":1e400}"#, r#"{"a":"\ud800"}"#, "\u{feff}{}"]
    {
        assert!(json::parse(text.as_bytes()).is_err(), "{text}");
    }
}
