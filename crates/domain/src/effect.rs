//! Effects: what the world must be told of a deed, stored with the deed and carried out later.
//!
//! An effect names what happened by ids; how it is said on the wire is decided by the doors when they
//! carry it out.

use crate::id::Id;
use crate::joint::JointStep;
use crate::moderation::Moderation;
use crate::placement::Way;
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
    /// A thread stands in a local community, and may go on from there to those that are linked with it.
    Travels {
        /// The top post.
        thread: Id,
        /// The community.
        community: Id,
        /// The way by which it came there.
        way: Way,
        /// The one neighbour to which a moderator sends it; none where it goes wherever it may.
        neighbour: Option<Id>,
    },
    /// A local community shows a thread whose home is another one.
    Placed {
        /// The placement.
        placement: Id,
    },
    /// A local community, or its rule, refuses a thread that a linked one elsewhere offered.
    OfferRefused {
        /// The community.
        community: Id,
        /// The one elsewhere.
        neighbour: Id,
        /// The ActivityPub id of the top post.
        thread: String,
        /// The id of the `Offer`.
        offer: String,
    },
    /// A local community shows a thread no more.
    Withdrawn {
        /// The placement.
        placement: Id,
        /// The id of the `Announce` that is undone.
        announce: String,
    },
    /// The root of a thread that a local community shares is gone, or is back: microblogs, which know it by the community's
    /// `Announce` alone, are told.
    Boosted {
        /// The placement.
        placement: Id,
        /// Whether it is back.
        is_shown: bool,
    },
    /// A local community is open no more: what it shares of others is taken back, a portion at a time.
    Closed {
        /// The community.
        community: Id,
        /// The moderator who closed it.
        moderator: Id,
        /// The last membership that was looked at.
        after: Id,
    },
    /// A local community was opened, closed or hidden: whoever knew it otherwise is told.
    Turned {
        /// The community.
        community: Id,
        /// The communities with which it was linked until then.
        told: Vec<Id>,
    },
    /// A home elsewhere announced something about a thread that local communities share: it is passed on to whoever has
    /// the thread from these.
    PassedOn {
        /// The stored `Announce` of the home.
        activity: Id,
        /// The message that it concerns.
        post: Id,
        /// The host that handed it over.
        from: String,
    },
    /// A reply to a thread that a local community shares came here: its home, elsewhere, is told of it.
    HandedOn {
        /// The community.
        community: Id,
        /// The top post.
        thread: Id,
        /// The ActivityPub id of the reply.
        reply: String,
    },
    /// The home, of here, took a reply that a sharing community handed on.
    TakenIn {
        /// The home.
        community: Id,
        /// The reply.
        post: Id,
    },
    /// A community elsewhere shares a thread of a home of here that was answered already: its instance is told of the answers.
    CaughtUp {
        /// The placement there.
        placement: Id,
    },
    /// Somebody moderated: a local person, or another whose act a local community accepted and passes on.
    Moderated(Moderation),
    /// A local person reported something.
    Reported {
        /// The report.
        report: Id,
    },
    /// A local person or community moved. Whereto is said by its row, which no longer says so where the move was taken back.
    Moved {
        /// The person, or the community.
        person: Id,
    },
    /// A community of here offered a link to one elsewhere.
    LinkOffered {
        /// This end of it.
        link: Id,
        /// The id of the `Offer`.
        offer: String,
    },
    /// A community of here agreed to the link that one elsewhere offered.
    LinkAccepted {
        /// This end of it.
        link: Id,
        /// The id of the `Offer` that is answered.
        offer: String,
        /// The id of the `Accept`.
        acceptance: String,
    },
    /// A community of here refuses the link that one elsewhere offered.
    LinkRefused {
        /// The community.
        community: Id,
        /// The one elsewhere.
        other: Id,
        /// The id of the `Offer` that is answered.
        offer: String,
    },
    /// A community of here ended a link with one elsewhere, or took back its offer.
    LinkEnded {
        /// This end of it.
        link: Id,
        /// The id of the `Offer` by which it was proposed.
        offer: String,
        /// The id of the `Accept` by which it was agreed, where that is of here.
        acceptance: Option<String>,
    },
    /// A community of here changed what it shares over a link, or accepts.
    LinkChanged {
        /// This end of it.
        link: Id,
    },
    /// What a community of here lists as its links has changed.
    LinkListed {
        /// This end of the link.
        link: Id,
        /// Whether it is listed now.
        added: bool,
    },
    /// What is nested in a local community has changed, and its feed with it.
    FeedChanged {
        /// The community.
        community: Id,
    },
    /// One end of a joint has something to say to the other.
    JointSaid {
        /// The joint, of here.
        joint: Id,
        /// What.
        step: JointStep,
        /// Messages that were told when it was decided, by their ActivityPub ids.
        told: Vec<String>,
        /// Messages that were owed and are told no more, likewise.
        owed: Vec<String>,
    },
    /// The profile of a local actor changed; of a community also its number of members.
    ProfileChanged {
        /// The actor.
        actor: Id,
        /// Whether only the number of members changed, which only Clocher instances are told.
        members_only: bool,
    },
}
