//! What happens in the example: people arrive, join, write, answer and vote, each on their own instance.

use super::cast::Place;
use super::nesting;
use crate::failure::{Failure, Outcome};
use clocher_app::ports::Directory;
use clocher_app::posting::{self, NewPost};
use clocher_app::{App, accounts, communities, membership, voting};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::placement::Reach;
use clocher_domain::vote::Vote;
use clocher_federation::{Federation, Fediverse};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use std::sync::Arc;
use std::time::Duration;

/// How long a message may take from one instance to another before the story is given up.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// A thread: where its home is, who opens it, who answers.
pub(super) struct Thread {
    pub home: (usize, &'static str),
    pub author: (usize, &'static str),
    pub title: &'static str,
    pub text: &'static str,
    pub answers: &'static [(usize, &'static str, &'static str)],
    pub likes: &'static [(usize, &'static str)],
}

/// The numbers are places, in the order of `cast::PLACES`.
const THREADS: [Thread; 5] = [
    Thread {
        home: (0, "lamastre"),
        author: (0, "mairie"),
        title: "Pont du Doux fermé du 24 au 28 novembre",
        text: "Le pont sera fermé pour travaux, **de 8 h à 18 h**.\n\nDéviation par la route de Nozières ; \
               la navette passe à 7 h 40 et à 17 h 10.",
        answers: &[
            (1, "marius", "La navette prend-elle les vélos ?"),
            (0, "mairie", "Oui, quatre à la fois, à l’arrière."),
        ],
        likes: &[(0, "elodie"), (2, "nadia")],
    },
    Thread {
        home: (0, "velo-en-vallee-du-doux"),
        author: (1, "marius"),
        title: "Dimanche : Désaignes – Lamastre par l’ancienne voie",
        text: "Départ à 9 h devant la porte Bourg-de-l’Homme, retour pour midi.\n\n- 14 km, presque plat\n- prévoir un gilet",
        answers: &[
            (0, "elodie", "J’y serai, avec deux débutantes."),
            (2, "nadia", "Je vous rejoins à la gare."),
        ],
        likes: &[(0, "elodie"), (2, "nadia"), (0, "mairie")],
    },
    Thread {
        home: (1, "apiculteurs-du-haut-doux"),
        author: (0, "elodie"),
        title: "Frelon asiatique : où sont vos pièges ?",
        text: "Trois nids signalés cette semaine autour de Lamastre. On met la carte en commun ?",
        answers: &[(1, "marius", "Deux pièges au moulin, un à l’école. J’apporte la carte.")],
        likes: &[(1, "marius"), (2, "nadia")],
    },
    Thread {
        home: (1, "desaignes"),
        author: (1, "mairie"),
        title: "La mairie ouvre désormais le samedi matin",
        text: "De 9 h à 12 h, à partir du 5 décembre.",
        answers: &[],
        likes: &[(1, "marius")],
    },
    Thread {
        home: (2, "cc-du-pays-de-lamastre"),
        author: (2, "nadia"),
        title: "Déchetterie : horaires d’hiver",
        text: "Du lundi au samedi, de 9 h à 12 h et de 13 h 30 à 16 h 30.",
        answers: &[
            (0, "elodie", "Et pour les professionnels ?"),
            (2, "nadia", "Le mercredi après-midi, sur rendez-vous."),
        ],
        likes: &[(0, "elodie"), (1, "marius")],
    },
];

/// Tells the story to its end: every message stands on all three instances then.
///
/// # Errors
/// Where a use case refuses, or something does not arrive in time.
pub async fn tell(
    places: &[(&'static Place, App)],
    federation: &Arc<Federation>,
    password: Option<&str>,
) -> Outcome {
    let stage = Stage { places, directory: Fediverse(Arc::clone(federation)) };
    stage.arrive(password).await?;
    stage.join().await?;
    for thread in &THREADS {
        stage.play(thread, None).await?;
    }
    nesting::tell(&stage).await
}

pub(super) struct Stage<'a> {
    pub places: &'a [(&'static Place, App)],
    directory: Fediverse,
}

