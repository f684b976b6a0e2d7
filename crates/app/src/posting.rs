//! Writing, editing and deleting the messages of local people. Those of others are in `receiving`.

use crate::app::Deed;
use crate::place::Place;
use crate::{App, Error, Result, ledger, placing, text};
use clocher_domain::audience::Visibility;
use clocher_domain::effect::Effect;
use clocher_domain::placement::Reach;
use clocher_domain::post::{Draft, decide_deleting, decide_editing};
use clocher_domain::{Id, Refusal};
use clocher_storage::activities;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};

/// What a local person wants to publish.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// The author.
    pub author_id: i64,
    /// The home community of a new thread; none for a message of the author's own, and for replies.
    pub home_id: Option<i64>,
    /// The message it answers.
    pub parent_id: Option<i64>,
    /// Title; replies have none.
    pub title: Option<String>,
    /// Text, in Markdown.
    pub text: String,
    /// Who may read it. What has a home, or answers, is as visible as its thread.
    pub visibility: Visibility,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// How far a new thread may go beyond its home; none leaves it to the home.
    pub reach: Option<Reach>,
    /// The other communities, of here as its home, to which a new thread is addressed.
    pub also: Vec<i64>,
    /// The client's own name of this request: the same one again writes nothing and gives the same message.
    pub request_key: Option<String>,
}

/// What a local person published.
#[derive(Clone, Debug)]
pub struct Written {
    /// The message.
    pub post: PostRow,
    /// The communities to which it was addressed besides its home and that, by their own rules, do not show it.
    pub unplaced: Vec<ActorRow>,
}

/// A local person publishes a message. Gives the message, also where this request had written it before.
///
/// # Errors
/// `EmptyText`, `TextTooLong`, `TitleTooLong`, `Suspended`, `Moved`, `Banned`, `NotAMember`, `NotAModerator`,
/// `ThreadLocked`, `Deleted`, `Removed`, `NotFound`; `NotForMembers`, `TooManyAddressed` and `NotPossible` for other communities to
/// which it cannot be addressed.
pub async fn write(app: &App, new: NewPost) -> Result<PostRow> {
    Ok(publish(app, new).await?.post)
}

/// The same; says also which of the communities that it was addressed to do not show it.
///
/// # Errors
/// Those of [`write()`].
pub async fn publish(app: &App, new: NewPost) -> Result<Written> {
    let ready = Ready::new(new)?;
    app.write(move |deed| ready.put(deed)).await
}

/// A message that is checked and rendered, before the transaction that stores it: nobody waits for it.
pub(crate) struct Ready {
    new: NewPost,
    draft: Draft,
    html: String,
    reach: Option<String>,
}

impl Ready {
    pub(crate) fn new(new: NewPost) -> Result<Self> {
        let draft = Draft::check(new.title.as_deref().filter(|_| new.parent_id.is_none()), &new.text)?;
        let html = text::render(&draft.text);
        let is_thread = new.parent_id.is_none() && new.home_id.is_some();
        let reach = new.reach.as_ref().filter(|_| is_thread).map(placing::write_reach).transpose()?;
        Ok(Self { new, draft, html, reach })
    }

    /// What is published already, said again by its author as a new thread of another home. It goes no farther until its
    /// author says so.
    pub(crate) fn again(post: &PostRow, home_id: i64) -> Result<Self> {
        let new = NewPost {
            author_id: post.author_id,
            home_id: Some(home_id),
            parent_id: None,
            title: post.title.clone(),
            text: post.source.clone().unwrap_or_default(),
            visibility: Visibility::Public,
            language: post.language.clone(),
            reach: Some(Reach::default()),
            also: Vec::new(),
            request_key: None,
        };
        let draft = Draft { title: new.title.clone(), text: new.text.clone() };
        let reach = Some(placing::write_reach(&Reach::default())?);
        Ok(Self { new, draft, html: post.html.clone(), reach })
    }

