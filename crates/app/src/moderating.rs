//! Moderation of communities: by people of here, and as moderators elsewhere or communities elsewhere say.
//!
//! Reports are in `reporting`.

use crate::app::Deed;
use crate::membership::tell_members;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, placing, profile, readers};
use clocher_domain::actor::{ActorKind, Role};
use clocher_domain::effect::Effect;
use clocher_domain::moderation::{
    Act, MAX_FEATURED, MAX_MODERATORS, Moderated, Moderation, ModerationWord, Moderator, Subject,
    changes_elsewhere, decide_about_message, decide_about_person, decide_moderating, decide_word,
    trim_reason,
};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::bans::{self, BanRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, accounts, communities, follows};

/// Messages of a banned person that are removed in one transaction.
const PORTION: i64 = 200;
/// Bans that are listed.
const BANS: i64 = 500;

/// On which terms a moderator acts.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Why, plain text.
    pub reason: String,
    /// Of a ban: when it ends, in milliseconds since the Unix epoch; none for good.
    pub until: Option<i64>,
    /// Of a ban: whether the messages of whoever is banned are removed too.
    pub removes_messages: bool,
}

/// What a moderator of another server did, or a community of another server says that one of its moderators did.
#[derive(Clone, Debug)]
pub struct RemoteAct {
    /// What was done.
    pub act: Act,
    /// To which message or person: its ActivityPub id.
    pub object: String,
    /// The local row of the community that the act names; none where it names none.
    pub community_id: Option<i64>,
    /// On which terms.
    pub terms: Terms,
}

/// Upon what somebody acts.
#[derive(Clone)]
enum Object {
    Message(PostRow),
    Person(ActorRow),
}

/// A community of here, or one of elsewhere with whoever moderates it, and what is done.
struct Case {
    community: ActorRow,
    moderator: ActorRow,
    act: Act,
    object: Object,
    terms: Terms,
}

/// What somebody is to a community as its moderator.
fn standing(conn: &mut Conn, community: &ActorRow, actor: &ActorRow) -> Result<Moderator> {
    let role = accounts::find(conn, actor.id)?.map(|account| account.role()).transpose()?;
    Ok(Moderator {
        is_suspended: !actor.is_active(),
        is_appointed: communities::is_moderator(conn, community.id, actor.id)?,
        is_staff: community.local && role.is_some_and(|role| role >= Role::Moderator),
    })
}

/// Whether somebody moderates a community.
///
/// # Errors
/// Those of storage.
pub fn moderates(conn: &mut Conn, community: &ActorRow, actor: &ActorRow) -> Result<bool> {
    Ok(decide_moderating(standing(conn, community, actor)?).is_ok())
}

/// Who moderates a community: whoever is appointed and, of a community of here, the moderators of the instance.
///
/// # Errors
/// Those of storage.
pub fn list_moderators(conn: &mut Conn, community: &ActorRow) -> Result<Vec<ActorRow>> {
    let mut all = communities::list_moderators(conn, community.id)?;
    if community.local {
        let staff = communities::list_staff(conn)?;
        let more: Vec<_> = staff.into_iter().filter(|row| all.iter().all(|one| one.id != row.id)).collect();
        all.extend(more);
    }
    Ok(all)
}

/// The community, if that person of here moderates it.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`.
pub(crate) fn moderated(conn: &mut Conn, community_id: i64, moderator: &ActorRow) -> Result<ActorRow> {
    let community = actors::find(conn, community_id)?.ok_or(Refusal::NotFound)?;
    if community.kind()? != ActorKind::Group {
        return Err(Refusal::NotFound.into());
    }
    decide_moderating(standing(conn, &community, moderator)?)?;
    Ok(community)
}

