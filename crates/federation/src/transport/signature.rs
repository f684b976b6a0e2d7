//! Checks the signatures of incoming requests, in either form that the fediverse uses: draft-cavage-12
//! (`cavage`) and RFC 9421 (`message_signature`).
//!
//! It deliberately does not sign (see `signer`), does not look up keys, does not say whether the key's owner may do what the body
//! asks, and keeps no memory of requests seen.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::digest::Digest;
use super::keys::PublicKey;
use super::{cavage, message_signature};

/// How old a signature may be, in seconds: a queue that was stuck for half a day still delivers.
pub const MAX_AGE: i64 = 12 * 3600;
/// How far ahead of ours a peer's clock may be, in seconds.
pub const MAX_AHEAD: i64 = 3600;
/// Longest header of a signature read, in bytes: RSA of 8192 bits takes 1,400.
pub(super) const MAX_HEADER: usize = 8 * 1024;

/// Headers that mean something only once; two of them are two meanings.
const SINGLE: [&str; 8] = [
    "host",
    "date",
    "digest",
    "content-digest",
    "content-type",
    "content-length",
    "signature",
    "signature-input",
];

/// Why a signature is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No `Signature` header.
    #[error("the request is not signed")]
    Missing,
    /// The `Signature` header does not follow the grammar.
    #[error("the signature header is malformed")]
    Malformed,
    /// A parameter of the signature, or a header it covers, stands there twice.
    #[error("{0} is given twice")]
    Duplicate(String),
    /// Signed more than once (RFC 9421): two signatures are two claims of who sends it.
    #[error("the request bears several signatures")]
    Several,
    /// Another algorithm than those that we read, or than the key is made for; or `(created)` with rsa-sha256.
    #[error("the signature algorithm is not accepted")]
    Algorithm,
    /// A part of the request is covered that we do not read, or in a way that we do not (RFC 9421).
    #[error("something is covered that is not read here")]
    Component,
    /// Something that must be signed is not.
    #[error("{0} is not covered by the signature")]
    NotCovered(&'static str),
    /// Something is said to be signed but is not in the request.
    #[error("a covered header is not in the request")]
    Absent,
    /// The date cannot be read.
    #[error("the date of the signature cannot be read")]
    Date,
    /// Signed too long ago, or past its own expiry.
    #[error("the signature is too old")]
    Expired,
    /// Signed in the future.
    #[error("the signature is from the future")]
    Future,
    /// The request was addressed to another host.
    #[error("the request was signed for another host")]
    Host,
    /// The digest cannot be read, or is of no algorithm that we know.
    #[error("the digest cannot be read")]
    Digest,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    Body,
    /// The signature is not the key's.
    #[error("the signature does not fit the key")]
    Wrong,
}

impl SignatureError {
    /// The permanent code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Malformed => "signature_malformed",
            Self::Duplicate(_) => "signature_duplicate",
            Self::Several => "signature_several",
            Self::Algorithm => "signature_algorithm",
            Self::Component => "signature_component",
            Self::NotCovered(_) => "signature_not_covered",
            Self::Absent => "signature_header_absent",
            Self::Date => "signature_date",
            Self::Expired => "signature_expired",
            Self::Future => "signature_future",
            Self::Host => "signature_host",
            Self::Digest => "digest_malformed",
            Self::Body => "digest_mismatch",
            Self::Wrong => "signature_wrong",
        }
    }
}

/// The headers of a request, free of any HTTP library's types.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Adds a header line. Bytes that are no UTF-8 are replaced, so no signature fits them.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        let value = String::from_utf8_lossy(value).trim().to_owned();
        self.0.push((name.to_ascii_lowercase(), value));
    }

    /// Every value of a header, in order; the name in lower case.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names of the headers, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The first value of a header; the name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in lines {
            headers.push(name.as_ref(), value.as_ref());
        }
        headers
    }
}

/// A request as it came in.
pub(super) struct Received<'a> {
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    pub headers: &'a Headers,
    /// Of the instance.
    pub scheme: &'a str,
    /// The host of the instance, with its port unless it is the scheme's own.
    pub authority: &'a str,
}

impl Received<'_> {
    pub(super) fn is_bodiless(&self) -> bool {
        self.method.eq_ignore_ascii_case("GET") || self.method.eq_ignore_ascii_case("HEAD")
    }

    /// The request must be addressed to this instance.
    pub(super) fn check_host(&self) -> Result<(), SignatureError> {
        let host = self.headers.get("host").ok_or(SignatureError::Absent)?;
        if host.eq_ignore_ascii_case(self.authority) { Ok(()) } else { Err(SignatureError::Host) }
    }
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaV15Sha256,
    /// RSASSA-PSS with SHA-512.
    RsaPssSha512,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

