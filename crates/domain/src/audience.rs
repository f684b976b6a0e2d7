//! Who may read a message. Who is told of it is the business of effects.

/// How visible a message is. What has a home community is for everybody, or for its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody, and listed.
    Public,
    /// Everybody who has the address; on no list.
    Unlisted,
    /// Followers of the author.
    Followers,
    /// Those it is addressed to.
    Direct,
    /// Members and moderators of its home, which is not open; its author only as one of them.
    Members,
}

impl Visibility {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Followers => "followers",
            Self::Direct => "direct",
            Self::Members => "members",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Public, Self::Unlisted, Self::Followers, Self::Direct, Self::Members]
            .into_iter()
            .find(|visibility| visibility.as_str() == name)
    }

    /// Whether anybody who knows the address may read.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }

    /// Whether such a message stands in the home of its thread: for everybody, or for the members of that home.
    pub fn is_of_home(self) -> bool {
        self.is_open() || self == Self::Members
    }
}

/// What a reader is to a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// The author.
    pub is_author: bool,
    /// An accepted follower of the author.
    pub follows_author: bool,
    /// Named among those the message is addressed to.
    pub is_addressed: bool,
    /// A member or a moderator of the home of the message.
    pub is_of_home: bool,
}

/// Whether the reader may read a message of that visibility.
pub fn may_read(visibility: Visibility, reader: Reader) -> bool {
    match visibility {
        Visibility::Public | Visibility::Unlisted => true,
        // Who has left reads nothing any more, what they wrote themselves included.
        Visibility::Members => reader.is_of_home,
        Visibility::Followers => reader.is_author || reader.is_addressed || reader.follows_author,
        Visibility::Direct => reader.is_author || reader.is_addressed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_reads_what_is_open_and_nothing_else() {
        let stranger = Reader::default();
        assert!(may_read(Visibility::Public, stranger));
        assert!(may_read(Visibility::Unlisted, stranger));
        assert!(!may_read(Visibility::Followers, stranger));
        assert!(!may_read(Visibility::Direct, stranger));
    }

    #[test]
    fn a_follower_does_not_read_what_is_addressed_to_another() {
        let follower = Reader { follows_author: true, ..Reader::default() };
        assert!(may_read(Visibility::Followers, follower));
        assert!(!may_read(Visibility::Direct, follower));
        assert!(may_read(Visibility::Direct, Reader { is_addressed: true, ..Reader::default() }));
    }

    #[test]
    fn what_is_for_members_is_read_by_nobody_who_has_left() {
        let left = Reader { is_author: true, follows_author: true, is_addressed: true, is_of_home: false };
        assert!(!may_read(Visibility::Members, left));
        assert!(may_read(Visibility::Members, Reader { is_of_home: true, ..Reader::default() }));
        assert!(!may_read(Visibility::Direct, Reader { is_of_home: true, ..Reader::default() }));
        assert!(Visibility::Members.is_of_home() && !Visibility::Members.is_open());
    }
}
