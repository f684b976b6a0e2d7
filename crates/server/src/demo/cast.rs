//! Who and what the example is made of: three places, their people and their communities.

use crate::failure::{Failure, Outcome};
use clocher_app::accounts::NewAccount;
use clocher_app::founding::Founding;
use clocher_domain::territory::{Level, TerritoryId};

/// The password of everybody in the example, where nobody but this machine reaches it.
pub const PASSWORD: &str = "au pied du clocher";

/// A place: one instance.
#[derive(Debug)]
pub struct Place {
    /// The first label of its host name.
    pub name: &'static str,
    level: Level,
    code: &'static str,
    /// Its people; the first is the administrator.
    pub people: &'static [Person],
    /// Its topical communities: name and presentation.
    communities: &'static [(&'static str, &'static str)],
}

/// Somebody of the example.
#[derive(Debug)]
pub struct Person {
    /// The name of the account.
    pub name: &'static str,
    /// The name for people.
    pub display_name: &'static str,
}

const fn person(name: &'static str, display_name: &'static str) -> Person {
    Person { name, display_name }
}

/// Two communes of Ardèche, and their intercommunalité.
pub const PLACES: [Place; 3] = [
    Place {
        name: "lamastre",
        level: Level::Commune,
        code: "07129",
        people: &[person("mairie", "Mairie de Lamastre"), person("elodie", "Élodie Chambon")],
        communities: &[
            (
                "Vélo en vallée du Doux",
                "Sorties, itinéraires et **entraide mécanique** le long du Doux, d’une commune à l’autre.",
            ),
            ("Hameau de Retourtour", "Le lac, le château et ceux qui vivent autour, à 2 km du bourg."),
        ],
    },
    Place {
        name: "desaignes",
        level: Level::Commune,
        code: "07079",
        people: &[person("mairie", "Mairie de Désaignes"), person("marius", "Marius Vialle")],
        communities: &[
            (
                "Apiculteurs du Haut-Doux",
                "Ruches, essaims et miellées : on s’entraide d’une vallée à l’autre.",
            ),
            ("Comité des fêtes", "La fête médiévale, le vide-grenier et les bénévoles qui les font."),
        ],
    },
    Place {
        name: "pays-de-lamastre",
        level: Level::Epci,
        code: "200016905",
        people: &[person("accueil", "Accueil du Pays de Lamastre"), person("nadia", "Nadia Reynaud")],
        communities: &[("Lecture publique", "Les bibliothécaires des communes, scolaires et municipaux.")],
    },
];

impl Place {
    /// Its host name, without the port.
    pub fn host(&self) -> String {
        format!("{}.localhost", self.name)
    }

    /// Its domain: the host name, with the port where that is not the default one.
    pub fn domain(&self, port: u16) -> String {
        if port == 80 { self.host() } else { format!("{}:{port}", self.host()) }
    }

    /// What founds it.
    pub fn founding(&self, password: Option<&str>) -> Outcome<Founding> {
        let territory = TerritoryId::new(self.level, self.code).ok().and_then(clocher_cog::find_id);
        let territory = territory.ok_or_else(|| Failure::failed("refused-unknown-territory"))?;
        let administrator = self.people.first().ok_or_else(|| Failure::failed("refused-not-found"))?;
        Ok(Founding {
            territory: Some(territory.id),
            name: territory.name.to_owned(),
            language: "fr".to_owned(),
            administrator: self.account(administrator, password),
            neighbours: Vec::new(),
            communities: self
                .communities
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        })
    }

    /// The account that somebody is to have.
    pub fn account(&self, person: &Person, password: Option<&str>) -> NewAccount {
        NewAccount {
            name: person.name.to_owned(),
            display_name: person.display_name.to_owned(),
            mail: format!("{}@{}.example", person.name, self.name),
            password: password.map(str::to_owned),
        }
    }
}
