//! The domain of an instance as it is stored, and the scheme of its addresses.
//!
//! Resolves nothing.

use clocher_app::Site;
use url::{Host, Url};

/// Longest domain, in bytes: it is also the name of a folder.
const LONGEST: usize = 253;

/// A domain as it is stored: lower case, punycode, no final dot, a port only where it is not the default
/// one. `None` for what is not a host name with a dot, or `localhost`.
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['/', '@', '?', '#', '\\']) || text.contains(char::is_whitespace) {
        return None;
    }
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    let Some(Host::Domain(name)) = url.host() else { return None };
    let name = name.trim_end_matches('.');
    let labels = name.split('.').all(|label| {
        let shaped = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && shaped && !label.starts_with('-') && !label.ends_with('-')
    });
    if !labels || name.len() > LONGEST || !(name.contains('.') || name == "localhost") {
        return None;
    }
    match url.port() {
        Some(80) if is_loopback(name) => Some(name.to_owned()),
        Some(0) => None,
        Some(port) => Some(format!("{name}:{port}")),
        None => Some(name.to_owned()),
    }
}

/// The site of a domain: `https`, but for the names that never leave the machine (RFC 6761), where browsers
/// ask for no certificate.
pub fn site(domain: &str) -> Site {
    let name = domain.split_once(':').map_or(domain, |(name, _)| name);
    Site::new(if is_loopback(name) { "http" } else { "https" }, domain)
}

fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_one_spelling() {
        for (text, domain) in [
            ("Lamastre.FR.", "lamastre.fr"),
            (" lamastre.fr:443 ", "lamastre.fr"),
            ("lamastre.fr:8443", "lamastre.fr:8443"),
            ("désaignes.fr", "xn--dsaignes-b1a.fr"),
            ("lamastre.localhost:8080", "lamastre.localhost:8080"),
            ("lamastre.localhost:80", "lamastre.localhost"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(domain), "{text}");
        }
        for text in [
            "",
            "lamastre",
            "a/b.fr",
            "a@b.fr",
            "..",
            ".fr",
            "a..fr",
            "-a.fr",
            "127.0.0.1",
            "[::1]",
            "a_b.fr",
            "a.fr:0",
            "a.fr:x",
            "https://a.fr",
            "a b.fr",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_names_of_this_machine_have_plain_http() {
        assert_eq!(site("lamastre.fr").address("/"), "https://lamastre.fr/");
        assert_eq!(site("a.localhost:8080").address("/"), "http://a.localhost:8080/");
        assert_eq!(site("localhost.fr").scheme(), "https");
        assert_eq!(site("notlocalhost").scheme(), "https");
    }
}