    /// Stores it, with what it owes.
    pub(crate) fn put(self, deed: &mut Deed<'_>) -> Result<Written> {
        let Self { new, draft, html, reach } = self;
        let author =
            actors::find(deed.conn, new.author_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        if let Some(key) = &new.request_key
            && let Some(post) = posts::find_by_request(deed.conn, new.author_id, key)?
        {
            let home = post.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
            let others = placing::addressed(deed.conn, home.as_ref(), &author, &new.also)?;
            return Ok(Written { unplaced: placing::unplaced(deed.conn, &post, &others)?, post });
        }
        let parent = match new.parent_id {
            Some(id) => Some(readable(deed, id, &author)?),
            None => None,
        };
        let place = Place::load(deed.conn, new.home_id, parent)?;
        let visibility = place.visibility(new.visibility)?;
        let place = place.open_to(visibility);
        let now = deed.now();
        place.decide(deed.conn, &author, now)?;
        let thread_home = place.home.as_ref().filter(|_| place.parent.is_none());
        let others = placing::addressed(deed.conn, thread_home, &author, &new.also)?;
        let id = deed.app.mint();
        let ap_id =
            if place.parent.is_some() { deed.app.site().comment(id) } else { deed.app.site().post(id) };
        let row = PostRow {
            id,
            url: ap_id.clone(),
            ap_id,
            kind: draft.kind().as_str().to_owned(),
            local: true,
            author_id: author.id,
            home_id: place.home.as_ref().map(|home| home.id),
            thread_id: place.thread.as_ref().map_or(id, |thread| thread.id),
            parent_id: place.parent.as_ref().map(|parent| parent.id),
            visibility: visibility.as_str().to_owned(),
            title: draft.title,
            source: Some(draft.text),
            html,
            language: new.language,
            request_key: new.request_key,
            locked: false,
            likes: 0,
            dislikes: 0,
            replies: 0,
            published_at: now,
            edited_at: None,
            deleted_at: None,
            received_at: now,
            context: None,
            warning: None,
            link: None,
            removed_at: None,
            removal_reason: None,
            featured_at: None,
            reach,
        };
        posts::put(deed.conn, &row)?;
        if let Some(parent) = place.parent.filter(|parent| parent.author_id != author.id) {
            posts::put_recipient(deed.conn, id, parent.author_id)?;
        }
        deed.owe(&Effect::PostWritten { post: Id(id) })?;
        if let Some(home) = &place.home {
            placing::begin(deed, &row, home)?;
        }
        ledger::owe(deed, &row, row.home_id, false)?;
        placing::address(deed, &row, &author, &others)?;
        Ok(Written { unplaced: placing::unplaced(deed.conn, &row, &others)?, post: row })
    }
}

/// The message, if that person may read it.
fn readable(deed: &mut Deed<'_>, id: i64, reader: &ActorRow) -> Result<PostRow> {
    let post = posts::find(deed.conn, id)?.ok_or(Refusal::NotFound)?;
    if crate::readers::may_read(deed.conn, &post, Some(reader.id))? {
        Ok(post)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// A local person edits a message.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`, `Removed`, `NotFound`, and those of a draft.
pub async fn edit(
    app: &App,
    editor_id: i64,
    post_id: i64,
    title: Option<String>,
    text: String,
) -> Result<PostRow> {
    app.write(move |deed| {
        let editor =
            actors::find(deed.conn, editor_id)?.filter(ActorRow::is_active).ok_or(Refusal::Suspended)?;
        let post = readable(deed, post_id, &editor)?;
        decide_editing(post.author_id == editor_id, post.deleted_at.is_some(), post.removed_at.is_some())?;
        let draft = Draft::check(title.as_deref().filter(|_| post.is_top()), &text)?;
        let html = text::render(&draft.text);
        if draft.title == post.title && Some(&draft.text) == post.source.as_ref() {
            return Ok(post);
        }
        let before = post.clone();
        let edit = posts::Edit {
            kind: draft.kind().as_str().to_owned(),
            title: draft.title,
            source: Some(draft.text),
            html,
            // What it was given here stays: no form changes it.
            warning: post.warning,
            link: post.link,
            edited_at: Some(deed.now()),
        };
        placing::edited(deed, &before, edit.title.as_deref(), &edit.html)?;
        posts::edit(deed.conn, post_id, &edit)?;
        deed.owe(&Effect::PostEdited { post: Id(post_id) })?;
        Ok::<_, Error>(posts::find(deed.conn, post_id)?.ok_or(Refusal::NotFound)?)
    })
    .await
}

/// A local person deletes a message: what it said is erased, here and wherever it was told.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`, `NotFound`.
pub async fn delete(app: &App, deleter_id: i64, post_id: i64) -> Result<PostRow> {
    app.write(move |deed| {
        let deleter =
            actors::find(deed.conn, deleter_id)?.filter(ActorRow::is_active).ok_or(Refusal::Suspended)?;
        let post = readable(deed, post_id, &deleter)?;
        decide_deleting(post.author_id == deleter_id, post.deleted_at.is_some())?;
        let now = deed.now();
        placing::root_turned(deed, &post, false)?;
        posts::delete(deed.conn, &post, now)?;
        activities::withdraw(deed.conn, post_id, now)?;
        ledger::forget(deed, post_id)?;
        deed.owe(&Effect::PostDeleted { post: Id(post_id) })?;
        Ok::<_, Error>(post)
    })
    .await
}
