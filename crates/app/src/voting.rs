//! Votes: from here, and as received from other servers.

use crate::app::Deed;
use crate::received::{Outcome, Received};
use crate::receiving::word;
use crate::{App, Error, Result, readers};
use clocher_domain::effect::Effect;
use clocher_domain::home::vote_counts;
use clocher_domain::vote::{Change, Vote, Voting, decide_vote};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::bans;
use clocher_storage::posts::{self, PostRow};
use clocher_storage::votes::{self, VoteRow};

/// A local person votes on a message, turns the vote or withdraws it (`wanted` none).
///
/// # Errors
/// `OwnVote`, `Suspended`, `Banned`, `Deleted`, `Removed`, `NotFound`.
pub async fn vote(app: &App, voter_id: i64, post_id: i64, wanted: Option<Vote>) -> Result<()> {
    app.write(move |deed| {
        let voter = actors::find(deed.conn, voter_id)?.ok_or(Refusal::NotFound)?;
        let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
        if !readers::may_read(deed.conn, &post, Some(voter_id))? {
            return Err(Error::from(Refusal::NotFound));
        }
        let before = votes::find(deed.conn, voter_id, post_id)?;
        let id = deed.app.site().activity(deed.app.mint());
        match change(deed, &voter, &post, wanted, id.clone())? {
            Change::None => Ok(()),
            Change::Cast(vote) => {
                deed.owe(&Effect::VoteCast { voter: Id(voter_id), post: Id(post_id), vote, activity: id })
            }
            Change::Withdrawn(vote) => {
                let activity = before.map(|row| row.ap_id).unwrap_or_default();
                deed.owe(&Effect::VoteWithdrawn { voter: Id(voter_id), post: Id(post_id), vote, activity })
            }
        }
    })
    .await
}

/// A vote of another server's actor arrives; `wanted` is none for its undoing.
///
/// Counted where the home of the message is ours, where the message is of a local author's own, or where
/// its home announced it.
///
/// # Errors
/// What the rule refuses; those of storage.
pub async fn receive(
    app: &App,
    received: Received,
    voter_id: i64,
    post_ap_id: String,
    wanted: Option<Vote>,
) -> Result<Outcome> {
    app.write(move |deed| {
        let Some(post) = posts::find_by_ap_id(deed.conn, &post_ap_id)? else {
            return Ok(Outcome::MissingParent);
        };
        let voter = actors::find(deed.conn, voter_id)?.ok_or(Refusal::NotFound)?;
        let home = post.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        let word = word(&received, home.as_ref(), None);
        let counts = vote_counts(word, post.local);
        // Whoever a community elsewhere has vote in it may read there.
        if !counts || !(word.announced_by_home || readers::may_read(deed.conn, &post, Some(voter_id))?) {
            return Ok(Outcome::NotOurs);
        }
        if !received.is_first(deed)?
            || change(deed, &voter, &post, wanted, received.activity.clone())? == Change::None
        {
            return Ok(Outcome::Known);
        }
        received.relay(deed, voter_id, &post, home.as_ref())?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// The message that the `Like` or `Dislike` with that id was cast on, if that actor cast it.
///
/// # Errors
/// Those of storage.
pub async fn find_voted(app: &App, voter_id: i64, vote_activity: String) -> Result<Option<String>> {
    app.read(move |conn| {
        let vote = votes::find_by_ap_id(conn, &vote_activity)?.filter(|vote| vote.actor_id == voter_id);
        let post = vote.map(|vote| posts::find(conn, vote.post_id)).transpose()?.flatten();
        Ok::<_, Error>(post.map(|post| post.ap_id))
    })
    .await
}

fn change(
    deed: &mut Deed<'_>,
    voter: &ActorRow,
    post: &PostRow,
    wanted: Option<Vote>,
    ap_id: String,
) -> Result<Change> {
    let before = votes::find(deed.conn, voter.id, post.id)?.map(|row| row.vote()).transpose()?;
    let is_author = post.author_id == voter.id;
    let now = deed.now();
    let voter_banned = match post.home_id {
        Some(home) => bans::is_banned(deed.conn, home, voter.id, now)?,
        None => false,
    };
    let voting = Voting {
        voter_suspended: !voter.is_active(),
        voter_banned,
        is_author,
        is_deleted: post.deleted_at.is_some(),
        is_removed: post.removed_at.is_some(),
    };
    let change = decide_vote(before, wanted, voting)?;
    match change {
        Change::None => {}
        Change::Cast(vote) => {
            let row =
                VoteRow { actor_id: voter.id, post_id: post.id, score: vote.score(), ap_id, created_at: now };
            votes::put(deed.conn, &row)?;
        }
        Change::Withdrawn(_) => votes::remove(deed.conn, voter.id, post.id)?,
    }
    Ok(change)
}
