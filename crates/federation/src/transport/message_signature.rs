//! Reads and writes signatures of requests after RFC 9421 (HTTP Message Signatures).
//!
//! It deliberately reads less than the RFC allows: one signature, of a request, over whole fields and those
//! derived components that say where the request goes. It knows neither keys nor bodies. The grammar of the
//! headers is read by a library of structured fields; the text that was signed is built here, as libraries
//! that do both would have us take their keys and their time windows too.

use std::collections::BTreeSet;

use sfv::{
    BareItem, Dictionary, FieldType as _, InnerList, Integer, Item, Key, ListEntry, Parameters, Parser,
    Version,
};

use super::date;
use super::digest::Digest;
use super::signature::{
    Algorithm, Headers, IncomingSignature, MAX_HEADER, Received, SignatureError, check_expiry, check_time,
    is_plain,
};

const METHOD: &str = "@method";
const TARGET_URI: &str = "@target-uri";
const AUTHORITY: &str = "@authority";
const REQUEST_TARGET: &str = "@request-target";
const PATH: &str = "@path";
const QUERY: &str = "@query";
const SCHEME: &str = "@scheme";
const CONTENT_DIGEST: &str = "content-digest";

/// The name of the one algorithm in which we sign.
const RSA_V1_5_SHA256: &str = "rsa-v1_5-sha256";
/// The label of our signatures.
const LABEL: &str = "sig1";

/// Reads the `Signature-Input` and `Signature` headers of a request.
///
/// There must be one label, with `keyid` and `created`. Covered must be `@method`, the place
/// (`@target-uri`, or `@authority` with `@request-target` or with `@path` and, where there is a
/// query, `@query`), and, but for GET and HEAD, `content-digest`. Parameters of components are not
/// read (`sf`, `key`, `bs`, `tr`, `req`, `name`).
pub(super) fn parse(request: &Received<'_>, now: i64) -> Result<IncomingSignature, SignatureError> {
    let (input, signature) = member(request.headers)?;
    let covered = covered(&input)?;
    check_covered(&covered, request)?;
    check_times(&covered, &input.params, request.headers, now)?;
    request.check_host()?;
    let key_id = text(&input.params, "keyid")?.filter(|id| is_plain(id)).ok_or(SignatureError::Malformed)?;
    let digest = covered.contains(CONTENT_DIGEST).then(|| request.headers.get(CONTENT_DIGEST)).flatten();
    Ok(IncomingSignature {
        key_id: key_id.to_owned(),
        algorithm: text(&input.params, "alg")?.map(algorithm).transpose()?,
        digest: digest.map(|line| Digest::OfContent(line.to_owned())),
        signed: base(&input, request)?,
        signature,
    })
}

/// What the signature covers, with its parameters, and its bytes.
fn member(headers: &Headers) -> Result<(InnerList, Vec<u8>), SignatureError> {
    let (label, input) = only_member(headers, "signature-input")?;
    let (signed_label, signature) = only_member(headers, "signature")?;
    let (ListEntry::InnerList(input), ListEntry::Item(signature)) = (input, signature) else {
        return Err(SignatureError::Malformed);
    };
    match signature.bare_item {
        BareItem::ByteSequence(signature) if label == signed_label => Ok((input, signature)),
        _ => Err(SignatureError::Malformed),
    }
}

/// The one member of a dictionary (RFC 8941, 3.2).
fn only_member(headers: &Headers, name: &str) -> Result<(Key, ListEntry), SignatureError> {
    let line = headers.get(name).ok_or(SignatureError::Missing)?;
    if line.len() > MAX_HEADER {
        return Err(SignatureError::Malformed);
    }
    let members: Dictionary =
        Parser::new(line).with_version(Version::Rfc8941).parse().map_err(|_| SignatureError::Malformed)?;
    let mut members = members.into_iter();
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        (Some(_), Some(_)) => Err(SignatureError::Several),
        (None, _) => Err(SignatureError::Missing),
    }
}

/// The names of what is covered: each once, and without parameters.
fn covered(input: &InnerList) -> Result<BTreeSet<&str>, SignatureError> {
    let mut names = BTreeSet::new();
    for item in &input.items {
        let name = name_of(item)?;
        if !names.insert(name) {
            return Err(SignatureError::Duplicate(name.to_owned()));
        }
    }
    Ok(names)
}

fn name_of(component: &Item) -> Result<&str, SignatureError> {
    let name = component.bare_item.as_string().ok_or(SignatureError::Malformed)?.as_str();
    let is_name =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '@' | '-' | '_' | '.');
    if component.params.is_empty() && name.chars().all(is_name) {
        Ok(name)
    } else {
        Err(SignatureError::Component)
    }
}

fn check_covered(covered: &BTreeSet<&str>, request: &Received<'_>) -> Result<(), SignatureError> {
    let must = |name: &'static str| {
        if covered.contains(name) { Ok(()) } else { Err(SignatureError::NotCovered(name)) }
    };
    must(METHOD)?;
    if !covered.contains(TARGET_URI) {
        must(AUTHORITY)?;
        if !covered.contains(REQUEST_TARGET) {
            must(PATH)?;
            if request.target.contains('?') {
                must(QUERY)?;
            }
        }
    }
    if request.is_bodiless() { Ok(()) } else { must(CONTENT_DIGEST) }
}

