//! A message on a page: who wrote it, what it says, and what the reader may do with it.

use super::hide;
use crate::actor_name::{ActorName, web_address};
use crate::date::Moment;
use crate::headings;
use crate::session::Visit;
use clocher_app::placing::Veil;
use clocher_app::reading::PostView;
use clocher_domain::vote::Vote;

/// A message. What it says was sanitised when it was stored.
pub struct Message {
    pub id: i64,
    /// `/post/ID` or `/comment/ID`: what the forms are sent below.
    pub address: String,
    pub author: ActorName,
    pub published: Moment,
    pub edited: Option<Moment>,
    /// What to know before reading it; empty where its author says only that there is something.
    pub warning: Option<String>,
    /// Sanitised HTML.
    pub html: String,
    /// The address that it is about.
    pub link: Option<String>,
    pub language: Option<String>,
    pub is_deleted: bool,
    /// Whether moderators removed it; its text is there for them and its author alone.
    pub is_removed: bool,
    pub removal_reason: Option<String>,
    pub is_locked: bool,
    pub is_featured: bool,
    pub likes: i64,
    pub dislikes: i64,
    pub my_vote: Option<Vote>,
    pub may: May,
    /// Its page where it was written, if that is elsewhere.
    pub original: Option<String>,
    /// How deep it answers.
    pub depth: usize,
    /// An answer that was typed and refused, with the reason.
    pub answer: Answer,
    /// Whether moderators of the communities by which the reader comes to it hide it.
    pub is_hidden: bool,
    /// Where it is hidden from others, for those who moderate there.
    pub hidden_in: Vec<String>,
}

/// What the reader may do with a message.
pub struct May {
    pub vote: bool,
    pub answer: bool,
    pub edit: bool,
    pub delete: bool,
    pub report: bool,
    pub moderate: bool,
    /// Hide it from the readers of a community that shares its thread.
    pub hide: bool,
}

/// The form for an answer.
#[derive(Clone, Default)]
pub struct Answer {
    pub request: String,
    pub text: String,
    pub refusal: Option<String>,
}

impl Message {
    /// A message as that visitor sees it.
    pub fn new(visit: &Visit, view: PostView, is_locked: bool, request: &str) -> Self {
        let post = view.post;
        let is_deleted = post.deleted_at.is_some();
        let is_hidden = view.veil == Veil::Hidden;
        let may_act = visit.viewer.is_some() && post.is_live() && !is_hidden;
        let is_author = visit.viewer_id() == Some(post.author_id);
        let may = May {
            vote: may_act && !is_author,
            answer: may_act && !visit.has_moved() && (!is_locked || view.may_moderate),
            edit: view.may_edit,
            delete: is_author && !is_deleted,
            report: may_act && !is_author,
            moderate: view.may_moderate,
            hide: false,
        };
        let hidden_in = match &view.veil {
            Veil::Marked(hiders) => hide::words(visit.lang, hiders),
            Veil::None | Veil::Hidden => Vec::new(),
        };
        Self {
            id: post.id,
            address: format!("/{}/{}", if post.is_top() { "post" } else { "comment" }, post.id),
            author: ActorName::new(&view.author),
            published: Moment::new(visit.lang, post.published_at),
            edited: post.edited_at.map(|at| Moment::new(visit.lang, at)),
            original: web_address(&post.url).filter(|_| !post.local).map(str::to_owned),
            warning: post.warning,
            link: post.link.as_deref().and_then(web_address).map(str::to_owned),
            // Below the title of the thread, or below the heading of its replies.
            html: headings::lower(&post.html, if view.depth == 0 { 1 } else { 2 }),
            language: post.language,
            is_deleted,
            is_removed: post.removed_at.is_some() && !is_deleted,
            removal_reason: post.removal_reason.filter(|reason| !reason.is_empty()),
            is_locked: post.locked,
            is_featured: post.featured_at.is_some(),
            likes: post.likes,
            dislikes: post.dislikes,
            my_vote: view.my_vote,
            may,
            depth: view.depth,
            answer: Answer { request: format!("{request}-{}", post.id), ..Answer::default() },
            is_hidden,
            hidden_in,
        }
    }

    pub fn likes_it(&self) -> bool {
        self.my_vote == Some(Vote::Like)
    }

    pub fn dislikes_it(&self) -> bool {
        self.my_vote == Some(Vote::Dislike)
    }
}
