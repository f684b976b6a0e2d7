//! Moving: a person becomes another person, or a community another community, and those of here who follow go along
//! (FEP-7628). Others', as their servers tell it, and those of here, who also say which others they are too. A community of
//! here moves by the word of an administrator alone.
//!
//! What becomes of the links of a community that moves is told in [`crate::linking`].

use crate::app::Deed;
use crate::membership::{join_in, leave_in};
use crate::ports::Directory;
use crate::profile::{RemoteActor, put_remote, write_aliases};
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, linking};
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::effect::Effect;
use clocher_domain::moving::{Linking, Moving, OWN_STAY, decide_link, decide_move};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, accounts, follows};

/// What a person or a community becomes.
#[derive(Clone, Debug)]
pub enum Target {
    /// One of here.
    Local(i64),
    /// One of another server, as that server describes it now.
    Remote(Box<RemoteActor>),
}

/// Another server's person or community moves: those of here who follow it follow what it becomes instead. What the rule refuses
/// is ignored, and leaves nothing.
///
/// # Errors
/// Those of storage.
pub async fn receive(app: &App, received: Received, mover_id: i64, target: Target) -> Result<Outcome> {
    let done = app.write(move |deed| {
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let mover = actors::find(deed.conn, mover_id)?.filter(|row| !row.local).ok_or(Refusal::NotFound)?;
        let target = match target {
            Target::Local(id) => actors::find(deed.conn, id)?.ok_or(Refusal::NotFound)?,
            // Where the rule refuses, the transaction takes this back.
            Target::Remote(remote) => put_remote(deed, *remote)?,
        };
        let now = deed.now();
        decide(&mover, &target, now)?;
        take_along(deed, mover.id, target.id)?;
        let moved = ActorRow { moved_to: Some(target.ap_id.clone()), moved_at: Some(now), ..mover };
        actors::update(deed.conn, &moved)?;
        if target.local && target.kind()? == ActorKind::Group {
            linking::note_absorbed(deed, &moved, &target)?;
            linking::owe_carrying(deed, &moved, &target)?;
        }
        Ok::<_, Error>(Outcome::Recorded)
    });
    let done = done.await;
    app.wakers().jobs.notify_one();
    match done {
        Err(Error::Refused(refusal)) => {
            tracing::debug!(mover_id, code = refusal.code(), "a move is ignored");
            Ok(Outcome::NotOurs)
        }
        done => done,
    }
}

fn decide(mover: &ActorRow, target: &ActorRow, now: i64) -> Result<()> {
    decide_move(Moving {
        kind: mover.kind()?,
        becomes: target.kind()?,
        is_ours: mover.local,
        is_self: mover.id == target.id,
        are_active: mover.is_active() && target.is_active(),
        is_linked: target.aliases()?.contains(&mover.ap_id),
        becomes_moved: target.moved_to.is_some(),
        since_last: mover.moved_at.map(|at| now - at),
    })?;
    Ok(())
}

