//! Writing, editing and deleting messages: from here, and as received from other servers.

use crate::app::Deed;
use crate::{App, Error, Result, text};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::effect::Effect;
use clocher_domain::post::{Draft, MAX_TITLE, PostKind, Writing, decide_editing, decide_writing};
use clocher_domain::{Id, Refusal};
use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{accounts, communities, follows};

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
    /// The client's own name of this request: the same one again writes nothing and gives the same message.
    pub request_key: Option<String>,
}

/// An activity as it was received and verified.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its id.
    pub activity: String,
    /// `type`.
    pub kind: &'static str,
    /// The document as it came, to be passed on by the home community.
    pub document: Option<String>,
    /// The local row of the group that announced it; none where its own actor sent it.
    pub announced_by: Option<i64>,
}

impl Received {
    /// Records the activity; false where it was received before.
    pub(crate) fn is_first(&self, deed: &mut Deed<'_>) -> Result<bool> {
        let now = deed.now();
        Ok(activities::see(deed.conn, &self.activity, now)?)
    }

    /// Owes the passing on of the activity, where the home of the message is here.
    pub(crate) fn relay(
        &self,
        deed: &mut Deed<'_>,
        actor_id: i64,
        post: &PostRow,
        home: Option<&ActorRow>,
    ) -> Result<()> {
        let (Some(home), Some(document)) = (home.filter(|home| home.local), &self.document) else {
            return Ok(());
        };
        let row = ActivityRow {
            id: deed.app.mint(),
            ap_id: self.activity.clone(),
            kind: self.kind.to_owned(),
            local: false,
            actor_id,
            post_id: Some(post.id),
            listed: false,
            document: document.clone(),
            created_at: deed.now(),
        };
        let activity = activities::put(deed.conn, &row)?;
        deed.owe(&Effect::Relayed { community: Id(home.id), post: Id(post.id), activity: Id(activity) })
    }
}

/// A message of another server, verified to be its author's.
#[derive(Clone, Debug)]
pub struct RemotePost {
    /// Its ActivityPub id.
    pub ap_id: String,
    /// The page for people.
    pub url: String,
    /// Page or note.
    pub kind: PostKind,
    /// The local row of its author.
    pub author_id: i64,
    /// The local row of the community it names as its home.
    pub home_id: Option<i64>,
    /// The ActivityPub id of the message it answers.
    pub parent: Option<String>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Title.
    pub title: Option<String>,
    /// Text, HTML, not yet sanitised.
    pub html: String,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at: i64,
    /// When it was edited.
    pub edited_at: Option<i64>,
    /// The local rows of the actors it is addressed to.
    pub recipients: Vec<i64>,
}

/// What became of something received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was recorded.
    Recorded,
    /// It was known already, or says nothing new.
    Known,
    /// The message it answers or concerns is not known here.
    MissingParent,
    /// It is not for us to record: its home has not announced it.
    NotOurs,
}

/// Where a message stands: its thread and the home of it.
struct Place {
    thread: Option<PostRow>,
    parent: Option<PostRow>,
    home: Option<ActorRow>,
}

impl Place {
    fn load(deed: &mut Deed<'_>, home_id: Option<i64>, parent: Option<PostRow>) -> Result<Self> {
        let thread = match &parent {
            Some(parent) => Some(posts::find(deed.conn, parent.thread_id)?.ok_or(Refusal::NotFound)?),
            None => None,
        };
        let home_id = thread.as_ref().map_or(home_id, |thread| thread.home_id);
        let home = home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        if home_id.is_some() && home.is_none() {
            return Err(Refusal::NotFound.into());
        }
        Ok(Self { thread, parent, home })
    }

