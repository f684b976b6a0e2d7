//! Republishing: the top post of a community that is not open becomes a new thread in an open one of here, once a moderator
//! and its author agree. The replies stay, and the new thread does not say where it comes from.

use crate::app::Deed;
use crate::posting::Ready;
use crate::{App, Error, Result, moderating, placing, readers};
use clocher_domain::Refusal;
use clocher_domain::audience::Visibility;
use clocher_domain::ledger::Mode;
use clocher_domain::republication::{
    Answering, Proposing, RepublicationState, decide_answering, decide_proposing,
};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::ledger::{self, LedgerRow, NOTIFICATION, WAITING};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::republications::{self, RepublicationRow};
use clocher_storage::{Conn, addresses};

/// What whoever reads a message may know and do of its being republished.
#[derive(Clone, Debug)]
pub enum Republishing {
    /// A moderator may propose it for these communities; `is_own` where the message is the moderator's own.
    Possible {
        /// Where its author may write.
        communities: Vec<ActorRow>,
        /// Whether it is published at once.
        is_own: bool,
    },
    /// Its author has not answered; `asks` where that is whoever reads.
    Proposed {
        /// The open community.
        community: ActorRow,
        /// Whether whoever reads is asked.
        asks: bool,
    },
    /// Its author said no.
    Declined,
    /// It is published.
    Published {
        /// The open community.
        community: ActorRow,
        /// The number of the new thread.
        copy: i64,
    },
}

/// What that person of here may know and do of the republishing of a message; none of what cannot be.
///
/// # Errors
/// Those of storage.
pub async fn find(app: &App, reader_id: i64, post_id: i64) -> Result<Option<Republishing>> {
    let now = app.now().0;
    app.read(move |conn| {
        let post = posts::find(conn, post_id)?.filter(PostRow::is_live);
        let (Some(post), Some(reader)) = (post, actors::find(conn, reader_id)?) else { return Ok(None) };
        let Some(home) = closed_home(conn, &post)? else { return Ok(None) };
        if !readers::may_read(conn, &post, Some(reader.id))? {
            return Ok(None);
        }
        let is_author = reader.id == post.author_id;
        let moderates = moderating::moderates(conn, &home, &reader)?;
        let row = republications::find(conn, post.id)?;
        if let Some(row) = row.filter(|row| row.copy_id.is_some() || !is_void(&post, row)) {
            let community = actors::find(conn, row.community_id)?.ok_or(Refusal::NotFound)?;
            let copy = row.copy_id.map(|id| posts::find(conn, id)).transpose()?.flatten();
            return Ok(match row.state()? {
                RepublicationState::Published => {
                    let copy = copy.filter(PostRow::is_live).map(|copy| copy.id);
                    copy.map(|copy| Republishing::Published { community, copy })
                }
                RepublicationState::Proposed if is_author || moderates => {
                    Some(Republishing::Proposed { community, asks: is_author })
                }
                RepublicationState::Declined if is_author || moderates => Some(Republishing::Declined),
                RepublicationState::Proposed | RepublicationState::Declined => None,
            });
        }
        let author = actors::find(conn, post.author_id)?.filter(|author| author.local);
        let Some(author) = author.filter(|_| moderates) else { return Ok(None) };
        let communities = placing::list_open_to(conn, &author, now)?;
        let possible = Republishing::Possible { communities, is_own: is_author };
        Ok::<_, Error>(Some(possible))
    })
    .await
}

/// The home of a top post that is for its members, where that home is of here.
fn closed_home(conn: &mut Conn, post: &PostRow) -> Result<Option<ActorRow>> {
    if !post.is_top() || post.visibility()? != Visibility::Members {
        return Ok(None);
    }
    let home = post.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
    Ok(home.filter(|home| home.local))
}

/// Whether a proposal that waits is void, because its author changed the message since: the moderator read another.
fn is_void(post: &PostRow, row: &RepublicationRow) -> bool {
    let waits = row.state == RepublicationState::Proposed.as_str();
    waits && post.edited_at.is_some_and(|edited| edited > row.created_at)
}

/// Whether that person is asked for their consent to republish what they wrote.
pub(crate) fn is_asked(conn: &mut Conn, post: &PostRow, reader_id: i64) -> Result<bool> {
    if post.author_id != reader_id {
        return Ok(false);
    }
    let row = republications::find(conn, post.id)?;
    let waits = row.filter(|row| row.state == RepublicationState::Proposed.as_str());
    Ok(waits.is_some_and(|row| !is_void(post, &row)))
}

