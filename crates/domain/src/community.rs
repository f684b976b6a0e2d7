//! Communities: what sort they are and who may post in them. Links between them come with nesting.

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
