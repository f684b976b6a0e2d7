//! Reports: what people ask moderators to look at, from here and from other servers.
//!
//! A report names what it is about and copies nothing of it: whoever may not read it learns nothing (S33).

use crate::app::Deed;
use crate::moderating::moderated;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, readers};
use clocher_domain::actor::Role;
use clocher_domain::effect::Effect;
use clocher_domain::moderation::{Reported, decide_reporting, trim_reason};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::reports::{self, ReportRow};
use clocher_storage::{Conn, accounts};

/// Messages that one report of another server may name.
const MAX_NAMED: usize = 10;
/// Reports that are listed.
const LISTED: i64 = 100;

/// A report with what it is about.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// The report.
    pub report: ReportRow,
    /// Who reports.
    pub reporter: ActorRow,
    /// The author of the message, or the actor that is reported.
    pub reported: ActorRow,
    /// The message, as it stands now.
    pub post: Option<PostRow>,
}

/// A person of here reports a message: to its home community, else to whoever moderates where its author is. Twice
/// the same is once.
///
/// # Errors
/// `EmptyText` without a reason, `NotFound`, `Deleted`, `Suspended`, `TooMany`.
pub async fn report(app: &App, reporter_id: i64, post_id: i64, reason: String) -> Result<()> {
    let reason = trim_reason(&reason);
    if reason.is_empty() {
        return Err(Refusal::EmptyText.into());
    }
    app.write(move |deed| {
        let reporter = actors::find(deed.conn, reporter_id)?
            .filter(|row| row.local && row.is_active())
            .ok_or(Refusal::Suspended)?;
        let post = posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?;
        decide(deed.conn, &reporter, &post, true)?;
        if reports::is_open(deed.conn, reporter.id, Some(post.id), post.author_id)? {
            return Ok(());
        }
        let id = deed.app.mint();
        let row = row(deed, id, deed.app.site().activity(id), &reporter, &post, reason);
        reports::put(deed.conn, &row)?;
        deed.owe(&Effect::Reported { report: Id(id) })
    })
    .await
}

fn local_home(conn: &mut Conn, post: &PostRow) -> Result<Option<i64>> {
    let home = post.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
    Ok(home.filter(|home| home.local).map(|home| home.id))
}

fn decide(conn: &mut Conn, reporter: &ActorRow, post: &PostRow, is_local: bool) -> Result<()> {
    let home_is_here = local_home(conn, post)?.is_some();
    decide_reporting(Reported {
        is_readable: readers::may_read(conn, post, Some(reporter.id))?,
        is_for_us: is_local || post.local || home_is_here,
        is_gone: !post.is_live(),
        waiting: reports::count_open_by(conn, reporter.id)?,
    })?;
    Ok(())
}

fn row(
    deed: &mut Deed<'_>,
    id: i64,
    ap_id: String,
    reporter: &ActorRow,
    post: &PostRow,
    reason: String,
) -> ReportRow {
    ReportRow {
        id,
        ap_id,
        reporter_id: reporter.id,
        community_id: post.home_id,
        post_id: Some(post.id),
        actor_id: post.author_id,
        reason,
        created_at: deed.now(),
        resolved_at: None,
        resolver_id: None,
    }
}