/// A person of here locks, features or removes a message, or undoes it. What stands so already stays so.
///
/// # Errors
/// `NotFound` for what they may not read or has no home, `NotAModerator`, `Suspended`, `Deleted`, `Removed`,
/// `NotPossible`, `TooManyFeatured`.
pub async fn moderate_message(
    app: &App,
    moderator_id: i64,
    post_id: i64,
    act: Act,
    reason: String,
) -> Result<PostRow> {
    app.write(move |deed| {
        let moderator = local(deed, moderator_id)?;
        let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
        if !readers::may_read(deed.conn, &post, Some(moderator_id))? {
            return Err(Error::from(Refusal::NotFound));
        }
        let community = moderated(deed.conn, post.home_id.ok_or(Refusal::NotFound)?, &moderator)?;
        if decide_about_message(act, state(deed.conn, &post)?)? {
            let terms = Terms { reason: trim_reason(&reason), ..Terms::default() };
            carry_out(deed, Case { community, moderator, act, object: Object::Message(post), terms }, None)?;
        }
        Ok(posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?)
    })
    .await
}

/// A person of here bans somebody from a community or lifts the ban, appoints a moderator or dismisses one.
///
/// # Errors
/// `NotFound`, `NotAModerator`, `Suspended`, `IsModerator`, `LastModerator`, `Banned`, `TooMany`, `NotPossible`.
pub async fn moderate_person(
    app: &App,
    moderator_id: i64,
    community_id: i64,
    person_id: i64,
    act: Act,
    terms: Terms,
) -> Result<()> {
    let terms = Terms { reason: trim_reason(&terms.reason), ..terms };
    let (until, removes) = (terms.until, terms.removes_messages && act == Act::Ban);
    let reason = terms.reason.clone();
    app.write(move |deed| {
        let moderator = local(deed, moderator_id)?;
        let community = moderated(deed.conn, community_id, &moderator)?;
        let person = actors::find(deed.conn, person_id)?.ok_or(Refusal::NotFound)?;
        let now = deed.now();
        if act == Act::Ban && until.is_some_and(|until| until <= now) {
            return Err(Error::from(Refusal::NotPossible));
        }
        let by_staff = standing(deed.conn, &community, &moderator)?.is_staff;
        if decide_about_person(act, subject(deed, &community, &person)?, by_staff)? {
            carry_out(deed, Case { community, moderator, act, object: Object::Person(person), terms }, None)?;
        }
        Ok(())
    })
    .await?;
    if removes { remove_messages(app, community_id, person_id, moderator_id, reason).await } else { Ok(()) }
}

/// Removes what somebody wrote in a community, and takes back what it shares of theirs, in portions: nobody else writes
/// meanwhile.
async fn remove_messages(
    app: &App,
    community_id: i64,
    author_id: i64,
    moderator_id: i64,
    reason: String,
) -> Result<()> {
    let is_ours = move |deed: &mut Deed<'_>| {
        Ok::<_, Error>(actors::find(deed.conn, community_id)?.is_some_and(|row| row.local))
    };
    while app
        .write(move |deed| {
            Ok::<_, Error>(
                is_ours(deed)? && placing::banned(deed, community_id, author_id, moderator_id, true)?,
            )
        })
        .await?
    {}
    loop {
        let reason = reason.clone();
        let removed = app.write(move |deed| {
            let now = deed.now();
            let portion = posts::list_live_in(deed.conn, author_id, community_id, PORTION)?;
            for post in &portion {
                placing::root_turned(deed, post, false)?;
                posts::remove(deed.conn, post, &reason, now)?;
            }
            Ok::<_, Error>(!portion.is_empty())
        });
        if !removed.await? {
            return Ok(());
        }
    }
}

