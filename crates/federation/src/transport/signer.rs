//! Signs outgoing requests, after draft-cavage-http-signatures-12.
//!
//! It deliberately does not send anything, and does not choose the key: who signs is the caller's
//! affair.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_signature_normalization::Config;
use url::Url;

use super::address::authority;
use super::date;
use super::keys::{KeyError, SigningKey};

/// A key and the name under which others find its public half.
#[derive(Debug, Clone)]
pub struct Signer {
    /// URL of the key, such as `https://example.org/actor#main-key`.
    pub key_id: String,
    /// The private key.
    pub key: SigningKey,
}

impl Signer {
    /// Headers to add to a GET: `host`, `date`, `accept` and `signature` over
    /// `(request-target) accept date host`. `now` in seconds since 1970.
    pub fn sign_get(&self, url: &Url, accept: &str, now: i64) -> Result<Vec<(String, String)>, KeyError> {
        self.sign("GET", url, now, vec![("accept".to_owned(), accept.to_owned())])
    }

    /// Headers to add to a POST of this body: `host`, `date`, `digest`, `content-type` and
    /// `signature` over all of them and `(request-target)`. `now` in seconds since 1970.
    pub fn sign_post(
        &self,
        url: &Url,
        content_type: &str,
        body: &[u8],
        now: i64,
    ) -> Result<Vec<(String, String)>, KeyError> {
        let digest = format!("SHA-256={}", STANDARD.encode(digest(&SHA256, body)));
        let lines = vec![("digest".to_owned(), digest), ("content-type".to_owned(), content_type.to_owned())];
        self.sign("POST", url, now, lines)
    }

    fn sign(
        &self,
        method: &str,
        url: &Url,
        now: i64,
        mut lines: Vec<(String, String)>,
    ) -> Result<Vec<(String, String)>, KeyError> {
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
}

/// Path and query of a URL, as in a request line.
fn request_target(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