    /// Asks the rule. Of a home elsewhere we know no rule: its own instance decides.
    fn decide(&self, deed: &mut Deed<'_>, author: &ActorRow) -> Result<()> {
        let home = self.home.as_ref().filter(|home| home.local);
        let community = home.map(|home| communities::find(deed.conn, home.id)).transpose()?.flatten();
        let is_member = home.map_or(Ok(false), |home| follows::is_accepted(deed.conn, author.id, home.id))?;
        let is_moderator = home.map_or(Ok(false), |home| is_moderator(deed, home.id, author.id))?;
        decide_writing(Writing {
            author_suspended: !author.is_active(),
            is_member,
            is_moderator,
            posting: community.map(|community| community.posting()).transpose()?,
            is_reply: self.parent.is_some(),
            thread_locked: self.thread.as_ref().is_some_and(|thread| thread.locked),
            parent_deleted: self.parent.as_ref().is_some_and(|parent| parent.deleted_at.is_some()),
        })?;
        Ok(())
    }
}

fn is_moderator(deed: &mut Deed<'_>, community_id: i64, actor_id: i64) -> Result<bool> {
    let role = accounts::find(deed.conn, actor_id)?.map(|account| account.role()).transpose()?;
    Ok(role.is_some_and(|role| role >= Role::Moderator)
        || communities::is_moderator(deed.conn, community_id, actor_id)?)
}

/// A local person publishes a message. Gives the message, also where this request had written it before.
///
/// # Errors
/// `EmptyText`, `TextTooLong`, `TitleTooLong`, `Suspended`, `NotAMember`, `NotAModerator`, `ThreadLocked`,
/// `Deleted`, `NotFound`.
pub async fn write(app: &App, new: NewPost) -> Result<PostRow> {
    let draft = Draft::check(new.title.as_deref().filter(|_| new.parent_id.is_none()), &new.text)?;
    let html = text::render(&draft.text);
    app.write(move |deed| {
        if let Some(key) = &new.request_key
            && let Some(written) = posts::find_by_request(deed.conn, new.author_id, key)?
        {
            return Ok(written);
        }
        let author =
            actors::find(deed.conn, new.author_id)?.filter(|row| row.local).ok_or(Refusal::NotFound)?;
        let parent = match new.parent_id {
            Some(id) => Some(readable(deed, id, &author)?),
            None => None,
        };
        let place = Place::load(deed, new.home_id, parent)?;
        place.decide(deed, &author)?;
        let id = deed.app.mint();
        let now = deed.now();
        let ap_id =
            if place.parent.is_some() { deed.app.site().comment(id) } else { deed.app.site().post(id) };
        let visibility = place.visibility(new.visibility)?;
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
        };
        posts::put(deed.conn, &row)?;
        if let Some(parent) = place.parent.filter(|parent| parent.author_id != author.id) {
            posts::put_recipient(deed.conn, id, parent.author_id)?;
        }
        deed.owe(&Effect::PostWritten { post: Id(id) })?;
        Ok::<_, Error>(row)
    })
    .await
}

impl Place {
    /// Where a message of elsewhere stands that is meant for readers of that visibility. What is not for
    /// everybody is in no community, also where it names one or answers in its thread: it is not ours to publish.
    fn open_to(self, visibility: Visibility) -> Self {
        let home = self.home.filter(|_| visibility.is_open());
        Self { home, ..self }
    }

    /// What has a home is public for now; what answers is as visible as what it answers.
    fn visibility(&self, wanted: Visibility) -> Result<Visibility> {
        Ok(match (&self.parent, &self.home) {
            (Some(parent), _) => parent.visibility()?,
            (None, Some(_)) => Visibility::Public,
            (None, None) => wanted,
        })
    }
}

