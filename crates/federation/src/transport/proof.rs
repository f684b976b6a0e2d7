//! Proofs on documents (FEP-8b32): a `DataIntegrityProof` of the suite `eddsa-jcs-2022` (its
//! specification: W3C Data Integrity `EdDSA` Cryptosuites v1.0, 3.3), made and verified.
//!
//! It deliberately does not know whose key a key is, nor what a document means. Proofs of other suites are none.

use super::canonical::canonical_object;
use super::json::JsonError;
use super::keys::{Ed25519Key, ed25519_verifies};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

/// The one suite that is read and made.
const SUITE: &str = "eddsa-jcs-2022";
/// How far ahead another server's clock may be, in seconds.
const AHEAD: i64 = 3_600;
/// Most figures of base 58 that 64 bytes take.
const MAX_FIGURES: usize = 88;

/// Why a proof of the known suite is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It lacks something, or has it in another form.
    #[error("the proof is malformed")]
    Malformed,
    /// There are several proofs: nobody can say which of them counts.
    #[error("several proofs")]
    Several,
    /// It was made for something else than asserting what the document says.
    #[error("the proof is for another purpose")]
    Purpose,
    /// It was made for a document with another `@context`.
    #[error("the proof is for another context")]
    Context,
    /// It was made in the future.
    #[error("the proof is from the future")]
    Future,
    /// It has expired.
    #[error("the proof has expired")]
    Expired,
    /// The document cannot be written in one form.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The key that it names is none of the actor's.
    #[error("the key of the proof is not one of the actor's")]
    Key,
    /// It is not the signature of this document by that key.
    #[error("the proof does not fit")]
    Wrong,
}

impl ProofError {
    /// The permanent code of the refusal.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "proof_malformed",
            Self::Several => "proof_several",
            Self::Purpose => "proof_purpose",
            Self::Context => "proof_context",
            Self::Future => "proof_future",
            Self::Expired => "proof_expired",
            Self::Json(error) => error.code(),
            Self::Key => "proof_key",
            Self::Wrong => "proof_wrong",
        }
    }
}

/// A proof that a document bears, right in all but the signature, which is still to be verified.
#[derive(Debug)]
pub struct Proof {
    method: String,
    created: i64,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Proof {
    /// Reads the proof of a document; none where it bears none of the known suite. `now` in seconds since 1970.
    ///
    /// # Errors
    /// What is wrong with a proof of the known suite, or with there being several.
    pub fn read(document: &Value, now: i64) -> Result<Option<Self>, ProofError> {
        let Some(members) = document.as_object() else { return Ok(None) };
        let proof = match members.get("proof") {
            Some(Value::Array(many)) if many.len() > 1 => return Err(ProofError::Several),
            Some(Value::Array(one)) => one.first(),
            one => one,
        };
        match proof.and_then(Value::as_object).filter(|proof| is_of_known_suite(proof)) {
            Some(proof) => read_proof(members, proof, now).map(Some),
            None => Ok(None),
        }
    }

    /// The id of the key that it names (`verificationMethod`).
    pub fn method(&self) -> &str {
        &self.method
    }

    /// When it was made, in seconds since 1970.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// Verifies it with the public key of that id.
    ///
    /// # Errors
    /// `Wrong` where it is not this key's signature of this document.
    pub fn verify(&self, public: &[u8; 32]) -> Result<(), ProofError> {
        let fits = ed25519_verifies(public, &self.message, &self.signature);
        if fits { Ok(()) } else { Err(ProofError::Wrong) }
    }
}

fn is_of_known_suite(proof: &Map<String, Value>) -> bool {
    let text = |name: &str| proof.get(name).and_then(Value::as_str);
    text("type") == Some("DataIntegrityProof") && text("cryptosuite") == Some(SUITE)
}

fn read_proof(
    document: &Map<String, Value>,
    proof: &Map<String, Value>,
    now: i64,
) -> Result<Proof, ProofError> {
    let text = |name: &str| proof.get(name).and_then(Value::as_str).ok_or(ProofError::Malformed);
    if text("proofPurpose")? != "assertionMethod" {
        return Err(ProofError::Purpose);
    }
    if proof.contains_key("previousProof") {
        // A link of a chain that has no other link here.
        return Err(ProofError::Malformed);
    }
    let created = seconds(text("created")?)?;
    if created > now + AHEAD {
        return Err(ProofError::Future);
    }
    if proof.contains_key("expires") && seconds(text("expires")?)? <= now {
        return Err(ProofError::Expired);
    }
    let context = context(document, proof)?;
    let options = proof.iter().filter(|(name, _)| *name != "proofValue");
    Ok(Proof {
        method: text("verificationMethod")?.to_owned(),
        created,
        message: message(document, context, options)?,
        signature: signature(text("proofValue")?)?,
    })
}

fn seconds(text: &str) -> Result<i64, ProofError> {
    text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).map_err(|_| ProofError::Malformed)
}

