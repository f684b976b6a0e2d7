//! What local people want to hear: by mail, in which mode and where; of which communities and persons in their timeline;
//! of which threads.
//!
//! An address gets mail once its holder has confirmed it by a link that was sent to it.

use crate::app::Deed;
use crate::{App, Error, Result, accounts, joining, readers, secret};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::ledger::Mode;
use clocher_domain::membership::Standing;
use clocher_domain::time::{DAY, MINUTE};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::addresses::{self, ClaimRow, SubscriberRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::subscriptions::{self, SubscriptionRow};
use clocher_storage::{Conn, follows};

/// How long the link counts that confirms an address, in milliseconds.
pub const CLAIM: i64 = 7 * DAY;
/// How long before another mail asks the same account, in milliseconds.
const BETWEEN_CLAIMS: i64 = 5 * MINUTE;

/// A community that a person is a member of, and what they asked for it.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The community.
    pub community: ActorRow,
    /// The mode that was asked for; none for the person's own.
    pub mode: Option<Mode>,
    /// Whether the timeline leaves it out.
    pub quiet: bool,
}

/// Everything that a person asked for.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    /// The mode where nothing else is said.
    pub mode: Mode,
    /// Where mail goes.
    pub mail: String,
    /// Whether its holder has confirmed it.
    pub is_verified: bool,
    /// The address that waits for its confirmation.
    pub asked: Option<String>,
    /// The communities that the person is a member of, oldest membership first.
    pub communities: Vec<Subscription>,
    /// The communities that the person left, whose threads come by no other list.
    pub left: Vec<ActorRow>,
    /// Whom the person hears nothing of.
    pub muted: Vec<ActorRow>,
}

/// A new account gets its mail at its own address, and in no mode until it asks for one.
pub(crate) fn put_new(deed: &mut Deed<'_>, account_id: i64, mail: &str) -> Result<()> {
    let address = addresses::put_if_new(deed.conn, deed.app.mint(), &normal(mail))?;
    let mode = Mode::None.as_str().to_owned();
    let row = SubscriberRow { account_id, address_id: address.id, mode };
    Ok(addresses::put_subscriber(deed.conn, &row)?)
}

/// The form under which addresses are compared: lower case, the domain in ASCII.
pub(crate) fn normal(mail: &str) -> String {
    let lower = mail.to_lowercase();
    let Some((local, domain)) = lower.rsplit_once('@') else { return lower };
    url::Host::parse(domain).map_or_else(|_| lower.clone(), |host| format!("{local}@{host}"))
}

/// What a person asked for.
///
/// # Errors
/// `NotFound` for who has no account.
pub async fn view(app: &App, account_id: i64) -> Result<Subscriptions> {
    let now = app.now().0;
    app.read(move |conn| {
        let subscriber = subscriber(conn, account_id)?;
        let address = addresses::find(conn, subscriber.address_id)?.ok_or(Refusal::NotFound)?;
        let claim = addresses::find_claim_of(conn, account_id, now)?;
        let asked = claim.map(|claim| addresses::find(conn, claim.address_id)).transpose()?.flatten();
        let wanted = subscriptions::list(conn, account_id)?;
        let mut joined = Vec::new();
        for (follow, community) in follows::list_followed(conn, account_id)? {
            if community.kind()? != ActorKind::Group || follow.standing()? != Standing::Accepted {
                continue;
            }
            let row = wanted.iter().find(|row| row.community_id == community.id);
            let mode = row.map(SubscriptionRow::mode).transpose()?.flatten();
            joined.push(Subscription { community, mode, quiet: row.is_some_and(|row| row.quiet) });
        }
        let left: Vec<i64> =
            wanted.iter().filter(|row| row.left_at.is_some()).map(|row| row.community_id).collect();
        let muted = subscriptions::list_muted(conn, account_id)?;
        Ok::<_, Error>(Subscriptions {
            mode: subscriber.mode()?,
            mail: address.mail.clone(),
            is_verified: address.verified_at.is_some(),
            asked: asked.map(|address| address.mail),
            communities: joined,
            left: actors::list(conn, &left)?,
            muted: actors::list(conn, &muted)?,
        })
    })
    .await
}

fn subscriber(conn: &mut Conn, account_id: i64) -> Result<SubscriberRow> {
    Ok(addresses::find_subscriber(conn, account_id)?.ok_or(Refusal::NotFound)?)
}

/// What a person asked for one community.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The mode; none for the person's own.
    pub mode: Option<Mode>,
    /// The mode where nothing else is said.
    pub own_mode: Mode,
    /// Whether the person left it, and its threads come by no other list.
    pub has_left: bool,
}

/// What a person asked for a community.
///
/// # Errors
/// `NotFound` for who has no account.
pub async fn find_wish(app: &App, account_id: i64, community_id: i64) -> Result<Wish> {
    app.read(move |conn| {
        let own_mode = subscriber(conn, account_id)?.mode()?;
        let row = subscriptions::find(conn, account_id, community_id)?;
        let mode = row.as_ref().map(SubscriptionRow::mode).transpose()?.flatten();
        Ok::<_, Error>(Wish { mode, own_mode, has_left: row.is_some_and(|row| row.left_at.is_some()) })
    })
    .await
}