/// An act of moderation arrives: signed by the moderator, for a community of ours; or announced by the community
/// elsewhere, for itself.
///
/// # Errors
/// Of what a moderator sends us: what the rules refuse. What a community announces is refused in silence.
pub async fn receive(app: &App, received: Received, moderator_id: i64, remote: RemoteAct) -> Result<Outcome> {
    let (act, terms) = (remote.act, remote.terms.clone());
    let announced = received.announced_by.is_some();
    let done = app.write(move |deed| {
        let moderator = actors::find(deed.conn, moderator_id)?.ok_or(Refusal::NotFound)?;
        let Some(object) = find_object(deed.conn, &remote)? else {
            return Ok((Outcome::MissingParent, None));
        };
        let home_id = match &object {
            Object::Message(post) => post.home_id,
            Object::Person(_) => remote.community_id,
        };
        let Some(community) = home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten() else {
            return Ok((Outcome::NotOurs, None));
        };
        let word = ModerationWord {
            community_is_here: community.local && !announced,
            announced_by_community: received.announced_by == Some(community.id),
            is_in_community: remote.community_id.is_none_or(|named| named == community.id),
        };
        decide_word(word, standing(deed.conn, &community, &moderator)?)?;
        let changes = changes(deed, &community, &moderator, act, &object, &remote.terms)?;
        if !received.is_first(deed)? || !changes {
            return Ok((Outcome::Known, None));
        }
        let ids = match &object {
            Object::Person(person) => Some((community.id, person.id)),
            Object::Message(_) => None,
        };
        let terms = Terms { reason: trim_reason(&remote.terms.reason), ..remote.terms };
        carry_out(deed, Case { community, moderator, act, object, terms }, Some(&received))?;
        Ok::<_, Error>((Outcome::Recorded, ids))
    });
    match done.await {
        Ok((Outcome::Recorded, Some((community, person)))) if act == Act::Ban && terms.removes_messages => {
            remove_messages(app, community, person, moderator_id, trim_reason(&terms.reason)).await?;
            Ok(Outcome::Recorded)
        }
        Ok((outcome, _)) => Ok(outcome),
        Err(Error::Refused(_)) if announced => Ok(Outcome::NotOurs),
        Err(error) => Err(error),
    }
}

/// Whether what is received changes anything. A community of ours asks its rules; of one elsewhere we take what it
/// decided.
fn changes(
    deed: &mut Deed<'_>,
    community: &ActorRow,
    moderator: &ActorRow,
    act: Act,
    object: &Object,
    terms: &Terms,
) -> Result<bool> {
    let now = deed.now();
    match object {
        Object::Message(post) => Ok(decide_about_message(act, state(deed.conn, post)?)?),
        // A ban that has ended already was told too late.
        Object::Person(_) if act == Act::Ban && terms.until.is_some_and(|until| until <= now) => Ok(false),
        Object::Person(person) => {
            let subject = subject(deed, community, person)?;
            if community.local {
                let by_staff = standing(deed.conn, community, moderator)?.is_staff;
                Ok(decide_about_person(act, subject, by_staff)?)
            } else {
                Ok(changes_elsewhere(act, subject))
            }
        }
    }
}

/// Whether what is received is worth looking into: of a stranger to the community it is not, and nobody is asked
/// for anything. None where the community does not know the actor as a moderator.
///
/// # Errors
/// Those of storage.
pub async fn is_by_moderator(app: &App, community_id: i64, actor_id: i64) -> Result<bool> {
    app.read(move |conn| {
        let pair = actors::find(conn, community_id)?.zip(actors::find(conn, actor_id)?);
        pair.map_or(Ok(false), |(community, actor)| moderates(conn, &community, &actor))
    })
    .await
}

fn find_object(conn: &mut Conn, remote: &RemoteAct) -> Result<Option<Object>> {
    Ok(if remote.act.is_about_message() {
        posts::find_by_ap_id(conn, &remote.object)?.map(Object::Message)
    } else {
        actors::find_by_ap_id(conn, &remote.object)?.map(Object::Person)
    })
}