/// A signed request whose form, dates and host are in order, and nothing more: neither the body nor
/// the signature was looked at yet.
#[derive(Debug, Clone)]
pub struct IncomingSignature {
    pub(super) key_id: String,
    /// The text that was signed.
    pub(super) signed: String,
    pub(super) signature: Vec<u8>,
    /// As the request names it; none leaves it to the key.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) digest: Option<Digest>,
}

impl IncomingSignature {
    /// Reads the signature of a request and applies every rule that needs neither body nor key.
    ///
    /// `target` is path and query as received, `now` is in seconds since 1970, `origin` is the
    /// instance's (`https://example.org`, with its port unless it is the scheme's own). Accepted
    /// from 12 h ago to 1 h ahead. A request with a `Signature-Input` is one of RFC 9421, whatever
    /// else it bears: what a draft-cavage signature beside it would say is never read.
    pub fn parse(
        method: &str,
        target: &str,
        headers: &Headers,
        now: i64,
        origin: &str,
    ) -> Result<Self, SignatureError> {
        for name in SINGLE {
            if headers.get_all(name).nth(1).is_some() {
                return Err(SignatureError::Duplicate(name.to_owned()));
            }
        }
        let (scheme, authority) = origin.split_once("://").ok_or(SignatureError::Host)?;
        let request = Received { method, target, headers, scheme, authority };
        if headers.get("signature-input").is_some() {
            message_signature::parse(&request, now)
        } else {
            cavage::parse(&request, now)
        }
    }

    /// The URL of the key that is said to have signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Compares the signed digest with the very bytes received.
    pub fn check_body(self, body: &[u8]) -> Result<BodyChecked, SignatureError> {
        match &self.digest {
            Some(digest) => digest.check(body)?,
            None if body.is_empty() => {}
            None => return Err(SignatureError::NotCovered("digest")),
        }
        Ok(BodyChecked(self))
    }
}

/// A signed request whose body is the one that was signed, if the signature is the key's.
#[derive(Debug, Clone)]
pub struct BodyChecked(IncomingSignature);

impl BodyChecked {
    /// The URL of the key that is said to have signed.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// What tells this request from any other, also from one that says the same later: its signature.
    pub fn fingerprint(&self) -> String {
        STANDARD.encode(digest(&SHA256, &self.0.signature))
    }

    /// The text that was signed.
    pub fn signing_string(&self) -> &str {
        &self.0.signed
    }

    /// Checks the signature, by the algorithm that the request names or the key is made for: an RSA
    /// key for RSASSA-PKCS1-v1_5 with SHA-256, or else for RSASSA-PSS with SHA-512.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let (signed, signature) = (self.0.signed.as_bytes(), self.0.signature.as_slice());
        let fits = match (key, self.0.algorithm) {
            (PublicKey::Rsa(_), Some(Algorithm::RsaV15Sha256))
            | (PublicKey::Ed25519(_), None | Some(Algorithm::Ed25519)) => key.verifies(signed, signature),
            (PublicKey::Rsa(_), Some(Algorithm::RsaPssSha512)) => key.verifies_pss(signed, signature),
            (PublicKey::Rsa(_), None) => {
                key.verifies(signed, signature) || key.verifies_pss(signed, signature)
            }
            _ => return Err(SignatureError::Algorithm),
        };
        if fits { Ok(()) } else { Err(SignatureError::Wrong) }
    }
}

/// Whether something signed at that time (in seconds since 1970) may come in now.
pub(super) fn check_time(signed_at: i64, now: i64) -> Result<(), SignatureError> {
    match now.saturating_sub(signed_at) {
        age if age > MAX_AGE => Err(SignatureError::Expired),
        age if age < -MAX_AHEAD => Err(SignatureError::Future),
        _ => Ok(()),
    }
}

pub(super) fn check_expiry(expires: i64, now: i64) -> Result<(), SignatureError> {
    if expires < now { Err(SignatureError::Expired) } else { Ok(()) }
}

/// Whether it can be the address of a key: short, and without characters that mean something to others.
pub(super) fn is_plain(key_id: &str) -> bool {
    !key_id.is_empty()
        && key_id.len() <= super::address::MAX_URL
        && key_id.chars().all(|c| c.is_ascii_graphic())
}
