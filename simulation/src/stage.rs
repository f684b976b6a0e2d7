//! A world made real: its communities, people and links on the instances of a network, through the use cases that
//! everybody goes through.

use crate::network::Ground;
use crate::world::{Message, World};
use crate::{Network, Outcome};
use clocher_app::accounts::{self, NewAccount};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::ports::Directory;
use clocher_app::posting::{self, NewPost};
use clocher_app::{App, membership, profile};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_federation::Fediverse;
use clocher_federation::transport::SigningKey;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts::{self, PostRow};
use std::sync::Arc;

/// A world on a network.
pub struct Stage {
    /// The world.
    pub world: World,
    /// Its instances.
    pub network: Network,
    /// The ActivityPub ids of its communities.
    communities: Vec<String>,
    /// The ids of its people, each on their instance.
    people: Vec<i64>,
    key: SigningKey,
}

impl Stage {
    /// Makes a world real, but for what is written in it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn raise(world: World, ground: Ground, seed: u64) -> Outcome<Self> {
        let network = Network::found(&world, ground, seed).await?;
        let key = SigningKey::generate()?;
        let mut stage = Self { world, network, communities: Vec::new(), people: Vec::new(), key };
        for place in 0..stage.world.instances.len() {
            let app = stage.network.instance(place)?;
            let actor = app.instance().await?.actor_id;
            stage.give_key(&app, actor).await?;
        }
        stage.make_communities().await?;
        stage.settle_people().await?;
        stage.network.settle().await?;
        Ok(stage)
    }

    /// All of them sign with one key: to make one for each would take longer than all the rest.
    async fn give_key(&self, app: &App, actor: i64) -> Outcome {
        let (private, public) = (self.key.to_pkcs8_pem()?.to_string(), self.key.public_pem().to_owned());
        profile::give_rsa_key(app, actor, private, public).await?;
        Ok(())
    }

    async fn make_communities(&mut self) -> Outcome {
        for community in self.world.communities.clone() {
            let app = self.network.instance(community.instance)?;
            let new = NewCommunity {
                name: community.name.clone(),
                display_name: community.name.clone(),
                presentation: String::new(),
                territory: None,
                posting: Posting::Everybody,
                openness: Openness::Open,
            };
            // The founding has made one of that name.
            let row = match communities::find(&app, &community.name).await {
                Ok(row) => row,
                Err(_) => communities::add(&app, new, None).await?,
            };
            self.give_key(&app, row.id).await?;
            self.communities.push(row.ap_id);
        }
        Ok(())
    }

    async fn settle_people(&mut self) -> Outcome {
        for person in self.world.people.clone() {
            let app = self.network.instance(person.instance)?;
            let account = NewAccount {
                name: person.name.clone(),
                display_name: person.name.clone(),
                mail: person.mail.clone(),
                password: None,
            };
            let row = accounts::add(&app, account, Role::Member).await?;
            self.give_key(&app, row.id).await?;
            self.people.push(row.id);
            for (community, _) in &person.follows {
                let followed = self.community(&app, *community).await?;
                membership::join(&app, row.id, followed.id).await?;
            }
        }
        Ok(())
    }

    /// A community as an instance knows it, which asks for it where it does not.
    async fn community(&self, app: &App, community: usize) -> Outcome<ActorRow> {
        let ap_id = self.communities.get(community).ok_or("a community that there is not")?;
        Ok(Fediverse(Arc::clone(self.network.federation())).find(app, ap_id).await?)
    }

    /// Somebody opens a thread; gives its ActivityPub id.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn write(&mut self, message: &Message) -> Outcome<String> {
        let app = self.at_home_of(message.author)?;
        let home = self.community(&app, message.home).await?;
        let new = NewPost {
            author_id: self.person(message.author)?,
            home_id: Some(home.id),
            parent_id: None,
            title: Some(format!("De {} à {}", message.author, message.home)),
            text: "Il y a du nouveau au village.".to_owned(),
            visibility: Visibility::Public,
            language: Some("fr".to_owned()),
            request_key: None,
            reach: None,
        };
        Ok(posting::write(&app, new).await?.ap_id)
    }

    /// Somebody answers a message; gives the ActivityPub id of the answer, or none where they do not have it.
    ///
    /// # Errors
    /// Those of the use cases.
    pub async fn answer(&mut self, person: usize, answered: &str) -> Outcome<Option<String>> {
        let app = self.at_home_of(person)?;
        let Some(parent) = find(&app, answered).await? else { return Ok(None) };
        let new = NewPost {
            author_id: self.person(person)?,
            home_id: None,
            parent_id: Some(parent.id),
            title: None,
            text: "C’est noté.".to_owned(),
            visibility: Visibility::Public,
            language: None,
            request_key: None,
            reach: None,
        };
        Ok(Some(posting::write(&app, new).await?.ap_id))
    }

    /// Whether an instance has a message.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn has(&mut self, instance: usize, ap_id: &str) -> Outcome<bool> {
        let app = self.network.instance(instance)?;
        Ok(find(&app, ap_id).await?.is_some())
    }

    fn at_home_of(&mut self, person: usize) -> Outcome<App> {
        let instance = self.world.people.get(person).ok_or("a person that there is not")?.instance;
        self.network.instance(instance)
    }

    fn person(&self, person: usize) -> Outcome<i64> {
        Ok(*self.people.get(person).ok_or("a person that there is not")?)
    }
}

async fn find(app: &App, ap_id: &str) -> Outcome<Option<PostRow>> {
    let ap_id = ap_id.to_owned();
    Ok(app.read(move |conn| posts::find_by_ap_id(conn, &ap_id)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Faults, oracle, world::Size};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[tokio::test]
    async fn what_is_written_reaches_every_instance_where_it_is_read_in_any_weather() {
        let size = Size { instances: 4, communities: 4, links: 0, people: 8, messages: 8 };
        for seed in 0..6 {
            let world = World::random(size, &mut StdRng::seed_from_u64(seed));
            let mut stage = Stage::raise(world, Ground::memory(), seed).await.unwrap();
            stage.network.faults = Faults::FOUL;
            for message in stage.world.messages.clone() {
                let ap_id = stage.write(&message).await.unwrap();
                stage.network.settle().await.unwrap();
                for instance in oracle::instances(&stage.world, &message) {
                    assert!(stage.has(instance, &ap_id).await.unwrap(), "seed {seed}: {message:?}");
                }
            }
        }
    }
}
