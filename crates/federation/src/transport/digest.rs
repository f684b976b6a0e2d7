//! Digests of bodies in requests: `Digest` (RFC 3230), which goes with draft-cavage signatures, and
//! `Content-Digest` (RFC 9530), which goes with those of RFC 9421.
//!
//! It deliberately does not say whether a digest was signed.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, ListEntry, Parser, Version};

use super::signature::SignatureError;

/// A digest header, as it came.
#[derive(Debug, Clone)]
pub(super) enum Digest {
    /// `Digest: SHA-256=…`
    OfInstance(String),
    /// `Content-Digest: sha-256=:…:`
    OfContent(String),
}

impl Digest {
    /// Compares it with the very bytes received.
    ///
    /// SHA-256 must be among the algorithms of a `Digest`, SHA-256 or SHA-512 among those of a
    /// `Content-Digest`; each of the two that is given must be right, others are passed over.
    pub(super) fn check(&self, body: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::OfInstance(line) => check_digest(line, body),
            Self::OfContent(line) => check_content_digest(line, body),
        }
    }
}

/// `Digest` of a body.
pub(super) fn of_instance(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(digest(&SHA256, body)))
}

/// `Content-Digest` of a body.
pub(super) fn of_content(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body)))
}

/// What the digest of that name (in lower case) must be; none of an algorithm that is not known here.
fn expected(algorithm: &str, body: &[u8]) -> Option<aws_lc_rs::digest::Digest> {
    match algorithm {
        "sha-256" => Some(digest(&SHA256, body)),
        "sha-512" => Some(digest(&SHA512, body)),
        _ => None,
    }
}

fn check_digest(line: &str, body: &[u8]) -> Result<(), SignatureError> {
    let mut seen = BTreeSet::new();
    for part in line.split(',') {
        let (algorithm, value) = part.trim().split_once('=').ok_or(SignatureError::Digest)?;
        let algorithm = algorithm.to_ascii_lowercase();
        if let Some(expected) = expected(&algorithm, body) {
            let given = STANDARD.decode(value).map_err(|_| SignatureError::Digest)?;
            if given != expected.as_ref() {
                return Err(SignatureError::Body);
            }
        }
        if !seen.insert(algorithm) {
            return Err(SignatureError::Duplicate("digest".to_owned()));
        }
    }
    if seen.contains("sha-256") { Ok(()) } else { Err(SignatureError::Digest) }
}

fn check_content_digest(line: &str, body: &[u8]) -> Result<(), SignatureError> {
    let digests: Dictionary =
        Parser::new(line).with_version(Version::Rfc8941).parse().map_err(|_| SignatureError::Digest)?;
    let mut any = false;
    for (algorithm, value) in &digests {
        let Some(expected) = expected(algorithm.as_str(), body) else { continue };
        let ListEntry::Item(value) = value else { return Err(SignatureError::Digest) };
        let BareItem::ByteSequence(given) = &value.bare_item else { return Err(SignatureError::Digest) };
        if given.as_slice() != expected.as_ref() {
            return Err(SignatureError::Body);
        }
        any = true;
    }
    if any { Ok(()) } else { Err(SignatureError::Digest) }
}