/// A person asks for a mode, of a community or, without one, where nothing else is said. Where mail is asked for and
/// the address is not confirmed, a mail asks its holder to.
///
/// # Errors
/// `NotAMember` of a community that the person has not joined; `NotFound`.
pub async fn choose_mode(
    app: &App,
    account_id: i64,
    community_id: Option<i64>,
    mode: Option<Mode>,
) -> Result<()> {
    app.write(move |deed| {
        let subscriber = subscriber(deed.conn, account_id)?;
        match (community_id, mode) {
            (Some(community), mode) => {
                check_member(deed.conn, account_id, community)?;
                change(deed, account_id, community, |row| {
                    row.mode = mode.map(|mode| mode.as_str().to_owned());
                })?;
            }
            (None, mode) => {
                let mode = mode.unwrap_or(Mode::None).as_str().to_owned();
                addresses::put_subscriber(deed.conn, &SubscriberRow { mode, ..subscriber.clone() })?;
            }
        }
        let address = addresses::find(deed.conn, subscriber.address_id)?.ok_or(Refusal::NotFound)?;
        let wants_mail = mode.is_some_and(|mode| mode != Mode::None);
        let now = deed.now();
        let is_asked = addresses::find_claim_of(deed.conn, account_id, now)?.is_some();
        if wants_mail && address.verified_at.is_none() && !is_asked {
            ask(deed, account_id, address.id)?;
        }
        joining::note_subscribed(deed, account_id)?;
        Ok::<_, Error>(())
    })
    .await
}

/// A person asks for their mail at an address, which may be the one that they have: its holder is asked by a mail, and
/// nothing changes before the answer.
///
/// # Errors
/// `InvalidMail`; `TooMany` where one was asked a moment ago.
pub async fn choose_address(app: &App, account_id: i64, mail: &str) -> Result<()> {
    let mail = normal(&accounts::check_mail(mail)?);
    app.write(move |deed| {
        subscriber(deed.conn, account_id)?;
        let now = deed.now();
        let before = addresses::find_claim_of(deed.conn, account_id, now)?;
        if before.is_some_and(|claim| claim.created_at + BETWEEN_CLAIMS > now) {
            return Err(Refusal::TooMany.into());
        }
        let address = addresses::put_if_new(deed.conn, deed.app.mint(), &mail)?;
        ask(deed, account_id, address.id)
    })
    .await
}

fn ask(deed: &mut Deed<'_>, account_id: i64, address_id: i64) -> Result<()> {
    let now = deed.now();
    let id = deed.app.mint();
    let claim =
        ClaimRow { id, account_id, address_id, created_at: now, expires_at: now + CLAIM, sent_at: None };
    addresses::put_claim(deed.conn, &claim)?;
    deed.wake_ledger();
    Ok(())
}

/// The page that confirms an address. What is in it is known to the instance and to who reads the mail.
pub(crate) fn claim_link(app: &App, instance_secret: &str, id: i64) -> String {
    app.site().address(&format!("/address/{id}-{}", proof(instance_secret, id)))
}

fn proof(instance_secret: &str, id: i64) -> String {
    secret::hash_token(&format!("address:{instance_secret}:{id}"))
}

/// The address that a link would confirm, without using it up.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false.
pub async fn peek_claim(app: &App, token: &str) -> Result<String> {
    let id = claim_of(app, token).await?;
    let now = app.now().0;
    app.read(move |conn| {
        let claim = addresses::find_claim(conn, id, now)?.ok_or(Refusal::NotFound)?;
        Ok::<_, Error>(addresses::find(conn, claim.address_id)?.ok_or(Refusal::NotFound)?.mail)
    })
    .await
}

/// The holder of an address confirms it, once: the account that asked gets its mail there from now on. Gives the account.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false.
pub async fn confirm(app: &App, token: &str) -> Result<i64> {
    let id = claim_of(app, token).await?;
    app.write(move |deed| {
        let now = deed.now();
        let claim = addresses::find_claim(deed.conn, id, now)?.ok_or(Refusal::NotFound)?;
        let subscriber = subscriber(deed.conn, claim.account_id)?;
        addresses::verify(deed.conn, claim.address_id, now)?;
        let row = SubscriberRow { address_id: claim.address_id, ..subscriber };
        addresses::put_subscriber(deed.conn, &row)?;
        joining::note_subscribed(deed, claim.account_id)?;
        deed.wake_ledger();
        addresses::remove_claim(deed.conn, id)?;
        Ok::<_, Error>(claim.account_id)
    })
    .await
}

async fn claim_of(app: &App, token: &str) -> Result<i64> {
    let (id, given) = token.split_once('-').ok_or(Refusal::NotFound)?;
    let id: i64 = id.parse().map_err(|_| Refusal::NotFound)?;
    let expected = proof(&app.instance().await?.secret, id);
    let fits = aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), expected.as_bytes());
    fits.map_err(|_| Refusal::NotFound)?;
    Ok(id)
}

