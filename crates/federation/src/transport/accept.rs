//! What is asked of a server, and which content types are an answer to it.
//!
//! It deliberately does not look into bodies: a type that lies is found out by the parser.

/// What is sent with every POST, and the first choice of every GET of an object.
pub const ACTIVITY_JSON: &str = "application/activity+json";
const AS_PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// What is asked for, and so which content types are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// `application/activity+json`, or `application/ld+json` with the `ActivityStreams` profile (S02).
    Activity,
    /// `application/jrd+json` or `application/json` (RFC 7033), at most 64 KiB.
    WebFinger,
    /// A page for people: `text/html`.
    Page,
    /// `application/json`, also with `+json` (`NodeInfo`), at most 64 KiB.
    NodeInfo,
}

impl Accept {
    /// The `Accept` header.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Activity => {
                r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#
            }
            Self::WebFinger => "application/jrd+json, application/json",
            Self::NodeInfo => "application/json",
            Self::Page => "text/html",
        }
    }

    /// Whether a `Content-Type` of this text answers the question. Case, blanks, quotes, the order
    /// of parameters and further ones do not matter.
    pub fn takes(self, content_type: &str) -> bool {
        let mut parts = content_type.split(';');
        let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        match self {
            Self::Activity if kind == "application/ld+json" => parts.any(is_activity_profile),
            Self::Activity => kind == ACTIVITY_JSON,
            Self::WebFinger => matches!(kind.as_str(), "application/jrd+json" | "application/json"),
            Self::Page => matches!(kind.as_str(), "text/html" | "application/xhtml+xml"),
            Self::NodeInfo => {
                kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
            }
        }
    }

    /// Decoded bytes believed, within the client's own limit.
    pub(super) fn most_bytes(self, limit: usize) -> usize {
        match self {
            Self::Activity | Self::Page => limit,
            Self::WebFinger | Self::NodeInfo => limit.min(64 * 1024),
        }
    }
}

/// The profile parameter may hold several URIs in quotes (RFC 6906).
fn is_activity_profile(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let uris = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("profile") && uris.split_ascii_whitespace().any(|uri| uri == AS_PROFILE)
}