impl Stage<'_> {
    pub fn app(&self, place: usize) -> Outcome<&App> {
        self.places.get(place).map(|(_, app)| app).ok_or_else(|| Failure::failed("refused-not-found"))
    }

    /// Everybody but the administrators, who are there since the founding, gets an account.
    async fn arrive(&self, password: Option<&str>) -> Outcome {
        for (place, app) in self.places {
            for person in place.people.iter().skip(1) {
                accounts::add(app, place.account(person, password), Role::Member).await?;
            }
        }
        Ok(())
    }

    /// Everybody joins every community of here; so does the first of each place with those of elsewhere, so that
    /// all three instances get everything.
    async fn join(&self) -> Outcome {
        for (here, (place, app)) in self.places.iter().enumerate() {
            for person in place.people {
                let person_row = self.person(here, person.name).await?;
                for (_, community) in communities::list(app).await? {
                    membership::join(app, person_row.id, community.id).await?;
                }
                for (_, elsewhere) in self.places.iter().filter(|(other, _)| other.name != place.name) {
                    for (_, community) in communities::list(elsewhere).await? {
                        let handle = format!("!{}@{}", community.name, elsewhere.site().domain());
                        let found = self.directory.find(app, &handle).await?;
                        membership::join(app, person_row.id, found.id).await?;
                    }
                }
            }
        }
        for (here, (place, app)) in self.places.iter().enumerate() {
            for person in place.people {
                let person = self.person(here, person.name).await?;
                self.until("joins", || async {
                    let joined = clocher_app::reading::joined(app, person.id).await?;
                    Ok(joined
                        .iter()
                        .all(|(_, standing)| *standing == clocher_domain::membership::Standing::Accepted))
                })
                .await?;
            }
        }
        Ok(())
    }

    /// Opens a thread, waits until everybody has it, and so on with each answer and vote.
    pub async fn play(&self, thread: &Thread, reach: Option<Reach>) -> Outcome<PostRow> {
        let (at, author) = thread.author;
        let author = self.person(at, author).await?;
        let home = self.community(at, thread.home).await?;
        let top = NewPost {
            author_id: author.id,
            home_id: Some(home.id),
            parent_id: None,
            title: Some(thread.title.to_owned()),
            text: thread.text.to_owned(),
            visibility: Visibility::Public,
            language: Some("fr".to_owned()),
            reach,
            also: Vec::new(),
            request_key: None,
        };
        let top = posting::write(self.app(at)?, top.clone()).await?;
        self.everywhere(&top.ap_id).await?;
        let mut last = top.ap_id.clone();
        for (at, author, text) in thread.answers {
            let app = self.app(*at)?;
            let parent = find(app, &last).await?.ok_or_else(|| Failure::failed("refused-not-found"))?;
            let answer = NewPost {
                author_id: self.person(*at, author).await?.id,
                home_id: None,
                parent_id: Some(parent.id),
                title: None,
                text: (*text).to_owned(),
                visibility: Visibility::Public,
                language: Some("fr".to_owned()),
                reach: None,
                also: Vec::new(),
                request_key: None,
            };
            last = posting::write(app, answer).await?.ap_id;
            self.everywhere(&last).await?;
        }
        for (at, voter) in thread.likes {
            let app = self.app(*at)?;
            let post = find(app, &top.ap_id).await?.ok_or_else(|| Failure::failed("refused-not-found"))?;
            voting::vote(app, self.person(*at, voter).await?.id, post.id, Some(Vote::Like)).await?;
        }
        Ok(top)
    }

    pub async fn person(&self, place: usize, name: &str) -> Outcome<ActorRow> {
        Ok(accounts::find(self.app(place)?, name).await?.1)
    }

    /// The community of another place (or of this one), as the instance `at` knows it.
    pub async fn community(&self, at: usize, (place, name): (usize, &str)) -> Outcome<ActorRow> {
        let ap_id = self.app(place)?.site().community(name);
        let row = self.app(at)?.read(move |conn| actors::find_by_ap_id(conn, &ap_id)).await?;
        row.ok_or_else(|| Failure::failed("refused-not-found"))
    }

    async fn everywhere(&self, ap_id: &str) -> Outcome {
        for (_, app) in self.places {
            self.until("a message", || async { Ok(find(app, ap_id).await?.is_some()) }).await?;
        }
        Ok(())
    }

    /// Waits until something is so.
    pub async fn until<F, T>(&self, what: &str, is_so: F) -> Outcome
    where
        F: Fn() -> T,
        T: Future<Output = Outcome<bool>>,
    {
        let waiting = async {
            while !is_so().await? {
                tokio::time::sleep(LOOK).await;
            }
            Ok(())
        };
        let late = || Failure::failed("demo-late").with("what", what);
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| Err(late()))
    }
}

pub(super) async fn find(app: &App, ap_id: &str) -> Outcome<Option<PostRow>> {
    let ap_id = ap_id.to_owned();
    Ok(app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::PLACES;

    #[test]
    fn everybody_in_the_story_is_in_the_cast() {
        let known = |place: usize, name: &str| PLACES[place].people.iter().any(|person| person.name == name);
        for thread in THREADS.iter().chain(nesting::threads()) {
            let answers = thread.answers.iter().map(|(place, name, _)| (*place, *name));
            for (place, name) in answers.chain(thread.likes.iter().copied()).chain([thread.author]) {
                assert!(known(place, name), "{name} of {place}");
            }
        }
    }
}
