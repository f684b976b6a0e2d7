//! In which of the two forms a host takes signatures.
//!
//! It deliberately keeps nothing itself: what is known of a host is kept by whoever signs.

use async_trait::async_trait;

/// A form of signing requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// draft-cavage-http-signatures-12, which nearly everybody takes.
    Cavage,
    /// RFC 9421.
    Rfc9421,
}

impl Form {
    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }
}

/// What is known of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The form to begin with.
    pub form: Form,
    /// Whether the other one may be tried where this one is refused.
    pub may_retry: bool,
}

/// Who knows the hosts.
#[async_trait]
pub trait HostForms: Send + Sync + std::fmt::Debug {
    /// What is known of a host (with its port unless it is the scheme's own).
    async fn known(&self, host: &str) -> Known;

    /// The host takes that form, having refused the other one.
    async fn took(&self, host: &str, form: Form);

    /// The host refused both forms: it is for another reason.
    async fn refused_both(&self, host: &str);
}

/// Whether that status may mean that the form of the signature is not understood.
pub(super) fn may_mean_form(status: u16) -> bool {
    matches!(status, 400 | 401)
}

/// Whether that status tells that the signature was understood. 403, 429 and 5xx tell nothing.
pub(super) fn means_understood(status: u16) -> bool {
    matches!(status, 200..=399 | 404 | 410)
}
