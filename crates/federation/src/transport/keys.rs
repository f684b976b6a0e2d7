//! RSA and Ed25519 keys: making them, writing them down, signing, and keeping parsed ones at hand.
//!
//! It deliberately does not decide whose key a key is, and does not store any. The RSA is that of
//! `aws-lc-rs`: the pure Rust one that the `ActivityPub` library brings signs several times slower,
//! and a delivery to 300 servers is 300 signatures.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::{Mutex, mpsc};
use zeroize::Zeroizing;

/// Longest PEM text parsed, in bytes: a public RSA key of 8192 bits takes 1,500.
const MAX_PEM: usize = 16 * 1024;

/// The multicodec prefix of an Ed25519 public key (`0xed` as a varint).
const ED25519_MULTICODEC: [u8; 2] = [0xed, 0x01];
/// What stands before the 32 bytes of an Ed25519 key in an SPKI (RFC 8410, section 4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text or the bytes are no key of the kind wanted, or the key is too weak.
    #[error("not a usable key")]
    Malformed,
    /// Making a key or signing failed inside the cryptographic library.
    #[error("the cryptographic library failed")]
    Failed,
    /// The pool's thread is not running.
    #[error("the pool of keys is closed")]
    PoolClosed,
}

impl KeyError {
    /// The permanent code of the failure.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "key_malformed",
            Self::Failed => "key_failed",
            Self::PoolClosed => "key_pool_closed",
        }
    }
}

/// A parsed private RSA key with its public half; cloning it is cheap.
#[derive(Clone)]
pub struct SigningKey(Arc<Signing>);

struct Signing {
    pair: RsaKeyPair,
    public_pem: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// Makes a key of 2048 bits. Takes about 100 ms of processor time: see [`KeyPool`].
    pub fn generate() -> Result<Self, KeyError> {
        Self::new(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed)?)
    }

    /// Reads a private key in PKCS#8 DER (RFC 5208).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::new(RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::Malformed)?)
    }

    /// Reads a private key in PKCS#8 PEM (`BEGIN PRIVATE KEY`, RFC 7468).
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        let der = Zeroizing::new(read_pem(pem, &["PRIVATE KEY"])?);
        Self::from_pkcs8_der(&der)
    }

    fn new(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_der().map_err(|_| KeyError::Failed)?;
        let public_pem = write_pem("PUBLIC KEY", public.as_ref());
        Ok(Self(Arc::new(Signing { pair, public_pem })))
    }

    /// The private key in PKCS#8 DER; wiped from memory when dropped.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = self.0.pair.as_der().map_err(|_| KeyError::Failed)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The private key in PKCS#8 PEM; wiped from memory when dropped.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(Zeroizing::new(write_pem("PRIVATE KEY", &self.to_pkcs8_der()?)))
    }

    /// The public key as an SPKI PEM (`BEGIN PUBLIC KEY`), as in an actor's `publicKeyPem`.
    pub fn public_pem(&self) -> &str {
        &self.0.public_pem
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over the message (RFC 8017, 8.2): 256 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.0.pair.public_modulus_len()];
        self.0
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Failed)?;
        Ok(signature)
    }
}

/// A parsed public key; cloning it is cheap.
#[derive(Debug, Clone)]
pub enum PublicKey {
    /// RSA of 2048 to 8192 bits.
    Rsa(Arc<ParsedPublicKey>),
    /// Ed25519 (RFC 8032).
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads `BEGIN PUBLIC KEY` (SPKI; also of Ed25519, RFC 8410) or `BEGIN RSA PUBLIC KEY` (PKCS#1).
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let der = read_pem(pem, &["PUBLIC KEY", "RSA PUBLIC KEY"])?;
        if let Some(key) = der.strip_prefix(&ED25519_SPKI) {
            return key.try_into().map(Self::Ed25519).map_err(|_| KeyError::Malformed);
        }
        let parsed =
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| KeyError::Malformed)?;
        Ok(Self::Rsa(Arc::new(parsed)))
    }

    /// Whether this is the key's signature of the message: RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => key.verify_sig(message, signature).is_ok(),
            Self::Ed25519(key) => ed25519_verifies(key, message, signature),
        }
    }

    /// Whether this is the key's RSASSA-PSS signature with SHA-512 of the message. Parses the key
    /// again: hardly anybody signs so.
    pub fn verifies_pss(&self, message: &[u8], signature: &[u8]) -> bool {
        let Self::Rsa(key) = self else { return false };
        let bytes: &[u8] = key.as_ref().as_ref();
        UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA512, bytes).verify(message, signature).is_ok()
    }
}

/// Parsed keys at hand, by their text: parsing a private key costs more than signing with it.
///
/// Both sides are bounded and forget what was not used for long. A private key is remembered under
/// the SHA-256 of its text, so that no second copy of the text stays in memory.
#[derive(Clone)]
pub struct Keyring {
    signing: moka::sync::Cache<Vec<u8>, SigningKey>,
    public: moka::sync::Cache<String, PublicKey>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

impl Default for Keyring {
    fn default() -> Self {
        Self::new(1_000, 5_000)
    }
}

impl Keyring {
    /// Keeps at most so many private and so many public keys.
    pub fn new(signing: u64, public: u64) -> Self {
        Self { signing: moka::sync::Cache::new(signing), public: moka::sync::Cache::new(public) }
    }

