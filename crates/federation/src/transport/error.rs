//! The one error of everything that asks another server.
//!
//! It deliberately carries no text of the other server: what a stranger wrote never reaches a page.

use super::address::AddressError;
use super::json::JsonError;

/// Why another server gave nothing usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL or the address behind it is not asked.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The whole exchange took longer than the limit.
    #[error("no complete answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The answer is not HTTP, or its encoding is broken.
    #[error("the answer is broken")]
    Broken,
    /// The decoded body is longer than the limit.
    #[error("the answer is too large")]
    TooLarge,
    /// More redirects than the limit.
    #[error("too many redirects")]
    TooManyRedirects,
    /// A redirect without a place to go, or with several.
    #[error("a redirect without one location")]
    BadRedirect,
    /// The answer is not of a type that was asked for.
    #[error("the answer has an unexpected content type")]
    ContentType,
    /// Any other status than 200, with the status.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The object is no more: status 404 or 410, or 200 for a tombstone with its own id.
    #[error("gone (status {0})")]
    Gone(u16),
    /// The body is not JSON within the limits.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document has no `id` that is a URL.
    #[error("the document has no id")]
    NoId,
    /// The document says that it is another one, also after it was asked for under that id.
    #[error("the document's id is not the address that served it")]
    IdMismatch,
    /// The document lacks what was sought, or holds it in another shape.
    #[error("the document lacks {0}")]
    Lacks(&'static str),
    /// The request could not be signed.
    #[error("the request could not be signed")]
    Signing,
}

impl FetchError {
    /// The permanent code of the failure.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(error) => error.code(),
            Self::Timeout => "fetch_timeout",
            Self::Connection(_) => "fetch_connection",
            Self::Broken => "fetch_broken",
            Self::TooLarge => "fetch_too_large",
            Self::TooManyRedirects | Self::BadRedirect => "fetch_redirect",
            Self::ContentType => "fetch_content_type",
            Self::Status(_) => "fetch_status",
            Self::Gone(_) => "fetch_gone",
            Self::Json(error) => error.code(),
            Self::NoId | Self::IdMismatch => "fetch_id",
            Self::Lacks(_) => "fetch_lacks",
            Self::Signing => "fetch_signing",
        }
    }

    /// Whether the same request may succeed later: no answer, 408, 425, 429 and 5xx.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout | Self::Connection(_) => true,
            Self::Status(status) => is_transient_status(*status),
            _ => false,
        }
    }

    /// Whether the object is known to be no more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone(_))
    }
}

/// Statuses after which the same request is worth repeating (RFC 9110, RFC 6585, RFC 8470).
pub(crate) fn is_transient_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}
