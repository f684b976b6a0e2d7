//! Actors: whoever acts or is followed, here or elsewhere. Holds no keys and no addresses.

use crate::refusal::Refusal;

/// What an actor is (ActivityStreams 2.0 Vocabulary, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A community.
    Group,
    /// An instance, speaking for itself.
    Application,
    /// A bot of another server.
    Service,
    /// An organisation of another server.
    Organization,
    /// Several communities, followed as one: beside a community of here. Those of others are not read.
    Feed,
    /// Known only by its id until it is fetched.
    Unknown,
}

impl ActorKind {
    /// Its name in the vocabulary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Group => "Group",
            Self::Application => "Application",
            Self::Service => "Service",
            Self::Organization => "Organization",
            Self::Feed => "Feed",
            Self::Unknown => "Unknown",
        }
    }

    /// Reads the name of the vocabulary.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Person,
            Self::Group,
            Self::Application,
            Self::Service,
            Self::Organization,
            Self::Feed,
            Self::Unknown,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }

    /// The same, of the kinds that are read of other servers.
    pub fn parse_of_others(name: &str) -> Option<Self> {
        Self::parse(name).filter(|kind| !matches!(kind, Self::Feed | Self::Unknown))
    }
}

/// What an account may do on its whole instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Takes part.
    Member,
    /// Also moderates every community of the instance.
    Moderator,
    /// Also administers the instance.
    Administrator,
}

impl Role {
    /// Its permanent name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Administrator => "administrator",
        }
    }

    /// Reads the permanent name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Member, Self::Moderator, Self::Administrator].into_iter().find(|role| role.as_str() == name)
    }
}

/// Decides whether somebody may cease to administer an instance that `others` administer too.
///
/// # Errors
/// `LastAdministrator` where nobody would be left to let them in again.
pub fn decide_dismissal(is_administrator: bool, others: usize) -> Result<(), Refusal> {
    if is_administrator && others == 0 { Err(Refusal::LastAdministrator) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_of_another_server_is_no_actor_here() {
        assert_eq!(ActorKind::parse("Feed"), Some(ActorKind::Feed));
        assert_eq!(ActorKind::parse_of_others("Feed"), None);
        assert_eq!(ActorKind::parse_of_others("Unknown"), None);
        assert_eq!(ActorKind::parse_of_others("Service"), Some(ActorKind::Service));
    }

    #[test]
    fn an_instance_keeps_an_administrator() {
        assert_eq!(decide_dismissal(true, 0), Err(Refusal::LastAdministrator));
        assert_eq!(decide_dismissal(true, 1), Ok(()));
        assert_eq!(decide_dismissal(false, 0), Ok(()));
    }
}