/// The message, if that person may read it.
fn readable(deed: &mut Deed<'_>, id: i64, reader: &ActorRow) -> Result<PostRow> {
    let post = posts::find(deed.conn, id)?.ok_or(Refusal::NotFound)?;
    if crate::reading::may_read(deed.conn, &post, Some(reader.id))? {
        Ok(post)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// A local person edits a message.
///
/// # Errors
/// `NotTheAuthor`, `Deleted`, `NotFound`, and those of a draft.
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
        decide_editing(post.author_id == editor_id, post.deleted_at.is_some())?;
        let draft = Draft::check(title.as_deref().filter(|_| post.is_top()), &text)?;
        let html = text::render(&draft.text);
        if draft.title == post.title && Some(&draft.text) == post.source.as_ref() {
            return Ok(post);
        }
        let edit = posts::Edit {
            kind: draft.kind().as_str().to_owned(),
            title: draft.title,
            source: Some(draft.text),
            html,
            edited_at: Some(deed.now()),
        };
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
        decide_editing(post.author_id == deleter_id, post.deleted_at.is_some())?;
        let now = deed.now();
        posts::delete(deed.conn, &post, now)?;
        activities::unlist(deed.conn, post_id)?;
        deed.owe(&Effect::PostDeleted { post: Id(post_id) })?;
        Ok::<_, Error>(post)
    })
    .await
}

