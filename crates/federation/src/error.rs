//! The one error of this door, and the form that it takes on the wire.

use crate::transport::{FetchError, JsonError, KeyError, ProofError, SignatureError};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use clocher_domain::Refusal;

/// Why something that came in, or was to go out, did not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A use case said no, or failed.
    #[error(transparent)]
    App(#[from] clocher_app::Error),
    /// The request is not signed as it must be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The activity bears a proof that is wrong.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The body is not JSON within our limits.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another server did not give what was asked of it.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A key of ours is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The document lacks something, or holds it in a form that we do not read.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Whoever signed is not whom the request speaks for.
    #[error("not verified: {0}")]
    Unverified(&'static str),
    /// The document claims what its signer may not say.
    #[error("forged: {0}")]
    Forged(&'static str),
    /// What may be fetched for one purpose is fetched.
    #[error("enough was fetched")]
    Exhausted,
    /// Another server does not say yet what it is expected to.
    #[error("not yet: {0}")]
    NotYet(&'static str),
    /// It cannot be decided without asking another server, which this caller does not do.
    #[error("another server must be asked first")]
    NeedsNetwork,
}

/// A result of this door.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::App(refusal.into())
    }
}

impl From<clocher_storage::Error> for Error {
    fn from(error: clocher_storage::Error) -> Self {
        Self::App(error.into())
    }
}

impl Error {
    /// The permanent code, in snake case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::Signature(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Malformed(_) => "malformed",
            Self::Unverified(_) => "unverified",
            Self::Forged(_) => "forged",
            Self::Exhausted => "exhausted",
            Self::NotYet(_) => "not_yet",
            Self::NeedsNetwork => "needs_network",
        }
    }

    /// The HTTP status. What cannot be verified is 401, so that a peer tries again in its other way to sign.
    pub fn status(&self) -> StatusCode {
        let code = match self {
            // Some servers take 410 for the end of the whole instance, and 404 for that of the inbox.
            Self::App(error) => match error.http_status() {
                404 | 410 => 403,
                status => status,
            },
            Self::Json(_) | Self::Malformed(_) | Self::Exhausted => 400,
            Self::Forged(_) | Self::Proof(_) => 403,
            Self::Fetch(error) if error.is_transient() => 503,
            Self::NotYet(_) => 503,
            Self::Signature(_) | Self::Fetch(_) | Self::Unverified(_) => 401,
            Self::Key(_) | Self::NeedsNetwork => 500,
        };
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Whether the same thing may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_transient(),
            Self::App(clocher_app::Error::Storage(error)) => error.is_transient(),
            Self::Key(_) | Self::NotYet(_) => true,
            _ => false,
        }
    }

    /// The answer: problem details (RFC 9457) with the code, never an internal text.
    pub fn response(&self) -> HttpResponse {
        let status = self.status();
        if status.is_server_error() {
            tracing::warn!(error = %self, "a request failed");
        } else {
            tracing::debug!(error = %self, "a request was refused");
        }
        let body =
            serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "title": self.code() });
        let mut response = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header(("Retry-After", "30"));
        }
        response.content_type("application/problem+json").body(body.to_string())
    }
}