fn check_times(
    covered: &BTreeSet<&str>,
    params: &Parameters,
    headers: &Headers,
    now: i64,
) -> Result<(), SignatureError> {
    let created = seconds(params, "created")?.ok_or(SignatureError::NotCovered("created"))?;
    check_time(created, now)?;
    if covered.contains("date") {
        let line = headers.get("date").ok_or(SignatureError::Absent)?;
        check_time(date::parse(line).ok_or(SignatureError::Date)?, now)?;
    }
    match seconds(params, "expires")? {
        Some(expires) => check_expiry(expires, now),
        None => Ok(()),
    }
}

fn seconds(params: &Parameters, name: &str) -> Result<Option<i64>, SignatureError> {
    let value = params.get(name).map(|value| value.as_integer().ok_or(SignatureError::Date)).transpose()?;
    Ok(value.map(i64::from))
}

fn text<'a>(params: &'a Parameters, name: &str) -> Result<Option<&'a str>, SignatureError> {
    let value = params.get(name).map(|value| value.as_string().ok_or(SignatureError::Malformed));
    Ok(value.transpose()?.map(sfv::StringRef::as_str))
}

/// The algorithms that we read, of the registry of RFC 9421 (section 6.2).
fn algorithm(name: &str) -> Result<Algorithm, SignatureError> {
    match name {
        RSA_V1_5_SHA256 => Ok(Algorithm::RsaV15Sha256),
        "rsa-pss-sha512" => Ok(Algorithm::RsaPssSha512),
        "ed25519" => Ok(Algorithm::Ed25519),
        _ => Err(SignatureError::Algorithm),
    }
}

/// The text that must have been signed (RFC 9421, 2.5).
fn base(input: &InnerList, request: &Received<'_>) -> Result<String, SignatureError> {
    let mut base = String::new();
    for item in &input.items {
        let name = name_of(item)?;
        base = base + "\"" + name + "\": " + &component(name, request)? + "\n";
    }
    let params = written(input.clone()).ok_or(SignatureError::Malformed)?;
    Ok(base + "\"@signature-params\": " + &params)
}

/// The value of a derived component (RFC 9421, 2.2) or of a field (2.1).
fn component(name: &str, request: &Received<'_>) -> Result<String, SignatureError> {
    let target = request.target;
    Ok(match name {
        METHOD => request.method.to_owned(),
        TARGET_URI => format!("{}://{}{target}", request.scheme, request.authority),
        AUTHORITY => request.authority.to_owned(),
        SCHEME => request.scheme.to_owned(),
        REQUEST_TARGET => target.to_owned(),
        PATH => target.split('?').next().unwrap_or_default().to_owned(),
        QUERY => format!("?{}", target.split_once('?').map_or("", |(_, query)| query)),
        name if name.starts_with('@') => return Err(SignatureError::Component),
        name => {
            let values: Vec<_> = request.headers.get_all(name).collect();
            if values.is_empty() {
                return Err(SignatureError::Absent);
            }
            values.join(", ")
        }
    })
}

/// The text that must have been signed, and the signature, whatever is covered and when.
#[cfg(test)]
pub(super) fn base_of(request: &Received<'_>) -> Result<(String, Vec<u8>), SignatureError> {
    let (input, signature) = member(request.headers)?;
    Ok((base(&input, request)?, signature))
}

/// An inner list as it is written (RFC 8941, 4.1.1.1).
fn written(list: InnerList) -> Option<String> {
    vec![ListEntry::InnerList(list)].serialize()
}

/// A request to be signed: what is covered, in order, with the key's address and the time.
pub(super) struct Unsigned {
    input: InnerList,
    /// The text to sign.
    pub base: String,
}

impl Unsigned {
    /// Covers the method, the whole address and all the headers of the request. `now` in seconds
    /// since 1970. None where the key's address cannot be written.
    pub(super) fn new(request: &Received<'_>, key_id: &str, now: i64) -> Option<Self> {
        let fields = request.headers.names();
        let items = [METHOD, TARGET_URI, AUTHORITY].into_iter().chain(fields);
        let items: Option<Vec<_>> = items.map(|name| Some(Item::new(string(name)?))).collect();
        let params = [
            ("created", BareItem::Integer(Integer::try_from(now).ok()?)),
            ("keyid", BareItem::String(string(key_id)?)),
            ("alg", BareItem::String(string(RSA_V1_5_SHA256)?)),
        ];
        let params: Option<Parameters> =
            params.into_iter().map(|(name, value)| Some((key(name)?, value))).collect();
        let input = InnerList::with_params(items?, params?);
        let base = base(&input, request).ok()?;
        Some(Self { input, base })
    }

    /// The lines of `Signature-Input` and `Signature`, with the signature of [`Self::base`].
    pub(super) fn signed(self, signature: Vec<u8>) -> Option<[(String, String); 2]> {
        let line = |value: ListEntry| Dictionary::from([(key(LABEL)?, value)]).serialize();
        let input = line(ListEntry::InnerList(self.input))?;
        let signature = line(ListEntry::Item(Item::new(BareItem::ByteSequence(signature))))?;
        Some([("signature-input".to_owned(), input), ("signature".to_owned(), signature)])
    }
}

fn string(text: &str) -> Option<sfv::String> {
    sfv::String::try_from(text.to_owned()).ok()
}

fn key(name: &str) -> Option<Key> {
    Key::try_from(name.to_owned()).ok()
}
