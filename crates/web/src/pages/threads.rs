//! Lists of threads, as on the pages of the instance, of communities and of persons.

use crate::actor_name::ActorName;
use crate::date::Moment;
use crate::language::Lang;
use clocher_app::reading::{ThreadLine, ThreadPage};
use clocher_app::text;
use clocher_storage::posts::PostRow;

/// Longest beginning of an untitled message, in characters.
const BEGINNING: usize = 90;

/// A page of threads.
pub struct Threads {
    /// Newest first.
    pub lines: Vec<Line>,
    /// What to give as `before` for older ones.
    pub next: Option<i64>,
}

/// A thread in a list.
pub struct Line {
    /// Its page.
    pub page: String,
    /// Its title, or how its text begins.
    pub title: String,
    /// Language of the title.
    pub language: Option<String>,
    /// Who opened it.
    pub author: ActorName,
    /// Where, unless the list is that of its home.
    pub home: Option<ActorName>,
    /// When.
    pub published: Moment,
    /// How many answers it has.
    pub replies: i64,
    /// Votes for.
    pub likes: i64,
    /// Whether it takes no more answers.
    pub is_locked: bool,
}

impl Threads {
    /// A list; with the home of each thread, but where the list is that of its home.
    pub fn new(lang: Lang, page: ThreadPage, of: Option<i64>) -> Self {
        let lines = page.threads.into_iter().map(|thread| Line::new(lang, thread, of)).collect();
        Self { lines, next: page.next }
    }
}

/// The threads that a community features.
pub fn featured(lang: Lang, threads: Vec<ThreadLine>, of: i64) -> Vec<Line> {
    threads.into_iter().map(|thread| Line::new(lang, thread, Some(of))).collect()
}

impl Line {
    /// A thread; with its home, unless that is the community `of` which the list is, or which is named beside it.
    pub fn new(lang: Lang, thread: ThreadLine, of: Option<i64>) -> Self {
        let (post, author) = (thread.top.post, thread.top.author);
        Self {
            page: format!("/post/{}", post.id),
            title: title(lang, &post, &author.display_name),
            language: post.language,
            author: ActorName::new(&author),
            home: thread.home.filter(|home| of != Some(home.id)).as_ref().map(ActorName::new),
            published: Moment::new(lang, post.published_at),
            replies: post.replies,
            likes: post.likes,
            is_locked: post.locked,
        }
    }
}

/// What a thread is called: its title, else its content warning, else how it begins, else whose it is.
pub fn title(lang: Lang, post: &PostRow, author: &str) -> String {
    if let Some(title) = post.title.as_ref().filter(|title| !title.is_empty()) {
        return title.clone();
    }
    if let Some(warning) = &post.warning {
        return if warning.is_empty() {
            lang.say("sensitive")
        } else {
            lang.name("content-warning", warning)
        };
    }
    let beginning = text::excerpt(&text::plain(&post.html), BEGINNING);
    if beginning.is_empty() { lang.name("message-of", author) } else { beginning }
}
