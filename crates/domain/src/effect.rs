//! Effects: what the world must be told of a deed, stored with the deed and carried out later.
//!
//! An effect names what happened by ids; how it is said on the wire is decided by the doors when they
//! carry it out.

use crate::id::Id;
use crate::moderation::Moderation;
use crate::vote::Vote;
use serde::{Deserialize, Serialize};

/// A side effect, owed since the transaction that stored it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// A local actor asked to follow a remote one.
    FollowRequested {
        /// The follow.
        follow: Id,
    },
    /// A local actor stopped following a remote one. The row is gone: its parts are told here.
    FollowWithdrawn {
        /// The id of the `Follow` that is undone.
        activity: String,
        /// The local follower.
        follower: Id,
        /// The remote actor.
        followed: Id,
    },
    /// A local actor accepts the request of a remote one.
    FollowAccepted {
        /// The id of the `Follow` that is answered.
        activity: String,
        /// The remote follower.
        follower: Id,
        /// The local actor.
        followed: Id,
    },
    /// A local actor refuses the request of a remote one.
    FollowRejected {
        /// The id of the `Follow` that is answered.
        activity: String,
        /// The remote follower.
        follower: Id,
        /// The local actor.
        followed: Id,
    },
    /// The request of a remote actor to join a local community that is not open was answered.
    RequestAnswered {
        /// The id of the request.
        activity: String,
        /// Whether it was a `Join` rather than a `Follow`.
        is_join: bool,
        /// The remote actor.
        follower: Id,
        /// The local community.
        community: Id,
        /// Whether its moderators accepted it.
        accepted: bool,
        /// Why a rule refused it, a permanent code.
        reason: Option<String>,
    },
    /// The moderators of a local community invited a remote person.
    Invited {
        /// The id of the `Invite`.
        activity: String,
        /// The local community.
        community: Id,
        /// The remote person.
        person: Id,
    },
    /// A local person wrote a message.
    PostWritten {
        /// The message.
        post: Id,
    },
    /// A local person changed a message.
    PostEdited {
        /// The message.
        post: Id,
    },
    /// A local person deleted a message.
    PostDeleted {
        /// The message.
        post: Id,
    },
    /// A local person voted.
    VoteCast {
        /// The voter.
        voter: Id,
        /// The message.
        post: Id,
        /// The vote.
        vote: Vote,
        /// The id of the `Like` or `Dislike`.
        activity: String,
    },
    /// A local person withdrew a vote.
    VoteWithdrawn {
        /// The voter.
        voter: Id,
        /// The message.
        post: Id,
        /// The vote that was withdrawn.
        vote: Vote,
        /// The id of the `Like` or `Dislike` that is undone.
        activity: String,
    },
    /// A local community accepted an activity of a remote actor and passes it on, unaltered.
    Relayed {
        /// The community.
        community: Id,
        /// The message that it concerns.
        post: Id,
        /// The stored activity.
        activity: Id,
    },
    /// Somebody moderated: a local person, or another whose act a local community accepted and passes on.
    Moderated(Moderation),
    /// A local person reported something.
    Reported {
        /// The report.
        report: Id,
    },
    /// A local person moved. Whereto is said by its row, which no longer says so where the move was taken back.
    Moved {
        /// The person.
        person: Id,
    },
    /// The profile of a local actor changed; of a community also its number of members.
    ProfileChanged {
        /// The actor.
        actor: Id,
        /// Whether only the number of members changed, which only Clocher instances are told.
        members_only: bool,
    },
}
