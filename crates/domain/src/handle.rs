//! Names of persons and communities within an instance, and full handles (`name@host`).
//!
//! Does not look anything up: whether a name is free is asked of storage.

use crate::feed;
use crate::refusal::Refusal;
use crate::territory::fold;
use std::fmt;
use unicode_security::MixedScript as _;

/// Longest name, in ASCII characters.
pub const MAX_NAME: usize = 64;

/// Longest name of another server's actor, in characters.
const MAX_FOREIGN_NAME: usize = 128;

/// Names that no person and no community may bear: roles of mail (RFC 2142) and words of routes.
const RESERVED: [&str; 45] = [
    "about",
    "abuse",
    "account",
    "activity",
    "actor",
    "admin",
    "api",
    "assets",
    "auth",
    "authorize",
    "c",
    "calendar",
    "comment",
    "contact",
    "dav",
    "event",
    "feed",
    "healthz",
    "help",
    "hostmaster",
    "inbox",
    "instance",
    "list",
    "locale",
    "m",
    "mailer-daemon",
    "mairie-admin",
    "media",
    "nobody",
    "nodeinfo",
    "noreply",
    "oauth",
    "outbox",
    "place",
    "post",
    "postmaster",
    "readyz",
    "root",
    "search",
    "security",
    "sign-in",
    "support",
    "tag",
    "u",
    "webmaster",
];

/// A valid name: ASCII lower-case letters, digits, `-` and `_`, at most [`MAX_NAME`] long, not reserved.
///
/// # Errors
/// `Refusal::InvalidName` for another form, `Refusal::ReservedName` for a word of routes, a role of mail or the name of a
/// feed.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    let shaped = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    let edges = name.starts_with(['-', '_']) || name.ends_with(['-', '_']);
    if name.is_empty() || name.len() > MAX_NAME || !shaped || edges {
        return Err(Refusal::InvalidName);
    }
    if RESERVED.contains(&name) || name.starts_with("bounce-") || feed::is_name(name) {
        return Err(Refusal::ReservedName);
    }
    Ok(())
}

/// The slug of a name: `Saint-Étienne-de-Boulogne` gives `saint-etienne-de-boulogne`.
///
/// Cut at [`MAX_NAME`]; empty when nothing of the name can be kept.
pub fn slug(name: &str) -> String {
    let mut slug = fold(name).split_whitespace().collect::<Vec<_>>().join("-");
    slug.truncate(MAX_NAME);
    slug.trim_end_matches('-').to_owned()
}

/// The name of another server's actor (`preferredUsername`) as it is shown: letters and figures of one script,
/// and `-`, `_`, `.`, `~`, `:`. What is of several scripts, of which one can pass for another, is written in
/// Punycode (RFC 3492), as hosts are; everything else is left out.
pub fn shown_name(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric() || "-_.~:".contains(*c));
    let kept: String = kept.take(MAX_FOREIGN_NAME).collect();
    if kept.as_str().is_single_script() {
        return kept;
    }
    idna::punycode::encode_str(&kept).map(|figures| format!("xn--{figures}")).unwrap_or_default()
}

/// `name@host`, as people write it, with or without a leading `@`, `!` or `acct:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    /// The name on its host.
    pub name: String,
    /// The host in lower case, with its port where that is not the default one.
    pub host: String,
}

impl Handle {
    /// Reads a full handle, with letters and figures of any script; `None` where the text has not that form.
    /// Whether the host may be asked is another question.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let text = text.strip_prefix(['@', '!']).unwrap_or(text);
        let (name, host) = text.split_once('@')?;
        let is = |text: &str, longest: usize, also: &str| {
            (1..=longest).contains(&text.chars().count())
                && text.chars().all(|c| c.is_alphanumeric() || also.contains(c))
        };
        (is(name, MAX_FOREIGN_NAME, "-_.~") && is(host, 255, "-.:"))
            .then(|| Self { name: name.to_owned(), host: host.to_lowercase() })
    }

    /// Whether it names the same: letters of names are compared whatever their case.
    pub fn is_same(&self, other: &Self) -> bool {
        self.host == other.host && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_keeps_what_people_would_type() {
        assert_eq!(slug("Saint-Étienne-de-Boulogne"), "saint-etienne-de-boulogne");
        assert_eq!(slug("L'Œuf  d’Or"), "l-oeuf-d-or");
        assert_eq!(slug("☃"), "");
    }

    #[test]
    fn reserved_and_misshapen_names_are_refused() {
        assert_eq!(check_name("velo_club-07"), Ok(()));
        assert_eq!(check_name("postmaster"), Err(Refusal::ReservedName));
        assert_eq!(check_name("bounce-42"), Err(Refusal::ReservedName));
        for bad in ["", "Élodie", "a b", "-a", "a-", "A", "a.b", "a/b"] {
            assert_eq!(check_name(bad), Err(Refusal::InvalidName), "{bad:?}");
        }
    }

    #[test]
    fn s62_a_name_of_two_scripts_is_written_in_punycode() {
        for name in ["mairie", "Mairie_07", "saint-étienne", "ратуша", "東京とうきょう", "alpha.test:4000"]
        {
            assert_eq!(shown_name(name), name);
        }
        // The first letter of the second syllable is Cyrillic.
        assert_eq!(shown_name("m\u{430}irie"), "xn--mirie-4ve");
        assert_eq!(shown_name("\u{440}aypal"), "xn--aypal-uye");
        assert_eq!(shown_name("ma\u{202e}i\u{200b}rie @a/b"), "mairieab");
        assert_eq!(shown_name("mairie@alpha.example"), "mairiealpha.example");
    }

    #[test]
    fn handles_are_read_as_people_write_them() {
        let velo = Handle { name: "velo".into(), host: "alpha.test:4000".into() };
        for text in [
            "velo@alpha.test:4000",
            "@velo@Alpha.test:4000",
            "!velo@alpha.test:4000",
            " acct:velo@alpha.test:4000 ",
        ] {
            assert_eq!(Handle::parse(text), Some(velo.clone()));
        }
        for bad in ["velo", "@velo", "a@b@c", "a@b/c", "a b@c", "@@"] {
            assert_eq!(Handle::parse(bad), None, "{bad:?}");
        }
    }
}
