//! Communities: what sort they are, who may read them and who may post in them. Links between them are in
//! [`crate::link`].

use crate::audience::Visibility;
use crate::territory::TerritoryId;

/// Whether a community stands for an official area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommunityKind {
    /// Geo-localised: it stands for an official area.
    Territorial(TerritoryId),
    /// A-localised: it stands for a subject.
    Topical,
}

/// Who may write in a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posting {
    /// Anybody who may read it.
    Everybody,
    /// Members only.
    Members,
    /// Moderators only: a page of announcements.
    Moderators,
}

impl Posting {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Members => "members",
            Self::Moderators => "moderators",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Everybody, Self::Members, Self::Moderators]
            .into_iter()
            .find(|posting| posting.as_str() == name)
    }
}

/// Who may read a community, and who may know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Everybody reads it.
    Open,
    /// Everybody may know of it; its members read it, and its moderators say who is one.
    Closed,
    /// Only its members, its moderators and whom they invited know of it.
    Hidden,
}

impl Openness {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Hidden => "hidden",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Hidden].into_iter().find(|openness| openness.as_str() == name)
    }

    /// Whether everybody reads it. Only such a community is linked, and threads are placed only between such.
    pub fn is_open(self) -> bool {
        self == Self::Open
    }

    /// Who may read what is written in it, where its author wants that for it.
    pub fn visibility(self, wanted: Visibility) -> Visibility {
        if self.is_open() { wanted } else { Visibility::Members }
    }
}

/// What somebody is to a community that is not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bond {
    /// An accepted member.
    pub is_member: bool,
    /// A moderator.
    pub is_moderator: bool,
    /// Somebody whom its moderators invited, and who has not answered.
    pub is_invited: bool,
}

/// Whether somebody reads what is written in a community.
pub fn may_read_contents(openness: Openness, bond: Bond) -> bool {
    openness.is_open() || bond.is_member || bond.is_moderator
}

/// Whether somebody may know that a community exists.
pub fn may_know(openness: Openness, bond: Bond) -> bool {
    openness != Openness::Hidden || bond.is_member || bond.is_moderator || bond.is_invited
}

/// Whether a server is known to keep from others what is written for members, by the name and version of its
/// software; `is_clocher` where it is ours, whatever its name (rule 8 of the design of federation).
pub fn keeps_closed(software: Option<&str>, version: Option<&str>, is_clocher: bool) -> bool {
    // Lemmy has private communities since 1.0.
    let major =
        version.and_then(|version| version.split('.').next()).and_then(|major| major.parse::<u32>().ok());
    is_clocher
        || software == Some("clocher")
        || (software == Some("lemmy") && major.is_some_and(|major| major >= 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTSIDER: Bond = Bond { is_member: false, is_moderator: false, is_invited: false };

    #[test]
    fn who_is_invited_knows_of_a_hidden_community_and_reads_nothing_in_it() {
        let invited = Bond { is_invited: true, ..OUTSIDER };
        assert!(may_know(Openness::Hidden, invited));
        assert!(!may_read_contents(Openness::Hidden, invited));
        assert!(!may_know(Openness::Hidden, OUTSIDER));
        assert!(may_know(Openness::Closed, OUTSIDER));
        assert!(!may_read_contents(Openness::Closed, OUTSIDER));
        assert!(may_read_contents(Openness::Open, OUTSIDER));
        for bond in [Bond { is_member: true, ..OUTSIDER }, Bond { is_moderator: true, ..OUTSIDER }] {
            assert!(may_know(Openness::Hidden, bond) && may_read_contents(Openness::Closed, bond));
        }
    }

    #[test]
    fn only_software_that_has_closed_communities_gets_their_messages() {
        assert!(keeps_closed(Some("fork"), None, true));
        assert!(keeps_closed(Some("clocher"), Some("0.1.0"), false));
        assert!(keeps_closed(Some("lemmy"), Some("1.0.0-alpha.1"), false));
        for (software, version) in [
            (Some("lemmy"), Some("0.19.11")),
            (Some("lemmy"), None),
            (Some("lemmy"), Some("une")),
            (Some("mastodon"), Some("4.5.0")),
            (Some("nodebb"), Some("4.0.0")),
            (None, None),
        ] {
            assert!(!keeps_closed(software, version, false), "{software:?} {version:?}");
        }
    }

    #[test]
    fn what_is_written_in_a_closed_community_is_for_its_members_whatever_its_author_wants() {
        assert_eq!(Openness::Open.visibility(Visibility::Public), Visibility::Public);
        for openness in [Openness::Closed, Openness::Hidden] {
            assert_eq!(openness.visibility(Visibility::Public), Visibility::Members);
            assert_eq!(Openness::parse(openness.as_str()), Some(openness));
        }
    }
}
