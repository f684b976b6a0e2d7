//! Founding an instance: its actor, its territory's community, its first communities and administrator.

use crate::accounts::{self, NewAccount};
use crate::communities::{NewCommunity, add_in};
use crate::sessions::{self, SignInLink};
use crate::{App, Error, Result, linking, profile, secret};
use clocher_domain::Refusal;
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::handle::slug;
use clocher_domain::territory::TerritoryId;
use clocher_storage::instance::{self, InstanceRow};

/// What an instance is to be.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The official area it stands for; none for an instance of a subject.
    pub territory: Option<TerritoryId>,
    /// Name for people; of a territory, its official name.
    pub name: String,
    /// Language of its pages when the reader asks for none: `fr` or `en`.
    pub language: String,
    /// The first administrator.
    pub administrator: NewAccount,
    /// Topical communities to begin with: name for people and presentation in Markdown.
    pub communities: Vec<(String, String)>,
    /// Of a territory: domains or addresses of instances where those of the territories around are looked for, besides
    /// the other instances of the process.
    pub neighbours: Vec<String>,
}

/// Founds the instance, and gives the administrator's one-time sign-in link.
///
/// # Errors
/// `NotPossible` where it is founded already; what accounts and communities refuse.
pub async fn found(app: &App, founding: Founding) -> Result<SignInLink> {
    let hash = accounts::hash(founding.administrator.password.clone()).await?;
    let secret = secret::token()?;
    let link = app
        .write(move |deed| {
            if instance::find(deed.conn)?.is_some() {
                return Err(Error::from(Refusal::NotPossible));
            }
            let actor = profile::new_local(
                deed.app,
                ActorKind::Application,
                deed.app.site().host_name(),
                &founding.name,
                None,
            )?;
            profile::put_new(deed, &actor)?;
            let administrator = accounts::add_in(deed, &founding.administrator, Role::Administrator, hash)?;
            let first = NewCommunity {
                name: slug(&founding.name),
                display_name: founding.name.clone(),
                presentation: String::new(),
                territory: founding.territory,
                posting: Posting::Everybody,
                openness: Openness::Open,
            };
            let community = add_in(deed, &first, Some(administrator.id))?;
            for (display_name, presentation) in &founding.communities {
                let topical = NewCommunity {
                    name: slug(display_name),
                    display_name: display_name.clone(),
                    presentation: presentation.clone(),
                    territory: None,
                    posting: Posting::Everybody,
                    openness: Openness::Open,
                };
                add_in(deed, &topical, Some(administrator.id))?;
            }
            instance::put(
                deed.conn,
                &InstanceRow {
                    id: 1,
                    domain: deed.app.site().domain().to_owned(),
                    name: founding.name.clone(),
                    territory: founding.territory.map(|territory| territory.to_string()),
                    language: founding.language.clone(),
                    actor_id: actor.id,
                    community_id: Some(community.id),
                    secret,
                    created_at: deed.now(),
                },
            )?;
            if founding.territory.is_some() {
                linking::owe_search(deed, &founding.neighbours)?;
            }
            sessions::make_link_in(deed, administrator.id)
        })
        .await?;
    Ok(link)
}