fn local(deed: &mut Deed<'_>, actor_id: i64) -> Result<ActorRow> {
    Ok(actors::find(deed.conn, actor_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?)
}

fn state(conn: &mut Conn, post: &PostRow) -> Result<Moderated> {
    let featured = post.home_id.map_or(Ok(Vec::new()), |home| posts::list_featured(conn, home))?;
    Ok(Moderated {
        is_top: post.is_top(),
        is_deleted: post.deleted_at.is_some(),
        is_removed: post.removed_at.is_some(),
        is_locked: post.locked,
        is_featured: post.featured_at.is_some(),
        featured: featured.len(),
    })
}

fn subject(deed: &mut Deed<'_>, community: &ActorRow, person: &ActorRow) -> Result<Subject> {
    let now = deed.now();
    let standing = standing(deed.conn, community, person)?;
    Ok(Subject {
        is_person: !matches!(person.kind()?, ActorKind::Group | ActorKind::Application),
        is_suspended: standing.is_suspended,
        is_appointed: standing.is_appointed,
        is_staff: standing.is_staff,
        is_banned: bans::is_banned(deed.conn, community.id, person.id, now)?,
        moderators: communities::list_moderators(deed.conn, community.id)?.len(),
    })
}

/// Stores what was decided, and owes telling it: by the community of ours, or to the community elsewhere.
fn carry_out(deed: &mut Deed<'_>, case: Case, received: Option<&Received>) -> Result<()> {
    let ended_follow = match &case.object {
        Object::Message(post) => {
            change_message(deed, case.act, post, &case.terms)?;
            None
        }
        Object::Person(person) => change_person(deed, &case, person)?,
    };
    let relayed = match received {
        // What a community elsewhere has told, it has told to everybody but those who have the thread from us.
        Some(received) if !case.community.local => {
            return match &case.object {
                Object::Message(post) => received.pass_on(deed, post),
                Object::Person(_) => Ok(()),
            };
        }
        Some(received) => received.keep(deed, case.moderator.id, message_id(&case.object))?,
        None => None,
    };
    deed.owe(&Effect::Moderated(Moderation {
        community: Id(case.community.id),
        moderator: Id(case.moderator.id),
        act: case.act,
        post: message_id(&case.object).map(Id),
        person: match &case.object {
            Object::Person(person) => Some(Id(person.id)),
            Object::Message(_) => None,
        },
        reason: case.terms.reason,
        until: case.terms.until,
        removes_messages: case.terms.removes_messages,
        ended_follow,
        relayed: relayed.map(Id),
    }))
}

fn message_id(object: &Object) -> Option<i64> {
    match object {
        Object::Message(post) => Some(post.id),
        Object::Person(_) => None,
    }
}

fn change_message(deed: &mut Deed<'_>, act: Act, post: &PostRow, terms: &Terms) -> Result<()> {
    let now = deed.now();
    match act {
        Act::Lock => posts::set_locked(deed.conn, post.id, true)?,
        Act::Unlock => posts::set_locked(deed.conn, post.id, false)?,
        Act::Feature => posts::set_featured(deed.conn, post.id, Some(now))?,
        Act::Unfeature => posts::set_featured(deed.conn, post.id, None)?,
        Act::Remove => {
            placing::root_turned(deed, post, false)?;
            posts::remove(deed.conn, post, &terms.reason, now)?;
        }
        Act::Restore => {
            posts::restore(deed.conn, post)?;
            if let Some(post) = posts::find(deed.conn, post.id)?.filter(|_| post.removed_at.is_some()) {
                placing::root_turned(deed, &post, true)?;
            }
        }
        Act::Ban | Act::Unban | Act::Appoint | Act::Dismiss => {}
    }
    Ok(())
}

/// Gives the id of the `Follow` of another server that ended.
fn change_person(deed: &mut Deed<'_>, case: &Case, person: &ActorRow) -> Result<Option<String>> {
    let (community, now) = (&case.community, deed.now());
    match case.act {
        Act::Appoint => communities::put_moderator(deed.conn, community.id, person.id)?,
        Act::Dismiss => communities::remove_moderator(deed.conn, community.id, person.id)?,
        Act::Unban => {
            bans::remove(deed.conn, community.id, person.id)?;
        }
        Act::Ban => {
            let row = BanRow {
                community_id: community.id,
                actor_id: person.id,
                moderator_id: case.moderator.id,
                reason: case.terms.reason.clone(),
                until: case.terms.until,
                created_at: now,
            };
            bans::put(deed.conn, &row)?;
            if community.local {
                placing::banned(deed, community.id, person.id, case.moderator.id, false)?;
            }
            return end_membership(deed, community, person);
        }
        _ => {}
    }
    Ok(None)
}

/// Whoever is banned is a member no more.
fn end_membership(deed: &mut Deed<'_>, community: &ActorRow, person: &ActorRow) -> Result<Option<String>> {
    let Some(follow) = follows::find(deed.conn, person.id, community.id)? else { return Ok(None) };
    follows::remove(deed.conn, person.id, community.id)?;
    tell_members(deed, community)?;
    Ok(Some(follow.ap_id).filter(|_| community.local && !person.local))
}

/// What a moderator sees of a community: who is banned, until when and why.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`.
pub async fn list_bans(app: &App, moderator_id: i64, community_id: i64) -> Result<Vec<(BanRow, ActorRow)>> {
    let now = app.now().0;
    app.read(move |conn| {
        let moderator = actors::find(conn, moderator_id)?.ok_or(Refusal::NotFound)?;
        moderated(conn, community_id, &moderator)?;
        Ok::<_, Error>(bans::list(conn, community_id, now, BANS)?)
    })
    .await
}

/// A community elsewhere lists its moderators: they are what it says. `listed` are ActivityPub ids with hosts.
///
/// # Errors
/// Those of storage.
pub async fn receive_moderators(app: &App, community_id: i64, listed: Vec<(String, String)>) -> Result<()> {
    app.write(move |deed| {
        if actors::find(deed.conn, community_id)?.is_none_or(|community| community.local) {
            return Ok::<_, Error>(());
        }
        let before = communities::list_moderators(deed.conn, community_id)?;
        let mut ids = Vec::new();
        for (ap_id, host) in listed.into_iter().take(MAX_MODERATORS) {
            if let Some(actor) = named(deed, ap_id, host)? {
                ids.push(actor.id);
            }
        }
        for moderator in before.iter().filter(|row| !ids.contains(&row.id)) {
            communities::remove_moderator(deed.conn, community_id, moderator.id)?;
        }
        for id in ids {
            communities::put_moderator(deed.conn, community_id, id)?;
        }
        Ok(())
    })
    .await
}

/// An actor that is named: ours only where we have it.
fn named(deed: &mut Deed<'_>, ap_id: String, host: String) -> Result<Option<ActorRow>> {
    if deed.app.site().owns(&ap_id) {
        return Ok(actors::find_by_ap_id(deed.conn, &ap_id)?);
    }
    profile::put_id(deed, ap_id, host).map(Some)
}

/// A community elsewhere lists the threads that it features, by their ActivityPub ids: they are what it says.
///
/// # Errors
/// Those of storage.
pub async fn receive_featured(app: &App, community_id: i64, listed: Vec<String>) -> Result<()> {
    app.write(move |deed| {
        if actors::find(deed.conn, community_id)?.is_none_or(|community| community.local) {
            return Ok::<_, Error>(());
        }
        for (post, _) in posts::list_featured(deed.conn, community_id)? {
            if !listed.contains(&post.ap_id) {
                posts::set_featured(deed.conn, post.id, None)?;
            }
        }
        let mut at = deed.now();
        for ap_id in listed.iter().take(MAX_FEATURED) {
            let post = posts::find_by_ap_id(deed.conn, ap_id)?;
            let post =
                post.filter(|post| post.home_id == Some(community_id) && post.is_top() && post.is_live());
            if let Some(post) = post.filter(|post| post.featured_at.is_none()) {
                posts::set_featured(deed.conn, post.id, Some(at))?;
            }
            // In the order in which it lists them, and none before those that were featured already.
            at -= 1;
        }
        Ok(())
    })
    .await
}
