//! Two people who post the same text have posted twice: the second is shown the first one, before sending.
//!
//! Nothing is merged or refused: the second may publish all the same.

use crate::reading::{self, ThreadLine};
use crate::{App, Error, Result, placing, text};
use clocher_domain::post::{Draft, TWIN, are_twins};
use clocher_storage::actors::ActorRow;
use clocher_storage::posts;

/// Most threads that are compared.
const COMPARED: i64 = 20;

/// A thread of somebody else with the text of a new one.
#[derive(Clone, Debug)]
pub struct Twin {
    /// The thread.
    pub thread: ThreadLine,
    /// The community of here from which its new author, who moderates it, may send it on to the one where they meant to write.
    pub sends_from: Option<ActorRow>,
}

/// The thread by which somebody else said the same in the last week, the oldest, where everybody may read it.
///
/// # Errors
/// Those of storage. A draft that is refused has no twin.
pub async fn find(
    app: &App,
    author_id: i64,
    community_id: i64,
    title: &str,
    source: &str,
) -> Result<Option<Twin>> {
    let Ok(draft) = Draft::check(Some(title), source) else { return Ok(None) };
    let html = text::render(&draft.text);
    let since = app.now().0.saturating_sub(TWIN);
    let found = app
        .read(move |conn| {
            let plain = text::plain(&html);
            for (post, author) in posts::list_same(conn, &html, author_id, since, COMPARED)? {
                if !author.is_active() || !are_twins(draft.title.as_deref(), post.title.as_deref(), &plain) {
                    continue;
                }
                return Ok(reading::thread_lines(conn, vec![(post, author)], Some(author_id))?.pop());
            }
            Ok::<_, Error>(None)
        })
        .await?;
    let Some(thread) = found else { return Ok(None) };
    let onward = placing::list_onward(app, author_id, thread.top.post.id).await?;
    let sends_from = onward.into_iter().find(|onward| onward.to.id == community_id).map(|onward| onward.from);
    Ok(Some(Twin { thread, sends_from }))
}