/// A person takes a community out of their timeline, or puts it back.
///
/// # Errors
/// `NotAMember`.
pub async fn set_quiet(app: &App, account_id: i64, community_id: i64, quiet: bool) -> Result<()> {
    app.write(move |deed| {
        check_member(deed.conn, account_id, community_id)?;
        change(deed, account_id, community_id, |row| row.quiet = quiet)
    })
    .await
}

/// A person who left a community wants to get its threads by other lists again.
///
/// # Errors
/// Those of storage.
pub async fn hear_again(app: &App, account_id: i64, community_id: i64) -> Result<()> {
    app.write(move |deed| change(deed, account_id, community_id, |row| row.left_at = None)).await
}

/// A person wants to hear nothing of another, or hears them again.
///
/// # Errors
/// `NotFound`; `NotAPerson` for a community; `OwnFollow` of oneself.
pub async fn mute(app: &App, account_id: i64, actor_id: i64, muted: bool) -> Result<()> {
    app.write(move |deed| {
        subscriber(deed.conn, account_id)?;
        let actor = actors::find(deed.conn, actor_id)?.ok_or(Refusal::NotFound)?;
        if account_id == actor_id {
            return Err(Refusal::SameAccount.into());
        }
        if actor.kind()? == ActorKind::Group {
            return Err(Refusal::NotAPerson.into());
        }
        let now = deed.now();
        if muted {
            subscriptions::put_mute(deed.conn, account_id, actor_id, now)?;
        } else {
            subscriptions::remove_mute(deed.conn, account_id, actor_id)?;
        }
        Ok::<_, Error>(())
    })
    .await
}

/// Whether a person hears nothing of another.
///
/// # Errors
/// Those of storage.
pub async fn is_muted(app: &App, account_id: i64, actor_id: i64) -> Result<bool> {
    app.read(move |conn| {
        Ok::<_, Error>(!subscriptions::list_muting(conn, &[account_id], actor_id)?.is_empty())
    })
    .await
}

/// A person follows a thread, or no more.
///
/// # Errors
/// `NotFound` for what is no thread, or what the person may not read.
pub async fn follow_thread(app: &App, account_id: i64, thread_id: i64, follows: bool) -> Result<()> {
    app.write(move |deed| {
        subscriber(deed.conn, account_id)?;
        let top = posts::find(deed.conn, thread_id)?.filter(PostRow::is_top).ok_or(Refusal::NotFound)?;
        if !readers::may_read(deed.conn, &top, Some(account_id))? {
            return Err(Refusal::NotFound.into());
        }
        let now = deed.now();
        if follows {
            subscriptions::put_thread_follow(deed.conn, account_id, thread_id, now)?;
        } else {
            subscriptions::remove_thread_follow(deed.conn, account_id, thread_id)?;
        }
        Ok::<_, Error>(())
    })
    .await
}

/// Whether a person follows a thread.
///
/// # Errors
/// Those of storage.
pub async fn follows_thread(app: &App, account_id: i64, thread_id: i64) -> Result<bool> {
    app.read(move |conn| {
        Ok::<_, Error>(!subscriptions::list_following(conn, &[account_id], thread_id)?.is_empty())
    })
    .await
}

/// Somebody of here joined: that they once left counts no more.
pub(crate) fn note_joined(deed: &mut Deed<'_>, account_id: i64, community_id: i64) -> Result<()> {
    subscriptions::remove(deed.conn, account_id, community_id)?;
    joining::note_subscribed(deed, account_id)
}

/// Somebody of here left a community: what has its home there comes by no other list either.
pub(crate) fn note_left(deed: &mut Deed<'_>, account_id: i64, community: &ActorRow) -> Result<()> {
    if community.kind()? != ActorKind::Group || addresses::find_subscriber(deed.conn, account_id)?.is_none() {
        return Ok(());
    }
    let left_at = Some(deed.now());
    let row = SubscriptionRow { account_id, community_id: community.id, mode: None, quiet: false, left_at };
    Ok(subscriptions::put(deed.conn, &row)?)
}

fn check_member(conn: &mut Conn, account_id: i64, community_id: i64) -> Result<()> {
    if follows::is_accepted(conn, account_id, community_id)? {
        Ok(())
    } else {
        Err(Refusal::NotAMember.into())
    }
}

fn change(
    deed: &mut Deed<'_>,
    account_id: i64,
    community_id: i64,
    with: impl FnOnce(&mut SubscriptionRow),
) -> Result<()> {
    let nothing = SubscriptionRow { account_id, community_id, mode: None, quiet: false, left_at: None };
    let mut row = subscriptions::find(deed.conn, account_id, community_id)?.unwrap_or(nothing);
    with(&mut row);
    Ok(subscriptions::put(deed.conn, &row)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_form() {
        assert_eq!(normal("Marie@Éxemple.fr"), normal("marie@xn--xemple-9ua.fr"));
        assert_ne!(normal("marie+velo@exemple.fr"), normal("marie@exemple.fr"));
    }
}
