//! What a use case answers when it does not do what was asked.

use clocher_domain::Refusal;
use clocher_domain::refusal::Kind;
use clocher_storage::Error as StorageError;

/// A use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Another server could not be reached or did not make sense; the text is for the log.
    #[error("another server: {0}")]
    Remote(String),
    /// Something failed that should not; the text is for the log.
    #[error("internal: {0}")]
    Internal(String),
}

/// A result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The permanent code, in snake case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Storage(error) if error.is_transient() => "unavailable",
            Self::Remote(_) => "remote_failed",
            Self::Storage(_) | Self::Internal(_) => "internal",
        }
    }

    /// The refusal, where a rule said no.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            _ => None,
        }
    }

    /// The HTTP status that fits, whatever the body is.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Refused(refusal) => match refusal.kind() {
                Kind::Invalid => 422,
                Kind::Forbidden => 403,
                Kind::NotFound => 404,
                Kind::Conflict => 409,
                Kind::Gone => 410,
                Kind::TooMany => 429,
            },
            Self::Storage(error) if error.is_transient() => 503,
            Self::Remote(_) => 502,
            Self::Storage(_) | Self::Internal(_) => 500,
        }
    }
}
