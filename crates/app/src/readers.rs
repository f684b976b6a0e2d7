//! Who may read what, and who may know of which community: the one place where that is decided, for pages, other
//! servers and whatever sends. The lists of `storage` follow the same rule in SQL (`posts::list_threads`).

use crate::{Result, feeds, moderating};
use clocher_domain::actor::ActorKind;
use clocher_domain::audience::{self, Reader, Visibility};
use clocher_domain::community::{self, Bond, Openness};
use clocher_domain::membership::Standing;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, communities, follows, hosts, invitations, openings};

/// Who may read a community; what is no community is open.
///
/// # Errors
/// Those of storage.
pub fn openness(conn: &mut Conn, community_id: i64) -> Result<Openness> {
    Ok(communities::find_openness(conn, community_id)?.unwrap_or(Openness::Open))
}

/// What an actor, of here or elsewhere, is to a community; none is a stranger.
///
/// # Errors
/// Those of storage.
pub fn bond(conn: &mut Conn, community: &ActorRow, actor_id: Option<i64>) -> Result<Bond> {
    let Some(actor) = actor_id.map(|id| actors::find(conn, id)).transpose()?.flatten() else {
        return Ok(Bond::default());
    };
    Ok(Bond {
        is_member: actor.is_active() && follows::is_accepted(conn, actor.id, community.id)?,
        is_moderator: moderating::moderates(conn, community, &actor)?,
        is_invited: invitations::find(conn, community.id, actor.id)?.is_some(),
    })
}

/// Whether that actor (none: a stranger) may know that a community, or its feed, exists. Persons are known to everybody.
///
/// # Errors
/// Those of storage.
pub fn may_know(conn: &mut Conn, actor: &ActorRow, reader: Option<i64>) -> Result<bool> {
    if actor.local && actor.kind()? == ActorKind::Feed {
        // Of a community that is not open, it is not there.
        let community = feeds::community_of(conn, actor)?.filter(ActorRow::is_active);
        return community.map_or(Ok(false), |row| Ok(openness(conn, row.id)?.is_open()));
    }
    match openness(conn, actor.id)? {
        Openness::Hidden => Ok(community::may_know(Openness::Hidden, bond(conn, actor, reader)?)),
        Openness::Open | Openness::Closed => Ok(true),
    }
}

/// Whether that actor (none: a stranger) reads what is written in a community.
///
/// # Errors
/// Those of storage.
pub fn may_read_contents(conn: &mut Conn, community: &ActorRow, reader: Option<i64>) -> Result<bool> {
    let openness = openness(conn, community.id)?;
    if openness.is_open() {
        return Ok(true);
    }
    Ok(community::may_read_contents(openness, bond(conn, community, reader)?))
}

/// Whether that actor (none: a stranger) may read a message.
///
/// # Errors
/// Those of storage.
pub fn may_read(conn: &mut Conn, post: &PostRow, reader: Option<i64>) -> Result<bool> {
    let visibility = post.visibility()?;
    if visibility.is_open() {
        return Ok(true);
    }
    let Some(reader) = reader else { return Ok(false) };
    let standing = if visibility == Visibility::Members {
        let is_of_home = match home_of(conn, post)? {
            Some(home) => is_of_home(conn, &home, post.thread_id, reader)?,
            None => false,
        };
        Reader { is_of_home, ..Reader::default() }
    } else {
        Reader {
            is_author: reader == post.author_id,
            follows_author: follows::is_accepted(conn, reader, post.author_id)?,
            is_addressed: posts::list_recipients(conn, post.id)?.iter().any(|row| row.id == reader),
            is_of_home: false,
        }
    };
    Ok(audience::may_read(visibility, standing))
}

/// Whether somebody is one of the members, or a moderator, for whom a thread of a home is that is not for everybody.
fn is_of_home(conn: &mut Conn, home: &ActorRow, thread_id: i64, reader: i64) -> Result<bool> {
    let Some(actor) = actors::find(conn, reader)? else { return Ok(false) };
    let follow =
        follows::find(conn, reader, home.id)?.filter(|row| row.standing == Standing::Accepted.as_str());
    if let Some(follow) = follow.filter(|_| actor.is_active())
        && was_let_in(conn, home.id, thread_id, follow.id)?
    {
        return Ok(true);
    }
    moderating::moderates(conn, home, &actor)
}

/// Whether a membership is one of those for which a thread is that was written for members. Whoever joined a community after
/// it was opened was let in by nobody: what was written before stays for those who were members then.
fn was_let_in(conn: &mut Conn, home_id: i64, thread_id: i64, follow_id: i64) -> Result<bool> {
    if openings::is_between(conn, home_id, thread_id, follow_id)? {
        return Ok(false);
    }
    // What is for members in a home that is open is older than its opening, whenever it came here.
    let last = openings::find_last(conn, home_id)?;
    Ok(last.is_none_or(|last| follow_id < last) || !openness(conn, home_id)?.is_open())
}

