//! Signs outgoing requests, after draft-cavage-http-signatures-12 or after RFC 9421.
//!
//! It deliberately does not send anything, and does not choose the key: who signs is the caller's
//! affair.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_signature_normalization::Config;
use url::Url;

use super::address::authority;
use super::forms::{Form, HostForms};
use super::keys::{KeyError, SigningKey};
use super::message_signature::Unsigned;
use super::signature::{Headers, Received};
use super::{date, digest};

type Lines = Vec<(String, String)>;

/// A key and the name under which others find its public half.
#[derive(Debug, Clone)]
pub struct Signer {
    /// URL of the key, such as `https://example.org/actor#main-key`.
    pub key_id: String,
    /// The private key.
    pub key: SigningKey,
    /// In which form the hosts want to be signed to, where that is kept in mind.
    pub forms: Option<Arc<dyn HostForms>>,
}

impl Signer {
    /// A signer that keeps nothing of hosts in mind: it signs after draft-cavage-12.
    pub fn new(key_id: String, key: SigningKey) -> Self {
        Self { key_id, key, forms: None }
    }

    /// Headers to add to a GET, the signature's among them, over all of them, the method and the
    /// address: `accept`, and `host` and `date` where the form needs them. `now` in seconds since 1970.
    pub fn sign_get(&self, form: Form, url: &Url, accept: &str, now: i64) -> Result<Lines, KeyError> {
        self.sign(form, "GET", url, now, vec![("accept".to_owned(), accept.to_owned())])
    }

    /// The same for a POST of this body: `content-type`, and `digest` or `content-digest`.
    pub fn sign_post(
        &self,
        form: Form,
        url: &Url,
        content_type: &str,
        body: &[u8],
        now: i64,
    ) -> Result<Lines, KeyError> {
        let digest = match form {
            Form::Cavage => ("digest".to_owned(), digest::of_instance(body)),
            Form::Rfc9421 => ("content-digest".to_owned(), digest::of_content(body)),
        };
        let lines = vec![digest, ("content-type".to_owned(), content_type.to_owned())];
        self.sign(form, "POST", url, now, lines)
    }

    fn sign(&self, form: Form, method: &str, url: &Url, now: i64, lines: Lines) -> Result<Lines, KeyError> {
        match form {
            Form::Cavage => self.sign_cavage(method, url, now, lines),
            Form::Rfc9421 => self.sign_rfc9421(method, url, now, lines),
        }
    }

    fn sign_cavage(&self, method: &str, url: &Url, now: i64, mut lines: Lines) -> Result<Lines, KeyError> {
        lines.push(("host".to_owned(), authority(url)));
        lines.push(("date".to_owned(), date::format(now).ok_or(KeyError::Failed)?));
        let covered: BTreeMap<_, _> = lines.iter().cloned().collect();
        let signed = Config::new()
            .dont_use_created_field()
            .begin_sign(method, &request_target(url), covered)
            .map_err(|_| KeyError::Failed)?
            .sign(self.key_id.clone(), |text| {
                self.key.sign(text.as_bytes()).map(|bytes| STANDARD.encode(bytes))
            })?;
        // The library writes hs2019, which several peers refuse; the bytes are those of rsa-sha256.
        let header =
            signed.signature_header().replacen(r#",algorithm="hs2019","#, r#",algorithm="rsa-sha256","#, 1);
        lines.push(("signature".to_owned(), header));
        Ok(lines)
    }

    fn sign_rfc9421(&self, method: &str, url: &Url, now: i64, mut lines: Lines) -> Result<Lines, KeyError> {
        let headers: Headers = lines.iter().map(|(name, value)| (name, value)).collect();
        let (authority, target) = (authority(url), request_target(url));
        let request = Received {
            method,
            target: &target,
            headers: &headers,
            scheme: url.scheme(),
            authority: &authority,
        };
        let unsigned = Unsigned::new(&request, &self.key_id, now).ok_or(KeyError::Failed)?;
        let signature = self.key.sign(unsigned.base.as_bytes())?;
        lines.extend(unsigned.signed(signature).ok_or(KeyError::Failed)?);
        lines.push(("host".to_owned(), authority));
        Ok(lines)
    }
}

/// Path and query of a URL, as in a request line.
fn request_target(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
