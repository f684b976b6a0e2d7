//! Checks the signatures of incoming requests, after draft-cavage-http-signatures-12.
//!
//! It deliberately does not sign (see `signer`), does not look up keys, does not say whether the key's owner may do what the body
//! asks, and keeps no memory of requests seen. RFC 9421 is not spoken here: such a request is told
//! so, with its own error.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_signature_normalization::verify::ParsedHeader;

use super::date;
use super::keys::PublicKey;

/// How old a signature may be, in seconds: a queue that was stuck for half a day still delivers.
pub const MAX_AGE: i64 = 12 * 3600;
/// How far ahead of ours a peer's clock may be, in seconds.
pub const MAX_AHEAD: i64 = 3600;
/// Longest `Signature` header read, in bytes: RSA of 8192 bits takes 1,400.
const MAX_HEADER: usize = 8 * 1024;

const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";
/// Headers that mean something only once; two of them are two meanings.
const SINGLE: [&str; 6] = ["host", "date", "digest", "content-type", "content-length", "signature"];

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
    /// Signed after RFC 9421.
    #[error("only draft-cavage-12 signatures are read")]
    OtherScheme,
    /// Another algorithm than rsa-sha256 or hs2019, or `(created)` with rsa-sha256.
    #[error("the signature algorithm is not accepted")]
    Algorithm,
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
    /// The `Digest` header cannot be read or has no SHA-256.
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
            Self::OtherScheme => "signature_other_scheme",
            Self::Algorithm => "signature_algorithm",
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

/// A signed request whose form, dates and host are in order, and nothing more: neither the body nor
/// the signature was looked at yet.
#[derive(Debug, Clone)]
pub struct IncomingSignature {
    key_id: String,
    signing_string: String,
    signature: Vec<u8>,
    digest: Option<String>,
}

impl IncomingSignature {
    /// Reads the signature of a request and applies every rule that needs neither body nor key.
    ///
    /// `target` is path and query as received, `now` is in seconds since 1970, `expected_authority`
    /// is the instance's host, with its port unless it is the scheme's own. Covered must be
    /// `(request-target)`, `host`, `date` or `(created)`, and, but for GET and HEAD, `digest`.
    /// Accepted from 12 h ago to 1 h ahead.
    pub fn parse(
        method: &str,
        target: &str,
        headers: &Headers,
        now: i64,
        expected_authority: &str,
    ) -> Result<Self, SignatureError> {
        for name in SINGLE {
            if headers.get_all(name).nth(1).is_some() {
                return Err(SignatureError::Duplicate(name.to_owned()));
            }
        }
        if headers.get("signature-input").is_some() {
            return Err(SignatureError::OtherScheme);
        }
        let params = Params::parse(headers.get("signature").ok_or(SignatureError::Missing)?)?;
        params.check_algorithm()?;
        params.check_covered(method)?;
        params.check_times(headers, now)?;
        let host = headers.get("host").ok_or(SignatureError::Absent)?;
        if !host.eq_ignore_ascii_case(expected_authority) {
            return Err(SignatureError::Host);
        }
        let signing_string = params.signing_string(method, target, headers)?;
        let digest = params.covers("digest").then(|| headers.get("digest").map(str::to_owned)).flatten();
        Ok(Self { key_id: params.key_id, signing_string, signature: params.signature, digest })
    }

    /// The URL of the key that is said to have signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Compares the signed digest with the very bytes received (RFC 3230).
    ///
    /// SHA-256 must be among the digest's algorithms; SHA-512 is compared too where given, others
    /// are passed over.
    pub fn check_body(self, body: &[u8]) -> Result<BodyChecked, SignatureError> {
        match &self.digest {
            Some(line) => check_digest(line, body)?,
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
        &self.0.signing_string
    }

    /// Checks the signature: RSASSA-PKCS1-v1_5 with SHA-256, which is also what peers mean by hs2019.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        if key.verifies(self.0.signing_string.as_bytes(), &self.0.signature) {
            Ok(())
        } else {
            Err(SignatureError::Wrong)
        }
    }
}

