//! The forms under which names are compared: without case, accents, hyphens and articles.
//!
//! Neither searches nor ranks. The data file holds the [`key`] of every area: a change here asks for the
//! file to be made again.

use clocher_domain::territory::fold;

use crate::area::EpciKind;

/// The words that a key leaves out, as they are once folded.
const ARTICLES: [&str; 8] = ["l", "le", "la", "les", "d", "de", "du", "des"];

/// How the kinds of EPCI begin a name, without articles.
const KINDS: [(EpciKind, &[&str]); 6] = [
    (EpciKind::CommunauteDeCommunes, &["cc"]),
    (EpciKind::CommunauteDAgglomeration, &["ca"]),
    (EpciKind::CommunauteUrbaine, &["cu"]),
    (EpciKind::CommunauteDeCommunes, &["communaute", "communes"]),
    (EpciKind::CommunauteDAgglomeration, &["communaute", "agglomeration"]),
    (EpciKind::CommunauteUrbaine, &["communaute", "urbaine"]),
];

/// The folded words of a name, articles included, with `st` and `ste` in full.
pub fn words(name: &str) -> Vec<String> {
    fold(name)
        .split_whitespace()
        .map(|word| match word {
            "st" => "saint".to_owned(),
            "ste" => "sainte".to_owned(),
            "sts" => "saints".to_owned(),
            "stes" => "saintes".to_owned(),
            _ => word.to_owned(),
        })
        .collect()
}

/// The words that count: without articles, unless there is nothing else.
pub fn without_articles(words: Vec<String>) -> Vec<String> {
    let is_article = |word: &String| ARTICLES.contains(&word.as_str());
    if words.iter().all(is_article) {
        return words;
    }
    words.into_iter().filter(|word| !is_article(word)).collect()
}

/// Parts the kind of an EPCI from the rest of its words; `None` when they begin with no kind, or have
/// nothing after it. Takes words without articles.
pub fn split_kind(words: &[String]) -> Option<(EpciKind, &[String])> {
    KINDS.into_iter().find_map(|(kind, beginning)| {
        let (start, rest) = words.split_at_checked(beginning.len())?;
        (start == beginning && !rest.is_empty()).then_some((kind, rest))
    })
}

/// The search key of an area: its words without articles, and for an EPCI without its kind, parted by
/// single spaces. ASCII lower-case letters and digits.
pub fn key(name: &str, is_epci: bool) -> String {
    let words = without_articles(words(name));
    match split_kind(&words) {
        Some((_, rest)) if is_epci => rest.join(" "),
        _ => words.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_neither_accents_nor_hyphens_nor_articles() {
        for (name, expected) in [
            ("L'Abergement-Clémenciat", "abergement clemenciat"),
            ("ST-ÉTIENNE de l'Œuvre", "saint etienne oeuvre"),
            ("Les Stes Maries du Bourg-d’Iré", "saintes maries bourg ire"),
            ("Les", "les"),
            ("", ""),
        ] {
            assert_eq!(key(name, false), expected);
        }
    }

    #[test]
    fn the_key_of_an_epci_leaves_its_kind_out() {
        assert_eq!(key("CC du Pays de Lamastre", true), "pays lamastre");
        assert_eq!(key("Communauté d'agglomération Arche Agglo", true), "arche agglo");
        assert_eq!(key("Métropole de Lyon", true), "metropole lyon");
        assert_eq!(key("CC du Pays", false), "cc pays");
        assert_eq!(key("CC", true), "cc");
    }
}
