//! The language of the command line, and its catalogue.
//!
//! The pages for people have their own catalogue, in `web`.

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static CATALOGUES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static EN: LanguageIdentifier = langid!("en");
static FR: LanguageIdentifier = langid!("fr");

/// A language in which the command line speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

impl Language {
    /// The language of the user's environment: `LC_ALL`, else `LC_MESSAGES`, else `LANG`; English where
    /// they say nothing that we speak.
    pub fn of_environment() -> Self {
        let first = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        Self::of_locale(first.as_deref().unwrap_or_default())
    }

    /// The language of a locale such as `fr_FR.UTF-8`.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("fr") { Self::Fr } else { Self::En }
    }

    /// Its code: `en` or `fr`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// A text of the catalogue; the key itself where there is none.
    pub fn text(self, key: &str) -> String {
        self.find(key).unwrap_or_else(|| key.to_owned())
    }

    /// A text of the catalogue, if there is one.
    pub fn find(self, key: &str) -> Option<String> {
        CATALOGUES.try_lookup(self.id(), key)
    }

    /// A text of the catalogue with its arguments; the key itself where there is none.
    pub fn fill(self, key: &str, arguments: &[(&'static str, String)]) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> = arguments
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.as_str())))
            .collect();
        CATALOGUES.try_lookup_with_args(self.id(), key, &arguments).unwrap_or_else(|| key.to_owned())
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::En => &EN,
            Self::Fr => &FR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const CATALOGUE_EN: &str = include_str!("../locales/en/cli.ftl");
    const CATALOGUE_FR: &str = include_str!("../locales/fr/cli.ftl");

    /// The keys of a catalogue, each with the arguments of its text.
    fn keys(catalogue: &str) -> BTreeSet<(String, Vec<String>)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for line in catalogue.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once(" =") {
                Some((key, text)) if !line.starts_with(' ') => found.push((key.to_owned(), text.to_owned())),
                _ => {
                    if let Some((_, text)) = found.last_mut() {
                        text.push_str(line);
                    }
                }
            }
        }
        found
            .into_iter()
            .map(|(key, text)| {
                let words = text.split('$').skip(1).map(|rest| {
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
                });
                let arguments: BTreeSet<String> = words.collect();
                (key, arguments.into_iter().collect())
            })
            .collect()
    }

    #[test]
    fn both_catalogues_have_the_same_texts_with_the_same_arguments() {
        let (en, fr) = (keys(CATALOGUE_EN), keys(CATALOGUE_FR));
        assert!(en.len() > 50);
        assert_eq!(en.symmetric_difference(&fr).collect::<Vec<_>>(), Vec::<&(String, Vec<String>)>::new());
        for (key, arguments) in en {
            let arguments: Vec<(&'static str, String)> =
                arguments.into_iter().map(|name| (&*name.leak(), "what fills it".to_owned())).collect();
            for language in [Language::En, Language::Fr] {
                assert_ne!(language.fill(&key, &arguments), key);
            }
        }
    }

    #[test]
    fn the_language_is_that_of_the_locale() {
        for locale in ["fr", "fr_FR.UTF-8", "FR-be", "fr_CH@euro"] {
            assert_eq!(Language::of_locale(locale), Language::Fr, "{locale}");
        }
        for locale in ["", "C", "C.UTF-8", "en_GB", "frp", "fur_IT"] {
            assert_eq!(Language::of_locale(locale), Language::En, "{locale}");
        }
    }
}
