//! The languages of the pages: which one a reader gets, and the catalogue of what they say.
//!
//! Translates nothing that people wrote.

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;

static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "fr",
        // Names are set apart by `<bdi>`; marks inside attributes and titles would only be noise.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static FRENCH: LanguageIdentifier = langid!("fr");
static ENGLISH: LanguageIdentifier = langid!("en");

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Its BCP 47 tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of a tag, whatever its region: `fr-CA` is French.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        [Self::Fr, Self::En].into_iter().find(|lang| lang.as_str().eq_ignore_ascii_case(primary))
    }

    /// The one that the reader prefers, by an `Accept-Language` header.
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in accept_language.split(',').take(30) {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality = parameter.trim().strip_prefix("q=").and_then(|q| q.trim().parse().ok());
            let (Some(lang), Some(quality)) = (Self::parse(tag), quality) else { continue };
            if quality > best.map_or(0.0, |(known, _)| known) {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }

    /// A text of the catalogue.
    pub fn say(self, key: &str) -> String {
        CATALOGUE.lookup(self.identifier(), key)
    }

    /// A text about a number: `$count`.
    pub fn count(self, key: &str, count: impl Borrow<i64>) -> String {
        self.say_with(key, &[("count", (*count.borrow()).into())])
    }

    /// A text about somebody or something: `$name`.
    pub fn name(self, key: &str, name: &str) -> String {
        self.say_with(key, &[("name", name.into())])
    }

    /// A text about two that are named, `name` and `other`.
    pub fn pair(self, key: &str, name: &str, other: &str) -> String {
        self.say_with(key, &[("name", name.into()), ("other", other.into())])
    }

    /// A text with its values.
    pub fn say_with(self, key: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'_>> =
            values.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        CATALOGUE.lookup_with_args(self.identifier(), key, &values)
    }

    /// A whole number, its thousands set apart.
    pub fn number(self, number: u32) -> String {
        let digits = number.to_string();
        let mut out = String::with_capacity(digits.len() + 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(if self == Self::Fr { '\u{202F}' } else { ',' });
            }
            out.push(digit);
        }
        out
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Fr => &FRENCH,
            Self::En => &ENGLISH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_preferred_among_ours() {
        for (header, lang) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Some(Lang::Fr)),
            ("de, en-GB;q=0.7, fr;q=0.3", Some(Lang::En)),
            ("en;q=0, fr;q=0.1", Some(Lang::Fr)),
            ("EN", Some(Lang::En)),
            ("frr, de", None),
            ("*", None),
            ("fr;q=x", None),
            ("", None),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header}");
        }
    }

    #[test]
    fn numbers_are_written_as_in_the_language() {
        assert_eq!(Lang::Fr.number(67_413_000), "67\u{202F}413\u{202F}000");
        assert_eq!(Lang::En.number(8_465), "8,465");
        assert_eq!(Lang::Fr.number(12), "12");
    }

    #[test]
    fn counts_follow_the_plural_of_the_language() {
        assert_eq!(Lang::Fr.count("members", 0), "0 membre");
        assert_eq!(Lang::En.count("members", 0), "0 members");
        assert_eq!(Lang::Fr.count("members", 2), "2 membres");
        assert_eq!(Lang::En.count("members", 1), "1 member");
    }
}