fn check_digest(line: &str, body: &[u8]) -> Result<(), SignatureError> {
    let mut seen = BTreeSet::new();
    for part in line.split(',') {
        let (algorithm, value) = part.trim().split_once('=').ok_or(SignatureError::Digest)?;
        let algorithm = algorithm.to_ascii_lowercase();
        let expected = match algorithm.as_str() {
            "sha-256" => Some(digest(&SHA256, body)),
            "sha-512" => Some(digest(&SHA512, body)),
            _ => None,
        };
        if let Some(expected) = expected {
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

/// The parameters of a `Signature` header.
struct Params {
    key_id: String,
    algorithm: Option<String>,
    covered: Vec<String>,
    created: Option<String>,
    expires: Option<String>,
    signature: Vec<u8>,
}

impl Params {
    /// Reads the header strictly. The library's own reader takes the last of two equal parameters,
    /// splits quoted values at commas and panics on a `created` of twenty figures.
    fn parse(header: &str) -> Result<Self, SignatureError> {
        if header.len() > MAX_HEADER {
            return Err(SignatureError::Malformed);
        }
        let mut params = BTreeMap::new();
        let mut rest = header.trim();
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or(SignatureError::Malformed)?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or(SignatureError::Malformed)?,
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) || value.contains('\\') {
                return Err(SignatureError::Malformed);
            }
            if params.insert(name.to_ascii_lowercase(), value.trim().to_owned()).is_some() {
                return Err(SignatureError::Duplicate(name.to_owned()));
            }
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(more) if !more.trim().is_empty() => more.trim_start(),
                None if after.is_empty() => after,
                _ => return Err(SignatureError::Malformed),
            };
        }
        let mut take = |name: &str| params.remove(name);
        let key_id = take("keyid").filter(|id| is_plain(id)).ok_or(SignatureError::Malformed)?;
        let signature = take("signature").ok_or(SignatureError::Malformed)?;
        let covered = take("headers").ok_or(SignatureError::NotCovered(REQUEST_TARGET))?;
        Ok(Self {
            key_id,
            algorithm: take("algorithm"),
            covered: covered.split_ascii_whitespace().map(str::to_ascii_lowercase).collect(),
            created: take("created"),
            expires: take("expires"),
            signature: STANDARD.decode(signature).map_err(|_| SignatureError::Malformed)?,
        })
    }

    fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }

    /// Only rsa-sha256 and hs2019 (or nothing, which the draft reads as the key's own); `(created)`
    /// and `(expires)` are forbidden beside rsa-sha256 (section 2.3).
    fn check_algorithm(&self) -> Result<(), SignatureError> {
        match self.algorithm.as_deref() {
            None | Some("hs2019") => Ok(()),
            Some("rsa-sha256") if !self.covers(CREATED) && !self.covers(EXPIRES) => Ok(()),
            Some(_) => Err(SignatureError::Algorithm),
        }
    }

    fn check_covered(&self, method: &str) -> Result<(), SignatureError> {
        for (index, name) in self.covered.iter().enumerate() {
            if self.covered.iter().take(index).any(|earlier| earlier == name) {
                return Err(SignatureError::Duplicate(name.clone()));
            }
        }
        for name in [REQUEST_TARGET, "host"] {
            if !self.covers(name) {
                return Err(SignatureError::NotCovered(name));
            }
        }
        if !self.covers("date") && !self.covers(CREATED) {
            return Err(SignatureError::NotCovered("date"));
        }
        let bodiless = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
        if bodiless || self.covers("digest") { Ok(()) } else { Err(SignatureError::NotCovered("digest")) }
    }

    fn check_times(&self, headers: &Headers, now: i64) -> Result<(), SignatureError> {
        let within = |time: i64| match now.saturating_sub(time) {
            age if age > MAX_AGE => Err(SignatureError::Expired),
            age if age < -MAX_AHEAD => Err(SignatureError::Future),
            _ => Ok(()),
        };
        if self.covers("date") {
            let line = headers.get("date").ok_or(SignatureError::Absent)?;
            within(date::parse(line).ok_or(SignatureError::Date)?)?;
        }
        match &self.created {
            Some(created) => within(whole_seconds(created)?)?,
            None if self.covers(CREATED) => return Err(SignatureError::Absent),
            None => {}
        }
        match &self.expires {
            Some(expires) if whole_seconds(expires)? < now => Err(SignatureError::Expired),
            None if self.covers(EXPIRES) => Err(SignatureError::Absent),
            _ => Ok(()),
        }
    }

    /// The text that must have been signed, built by the library from what is covered.
    ///
    /// The times are handed to it as if they were headers and its own validity check is made void:
    /// it asks the machine's clock, and the times were checked above against the instance's.
    fn signing_string(
        &self,
        method: &str,
        target: &str,
        headers: &Headers,
    ) -> Result<String, SignatureError> {
        let mut values = BTreeMap::new();
        for name in &self.covered {
            let value = match name.as_str() {
                REQUEST_TARGET => continue,
                CREATED => self.created.clone().ok_or(SignatureError::Absent)?,
                EXPIRES => self.expires.clone().ok_or(SignatureError::Absent)?,
                name if headers.get(name).is_none() => return Err(SignatureError::Absent),
                name => headers.get_all(name).collect::<Vec<_>>().join(", "),
            };
            values.insert(name.clone(), value);
        }
        // Names come from the request; a comma or a quote in one would change what the library reads.
        if self.covered.iter().any(|name| name.contains([',', '"', '='])) {
            return Err(SignatureError::Malformed);
        }
        let plain = format!(r#"keyId="k",headers="{}",signature="s""#, self.covered.join(" "));
        let parsed: ParsedHeader = plain.parse().map_err(|_| SignatureError::Malformed)?;
        let for_ever = Duration::from_hours(24 * 366 * 400);
        let unverified = parsed
            .into_unvalidated(method, target, &mut values, std::collections::HashSet::new())
            .map_err(|_| SignatureError::Absent)?
            .validate(for_ever)
            .map_err(|_| SignatureError::Expired)?;
        Ok(unverified.signing_string().to_owned())
    }
}

fn is_plain(key_id: &str) -> bool {
    !key_id.is_empty()
        && key_id.len() <= super::address::MAX_URL
        && key_id.chars().all(|c| c.is_ascii_graphic())
}

/// Whole seconds of `created` or `expires`, which may have a fraction (section 2.1).
fn whole_seconds(text: &str) -> Result<i64, SignatureError> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() || whole.len() > 12 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Date);
    }
    whole.parse().map_err(|_| SignatureError::Date)
}
