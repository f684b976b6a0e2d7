//! Forms: what was sent, by whom, and whether it was sent from a page of ours.
//!
//! A form is taken only from the origin of the instance and, of whoever is signed in, with the token of
//! the session. Knows nothing of what forms are for.

use crate::error::Failure;
use crate::session::Visit;
use actix_web::dev::Payload;
use actix_web::error::UrlencodedError;
use actix_web::http::header::ORIGIN;
use actix_web::{FromRequest, HttpRequest, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clocher_app::sessions::Viewer;
use clocher_app::{Error, Site};
use futures_util::future::LocalBoxFuture;
use std::collections::HashMap;

/// Largest form, in bytes.
pub const MAX_FORM: usize = 256 * 1024;
/// Longest key of a request that is kept.
const MAX_KEY: usize = 64;

/// What was typed and chosen, by the names of the fields.
#[derive(Debug, Default)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// The value of a field; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The names of the fields that were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of a field, for keeping.
    pub fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }
}

/// A form sent by whoever is signed in.
pub struct Sent {
    /// The request.
    pub visit: Visit,
    /// Who sent it.
    pub viewer: Viewer,
    /// What it says.
    pub fields: Fields,
}

/// A form sent by somebody who need not be signed in.
pub struct SentByAnyone {
    /// The request.
    pub visit: Visit,
    /// What it says.
    pub fields: Fields,
}

impl FromRequest for Sent {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (visit, fields) = parts(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (visit, mut fields) = (visit.await?, fields.await?);
            if origin(&request, visit.app.site()) == Origin::Foreign {
                return Err(Failure::ForeignForm(fields.take("text")));
            }
            let Some(viewer) = visit.viewer.clone() else {
                return Err(Failure::SignedOut(fields.take("text")));
            };
            let token = fields.get("form_token").as_bytes();
            if verify_slices_are_equal(token, visit.form_token.as_bytes()).is_err() {
                return Err(Failure::ForeignForm(fields.take("text")));
            }
            Ok(Self { visit, viewer, fields })
        })
    }
}

impl FromRequest for SentByAnyone {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (visit, fields) = parts(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (visit, fields) = (visit.await?, fields.await?);
            // There is no session yet to bind a token to: the browser's own word is all there is.
            match origin(&request, visit.app.site()) {
                Origin::Own => Ok(Self { visit, fields }),
                Origin::Foreign | Origin::Untold => Err(Failure::ForeignForm(String::new())),
            }
        })
    }
}

type Parts =
    (LocalBoxFuture<'static, Result<Visit, Failure>>, LocalBoxFuture<'static, Result<Fields, Failure>>);

fn parts(request: &HttpRequest, payload: &mut Payload) -> Parts {
    let visit = Visit::from_request(request, payload);
    let form = web::Form::<HashMap<String, String>>::from_request(request, payload);
    let fields = Box::pin(async move {
        match form.await {
            Ok(form) => Ok(Fields(form.into_inner())),
            Err(error) => Err(match error.as_error::<UrlencodedError>() {
                Some(UrlencodedError::Overflow { .. }) => Failure::TooLarge,
                _ => Failure::Malformed,
            }),
        }
    });
    (visit, fields)
}

/// Where the browser says that a form was sent from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A page of this instance: scheme, host and port compared.
    Own,
    /// Anywhere else.
    Foreign,
    /// The browser does not say.
    Untold,
}

fn origin(request: &HttpRequest, site: &Site) -> Origin {
    if let Some(origin) = request.headers().get(ORIGIN) {
        let is_own = origin.as_bytes().eq_ignore_ascii_case(site.address("").as_bytes());
        return if is_own { Origin::Own } else { Origin::Foreign };
    }
    match request.headers().get("sec-fetch-site").map(actix_web::http::header::HeaderValue::as_bytes) {
        Some(b"same-origin") => Origin::Own,
        Some(_) => Origin::Foreign,
        None => Origin::Untold,
    }
}

/// A key that names one filling of a form: sent twice, it is written once.
///
/// # Errors
/// `Internal` where there is no randomness.
pub fn request_key() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Internal("no randomness".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The key that a form carried, unless it is not one of ours.
pub fn sent_key(fields: &mut Fields) -> Option<String> {
    Some(fields.take("request")).filter(|key| !key.is_empty() && key.len() <= MAX_KEY)
}
