//! Who may read a message. Who is told of it is the business of effects.

/// How visible a message is. Only messages without a home community may be less than public for now.
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
}

impl Visibility {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Followers => "followers",
            Self::Direct => "direct",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Public, Self::Unlisted, Self::Followers, Self::Direct]
            .into_iter()
            .find(|visibility| visibility.as_str() == name)
    }

    /// Whether anybody who knows the address may read.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
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
}

/// Whether the reader may read a message of that visibility.
pub fn may_read(visibility: Visibility, reader: Reader) -> bool {
    visibility.is_open()
        || reader.is_author
        || reader.is_addressed
        || (visibility == Visibility::Followers && reader.follows_author)
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
}