/// A report of another server arrives, about messages or a person of ours, or messages in a community of ours.
/// What its sender may not read is as if it were unknown.
///
/// # Errors
/// Those of storage.
pub async fn receive(
    app: &App,
    received: Received,
    reporter_id: i64,
    named: Vec<String>,
    reason: String,
) -> Result<Outcome> {
    let reason = trim_reason(&reason);
    app.write(move |deed| {
        let reporter = actors::find(deed.conn, reporter_id)?.ok_or(Refusal::NotFound)?;
        let mut rows = Vec::new();
        for ap_id in named.iter().take(MAX_NAMED) {
            let Some(post) = posts::find_by_ap_id(deed.conn, ap_id)? else { continue };
            match decide(deed.conn, &reporter, &post, false) {
                Ok(()) => {}
                Err(Error::Refused(_)) => continue,
                Err(error) => return Err(error),
            }
            let id = deed.app.mint();
            let mut row = row(deed, id, received.activity.clone(), &reporter, &post, reason.clone());
            // Of a message in a community elsewhere we look at its author, who is of here.
            row.community_id = local_home(deed.conn, &post)?;
            rows.push(row);
        }
        if rows.is_empty() {
            rows.extend(about_person(deed, &received, &reporter, &named, &reason)?);
        }
        if rows.is_empty() {
            return Ok(Outcome::NotOurs);
        }
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        for row in rows {
            if !reports::is_open(deed.conn, reporter.id, row.post_id, row.actor_id)? {
                reports::put(deed.conn, &row)?;
            }
        }
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A report of a person of ours, of whom no message is named.
fn about_person(
    deed: &mut Deed<'_>,
    received: &Received,
    reporter: &ActorRow,
    named: &[String],
    reason: &str,
) -> Result<Option<ReportRow>> {
    // Where a message is named too, the report is of that message, also if it cannot be looked at.
    let [only] = named else { return Ok(None) };
    let person = actors::find_by_ap_id(deed.conn, only)?.filter(|row| row.local && row.is_active());
    let Some(person) = person else { return Ok(None) };
    decide_reporting(Reported {
        is_readable: true,
        is_for_us: true,
        is_gone: false,
        waiting: reports::count_open_by(deed.conn, reporter.id)?,
    })?;
    Ok(Some(ReportRow {
        id: deed.app.mint(),
        ap_id: received.activity.clone(),
        reporter_id: reporter.id,
        community_id: None,
        post_id: None,
        actor_id: person.id,
        reason: reason.to_owned(),
        created_at: deed.now(),
        resolved_at: None,
        resolver_id: None,
    }))
}

/// The reports that wait for the moderators of a community, or of the instance (none), oldest first.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`.
pub async fn list(app: &App, moderator_id: i64, community_id: Option<i64>) -> Result<Vec<ReportView>> {
    app.read(move |conn| {
        check(conn, moderator_id, community_id)?;
        let rows = reports::list_open(conn, community_id, LISTED)?;
        rows.into_iter().map(|report| view(conn, report)).collect()
    })
    .await
}

fn view(conn: &mut Conn, report: ReportRow) -> Result<ReportView> {
    Ok(ReportView {
        reporter: actors::find(conn, report.reporter_id)?.ok_or(Refusal::NotFound)?,
        reported: actors::find(conn, report.actor_id)?.ok_or(Refusal::NotFound)?,
        post: report.post_id.map(|id| posts::find(conn, id)).transpose()?.flatten(),
        report,
    })
}

/// Whether that person may see and resolve these reports.
fn check(conn: &mut Conn, moderator_id: i64, community_id: Option<i64>) -> Result<()> {
    let moderator = actors::find(conn, moderator_id)?.ok_or(Refusal::NotFound)?;
    if let Some(community_id) = community_id {
        return moderated(conn, community_id, &moderator).map(|_| ());
    }
    let role = accounts::find(conn, moderator_id)?.map(|account| account.role()).transpose()?;
    let is_staff = role.is_some_and(|role| role >= Role::Moderator) && moderator.is_active();
    if is_staff { Ok(()) } else { Err(Refusal::NotAModerator.into()) }
}

/// A moderator is done with a report; a second time changes nothing.
///
/// # Errors
/// `NotFound`, `Suspended`, `NotAModerator`.
pub async fn resolve(app: &App, moderator_id: i64, report_id: i64) -> Result<ReportRow> {
    app.write(move |deed| {
        let report = reports::find(deed.conn, report_id)?.ok_or(Refusal::NotFound)?;
        check(deed.conn, moderator_id, report.community_id)?;
        let now = deed.now();
        reports::resolve(deed.conn, report_id, moderator_id, now)?;
        Ok::<_, Error>(report)
    })
    .await
}
