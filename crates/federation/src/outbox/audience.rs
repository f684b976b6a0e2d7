//! Where the followers of an actor get their deliveries, and in which form.

use crate::vocabulary::PUBLIC;
use clocher_app::placing;
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, keeps_closed};
use clocher_storage::actors::ActorRow;
use clocher_storage::hosts::{self, HostRow};
use clocher_storage::posts::PostRow;
use clocher_storage::{Conn, Result, communities, follows};
use std::collections::HashMap;

/// Software that shows a community's `Announce` of an activity as nothing, or as a boost of every comment:
/// it gets the thread's id alone (rule 2 of the design of federation).
const MICROBLOGS: [&str; 17] = [
    "mastodon",
    "hometown",
    "glitchcafe",
    "gotosocial",
    "pleroma",
    "akkoma",
    "misskey",
    "sharkey",
    "firefish",
    "iceshrimp",
    "foundkey",
    "cherrypick",
    "pixelfed",
    "wordpress",
    "takahe",
    "snac",
    "mitra",
];

/// Inboxes with their hosts.
pub type Addresses = Vec<(String, String)>;

/// The inboxes of an actor's followers elsewhere, each once, with what their hosts run.
pub struct Inboxes {
    inboxes: Addresses,
    hosts: HashMap<String, HostRow>,
}

impl Inboxes {
    /// Those of the accepted followers of an actor.
    pub fn followers(conn: &mut Conn, actor_id: i64) -> Result<Self> {
        let inboxes = follows::list_follower_inboxes(conn, actor_id)?;
        let names: Vec<String> = inboxes.iter().map(|(_, host)| host.clone()).collect();
        let hosts = hosts::list(conn, &names)?.into_iter().map(|row| (row.host.clone(), row)).collect();
        Ok(Self { inboxes, hosts })
    }

    /// Those of the members of a community that is not open, on servers that keep closed what is.
    pub fn members(conn: &mut Conn, community_id: i64) -> Result<Self> {
        let Self { inboxes, hosts } = Self::followers(conn, community_id)?;
        let keeps =
            |host: &HostRow| keeps_closed(host.software.as_deref(), host.version.as_deref(), host.clocher);
        let inboxes = inboxes.into_iter().filter(|(_, host)| hosts.get(host).is_some_and(keeps)).collect();
        Ok(Self { inboxes, hosts })
    }

    /// All of them.
    pub fn all(self) -> Addresses {
        self.inboxes
    }

    /// Those of Clocher instances, and of hosts that were not asked yet what they run.
    pub fn of_clocher(self) -> Addresses {
        self.of_readers(false)
    }

    /// Those of Clocher instances, of hosts that were not asked yet and, where `microblogs`, of microblogs: who understands
    /// that a community shares a thread of another.
    pub fn of_readers(self, microblogs: bool) -> Addresses {
        let Self { inboxes, hosts } = self;
        let may_be = |row: Option<&HostRow>| {
            row.is_none_or(|row| {
                is_clocher(row) || row.checked_at.is_none() || (microblogs && is_microblog(row))
            })
        };
        inboxes.into_iter().filter(|(_, host)| may_be(hosts.get(host))).collect()
    }

    /// Those of PieFed, and all others.
    pub fn split_piefed(self) -> (Addresses, Addresses) {
        let Self { inboxes, hosts } = self;
        let is_piefed = |host: &String| {
            let software = hosts.get(host).and_then(|row| row.software.as_deref());
            software.is_some_and(|name| name.eq_ignore_ascii_case("piefed"))
        };
        inboxes.into_iter().partition(|(_, host)| is_piefed(host))
    }

    /// Those of microblogs.
    pub fn of_microblogs(self) -> Addresses {
        self.split().1
    }

    /// Those of software that understands communities (also where it is not known yet), and of microblogs.
    pub fn split(self) -> (Addresses, Addresses) {
        let Self { inboxes, hosts } = self;
        inboxes.into_iter().partition(|(_, host)| !hosts.get(host).is_some_and(is_microblog))
    }
}