/// A moderator of here proposes to republish a message of a community that is not open in an open one. Of the moderator's own
/// message it is done at once, and the new thread is given.
///
/// # Errors
/// `NotFound` for what they may not read or know of; `NotAModerator`, `Suspended`, `Deleted`, `NotPossible`; why its author may
/// not write there.
pub async fn propose(
    app: &App,
    moderator_id: i64,
    post_id: i64,
    community_id: i64,
) -> Result<Option<PostRow>> {
    app.write(move |deed| {
        let now = deed.now();
        let moderator =
            actors::find(deed.conn, moderator_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let post = readable(deed, post_id, &moderator)?;
        let home = closed_home(deed.conn, &post)?;
        moderating::moderated(deed.conn, post.home_id.ok_or(Refusal::NotPossible)?, &moderator)?;
        let author = actors::find(deed.conn, post.author_id)?.ok_or(Refusal::NotFound)?;
        let target = actors::find(deed.conn, community_id)?.ok_or(Refusal::NotFound)?;
        if !readers::may_know(deed.conn, &target, Some(moderator.id))? {
            return Err(Error::from(Refusal::NotFound));
        }
        let earlier = republications::find(deed.conn, post.id)?;
        decide_proposing(Proposing {
            is_closed_top: home.is_some(),
            is_live: post.is_live(),
            author_is_here: author.local,
            target_is_open: target.local && readers::openness(deed.conn, target.id)?.is_open(),
            earlier: earlier.as_ref().map(RepublicationRow::state).transpose()?,
            changed_since: earlier.is_some_and(|row| is_void(&post, &row)),
        })?;
        if let Some(refusal) = placing::obstacle(deed.conn, &target, &author, now)? {
            return Err(refusal.into());
        }
        let row = RepublicationRow {
            original_id: post.id,
            community_id: target.id,
            proposer_id: moderator.id,
            state: RepublicationState::Proposed.as_str().to_owned(),
            copy_id: None,
            created_at: now,
            decided_at: None,
        };
        if moderator.id == author.id {
            return publish(deed, &post, &row).map(Some);
        }
        republications::put(deed.conn, &row)?;
        notify(deed, &post)?;
        Ok(None)
    })
    .await
}

/// The author of a message answers whether it may be republished; gives the new thread where that is so.
///
/// # Errors
/// `NotFound` where nothing is asked, or not any more; `NotTheAuthor`, `Deleted`; why the author may not write there.
pub async fn answer(app: &App, author_id: i64, post_id: i64, accepts: bool) -> Result<Option<PostRow>> {
    app.write(move |deed| {
        let author =
            actors::find(deed.conn, author_id)?.filter(ActorRow::is_active).ok_or(Refusal::Suspended)?;
        let post = readable(deed, post_id, &author)?;
        let row = republications::find(deed.conn, post.id)?;
        decide_answering(Answering {
            is_author: post.author_id == author.id,
            is_live: post.is_live(),
            state: row.as_ref().map(RepublicationRow::state).transpose()?,
            changed_since: row.as_ref().is_some_and(|row| is_void(&post, row)),
            proposer_moderates: proposer_moderates(deed, &post, row.as_ref())?,
        })?;
        let row = row.ok_or(Refusal::NotFound)?;
        if accepts {
            return publish(deed, &post, &row).map(Some);
        }
        let state = RepublicationState::Declined.as_str().to_owned();
        let row = RepublicationRow { state, decided_at: Some(deed.now()), ..row };
        republications::put(deed.conn, &row)?;
        Ok::<_, Error>(None)
    })
    .await
}

fn proposer_moderates(deed: &mut Deed<'_>, post: &PostRow, row: Option<&RepublicationRow>) -> Result<bool> {
    let (Some(row), Some(home)) = (row, closed_home(deed.conn, post)?) else { return Ok(false) };
    let proposer = actors::find(deed.conn, row.proposer_id)?;
    proposer.map_or(Ok(false), |proposer| moderating::moderates(deed.conn, &home, &proposer))
}

fn readable(deed: &mut Deed<'_>, post_id: i64, reader: &ActorRow) -> Result<PostRow> {
    let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
    if readers::may_read(deed.conn, &post, Some(reader.id))? {
        Ok(post)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// Opens the new thread, by its author; the same request opens no second one.
fn publish(deed: &mut Deed<'_>, original: &PostRow, row: &RepublicationRow) -> Result<PostRow> {
    let copy = Ready::again(original, row.community_id)?.put(deed)?.post;
    let row = RepublicationRow {
        state: RepublicationState::Published.as_str().to_owned(),
        copy_id: Some(copy.id),
        decided_at: Some(deed.now()),
        ..*row
    };
    republications::put(deed.conn, &row)?;
    Ok(copy)
}

/// Tells the author that something is asked about the message.
fn notify(deed: &mut Deed<'_>, post: &PostRow) -> Result<()> {
    if addresses::find_subscriber(deed.conn, post.author_id)?.is_none() {
        return Ok(());
    }
    let now = deed.now();
    let line = LedgerRow {
        id: deed.app.mint(),
        person_id: post.author_id,
        post_id: post.id,
        channel: NOTIFICATION.to_owned(),
        thread_id: post.thread_id,
        mode: Mode::Immediate.as_str().to_owned(),
        state: WAITING.to_owned(),
        due_at: now,
        retry_at: 0,
        attempts: 0,
        list_id: None,
        created_at: now,
        sent_at: None,
    };
    ledger::put(deed.conn, &line)?;
    Ok(())
}