/// A message of another server arrives. Recorded under its home only where that home is ours, is on its
/// author's own server, or has announced it.
///
/// # Errors
/// What the rule of a local home refuses; those of storage.
pub async fn receive(app: &App, received: Received, remote: RemotePost) -> Result<Outcome> {
    app.write(move |deed| {
        let author = actors::find(deed.conn, remote.author_id)?.ok_or(Refusal::NotFound)?;
        if let Some(known) = posts::find_by_ap_id(deed.conn, &remote.ap_id)? {
            return adopt(deed, &received, &known, remote.home_id);
        }
        if !author.is_active() || activities::is_seen(deed.conn, &gone_key(&author, &remote.ap_id))? {
            return Ok(Outcome::NotOurs);
        }
        let parent = match &remote.parent {
            Some(ap_id) => match posts::find_by_ap_id(deed.conn, ap_id)? {
                Some(parent) => Some(parent),
                None => return Ok(Outcome::MissingParent),
            },
            None => None,
        };
        let place = Place::load(deed, remote.home_id, parent)?.open_to(remote.visibility);
        let announced = place.home.as_ref().is_some_and(|home| received.announced_by == Some(home.id));
        let home_here = place.home.as_ref().is_some_and(|home| home.local);
        let same_server = place.home.as_ref().is_some_and(|home| home.host == author.host);
        let mut home_id = place.home.as_ref().map(|home| home.id);
        if home_id.is_some() && !announced && !home_here && !same_server {
            // Its home decides on it. Until that announces it, it is at most a message of its author's own.
            if place.parent.is_some() {
                return Ok(Outcome::NotOurs);
            }
            home_id = None;
        }
        if home_here {
            place.decide(deed, &author)?;
        }
        let row = remote_row(deed, &remote, &place, home_id);
        if !posts::put(deed.conn, &row)? {
            return Ok(Outcome::Known);
        }
        for recipient in &remote.recipients {
            posts::put_recipient(deed.conn, row.id, *recipient)?;
        }
        received.is_first(deed)?;
        received.relay(deed, author.id, &row, place.home.as_ref())?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A known thread of its author's own is announced by the home that it names: it moves in there.
fn adopt(deed: &mut Deed<'_>, received: &Received, known: &PostRow, home_id: Option<i64>) -> Result<Outcome> {
    let is_own = known.home_id.is_none() && known.is_top() && known.visibility()?.is_open();
    if is_own && home_id.is_some() && received.announced_by == home_id {
        posts::set_home(deed.conn, known.id, home_id)?;
        return Ok(Outcome::Recorded);
    }
    Ok(Outcome::Known)
}

fn remote_row(deed: &mut Deed<'_>, remote: &RemotePost, place: &Place, home_id: Option<i64>) -> PostRow {
    let id = deed.app.mint();
    let now = deed.now();
    let title = remote
        .title
        .as_deref()
        .map(|title| text::clean_line(title, MAX_TITLE))
        .filter(|title| !title.is_empty());
    PostRow {
        id,
        ap_id: remote.ap_id.clone(),
        url: remote.url.clone(),
        kind: remote.kind.as_str().to_owned(),
        local: false,
        author_id: remote.author_id,
        home_id,
        thread_id: place.thread.as_ref().map_or(id, |thread| thread.id),
        parent_id: place.parent.as_ref().map(|parent| parent.id),
        visibility: if home_id.is_some() { Visibility::Public } else { remote.visibility }
            .as_str()
            .to_owned(),
        title,
        source: None,
        html: text::sanitise(&remote.html),
        language: remote.language.clone(),
        request_key: None,
        locked: false,
        likes: 0,
        dislikes: 0,
        replies: 0,
        // A date in the future would keep a message on top for ever.
        published_at: remote.published_at.min(now),
        edited_at: remote.edited_at,
        deleted_at: None,
        received_at: now,
    }
}

/// The author, on another server, edited a message.
///
/// # Errors
/// `NotTheAuthor` where another actor says so; those of storage.
pub async fn receive_edit(
    app: &App,
    received: Received,
    editor_id: i64,
    remote: RemotePost,
) -> Result<Outcome> {
    app.write(move |deed| {
        let Some(known) = posts::find_by_ap_id(deed.conn, &remote.ap_id)? else {
            return Ok(Outcome::MissingParent);
        };
        if known.author_id != editor_id || known.local {
            return Err(Error::from(Refusal::NotTheAuthor));
        }
        // Also where it says nothing new: it must not say so again after a later edit.
        received.is_first(deed)?;
        let author = actors::find(deed.conn, editor_id)?.ok_or(Refusal::NotFound)?;
        let edited_at = remote.edited_at.unwrap_or_else(|| deed.now());
        let is_older = known.edited_at.is_some_and(|before| before >= edited_at);
        if known.deleted_at.is_some() || is_older || !author.is_active() {
            return Ok(Outcome::Known);
        }
        let title = remote
            .title
            .as_deref()
            .map(|title| text::clean_line(title, MAX_TITLE))
            .filter(|title| !title.is_empty());
        let html = text::sanitise(&remote.html);
        if title == known.title && html == known.html {
            return Ok(Outcome::Known);
        }
        let edit = posts::Edit {
            kind: remote.kind.as_str().to_owned(),
            title,
            source: None,
            html,
            edited_at: Some(edited_at),
        };
        posts::edit(deed.conn, known.id, &edit)?;
        let home = known.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        received.relay(deed, editor_id, &known, home.as_ref())?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// The author, on another server, deleted a message; or its server says that it is gone (`deleter_id` none).
/// A message that is not known here yet is remembered as gone, so that it is not recorded when it comes late.
///
/// # Errors
/// `NotTheAuthor` where another actor says so; those of storage.
pub async fn receive_delete(
    app: &App,
    received: Received,
    deleter_id: Option<i64>,
    ap_id: String,
) -> Result<Outcome> {
    app.write(move |deed| {
        let now = deed.now();
        let Some(known) = posts::find_by_ap_id(deed.conn, &ap_id)? else {
            if let Some(deleter) = deleter_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten() {
                activities::see(deed.conn, &gone_key(&deleter, &ap_id), now)?;
            }
            return Ok(Outcome::MissingParent);
        };
        if known.local || deleter_id.is_some_and(|deleter| deleter != known.author_id) {
            return Err(Error::from(Refusal::NotTheAuthor));
        }
        if known.deleted_at.is_some() {
            return Ok(Outcome::Known);
        }
        posts::delete(deed.conn, &known, now)?;
        activities::unlist(deed.conn, known.id)?;
        received.is_first(deed)?;
        let home = known.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        received.relay(deed, known.author_id, &known, home.as_ref())?;
        Ok(Outcome::Recorded)
    })
    .await
}

/// Under which key the deletion of an unknown message by that actor is remembered: another's forged
/// deletion hides nothing.
fn gone_key(actor: &ActorRow, ap_id: &str) -> String {
    format!("gone {} {ap_id}", actor.ap_id)
}
