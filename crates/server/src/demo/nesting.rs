//! How the communities of the example are nested: a hamlet in its commune, the communes in their intercommunalité, a club
//! beside both communes, and a municipal council that only its members read.
//!
//! Each link is proposed by a moderator at one end and accepted by one at the other, over HTTP where that is another
//! instance.

use super::story::{Stage, Thread, find};
use crate::failure::{Failure, Outcome};
use clocher_app::communities::NewCommunity;
use clocher_app::posting::{self, NewPost};
use clocher_app::{admitting, communities, linking, membership};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_domain::placement::{PlacementState, Reach};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements;

/// A community: the place that has it, and its name.
type At = (usize, &'static str);

const HAMLET: At = (0, "hameau-de-retourtour");
const CLUB: At = (0, "velo-en-vallee-du-doux");
const LAMASTRE: At = (0, "lamastre");
const DESAIGNES: At = (1, "desaignes");
const PAYS: At = (2, "cc-du-pays-de-lamastre");
/// The name of the closed community.
const COUNCIL: &str = "conseil-municipal";

/// Who proposes to whom, and what the other is to whoever proposes.
const LINKS: [(At, Relation, At); 5] = [
    (HAMLET, Relation::Upper, LAMASTRE),
    (LAMASTRE, Relation::Upper, PAYS),
    (DESAIGNES, Relation::Upper, PAYS),
    (CLUB, Relation::Peer, LAMASTRE),
    (CLUB, Relation::Peer, DESAIGNES),
];

/// What both ends of each link share and accept.
const POLICY: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// A thread that other communities show too.
struct Travelling {
    thread: Thread,
    /// The communities above and beside to which its author lets it go.
    beyond: &'static [At],
    /// Whether it goes down.
    down: bool,
    /// Who shows it in the end.
    shown: &'static [At],
}

const TRAVELLING: [Travelling; 3] = [
    Travelling {
        thread: Thread {
            home: HAMLET,
            author: (0, "elodie"),
            title: "Lac de Retourtour : la passerelle est fermée",
            text: "Deux planches ont cédé cette nuit. Le tour du lac se fait **par la rive sud** en attendant.",
            answers: &[(2, "nadia", "Merci ! Le service des sentiers passe mardi.")],
            likes: &[(1, "marius"), (0, "mairie")],
        },
        beyond: &[LAMASTRE, PAYS],
        down: false,
        shown: &[LAMASTRE, PAYS],
    },
    Travelling {
        thread: Thread {
            home: PAYS,
            author: (2, "accueil"),
            title: "Transport à la demande : on réserve désormais la veille",
            text: "Dans toutes les communes du Pays de Lamastre, avant 17 h, au 04 75 00 00 00.",
            answers: &[(0, "elodie", "Aussi depuis Retourtour ?"), (2, "accueil", "Oui, arrêt du château.")],
            likes: &[(1, "marius")],
        },
        beyond: &[],
        down: true,
        shown: &[LAMASTRE, DESAIGNES, HAMLET],
    },
    Travelling {
        thread: Thread {
            home: CLUB,
            author: (1, "marius"),
            title: "Bourse aux vélos, samedi sous la halle",
            text: "Dépôt de 9 h à 11 h, vente jusqu’à 17 h. Les deux communes prêtent les tables.",
            answers: &[],
            likes: &[(0, "elodie")],
        },
        beyond: &[LAMASTRE, DESAIGNES],
        down: false,
        shown: &[LAMASTRE, DESAIGNES],
    },
];

/// The threads that other communities show too.
#[cfg(test)]
pub(super) fn threads() -> impl Iterator<Item = &'static Thread> {
    TRAVELLING.iter().map(|travelling| &travelling.thread)
}

/// Links the communities, and lets threads travel until they stand everywhere where they come to.
pub(super) async fn tell(stage: &Stage<'_>) -> Outcome {
    for (from, relation, to) in LINKS {
        link(stage, from, relation, to).await?;
    }
    for travelling in &TRAVELLING {
        let mut reach = Reach { down: travelling.down, ..Reach::default() };
        for (place, name) in travelling.beyond {
            reach.communities.push(stage.app(*place)?.site().community(name));
        }
        let top = stage.play(&travelling.thread, Some(reach)).await?;
        for community in travelling.shown {
            shown(stage, &top.ap_id, *community).await?;
        }
    }
    council(stage).await
}

