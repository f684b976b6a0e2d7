//! What a page answers when it cannot do what was asked: one type for the whole door.
//!
//! Says nothing of what happened inside: that is for the log. The page itself is made by
//! `pages::failure`, where the request is at hand.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use clocher_app::Error;
use clocher_domain::Refusal;

/// A request failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A use case did not do what was asked.
    #[error(transparent)]
    App(#[from] Error),
    /// A use case refused what was typed, and the page that it was typed on cannot take it any more.
    #[error("{0}")]
    Refused(Error, String),
    /// The form is of somebody who is not signed in, or no longer; with the text that was typed.
    #[error("nobody is signed in")]
    SignedOut(String),
    /// The form does not come from a page of this instance, or not of this session; with its text.
    #[error("the form comes from elsewhere")]
    ForeignForm(String),
    /// What was sent is larger than any form of ours.
    #[error("the form is too large")]
    TooLarge,
    /// What was sent is not a form.
    #[error("the form cannot be read")]
    Malformed,
    /// The address is for forms, and was opened as a page, or the other way round.
    #[error("the method is not allowed")]
    NotAllowed,
}

impl Failure {
    /// The key of its sentence in the catalogue.
    pub fn key(&self) -> String {
        match self {
            Self::App(Error::Refused(refusal)) | Self::Refused(Error::Refused(refusal), _) => {
                refusal_key(*refusal)
            }
            Self::App(error) | Self::Refused(error, _) => format!("failure-{}", error.code()),
            Self::SignedOut(_) => "failure-signed_out".to_owned(),
            Self::ForeignForm(_) => "failure-foreign_form".to_owned(),
            Self::TooLarge => "failure-too_large".to_owned(),
            Self::Malformed => "failure-malformed".to_owned(),
            Self::NotAllowed => "failure-not_allowed".to_owned(),
        }
    }

    /// The text that was typed and must not be lost.
    pub fn typed(&self) -> &str {
        match self {
            Self::SignedOut(text) | Self::ForeignForm(text) | Self::Refused(_, text) => text,
            _ => "",
        }
    }

    /// Tells the log what failed inside.
    pub fn log(&self) {
        match self {
            Self::App(error @ Error::Remote(_)) => tracing::info!(%error, "a page asked another server"),
            Self::App(error @ (Error::Storage(_) | Error::Internal(_)))
            | Self::Refused(error @ (Error::Storage(_) | Error::Internal(_)), _) => {
                tracing::error!(%error, code = error.code(), "a page failed");
            }
            _ => {}
        }
    }
}

/// The key of the sentence that tells a refusal.
pub fn refusal_key(refusal: Refusal) -> String {
    format!("refusal-{}", refusal.code())
}

/// The status that a use case's error has.
pub fn status_of(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::App(error) | Self::Refused(error, _) => status_of(error),
            Self::SignedOut(_) | Self::ForeignForm(_) => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl Failure {
    /// The same, with the text that was typed and must not be lost.
    #[must_use]
    pub fn with_text(self, text: &str) -> Self {
        match self {
            Self::App(error) => Self::Refused(error, text.to_owned()),
            other => other,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::App(refusal.into())
    }
}

impl From<clocher_storage::Error> for Failure {
    fn from(error: clocher_storage::Error) -> Self {
        Self::App(error.into())
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::App(Error::Internal(format!("a template: {error}")))
    }
}
