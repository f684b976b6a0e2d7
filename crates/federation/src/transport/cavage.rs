//! Reads signatures of requests after draft-cavage-http-signatures-12, which most of the fediverse speaks.
//!
//! It deliberately knows neither keys nor bodies: it says what was signed, by which key, and whether the form
//! is in order.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_signature_normalization::verify::ParsedHeader;

use super::date;
use super::digest::Digest;
use super::signature::{
    Algorithm, Headers, IncomingSignature, MAX_HEADER, Received, SignatureError, check_expiry, check_time,
    is_plain,
};

const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";

/// Reads the `Signature` header of a request. Covered must be `(request-target)`, `host`, `date` or
/// `(created)`, and, but for GET and HEAD, `digest`.
pub(super) fn parse(request: &Received<'_>, now: i64) -> Result<IncomingSignature, SignatureError> {
    let headers = request.headers;
    let params = Params::parse(headers.get("signature").ok_or(SignatureError::Missing)?)?;
    params.check_algorithm()?;
    params.check_covered(request)?;
    params.check_times(headers, now)?;
    request.check_host()?;
    let signed = params.signing_string(request)?;
    let digest = params.covers("digest").then(|| headers.get("digest")).flatten();
    Ok(IncomingSignature {
        key_id: params.key_id,
        signed,
        signature: params.signature,
        // Whatever it is called: hs2019 is what peers call the same thing.
        algorithm: Some(Algorithm::RsaV15Sha256),
        digest: digest.map(|line| Digest::OfInstance(line.to_owned())),
    })
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
            let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
                quoted.split_once('"').ok_or(SignatureError::Malformed)?
            } else {
                let (value, after) = after.split_at(after.find(',').unwrap_or(after.len()));
                (value.trim(), after)
            };
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) || value.contains('\\') {
                return Err(SignatureError::Malformed);
            }
            if params.insert(name.to_ascii_lowercase(), value.to_owned()).is_some() {
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

    fn check_covered(&self, request: &Received<'_>) -> Result<(), SignatureError> {
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
        if request.is_bodiless() || self.covers("digest") {
            Ok(())
        } else {
            Err(SignatureError::NotCovered("digest"))
        }
    }

    fn check_times(&self, headers: &Headers, now: i64) -> Result<(), SignatureError> {
        if self.covers("date") {
            let line = headers.get("date").ok_or(SignatureError::Absent)?;
            check_time(date::parse(line).ok_or(SignatureError::Date)?, now)?;
        }
        match &self.created {
            Some(created) => check_time(whole_seconds(created)?, now)?,
            None if self.covers(CREATED) => return Err(SignatureError::Absent),
            None => {}
        }
        match &self.expires {
            Some(expires) => check_expiry(whole_seconds(expires)?, now),
            None if self.covers(EXPIRES) => Err(SignatureError::Absent),
            None => Ok(()),
        }
    }

    /// The text that must have been signed, built by the library from what is covered.
    ///
    /// The times are handed to it as if they were headers and its own validity check is made void:
    /// it asks the machine's clock, and the times were checked above against the instance's.
    fn signing_string(&self, request: &Received<'_>) -> Result<String, SignatureError> {
        let headers = request.headers;
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
            .into_unvalidated(request.method, request.target, &mut values, HashSet::new())
            .map_err(|_| SignatureError::Absent)?
            .validate(for_ever)
            .map_err(|_| SignatureError::Expired)?;
        Ok(unverified.signing_string().to_owned())
    }
}

/// Whole seconds of `created` or `expires`, which may have a fraction (section 2.1).
fn whole_seconds(text: &str) -> Result<i64, SignatureError> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() || whole.len() > 12 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Date);
    }
    whole.parse().map_err(|_| SignatureError::Date)
}
