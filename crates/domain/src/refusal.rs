//! Why a rule said no. The text for people is in the catalogues of the doors, by [`Refusal::code`].

/// A rule said no. Each has a permanent [`code`](Refusal::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// Names are ASCII lower-case letters, digits, `-` and `_`.
    InvalidName,
    /// The name is a word of routes or of mail roles.
    ReservedName,
    /// The name is already borne by a person or a community of the instance.
    NameTaken,
    /// The address is not a mail address.
    InvalidMail,
    /// The mail address already has an account here.
    MailTaken,
    /// The password is shorter than 10 or longer than 200 characters.
    InvalidPassword,
    /// The text is empty.
    EmptyText,
    /// The text is longer than the limit.
    TextTooLong,
    /// The title is longer than the limit.
    TitleTooLong,
    /// Only the author may do this.
    NotTheAuthor,
    /// Only members may do this.
    NotAMember,
    /// Only moderators of the community may do this.
    NotAModerator,
    /// Nobody else administers the instance.
    LastAdministrator,
    /// Nobody else moderates the community.
    LastModerator,
    /// A moderator is dismissed before anything else.
    IsModerator,
    /// The person is banned from the community.
    Banned,
    /// The community features as many threads as it can.
    TooManyFeatured,
    /// The person is suspended here.
    Suspended,
    /// The object has been deleted.
    Deleted,
    /// Moderators have removed the object.
    Removed,
    /// Nobody may answer this thread any more.
    ThreadLocked,
    /// The person may not see this, or it does not exist: the two answer alike.
    NotFound,
    /// One does not vote on one's own message.
    OwnVote,
    /// One does not follow oneself.
    OwnFollow,
    /// The person has moved, and writes from where it is now.
    Moved,
    /// The person that this is about has moved.
    MovedAway,
    /// The person moved not long ago.
    MovedRecently,
    /// The other account does not say that it is this person too.
    NotLinked,
    /// The other account is this very one.
    SameAccount,
    /// The actor is no person.
    NotAPerson,
    /// The person names as many other accounts as it can.
    TooManyAliases,
    /// The instance has blocked that domain.
    DomainBlocked,
    /// Too many of these in too short a time.
    TooMany,
    /// The actor is not one that this action is possible with.
    NotPossible,
    /// The other server is not known to keep from others what is written for members.
    NotKeptClosed,
    /// A message for everybody names a community that is not open, or several communities of which one is not.
    NotForMembers,
    /// The message is addressed to more communities than it can be.
    TooManyAddressed,
    /// What is asked for is not a known official area.
    UnknownTerritory,
    /// Both ends of the link are the same community.
    SameCommunity,
    /// The two communities are linked already, in another relation.
    AlreadyLinked,
    /// There is no such link, or it is not active.
    NoLink,
    /// The link would nest a community in itself.
    LinkCycle,
    /// No thread takes such a path between communities.
    PathBroken,
    /// The author does not let the thread go there.
    BeyondReach,
    /// The community does not accept it over this link.
    NotAccepted,
    /// What was typed names no other server.
    NoServer,
    /// Another server sends to the address already, or this one does for the other.
    AlreadyJoined,
}

/// What kind of refusal it is, for the wire form that each door gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is malformed or breaks a limit (HTTP 422).
    Invalid,
    /// The actor may not do this (HTTP 403).
    Forbidden,
    /// The thing does not exist, or must not be known to (HTTP 404).
    NotFound,
    /// It stands against the present state (HTTP 409).
    Conflict,
    /// The thing existed and is gone (HTTP 410).
    Gone,
    /// Come back later (HTTP 429).
    TooMany,
}

impl Refusal {
    /// The permanent code of this refusal, in snake case.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidName => "invalid_name",
            Self::ReservedName => "reserved_name",
            Self::NameTaken => "name_taken",
            Self::InvalidMail => "invalid_mail",
            Self::MailTaken => "mail_taken",
            Self::InvalidPassword => "invalid_password",
            Self::EmptyText => "empty_text",
            Self::TextTooLong => "text_too_long",
            Self::TitleTooLong => "title_too_long",
            Self::NotTheAuthor => "not_the_author",
            Self::NotAMember => "not_a_member",
            Self::NotAModerator => "not_a_moderator",
            Self::LastAdministrator => "last_administrator",
            Self::LastModerator => "last_moderator",
            Self::IsModerator => "is_moderator",
            Self::Banned => "banned",
            Self::TooManyFeatured => "too_many_featured",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Removed => "removed",
            Self::ThreadLocked => "thread_locked",
            Self::NotFound => "not_found",
            Self::OwnVote => "own_vote",
            Self::OwnFollow => "own_follow",
            Self::Moved => "moved",
            Self::MovedAway => "moved_away",
            Self::MovedRecently => "moved_recently",
            Self::NotLinked => "not_linked",
            Self::SameAccount => "same_account",
            Self::NotAPerson => "not_a_person",
            Self::TooManyAliases => "too_many_aliases",
            Self::DomainBlocked => "domain_blocked",
            Self::TooMany => "too_many",
            Self::NotPossible => "not_possible",
            Self::NotKeptClosed => "not_kept_closed",
            Self::NotForMembers => "not_for_members",
            Self::TooManyAddressed => "too_many_addressed",
            Self::UnknownTerritory => "unknown_territory",
            Self::SameCommunity => "same_community",
            Self::AlreadyLinked => "already_linked",
            Self::NoLink => "no_link",
            Self::LinkCycle => "link_cycle",
            Self::PathBroken => "path_broken",
            Self::BeyondReach => "beyond_reach",
            Self::NotAccepted => "not_accepted",
            Self::NoServer => "no_server",
            Self::AlreadyJoined => "already_joined",
        }
    }

    /// The kind that decides the wire form.
    pub fn kind(self) -> Kind {
        match self {
            Self::InvalidName
            | Self::ReservedName
            | Self::InvalidMail
            | Self::InvalidPassword
            | Self::EmptyText
            | Self::TextTooLong
            | Self::TitleTooLong
            | Self::SameAccount
            | Self::NotAPerson
            | Self::NotPossible
            | Self::SameCommunity
            | Self::PathBroken
            | Self::TooManyAddressed
            | Self::NoServer
            | Self::UnknownTerritory => Kind::Invalid,
            Self::NotTheAuthor
            | Self::NotAMember
            | Self::NotAModerator
            | Self::Banned
            | Self::Removed
            | Self::Suspended
            | Self::ThreadLocked
            | Self::OwnVote
            | Self::OwnFollow
            | Self::Moved
            | Self::MovedAway
            | Self::NoLink
            | Self::BeyondReach
            | Self::NotAccepted
            | Self::NotKeptClosed
            | Self::NotForMembers
            | Self::DomainBlocked => Kind::Forbidden,
            Self::NotFound => Kind::NotFound,
            Self::NameTaken
            | Self::AlreadyJoined
            | Self::MailTaken
            | Self::LastAdministrator
            | Self::LastModerator
            | Self::IsModerator
            | Self::TooManyFeatured
            | Self::NotLinked
            | Self::AlreadyLinked
            | Self::LinkCycle
            | Self::TooManyAliases => Kind::Conflict,
            Self::Deleted => Kind::Gone,
            Self::TooMany | Self::MovedRecently => Kind::TooMany,
        }
    }
}
