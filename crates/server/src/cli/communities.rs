//! `clocher community`.
//!
//! The rules of communities are in `app` and `domain`.

use super::arguments::{Community, Which};
use super::print::{Printer, table};
use super::{links, target, territories};
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use crate::summons;
use clocher_app::communities::{self, NewCommunity};
use clocher_app::{linking, moving};
use clocher_domain::community::{Openness, Posting};
use serde_json::json;

pub(super) async fn run(community: Community, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    match community {
        Community::Add { name, name_for_people, territory, closed, hidden, which } => {
            let app = target::open(&which)?;
            let territory = match territory {
                Some(code) => {
                    let (found, former) = territories::area(&code)?;
                    if let Some(former) = former {
                        territories::note_retired(printer(&which), former, &found);
                    }
                    Some(found)
                }
                None => None,
            };
            let official = territory.map(|territory| territory.name.to_owned());
            let new = NewCommunity {
                display_name: name_for_people.or(official).unwrap_or_else(|| name.clone()),
                name,
                presentation: String::new(),
                territory: territory.map(|territory| territory.id),
                posting: Posting::Everybody,
                openness: openness(closed, hidden),
            };
            let actor = communities::add(&app, new, None).await?;
            let arguments =
                [("name", actor.name), ("display-name", actor.display_name), ("address", actor.ap_id)];
            printer(&which).done("community-added", &arguments);
        }
        Community::Set { community, openness, which } => {
            let (app, folder) = target::open_with_folder(&which)?;
            let administrator = linking::administrator(&app).await?;
            let community = communities::find(&app, &community).await?;
            let openness = Openness::from(openness);
            communities::change_openness(&app, administrator.id, community.id, openness).await?;
            summons::call(&app, &folder).map_err(|error| Failure::file(&folder, &error))?;
            let key = match openness {
                Openness::Open => "community-open",
                Openness::Closed => "community-closed",
                Openness::Hidden => "community-hidden",
            };
            printer(&which).done(key, &[("community", community.name)]);
        }
        Community::Predecessor { ends, which } => {
            let (app, folder) = target::open_with_folder(&which)?;
            let administrator = linking::administrator(&app).await?;
            let community = communities::find(&app, &ends.community).await?;
            let other = links::find(&app, &which, &ends.other).await?;
            moving::add_predecessor(&app, administrator.id, community.id, other.id).await?;
            summons::call(&app, &folder).map_err(|error| Failure::file(&folder, &error))?;
            let arguments = [("community", community.name), ("other", other.handle())];
            printer(&which).done("community-predecessor", &arguments);
        }
        Community::Merge { ends, which } => {
            let (app, folder) = target::open_with_folder(&which)?;
            let administrator = linking::administrator(&app).await?;
            let community = communities::find(&app, &ends.community).await?;
            let directory = links::directory(&which)?;
            let other = links::find(&app, &which, &ends.other).await?;
            let other = moving::merge(&app, &directory, administrator.id, community.id, &other.ap_id).await?;
            summons::call(&app, &folder).map_err(|error| Failure::file(&folder, &error))?;
            let arguments = [("community", community.name), ("other", other.handle())];
            printer(&which).done("community-merged", &arguments);
        }
        Community::List { which } => list(&which, printer(&which)).await?,
    }
    Ok(())
}

async fn list(which: &Which, printer: Printer) -> Outcome {
    let rows = communities::list(&target::open(which)?).await?;
    printer.data(
        || {
            rows.iter()
                .map(|(community, actor)| {
                    json!({
                        "name": actor.name,
                        "display_name": actor.display_name,
                        "territory": community.territory,
                        "posting": community.posting,
                        "openness": community.openness,
                        "address": actor.ap_id,
                    })
                })
                .collect()
        },
        |_| {
            let rows: Vec<_> = rows
                .iter()
                .map(|(community, actor)| {
                    let territory = community.territory.clone().unwrap_or_default();
                    vec![
                        actor.name.clone(),
                        community.openness.clone(),
                        territory,
                        actor.ap_id.clone(),
                        actor.display_name.clone(),
                    ]
                })
                .collect();
            table(&rows)
        },
    );
    Ok(())
}

fn openness(is_closed: bool, is_hidden: bool) -> Openness {
    match (is_closed, is_hidden) {
        (_, true) => Openness::Hidden,
        (true, false) => Openness::Closed,
        (false, false) => Openness::Open,
    }
}