fn signature(text: &str) -> Result<Vec<u8>, ProofError> {
    let figures = text.strip_prefix('z').filter(|figures| figures.len() <= MAX_FIGURES);
    let bytes = bs58::decode(figures.ok_or(ProofError::Malformed)?).into_vec();
    bytes.ok().filter(|bytes| bytes.len() == 64).ok_or(ProofError::Malformed)
}

/// The `@context` under which the document was proved: that of the proof, with which the document's own begins;
/// without one in the proof, the document's own (3.3.2, step 4).
fn context<'a>(
    document: &'a Map<String, Value>,
    proof: &'a Map<String, Value>,
) -> Result<Option<&'a Value>, ProofError> {
    let own = document.get("@context");
    let Some(proved) = proof.get("@context") else { return Ok(own) };
    let begins = own.is_some_and(|own| entries(own).starts_with(entries(proved)));
    if begins { Ok(Some(proved)) } else { Err(ProofError::Context) }
}

fn entries(context: &Value) -> &[Value] {
    match context {
        Value::Array(entries) => entries,
        one => std::slice::from_ref(one),
    }
}

/// What is signed: the hash of the proof without its signature, then that of the document without its proof (3.3.4).
fn message<'a>(
    document: &'a Map<String, Value>,
    context: Option<&'a Value>,
    options: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<Vec<u8>, ProofError> {
    let options = canonical_object(options.map(|(name, value)| (name.as_str(), value)))?;
    let unproved = document.iter().filter(|(name, _)| *name != "proof" && *name != "@context");
    let unproved = unproved.map(|(name, value)| (name.as_str(), value));
    let document = canonical_object(unproved.chain(context.map(|context| ("@context", context))))?;
    Ok([digest(&SHA256, &options).as_ref(), digest(&SHA256, &document).as_ref()].concat())
}

/// Proves a document: gives it with its proof. `method` is the id of the key, `now` in seconds since 1970.
///
/// # Errors
/// `Malformed` for what is no object or a time that cannot be written; what cannot be written in one form.
pub fn prove(document: Value, key: &Ed25519Key, method: &str, now: i64) -> Result<Value, ProofError> {
    let Value::Object(mut document) = document else { return Err(ProofError::Malformed) };
    let created = jiff::Timestamp::from_second(now).map_err(|_| ProofError::Malformed)?;
    let mut proof = Map::new();
    if let Some(context) = document.get("@context") {
        proof.insert("@context".to_owned(), context.clone());
    }
    for (name, value) in [
        ("type", "DataIntegrityProof"),
        ("cryptosuite", SUITE),
        ("verificationMethod", method),
        ("proofPurpose", "assertionMethod"),
        ("created", &created.to_string()),
    ] {
        proof.insert(name.to_owned(), json!(value));
    }
    let message = message(&document, document.get("@context"), proof.iter())?;
    let signature = bs58::encode(key.sign(&message)).into_string();
    proof.insert("proofValue".to_owned(), json!(format!("z{signature}")));
    document.insert("proof".to_owned(), Value::Object(proof));
    Ok(Value::Object(document))
}