/// Those of here who follow the one follow the other instead. Who may not, as the other itself, stays as it is.
fn take_along(deed: &mut Deed<'_>, mover_id: i64, target_id: i64) -> Result<()> {
    for follower_id in follows::list_local_followers(deed.conn, mover_id)? {
        match join_in(deed, follower_id, target_id) {
            Ok(_) => leave_in(deed, follower_id, mover_id)?,
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How things stand with the other accounts of a person of here.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Which others the person says to be too: their ids, and what is known of them.
    pub aliases: Vec<(String, Option<ActorRow>)>,
    /// Where the person moved to, if so.
    pub moved_to: Option<(String, Option<ActorRow>)>,
    /// When the person may move again, in milliseconds, where that is not now.
    pub may_move_at: Option<i64>,
}

/// The other accounts of a person of here.
///
/// # Errors
/// `NotFound`.
pub async fn accounts(app: &App, person_id: i64) -> Result<Accounts> {
    let now = app.now().0;
    app.read(move |conn| {
        let person = own(conn, person_id)?;
        let mut known = |id: String| Ok::<_, Error>((id.clone(), actors::find_by_ap_id(conn, &id)?));
        Ok::<_, Error>(Accounts {
            aliases: person.aliases()?.into_iter().map(&mut known).collect::<Result<_>>()?,
            may_move_at: person.moved_at.map(|at| at + OWN_STAY).filter(|at| *at > now),
            moved_to: person.moved_to.map(known).transpose()?,
        })
    })
    .await
}

fn own(conn: &mut Conn, person_id: i64) -> Result<ActorRow> {
    Ok(actors::find(conn, person_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?)
}

/// A person of here says to be another person too, which lets that one move here. Saying it twice changes nothing.
///
/// # Errors
/// `NotAPerson`, `SameAccount`, `TooManyAliases`, `NotFound`.
pub async fn add_alias(app: &App, person_id: i64, other_id: i64) -> Result<()> {
    app.write(move |deed| {
        let person = own(deed.conn, person_id)?;
        add_alias_in(deed, person, other_id).map(|_| ())
    })
    .await
}

/// Says whether it did not say so before.
fn add_alias_in(deed: &mut Deed<'_>, actor: ActorRow, other_id: i64) -> Result<bool> {
    let other = actors::find(deed.conn, other_id)?.ok_or(Refusal::NotFound)?;
    let mut aliases = actor.aliases()?;
    if aliases.contains(&other.ap_id) {
        return Ok(false);
    }
    decide_link(Linking {
        kind: actor.kind()?,
        other: other.kind()?,
        is_self: actor.id == other.id,
        others: aliases.len(),
    })?;
    aliases.push(other.ap_id);
    let also_known_as = write_aliases(&aliases)?;
    tell(deed, ActorRow { also_known_as, ..actor })?;
    Ok(true)
}

/// A community of here says to be another one too, which lets that one become it: an administrator decides that. Saying
/// it twice changes nothing.
///
/// # Errors
/// `NotFound`, `NotPossible` for anybody else and for what is no community, `SameAccount`, `TooManyAliases`.
pub async fn add_predecessor(
    app: &App,
    administrator_id: i64,
    community_id: i64,
    other_id: i64,
) -> Result<()> {
    app.write(move |deed| {
        let community = administered(deed.conn, administrator_id, community_id)?;
        let is_new = add_alias_in(deed, community.clone(), other_id)?;
        let named = actors::find(deed.conn, other_id)?.zip(actors::find(deed.conn, administrator_id)?);
        if let Some((other, administrator)) = named.filter(|_| is_new) {
            linking::note_named(deed, &community, &other, &administrator)?;
        }
        Ok::<_, Error>(())
    })
    .await
}

/// The community of here, where that person administers the instance.
fn administered(conn: &mut Conn, administrator_id: i64, community_id: i64) -> Result<ActorRow> {
    let account = accounts::find(conn, administrator_id)?.ok_or(Refusal::NotPossible)?;
    if account.role()? != Role::Administrator {
        return Err(Refusal::NotPossible.into());
    }
    let community = own(conn, community_id)?;
    if community.kind()? == ActorKind::Group { Ok(community) } else { Err(Refusal::NotFound.into()) }
}

/// A community of here becomes the one of that handle or address, as communes merge: those of here who follow go along,
/// those of elsewhere are told. An administrator decides that. Where it is already, nothing changes.
///
/// # Errors
/// `NotFound`, `NotPossible` for anybody else and where the other is no community, `SameAccount`, `Suspended`,
/// `NotLinked`, `MovedAway`, `MovedRecently`; those of finding the other.
pub async fn merge(
    app: &App,
    directory: &dyn Directory,
    administrator_id: i64,
    community_id: i64,
    address: &str,
) -> Result<ActorRow> {
    // Nobody is asked for whoever may not decide.
    app.read(move |conn| administered(conn, administrator_id, community_id)).await?;
    let target = find_now(app, directory, address).await?;
    let target_id = target.id;
    app.write(move |deed| {
        let community = administered(deed.conn, administrator_id, community_id)?;
        if depart_in(deed, community, target_id)? {
            let mut find = |id: i64| Ok::<_, Error>(actors::find(deed.conn, id)?.ok_or(Refusal::NotFound)?);
            let (former, successor) = (find(community_id)?, find(target_id)?);
            let administrator = find(administrator_id)?;
            linking::merged(deed, &former, &successor, &administrator)?;
        }
        Ok::<_, Error>(())
    })
    .await?;
    app.wakers().jobs.notify_one();
    Ok(target)
}

/// The community of that handle or address, as its server describes it now, if one of here may become it: for whoever
/// administers the instance. Nothing is decided by it.
///
/// # Errors
/// As [`merge`].
pub async fn prospect_merger(
    app: &App,
    directory: &dyn Directory,
    administrator_id: i64,
    community_id: i64,
    address: &str,
) -> Result<ActorRow> {
    app.read(move |conn| administered(conn, administrator_id, community_id)).await?;
    let target = find_now(app, directory, address).await?;
    let (row, now) = (target.clone(), app.now().0);
    app.read(move |conn| {
        let community = administered(conn, administrator_id, community_id)?;
        if community.moved_to.as_ref() == Some(&row.ap_id) { Ok(()) } else { decide(&community, &row, now) }
    })
    .await?;
    Ok(target)
}

/// Which communities one of here says to have been, and what it has become: for whoever administers the instance.
///
/// # Errors
/// `NotFound`; `NotPossible` for anybody else.
pub async fn merging(app: &App, administrator_id: i64, community_id: i64) -> Result<Accounts> {
    app.read(move |conn| administered(conn, administrator_id, community_id)).await?;
    accounts(app, community_id).await
}

/// The community or person that one of elsewhere or here has become, where that one says so too: the word of the one
/// alone leads nobody astray.
///
/// # Errors
/// Those of storage.
pub async fn proved_successor(app: &App, actor: &ActorRow) -> Result<Option<ActorRow>> {
    let Some(successor) = successor(app, actor).await? else { return Ok(None) };
    Ok(if successor.aliases()?.contains(&actor.ap_id) { Some(successor) } else { None })
}

/// What a community or person of here has become, as far as that is known here.
///
/// # Errors
/// Those of storage.
pub async fn successor(app: &App, actor: &ActorRow) -> Result<Option<ActorRow>> {
    let Some(id) = actor.moved_to.clone() else { return Ok(None) };
    let found = app.read(move |conn| actors::find_by_ap_id(conn, &id)).await?;
    Ok(found.filter(ActorRow::is_active))
}

/// A person of here no longer says to be that other one. Where it did not say so, nothing changes.
///
/// # Errors
/// `NotFound`.
pub async fn remove_alias(app: &App, person_id: i64, other_ap_id: String) -> Result<()> {
    app.write(move |deed| {
        let person = own(deed.conn, person_id)?;
        let mut aliases = person.aliases()?;
        if !aliases.contains(&other_ap_id) {
            return Ok(());
        }
        aliases.retain(|alias| *alias != other_ap_id);
        let also_known_as = write_aliases(&aliases)?;
        tell(deed, ActorRow { also_known_as, ..person })
    })
    .await
}

/// Stores what a person says of itself now, and tells its followers.
fn tell(deed: &mut Deed<'_>, person: ActorRow) -> Result<()> {
    let person = ActorRow { updated_at: deed.now(), ..person };
    actors::update(deed.conn, &person)?;
    deed.owe(&Effect::ProfileChanged { actor: Id(person.id), members_only: false })
}

/// The account of that handle or address, as its server describes it now, if a person of here may move there.
/// Nothing is decided by it.
///
/// # Errors
/// As [`depart`].
pub async fn prospect(
    app: &App,
    directory: &dyn Directory,
    person_id: i64,
    address: &str,
) -> Result<ActorRow> {
    let target = find_now(app, directory, address).await?;
    let (row, now) = (target.clone(), app.now().0);
    app.read(move |conn| decide(&own(conn, person_id)?, &row, now)).await?;
    Ok(target)
}

/// A person of here moves to the account of that handle or address: those of here who follow go along, those of
/// elsewhere are told. Where it is already, nothing changes.
///
/// # Errors
/// `NotAPerson`, `SameAccount`, `Suspended`, `NotLinked`, `MovedAway`, `MovedRecently`; those of finding the account.
pub async fn depart(app: &App, directory: &dyn Directory, person_id: i64, address: &str) -> Result<()> {
    let target_id = find_now(app, directory, address).await?.id;
    app.write(move |deed| {
        let person = own(deed.conn, person_id)?;
        depart_in(deed, person, target_id).map(|_| ())
    })
    .await
}

/// Says whether it was not there already.
fn depart_in(deed: &mut Deed<'_>, mover: ActorRow, target_id: i64) -> Result<bool> {
    let target = actors::find(deed.conn, target_id)?.ok_or(Refusal::NotFound)?;
    if mover.moved_to.as_ref() == Some(&target.ap_id) {
        return Ok(false);
    }
    let (id, now) = (mover.id, deed.now());
    decide(&mover, &target, now)?;
    take_along(deed, id, target_id)?;
    // Its profile says so before the `Move` does: who gets that one looks.
    tell(deed, ActorRow { moved_to: Some(target.ap_id), moved_at: Some(now), ..mover })?;
    deed.owe(&Effect::Moved { person: Id(id) })?;
    Ok(true)
}

async fn find_now(app: &App, directory: &dyn Directory, address: &str) -> Result<ActorRow> {
    let found = directory.find(app, address).await?;
    directory.ask_again(app, &found).await
}

/// A person of here that moved lives here again. Who went along stays where it went; when the person moved last is
/// not forgotten.
///
/// # Errors
/// `NotFound`.
pub async fn come_back(app: &App, person_id: i64) -> Result<()> {
    app.write(move |deed| {
        let person = own(deed.conn, person_id)?;
        if person.moved_to.is_none() { Ok(()) } else { tell(deed, ActorRow { moved_to: None, ..person }) }
    })
    .await
}
