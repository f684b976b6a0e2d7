//! Keys.

use super::super::keys::{ed25519_from_multibase, ed25519_verifies};
use super::super::{Ed25519Key, KeyError, KeyPool, Keyring, PublicKey, SigningKey};
use super::KEY;

#[test]
fn a_private_key_survives_its_written_forms() {
    let pem = KEY.to_pkcs8_pem().unwrap();
    assert!(
        pem.starts_with("-----BEGIN PRIVATE KEY-----\n") && pem.ends_with("\n-----END PRIVATE KEY-----\n")
    );
    assert!(pem.lines().all(|line| line.len() <= 64));
    let again = SigningKey::from_pkcs8_pem(&pem).unwrap();
    assert_eq!(again.public_pem(), KEY.public_pem());
    let again = SigningKey::from_pkcs8_der(&KEY.to_pkcs8_der().unwrap()).unwrap();
    let signature = again.sign(b"text").unwrap();
    assert_eq!(signature.len(), 256);
    assert!(PublicKey::from_pem(KEY.public_pem()).unwrap().verifies(b"text", &signature));
}

#[test]
fn a_signature_fits_one_key_and_one_text() {
    let signature = KEY.sign(b"text").unwrap();
    let public = PublicKey::from_pem(KEY.public_pem()).unwrap();
    let other = PublicKey::from_pem(SigningKey::generate().unwrap().public_pem()).unwrap();
    assert!(!public.verifies(b"texts", &signature));
    assert!(!other.verifies(b"text", &signature));
    assert!(!public.verifies(b"text", &signature[1..]));
    assert!(!public.verifies(b"text", b""));
}

#[test]
fn a_public_key_is_spki_pem_and_blanks_do_not_matter() {
    let pem = KEY.public_pem();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    assert!(PublicKey::from_pem(&format!("\n {}\n", pem.replace('\n', "\r\n"))).is_ok());
    assert!(PublicKey::from_pem(&pem.replace('\n', " ")).is_ok());
}

#[test]
fn what_is_no_key_is_refused() {
    let private = KEY.to_pkcs8_pem().unwrap();
    let wrong = [
        "",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----",
        private.as_str(),
    ];
    for pem in wrong {
        assert_eq!(PublicKey::from_pem(pem).unwrap_err(), KeyError::Malformed, "{pem}");
    }
    assert!(PublicKey::from_pem(&" ".repeat(1_000_000)).is_err());
    assert_eq!(SigningKey::from_pkcs8_pem(KEY.public_pem()).unwrap_err(), KeyError::Malformed);
    assert_eq!(format!("{:?}", *KEY), "SigningKey(…)");
}

#[test]
fn a_keyring_gives_the_parsed_key_of_a_text() {
    let ring = Keyring::new(2, 2);
    let pem = KEY.to_pkcs8_pem().unwrap();
    for _ in 0..2 {
        let signature = ring.signing(&pem).unwrap().sign(b"text").unwrap();
        assert!(ring.public(KEY.public_pem()).unwrap().verifies(b"text", &signature));
    }
    assert!(ring.signing("no key").is_err());
    assert!(ring.public("no key").is_err());
}

#[tokio::test]
async fn a_pool_gives_a_new_key_each_time() {
    let pool = KeyPool::new(1);
    let (first, second, third) =
        (pool.take().await.unwrap(), pool.take().await.unwrap(), pool.take().await.unwrap());
    assert_ne!(first.public_pem(), second.public_pem());
    assert_ne!(second.public_pem(), third.public_pem());
}

#[test]
fn an_ed25519_key_survives_its_seed_and_its_multikey() {
    let key = Ed25519Key::generate().unwrap();
    let again = Ed25519Key::from_seed(&key.seed().unwrap()).unwrap();
    assert_eq!(again.public(), key.public());
    assert!(key.multibase().starts_with("z6Mk"));
    assert_eq!(&ed25519_from_multibase(&key.multibase()).unwrap(), key.public());
    let signature = again.sign(b"text");
    assert_eq!(signature.len(), 64);
    assert!(ed25519_verifies(key.public(), b"text", &signature));
    assert!(!ed25519_verifies(key.public(), b"texts", &signature));
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.seed().unwrap())));
}

#[test]
fn a_multikey_of_another_kind_is_refused() {
    // Another base, another kind of key, no figures, and one byte short.
    let short = format!("z{}", bs58::encode([&[0xed, 0x01][..], &[7; 31]].concat()).into_string());
    let other = format!("z{}", bs58::encode([&[0xe7, 0x01][..], &[7; 33]].concat()).into_string());
    for text in ["", "z", "u7QEx", "z0OIl", short.as_str(), other.as_str(), &"z1".repeat(1000)] {
        assert!(ed25519_from_multibase(text).is_err(), "{text}");
    }
}