/// Who has a thread from the communities that share it: the instances of those elsewhere, and the Clocher instances that
/// follow those of here. `withdrawn` also of those that share it no more.
pub fn sharing(conn: &mut Conn, thread_id: i64, withdrawn: bool) -> clocher_app::Result<Addresses> {
    let mut inboxes = Addresses::new();
    for community in placing::list_sharing(conn, thread_id, withdrawn)? {
        if community.local {
            inboxes.extend(Inboxes::followers(conn, community.id)?.of_clocher());
        } else if community.is_active() && !community.delivery_inbox().is_empty() {
            inboxes.push((community.delivery_inbox().to_owned(), community.host));
        }
    }
    Ok(inboxes)
}

/// The servers of those who are told of a reply whether they follow its home or not.
pub fn answered(conn: &mut Conn, reply: &PostRow) -> clocher_app::Result<Addresses> {
    let mut inboxes = Addresses::new();
    for author in placing::list_answered(conn, reply)?.iter().filter(|author| author.is_active()) {
        inboxes.extend(of_community_software(conn, author)?);
    }
    Ok(inboxes)
}

/// To whom a community of ours says what is said in it.
pub struct Circle {
    /// Whether that is everybody.
    pub is_open: bool,
    /// `to`.
    pub to: Vec<String>,
    /// `cc`.
    pub cc: Vec<String>,
}

impl Circle {
    /// That of a community: everybody and its followers, or its followers alone (json/11g). Of one elsewhere, as far as
    /// is known.
    pub fn of(conn: &mut Conn, community: &ActorRow) -> Result<Self> {
        let openness = communities::find_openness(conn, community.id)?.unwrap_or(Openness::Open);
        Ok(Self::new(community, openness.is_open()))
    }

    /// That of a message in a community: everybody, or its members, as the message says, whatever the community is now.
    pub fn of_message(community: &ActorRow, visibility: Visibility) -> Self {
        Self::new(community, visibility.is_open())
    }

    fn new(community: &ActorRow, is_open: bool) -> Self {
        let followers = community.followers.iter().cloned().collect();
        if is_open {
            Self { is_open, to: vec![PUBLIC.to_owned()], cc: followers }
        } else {
            Self { is_open, to: followers, cc: Vec::new() }
        }
    }

    /// The inboxes of its followers: of servers that understand communities, and of microblogs, which are told nothing
    /// that is for members.
    pub fn inboxes(&self, conn: &mut Conn, community_id: i64) -> Result<(Addresses, Addresses)> {
        if self.is_open {
            Ok(Inboxes::followers(conn, community_id)?.split())
        } else {
            Ok((Inboxes::members(conn, community_id)?.all(), Vec::new()))
        }
    }
}

/// The inbox of an actor elsewhere, if its host understands what a community announces (also where it is not known
/// yet).
pub fn of_community_software(conn: &mut Conn, actor: &ActorRow) -> Result<Addresses> {
    if actor.local || actor.delivery_inbox().is_empty() {
        return Ok(Vec::new());
    }
    let host = hosts::find(conn, &actor.host)?;
    let address = (actor.delivery_inbox().to_owned(), actor.host.clone());
    Ok(if host.as_ref().is_some_and(is_microblog) { Vec::new() } else { vec![address] })
}

fn is_clocher(host: &HostRow) -> bool {
    host.clocher || host.software.as_deref() == Some("clocher")
}

fn is_microblog(host: &HostRow) -> bool {
    !is_clocher(host) && host.software.as_deref().is_some_and(|software| MICROBLOGS.contains(&software))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocher_is_a_community_server_whatever_name_it_gives() {
        let mastodon = HostRow { software: Some("mastodon".into()), ..HostRow::default() };
        assert!(is_microblog(&mastodon));
        assert!(!is_microblog(&HostRow { clocher: true, ..mastodon }));
        assert!(!is_microblog(&HostRow { software: Some("lemmy".into()), ..HostRow::default() }));
        assert!(!is_microblog(&HostRow::default()));
    }
}
