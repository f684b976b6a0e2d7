//! Official areas in words: what an instance or a community stands for, and what contains it.

use crate::language::Lang;
use clocher_app::claims::{Changed, Claim};
use clocher_cog::Territory;
use clocher_domain::claim::Standing;
use clocher_domain::territory::{Level, TerritoryId};

/// An official area on a page.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its official name.
    pub name: &'static str,
    /// What it is and its official code: `commune, code 07186`.
    pub level: String,
    /// How many people live in it.
    pub population: Option<String>,
    /// What contains it, from near to far: what it is, and its name.
    pub above: Vec<(String, String)>,
    /// All that in one line.
    pub summary: String,
}

impl Place {
    /// The area of that identity; none where it is not known.
    pub fn find(lang: Lang, id: TerritoryId) -> Option<Self> {
        let area = clocher_cog::find_id(id)?;
        let parents = clocher_cog::parents(&area);
        let population = area.population.map(|count| {
            lang.say_with(
                "inhabitants",
                &[("count", i64::from(count).into()), ("number", lang.number(count).into())],
            )
        });
        Some(Self {
            name: area.name,
            level: lang.say_with(
                "place-code",
                &[("level", level(lang, &area).into()), ("code", area.code().into())],
            ),
            above: parents.iter().map(|parent| (level(lang, parent), coded(parent))).collect(),
            summary: summary(lang, &area, &parents, population.as_deref()),
            population,
        })
    }
}

/// What a community says that it stands for and is not believed here, in words; nothing where all of it is.
pub fn claim_words(lang: Lang, claim: &Claim) -> Option<String> {
    let key = match claim.standing {
        Standing::Confirmed => None,
        Standing::Claimed => Some("claim-claimed"),
        Standing::Contested => Some("claim-contested"),
        Standing::Rejected => Some("claim-rejected"),
    };
    let shown = claim.shown.zip(key).map(|(territory, key)| lang.name(key, &name_of(lang, territory)));
    let changed = claim.changed.map(|changed| match changed {
        Changed::To(territory) => lang.name("claim-changed", &name_of(lang, territory)),
        Changed::Away => lang.say("claim-dropped"),
    });
    let words: Vec<String> = shown.into_iter().chain(changed).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The name of an area, with what it is and its code.
pub fn name_of(lang: Lang, territory: TerritoryId) -> String {
    match Place::find(lang, territory) {
        Some(place) => format!("{} ({})", place.name, place.level),
        None => territory.to_string(),
    }
}

fn level(lang: Lang, area: &Territory) -> String {
    lang.say(&format!("level-{}", area.level()))
}

/// The name; of a département, with its number.
fn coded(area: &Territory) -> String {
    match area.level() {
        Level::Departement => format!("{} ({})", area.name, area.code()),
        _ => area.name.to_owned(),
    }
}

/// What it is, in which département (for a département, in which région), and how many people live there.
fn summary(lang: Lang, area: &Territory, parents: &[Territory], population: Option<&str>) -> String {
    let wanted = if area.level() == Level::Departement { Level::Region } else { Level::Departement };
    let mut parts = vec![level(lang, area)];
    parts.extend(parents.iter().filter(|parent| parent.level() == wanted).map(coded));
    parts.extend(population.map(str::to_owned));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commune_is_told_with_what_contains_it() {
        let place = Place::find(Lang::Fr, "commune:07186".parse().unwrap()).unwrap();
        assert_eq!(place.name, "Privas");
        assert_eq!(place.level, "commune, code\u{A0}07186");
        assert!(place.summary.starts_with("commune · Ardèche (07) · "), "{}", place.summary);
        assert!(place.summary.ends_with("\u{A0}habitants"), "{}", place.summary);
        assert_eq!(place.above.last().unwrap(), &("région".to_owned(), "Auvergne-Rhône-Alpes".to_owned()));
        assert!(Place::find(Lang::Fr, "commune:99999".parse().unwrap()).is_none());
    }
}
