//! Notifications: what answers a person, addresses them or asks for their consent, once for each message, whatever the number of ways.

use crate::reading::{self, ThreadLine};
use crate::{App, Error, Result, readers, republishing};
use clocher_storage::ledger::{self, NOTIFICATION, WAITING};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{actors, subscriptions};

/// Notifications on one page.
pub const PAGE: i64 = 30;

/// A notification.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The message, with its home.
    pub message: ThreadLine,
    /// Whether it was not seen before.
    pub is_new: bool,
    /// Whether the consent of the person is asked, to republish what they wrote.
    pub asks: bool,
}

/// A page of notifications.
#[derive(Clone, Debug)]
pub struct Notifications {
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// What to give as `before` for the next page; none on the last.
    pub next: Option<i64>,
}

/// How many notifications a person has not seen.
///
/// # Errors
/// Those of storage.
pub async fn count_unseen(app: &App, account_id: i64) -> Result<i64> {
    app.read(move |conn| ledger::count_unseen(conn, account_id)).await
}

/// A page of the notifications of a person, below the row `before`. Those on it are seen from then on.
///
/// # Errors
/// Those of storage.
pub async fn page(app: &App, account_id: i64, before: Option<i64>) -> Result<Notifications> {
    let (page, newest) = app
        .read(move |conn| {
            let mut rows =
                ledger::list(conn, account_id, NOTIFICATION, before.unwrap_or(i64::MAX), PAGE + 1)?;
            let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
            if more {
                rows.pop();
            }
            let next = rows.last().filter(|_| more).map(|row| row.id);
            let newest =
                rows.first().filter(|_| rows.iter().any(|row| row.state == WAITING)).map(|row| row.id);
            let muted = subscriptions::list_muted(conn, account_id)?;
            let mut notifications = Vec::new();
            for row in rows {
                let post = posts::find(conn, row.post_id)?.filter(PostRow::is_live);
                let Some(post) = post.filter(|post| !muted.contains(&post.author_id)) else { continue };
                let Some(author) = actors::find(conn, post.author_id)? else { continue };
                if !readers::may_read(conn, &post, Some(account_id))? {
                    continue;
                }
                let asks = republishing::is_asked(conn, &post, account_id)?;
                let lines = reading::thread_lines(conn, vec![(post, author)], Some(account_id))?;
                let is_new = row.state == WAITING;
                notifications.extend(lines.into_iter().map(|message| Notification { message, is_new, asks }));
            }
            Ok::<_, Error>((Notifications { notifications, next }, newest))
        })
        .await?;
    if let Some(newest) = newest {
        app.note(move |deed| ledger::set_seen(deed.conn, account_id, newest, deed.now())).await?;
    }
    Ok(page)
}