/// A moderator at one end proposes a link, one at the other agrees; both list it then, and open it as far as it goes.
async fn link(stage: &Stage<'_>, from: At, relation: Relation, to: At) -> Outcome {
    let (proposer, community) = end(stage, from).await?;
    let other = stage.community(from.0, to).await?;
    let app = stage.app(from.0)?;
    linking::propose(app, proposer.id, community.id, other.id, relation, POLICY).await?;
    let (accepter, asked) = end(stage, to).await?;
    let there = stage.app(to.0)?;
    let ends =
        [(app, proposer.id, community.id, &other.ap_id), (there, accepter.id, asked.id, &community.ap_id)];
    let agreed = || async {
        let mut is_open = true;
        for (app, moderator, community, neighbour) in ends {
            // The two may also have proposed it to one another, as their territories imply: then either may be asked.
            for one in linking::list_asked(app, moderator, community).await? {
                if one.other.ap_id == *neighbour && one.state == LinkState::Asked {
                    linking::accept(app, moderator, one.link.id, POLICY).await?;
                }
            }
            let links = linking::list(app, community).await?;
            match links.iter().find(|one| one.other.ap_id == *neighbour) {
                None => is_open = false,
                Some(one) if one.policy != POLICY => {
                    linking::change_policy(app, moderator, one.link.id, POLICY).await?;
                    is_open = false;
                }
                Some(one) => is_open &= one.other_policy == POLICY,
            }
        }
        Ok(is_open)
    };
    stage.until("a link", agreed).await
}

/// The administrator of a place, who moderates its communities, and the community.
async fn end(stage: &Stage<'_>, at: At) -> Outcome<(ActorRow, ActorRow)> {
    let person = stage.places.get(at.0).and_then(|(place, _)| place.people.first());
    let person = person.ok_or_else(|| Failure::failed("refused-not-found"))?;
    Ok((stage.person(at.0, person.name).await?, stage.community(at.0, at).await?))
}

/// Waits until every instance knows that a community shows a thread.
async fn shown(stage: &Stage<'_>, thread: &str, community: At) -> Outcome {
    let ap_id = stage.app(community.0)?.site().community(community.1);
    for (_, app) in stage.places {
        stage
            .until("a placement", || async {
                let Some(post) = find(app, thread).await? else { return Ok(false) };
                let placed = app.read(move |conn| placements::list(conn, post.id)).await?;
                Ok(placed.iter().any(|(row, community)| {
                    community.ap_id == ap_id && row.state == PlacementState::Placed.as_str()
                }))
            })
            .await?;
    }
    Ok(())
}

/// The municipal council of Lamastre: a closed community, its members and what only they read.
async fn council(stage: &Stage<'_>) -> Outcome {
    let app = stage.app(LAMASTRE.0)?;
    let (mairie, elodie) = (stage.person(0, "mairie").await?.id, stage.person(0, "elodie").await?.id);
    let council = NewCommunity {
        name: COUNCIL.to_owned(),
        display_name: "Conseil municipal".to_owned(),
        presentation: "Les élus préparent les séances. Les délibérations, elles, sont publiques.".to_owned(),
        territory: None,
        posting: Posting::Members,
        openness: Openness::Closed,
    };
    let council = communities::add(app, council, Some(mairie)).await?;
    admitting::invite(app, mairie, council.id, elodie).await?;
    membership::join(app, elodie, council.id).await?;
    let top = NewPost {
        author_id: mairie,
        home_id: Some(council.id),
        parent_id: None,
        title: Some("Séance du 4 décembre : ordre du jour".to_owned()),
        text: "1. Passerelle du lac\n2. Tarifs de la cantine\n3. Subventions aux clubs".to_owned(),
        visibility: Visibility::Public,
        language: Some("fr".to_owned()),
        reach: None,
        also: Vec::new(),
        request_key: None,
    };
    let answer = NewPost {
        author_id: elodie,
        home_id: None,
        title: None,
        text: "Pour la passerelle, j’ai deux devis.".to_owned(),
        ..top.clone()
    };
    let top = posting::write(app, top).await?;
    posting::write(app, NewPost { parent_id: Some(top.id), ..answer }).await?;
    Ok(())
}
