//! The world as it is: the communes of some départements, their intercommunalités and the départements themselves, each
//! an instance; topical networks across them; people who follow a few of all that.

use crate::world::{
    Accepts, Community, Instance, Link, Message, Mode, OPEN, Person, Policy, Relation, Shares, World,
};
use clocher_cog::Territory;
use clocher_domain::territory::Level;
use rand::Rng;
use rand::seq::IndexedRandom;
use std::collections::HashMap;

/// How many people, networks and messages there are, and where.
#[derive(Clone, Copy, Debug)]
pub struct Extent<'a> {
    /// How the hosts end.
    pub hosts: &'a str,
    /// The codes of the départements.
    pub departements: &'a [&'a str],
    /// Most communes; those of one intercommunalité after the other.
    pub communes: usize,
    /// Topical communities, each on the instance of a commune and beside some territorial ones.
    pub networks: usize,
    /// Whether moderators of territorial communities look at what a network sends.
    pub moderated: bool,
    /// People.
    pub people: usize,
    /// Messages.
    pub messages: usize,
}

/// Ardèche, Drôme and Loire, as of the code of 2026.
pub const THREE_DEPARTEMENTS: [&str; 3] = ["07", "26", "42"];

impl World {
    /// That world: an intercommunalité that straddles two départements has both above it.
    pub fn of_territories(extent: Extent<'_>, random: &mut impl Rng) -> Self {
        let mut world = Self::default();
        let mut places = HashMap::new();
        for code in extent.departements {
            let departement = clocher_cog::find(Level::Departement, code);
            for commune in departement.iter().flat_map(|one| clocher_cog::children(one, Level::Commune)) {
                if places.keys().filter(|(level, _)| *level == Level::Commune).count() < extent.communes {
                    world.settle(&mut places, extent, &commune);
                }
            }
        }
        world.found_networks(extent, random);
        world.people_it(extent.people, random);
        for _ in 0..extent.messages {
            let message = world.sensible_message(random);
            world.messages.push(message);
        }
        world
    }

    /// A commune and what is above it, each once, and the links between them.
    fn settle(
        &mut self,
        places: &mut HashMap<(Level, &'static str), usize>,
        extent: Extent<'_>,
        commune: &Territory,
    ) {
        let place = self.place(places, extent, commune);
        let above = clocher_cog::parents(commune);
        let epci = above.iter().find(|area| area.level() == Level::Epci);
        let Some(epci) = epci else { return };
        let is_new = !places.contains_key(&(Level::Epci, epci.code()));
        let middle = self.place(places, extent, epci);
        self.nest(place, middle);
        if is_new {
            for departement in clocher_cog::parents(epci) {
                if departement.level() == Level::Departement
                    && extent.departements.contains(&departement.code())
                {
                    let top = self.place(places, extent, &departement);
                    self.nest(middle, top);
                }
            }
        }
    }

    fn place(
        &mut self,
        places: &mut HashMap<(Level, &'static str), usize>,
        extent: Extent<'_>,
        area: &Territory,
    ) -> usize {
        *places.entry((area.level(), area.code())).or_insert_with(|| {
            let host = format!("{}-{}{}", area.level(), area.code().to_lowercase(), extent.hosts);
            self.instances.push(Instance { host });
            self.communities.push(Community {
                instance: self.instances.len() - 1,
                name: "commune".to_owned(),
                closed: false,
            });
            self.communities.len() - 1
        })
    }

    fn nest(&mut self, lower: usize, upper: usize) {
        let (relation, policies) = (Relation::Upper, [OPEN, OPEN]);
        self.links.push(Link { one: lower, other: upper, relation, policies, is_late: false });
    }

    fn found_networks(&mut self, extent: Extent<'_>, random: &mut impl Rng) {
        let territorial = self.communities.len();
        for number in 0..extent.networks {
            let instance = random.random_range(0..self.instances.len());
            self.communities.push(Community { instance, name: format!("reseau-{number}"), closed: false });
            let network = self.communities.len() - 1;
            let mut beside: Vec<usize> =
                (0..random.random_range(2..8)).map(|_| random.random_range(0..territorial)).collect();
            beside.sort_unstable();
            beside.dedup();
            for one in beside {
                let accepts = if extent.moderated { Accepts::Moderated } else { Accepts::Everything };
                let commune = Policy { shares: Shares::Author, accepts };
                self.links.push(Link {
                    one,
                    other: network,
                    relation: Relation::Peer,
                    policies: [commune, OPEN],
                    is_late: false,
                });
            }
        }
    }

    /// People live in a commune and follow it, mostly what is above it, and some networks.
    fn people_it(&mut self, people: usize, random: &mut impl Rng) {
        let homes: Vec<usize> = (0..self.communities.len()).filter(|one| self.is_commune(*one)).collect();
        let networks: Vec<usize> = (0..self.communities.len()).filter(|one| self.is_network(*one)).collect();
        let modes = [Mode::None, Mode::Weekly, Mode::Daily, Mode::Immediate];
        for number in 0..people {
            let Some(home) = homes.choose(random).copied() else { return };
            let mut wanted = vec![home];
            wanted.extend(self.above(home).into_iter().filter(|_| random.random_bool(0.6)));
            for _ in 0..random.random_range(0..3) {
                wanted.extend(networks.choose(random));
            }
            wanted.sort_unstable();
            wanted.dedup();
            let follows = wanted
                .into_iter()
                .map(|community| (community, *modes.choose(random).unwrap_or(&Mode::Daily)))
                .collect();
            let instance = self.communities.get(home).map_or(0, |community| community.instance);
            let name = format!("p{number}");
            self.people.push(Person { instance, mail: format!("{name}@mail.example"), name, follows });
        }
    }

    fn is_network(&self, community: usize) -> bool {
        self.communities.get(community).is_some_and(|row| row.name.starts_with("reseau-"))
    }

    fn is_commune(&self, community: usize) -> bool {
        let instance = self.communities.get(community).and_then(|row| self.instances.get(row.instance));
        !self.is_network(community) && instance.is_some_and(|row| row.host.starts_with("commune-"))
    }

    /// What a community is nested in, however far up.
    pub fn above(&self, community: usize) -> Vec<usize> {
        let mut above = Vec::new();
        let mut fresh = vec![community];
        while let Some(from) = fresh.pop() {
            for link in self.links.iter().filter(|link| link.one == from && link.relation == Relation::Upper)
            {
                if !above.contains(&link.other) {
                    above.push(link.other);
                    fresh.push(link.other);
                }
            }
        }
        above
    }

    /// A message as people write them: somebody of a community, sent some way up, seldom to all below.
    fn sensible_message(&self, random: &mut impl Rng) -> Message {
        let author = random.random_range(0..self.people.len());
        let follows = self.people.get(author).map(|person| person.follows.as_slice()).unwrap_or_default();
        let home = follows.choose(random).map_or(0, |(community, _)| *community);
        let mut reach = self.above(home);
        reach.truncate(random.random_range(0..=reach.len()));
        let peers = self.links.iter().filter(|link| link.relation == Relation::Peer);
        let peers = peers.filter_map(|link| match home {
            home if link.one == home => Some(link.other),
            home if link.other == home => Some(link.one),
            _ => None,
        });
        reach.extend(peers.filter(|_| random.random_bool(0.5)));
        let refused_by = reach.iter().copied().filter(|_| random.random_bool(0.1)).collect();
        let answers =
            (0..random.random_range(0..3)).map(|_| random.random_range(0..self.people.len())).collect();
        Message { author, home, also: Vec::new(), reach, down: random.random_bool(0.2), answers, refused_by }
    }
}