/// Leaves of a list what that actor (none: a stranger) may read: lists know who is a member, and not since when.
pub(crate) fn retain_readable(
    conn: &mut Conn,
    rows: Vec<(PostRow, ActorRow)>,
    reader: Option<i64>,
) -> Result<Vec<(PostRow, ActorRow)>> {
    let mut readable = Vec::with_capacity(rows.len());
    for (post, author) in rows {
        if post.visibility()? != Visibility::Members || may_read(conn, &post, reader)? {
            readable.push((post, author));
        }
    }
    Ok(readable)
}

/// Whether a message of another server may be known to be here by that actor of elsewhere: one for the members of a
/// home of ours only by them, so that no answer to a stranger tells that it exists.
pub(crate) fn is_known_to(conn: &mut Conn, post: &PostRow, actor_id: i64) -> Result<bool> {
    let is_ours =
        post.visibility()? == Visibility::Members && home_of(conn, post)?.is_some_and(|home| home.local);
    if is_ours { may_read(conn, post, Some(actor_id)) } else { Ok(true) }
}

fn home_of(conn: &mut Conn, post: &PostRow) -> Result<Option<ActorRow>> {
    Ok(post.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten())
}

/// Whether a server is known to keep from others what is written for members.
///
/// # Errors
/// Those of storage.
pub fn keeps_closed(conn: &mut Conn, host: &str) -> Result<bool> {
    let known = hosts::find(conn, host)?.unwrap_or_default();
    Ok(community::keeps_closed(known.software.as_deref(), known.version.as_deref(), known.clocher))
}

/// Whether a server is known to run what does not keep from others what is written for members.
pub(crate) fn leaks(conn: &mut Conn, host: &str) -> Result<bool> {
    let was_asked = hosts::find(conn, host)?.is_some_and(|row| row.checked_at.is_some());
    Ok(was_asked && !keeps_closed(conn, host)?)
}

/// Whether a server is sent and shown what is written in a community of ours: everybody of an open one; of another,
/// one that has an accepted member there now, and keeps closed what is.
///
/// # Errors
/// Those of storage.
pub fn host_reads(conn: &mut Conn, community_id: i64, host: &str) -> Result<bool> {
    Ok(openness(conn, community_id)?.is_open()
        || (follows::has_follower_on(conn, community_id, host)? && keeps_closed(conn, host)?))
}

/// Whether a server has a member of a community of ours for whom a thread is that was written for members, and keeps closed
/// what is.
fn host_reads_thread(conn: &mut Conn, community_id: i64, thread_id: i64, host: &str) -> Result<bool> {
    let Some(oldest) = follows::oldest_on(conn, community_id, host)? else { return Ok(false) };
    Ok(was_let_in(conn, community_id, thread_id, oldest)? && keeps_closed(conn, host)?)
}

/// Whether what a community of ours says of a message is for a server now, whatever was so when it was said: of one that is
/// for everybody always, also where the community was closed since; of one for members where [`host_may_have`] says so,
/// also where it was opened since.
///
/// # Errors
/// Those of storage.
pub(crate) fn is_told(conn: &mut Conn, post: &PostRow, community_id: i64, host: &str) -> Result<bool> {
    if post.visibility()? == Visibility::Members && post.home_id == Some(community_id) {
        return host_reads_thread(conn, community_id, post.thread_id, host);
    }
    Ok(true)
}

/// Whether a server (none: whoever does not say) may know that a community of ours exists.
///
/// # Errors
/// Those of storage.
pub fn host_knows(conn: &mut Conn, community_id: i64, host: Option<&str>) -> Result<bool> {
    if openness(conn, community_id)? != Openness::Hidden {
        return Ok(true);
    }
    let Some(host) = host else { return Ok(false) };
    Ok(invitations::is_for_host(conn, community_id, host)? || host_reads(conn, community_id, host)?)
}

/// Whether a server (none: whoever does not say) may have a message of ours: one for the members of a community of ours
/// where it has one of those members and keeps closed what is, also where the community is open now; of one elsewhere, only
/// the server of that community, which passes it on.
///
/// # Errors
/// Those of storage.
pub fn host_may_have(conn: &mut Conn, post: &PostRow, host: Option<&str>) -> Result<bool> {
    let visibility = post.visibility()?;
    if visibility.is_open() {
        return Ok(true);
    }
    let (Some(host), Visibility::Members) = (host, visibility) else { return Ok(false) };
    match home_of(conn, post)? {
        Some(home) if home.local => host_reads_thread(conn, home.id, post.thread_id, host),
        Some(home) => Ok(home.host == host),
        None => Ok(false),
    }
}

/// Whether any community of ours that is not open, or was not once, has something for a server: whose signature is worth
/// looking into.
///
/// # Errors
/// Those of storage.
pub fn may_be_shown_more(conn: &mut Conn, host: &str) -> Result<bool> {
    let once = openings::list(conn)?;
    for community in communities::list_not_open(conn)?.into_iter().chain(once) {
        let is_bound = follows::has_follower_on(conn, community, host)?
            || invitations::is_for_host(conn, community, host)?;
        if is_bound {
            return Ok(true);
        }
    }
    // What ours write in a community elsewhere is for its server.
    Ok(follows::follows_closed_on(conn, host)?)
}