    /// The parsed private key of this PKCS#8 PEM.
    pub fn signing(&self, pem: &str) -> Result<SigningKey, KeyError> {
        let name = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, pem.as_bytes()).as_ref().to_vec();
        if let Some(key) = self.signing.get(&name) {
            return Ok(key);
        }
        let key = SigningKey::from_pkcs8_pem(pem)?;
        self.signing.insert(name, key.clone());
        Ok(key)
    }

    /// The parsed public key of this PEM.
    pub fn public(&self, pem: &str) -> Result<PublicKey, KeyError> {
        if let Some(key) = self.public.get(pem) {
            return Ok(key);
        }
        let key = PublicKey::from_pem(pem)?;
        self.public.insert(pem.to_owned(), key.clone());
        Ok(key)
    }
}

/// A stock of fresh RSA keys, made by one background thread for the whole process.
///
/// The thread makes a key only when there is room for it, so an idle process makes `capacity` keys
/// (and holds one more in hand) and then none until one is taken. It ends when the pool is dropped.
#[derive(Debug)]
pub struct KeyPool {
    ready: Mutex<mpsc::Receiver<Result<SigningKey, KeyError>>>,
}

impl Default for KeyPool {
    fn default() -> Self {
        Self::new(3)
    }
}

impl KeyPool {
    /// Starts the thread; it keeps `capacity` keys ready (at least one).
    pub fn new(capacity: usize) -> Self {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let thread = std::thread::Builder::new().name("clocher-keys".to_owned()).spawn(move || {
            while sender.blocking_send(SigningKey::generate()).is_ok() {
                std::thread::yield_now();
            }
        });
        if let Err(error) = thread {
            tracing::error!(%error, "no thread for making keys");
        }
        Self { ready: Mutex::new(receiver) }
    }

    /// Takes a key, waiting (without blocking the runtime) while none is ready.
    pub async fn take(&self) -> Result<SigningKey, KeyError> {
        self.ready.lock().await.recv().await.unwrap_or(Err(KeyError::PoolClosed))
    }
}

/// An Ed25519 key pair, as used for proofs on objects (RFC 8032, FEP-8b32).
pub struct Ed25519Key {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Key({})", self.multibase())
    }
}

impl Ed25519Key {
    /// Makes a key.
    pub fn generate() -> Result<Self, KeyError> {
        Self::new(Ed25519KeyPair::generate().map_err(|_| KeyError::Failed)?)
    }

    /// The key of this seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::new(Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed)?)
    }

    fn new(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Failed)?;
        Ok(Self { pair, public })
    }

    /// The secret seed; wiped from memory when dropped.
    pub fn seed(&self) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let seed = self.pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(|_| KeyError::Failed)?;
        seed.as_ref().try_into().map(Zeroizing::new).map_err(|_| KeyError::Failed)
    }

    /// The public key, 32 bytes.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The public key as a Multikey's `publicKeyMultibase` (`z6Mk…`).
    pub fn multibase(&self) -> String {
        ed25519_to_multibase(&self.public)
    }

    /// The signature of the message, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// Writes an Ed25519 public key as a Multikey: `z`, then base58btc of `0xed01` and the key (FEP-521a).
pub fn ed25519_to_multibase(public: &[u8; 32]) -> String {
    let bytes: Vec<u8> = ED25519_MULTICODEC.iter().chain(public).copied().collect();
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Reads an Ed25519 public key written as a Multikey.
pub fn ed25519_from_multibase(text: &str) -> Result<[u8; 32], KeyError> {
    // 34 bytes take at most 47 figures of base 58.
    let figures = text.strip_prefix('z').filter(|f| f.len() <= 48).ok_or(KeyError::Malformed)?;
    let bytes = bs58::decode(figures).into_vec().map_err(|_| KeyError::Malformed)?;
    let key = bytes.strip_prefix(&ED25519_MULTICODEC).ok_or(KeyError::Malformed)?;
    key.try_into().map_err(|_| KeyError::Malformed)
}

/// Whether this is the Ed25519 signature of the message by the key.
pub fn ed25519_verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

/// The bytes between the lines `BEGIN` and `END` of one of these labels (RFC 7468).
fn read_pem(pem: &str, labels: &[&str]) -> Result<Vec<u8>, KeyError> {
    if pem.len() > MAX_PEM {
        return Err(KeyError::Malformed);
    }
    let text = pem.trim();
    let body = labels.iter().find_map(|label| {
        text.strip_prefix(&format!("-----BEGIN {label}-----"))?
            .strip_suffix(&format!("-----END {label}-----"))
    });
    let figures: Zeroizing<String> =
        Zeroizing::new(body.ok_or(KeyError::Malformed)?.chars().filter(|c| !c.is_whitespace()).collect());
    STANDARD.decode(figures.as_bytes()).map_err(|_| KeyError::Malformed)
}

fn write_pem(label: &str, der: &[u8]) -> String {
    let figures = Zeroizing::new(STANDARD.encode(der));
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (index, figure) in figures.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(figure);
    }
    pem + "\n-----END " + label + "-----\n"
}
