//! Messages of other servers: recording, editing and deleting what their authors sent, or their homes announced.

use crate::app::Deed;
use crate::place::Place;
use crate::received::{Outcome, Received};
use crate::{App, Error, Result, ledger, placing, readers, text};
use clocher_domain::audience::Visibility;
use clocher_domain::community::Openness;
use clocher_domain::effect::Effect;
use clocher_domain::home::{Admission, Concern, Word, decide_admission};
use clocher_domain::placement::{MAX_ADDRESSED, Reach, decide_addressing};
use clocher_domain::post::{MAX_TITLE, PostKind};
use clocher_domain::{Id, Refusal};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::posts::{self, PostRow};
use clocher_storage::{Conn, activities, bans, follows};

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
    /// What to know before reading it, plain text; empty where its author says only that there is something.
    pub warning: Option<String>,
    /// The address on the web that it is about.
    pub link: Option<String>,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// When it was published, in milliseconds since the Unix epoch.
    pub published_at: i64,
    /// When it was edited.
    pub edited_at: Option<i64>,
    /// The id of the collection of its conversation (FEP-7888).
    pub context: Option<String>,
    /// How far its author lets a thread go; none where it does not say.
    pub reach: Option<Reach>,
    /// Whether its server says that it takes no answers.
    pub locked: bool,
    /// The local rows of the actors it is addressed to.
    pub recipients: Vec<i64>,
    /// Whether it is addressed to its home, or to the followers of its home.
    pub names_home: bool,
    /// The local rows of the other communities that it is addressed to.
    pub other_groups: Vec<i64>,
}

/// A message of another server arrives. Recorded under its home only where that home is ours, is on its
/// author's own server, or has announced it.
///
/// # Errors
/// What the rule of a local home refuses; those of storage.
pub async fn receive(app: &App, received: Received, remote: RemotePost) -> Result<Outcome> {
    // Before the transaction: nobody waits for it.
    let content = content(&remote);
    app.write(move |deed| {
        let author = actors::find(deed.conn, remote.author_id)?.ok_or(Refusal::NotFound)?;
        if let Some(known) = posts::find_by_ap_id(deed.conn, &remote.ap_id)? {
            return adopt(deed, &received, &known, &author, &remote);
        }
        if !author.is_active() || activities::is_seen(deed.conn, &gone_key(&author, &remote.ap_id))? {
            return Ok(Outcome::NotOurs);
        }
        let parent = match &remote.parent {
            Some(ap_id) => match posts::find_by_ap_id(deed.conn, ap_id)? {
                Some(parent) if readers::is_known_to(deed.conn, &parent, author.id)? => Some(parent),
                _ => return Ok(Outcome::MissingParent),
            },
            None => None,
        };
        let place = Place::load(deed.conn, remote.home_id, parent)?;
        let visibility = place.remote_visibility(remote.visibility, remote.names_home)?;
        check_groups(deed.conn, &place, &remote)?;
        let place = place.open_to(visibility);
        let home = place.home.as_ref();
        let word = word(&received, home, Some(&author));
        let concern = concern(deed, &received, &remote, visibility, &place)?;
        let home_id = match decide_admission(word, concern) {
            Admission::No => {
                hand_on(deed, &received, &remote, &place)?;
                return Ok(Outcome::NotOurs);
            }
            Admission::Own => None,
            Admission::InHome => home.map(|home| home.id),
        };
        if word.home_is_here {
            let now = deed.now();
            place.decide(deed.conn, &author, now)?;
        }
        let row = remote_row(deed, &remote, visibility, content, &place, home_id);
        if !posts::put(deed.conn, &row)? {
            return Ok(Outcome::Known);
        }
        for recipient in &remote.recipients {
            posts::put_recipient(deed.conn, row.id, *recipient)?;
        }
        received.is_first(deed)?;
        received.relay(deed, author.id, &row, place.home.as_ref())?;
        address(deed, &received, &remote, &row, &author)?;
        if word.home_is_here && received.kind == "Announce" && !row.is_top() {
            // It was handed on: whoever has the thread is told of it by its home.
            let community = Id(place.home.as_ref().map_or(0, |home| home.id));
            deed.owe(&Effect::TakenIn { community, post: Id(row.id) })?;
        }
        ledger::owe(deed, &row, home_id, received.asked_for)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

/// A reply comes from its author to a community of here that shares the thread: its home, elsewhere, is told of it.
fn hand_on(deed: &mut Deed<'_>, received: &Received, remote: &RemotePost, place: &Place) -> Result<()> {
    let is_sent = received.document.is_some() && received.announced_by.is_none();
    let Some(thread) = place.thread.as_ref().filter(|_| is_sent && remote.visibility.is_open()) else {
        return Ok(());
    };
    let sharing = placing::list_sharing(deed.conn, thread.id, false)?;
    let now = deed.now();
    let mut by = None;
    for community in sharing.into_iter().filter(|community| community.local) {
        // Whom it banned, a community does not speak for.
        if !bans::is_banned(deed.conn, community.id, remote.author_id, now)? {
            by = Some(community);
            break;
        }
    }
    let Some(community) = by else { return Ok(()) };
    if received.is_first(deed)? {
        let (community, thread) = (Id(community.id), Id(thread.id));
        deed.owe(&Effect::HandedOn { community, thread, reply: remote.ap_id.clone() })?;
    }
    Ok(())
}

/// A home elsewhere announces a message that is known here already, such as one by somebody of here: whoever has the
/// thread from communities of here may not have it yet.
///
/// # Errors
/// Those of storage.
pub async fn receive_known(app: &App, received: Received, ap_id: String) -> Result<Outcome> {
    app.write(move |deed| {
        let Some(known) = posts::find_by_ap_id(deed.conn, &ap_id)? else { return Ok(Outcome::MissingParent) };
        received.pass_on(deed, &known)?;
        Ok::<_, Error>(Outcome::Known)
    })
    .await
}

/// On whose word something comes about a message with that home, written or done by that actor.
pub(crate) fn word(received: &Received, home: Option<&ActorRow>, actor: Option<&ActorRow>) -> Word {
    Word {
        has_home: home.is_some(),
        home_is_here: home.is_some_and(|home| home.local),
        announced_by_home: home.is_some_and(|home| received.announced_by == Some(home.id)),
        home_on_same_server: home.zip(actor).is_some_and(|(home, actor)| home.host == actor.host),
    }
}

/// A message that is addressed to several communities, of which one of ours is not open, stands in none of them: its
/// author must choose (rule 6 of nesting). Of a hidden one only those hear who may know of it.
fn check_groups(conn: &mut Conn, place: &Place, remote: &RemotePost) -> Result<()> {
    // Of those elsewhere, their own instances know.
    let home = place.home.as_ref().filter(|home| home.local).map_or(Openness::Open, |_| place.openness);
    let mut others = Vec::new();
    for id in &remote.other_groups {
        let is_ours = actors::find(conn, *id)?.is_some_and(|group| group.local);
        others.push(if is_ours { readers::openness(conn, *id)? } else { Openness::Open });
    }
    Ok(decide_addressing(home, &others)?)
}

/// A new thread of a home of here, as its author sent it, is shown also in the other communities of here that it is
/// addressed to. One that is not addressed to the home that it names is shown in no other (S35).
fn address(
    deed: &mut Deed<'_>,
    received: &Received,
    remote: &RemotePost,
    row: &PostRow,
    author: &ActorRow,
) -> Result<()> {
    let is_sent = received.kind == "Create" && received.document.is_some() && row.is_top();
    let home = row.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
    if !is_sent || !remote.names_home || !home.is_some_and(|home| home.local) {
        return Ok(());
    }
    let mut others = Vec::new();
    for id in remote.other_groups.iter().take(MAX_ADDRESSED) {
        others.extend(actors::find(deed.conn, *id)?);
    }
    placing::address(deed, row, author, &others)
}

/// Whom a message concerns here.
fn concern(
    deed: &mut Deed<'_>,
    received: &Received,
    remote: &RemotePost,
    visibility: Visibility,
    place: &Place,
) -> Result<Concern> {
    let addressed = addressed(deed.conn, remote)?;
    Ok(Concern {
        // Only what somebody of ours follows is heard when it announces something.
        is_followed: addressed.is_followed || received.announced_by.is_some(),
        is_asked_for: received.asked_for,
        is_reply: place.parent.is_some(),
        is_open: visibility.is_open(),
        is_for_members: visibility == Visibility::Members,
        ..addressed
    })
}

/// Whether somebody of ours follows the author or the home of a message, or is addressed by it.
fn addressed(conn: &mut Conn, remote: &RemotePost) -> Result<Concern> {
    let followed = [Some(remote.author_id), remote.home_id].into_iter().flatten();
    let mut concern = Concern::default();
    for id in followed {
        concern.is_followed |= follows::count_local_followers(conn, id)? > 0;
    }
    let recipients = actors::list(conn, &remote.recipients)?;
    concern.names_us = recipients.iter().any(|row| row.local);
    Ok(concern)
}

/// Whether a message is worth asking for what it answers: it names a home of ours, comes on the word of its
/// home, was asked for, or concerns somebody here. Else a stranger could make us fetch at will.
///
/// # Errors
/// Those of storage.
pub async fn is_worth_fetching_for(app: &App, received: &Received, remote: &RemotePost) -> Result<bool> {
    let wanted = received.announced_by.is_some() || received.asked_for;
    let remote = remote.clone();
    app.read(move |conn| {
        let home = remote.home_id.map(|id| actors::find(conn, id)).transpose()?.flatten();
        let concern = addressed(conn, &remote)?;
        let home_is_here = home.is_some_and(|home| home.local);
        Ok::<_, Error>(wanted || home_is_here || concern.is_followed || concern.names_us)
    })
    .await
}

/// A message that is known comes again: announced by the home that it names, where it was its author's own until
/// then; or as its author sent it, where we had only fetched it and its home of ours has not passed it on.
fn adopt(
    deed: &mut Deed<'_>,
    received: &Received,
    known: &PostRow,
    author: &ActorRow,
    remote: &RemotePost,
) -> Result<Outcome> {
    let home_id = remote.home_id;
    let is_own = known.home_id.is_none() && known.is_top() && known.visibility()?.is_open();
    if is_own && home_id.is_some() && received.announced_by == home_id {
        posts::set_home(deed.conn, known.id, home_id)?;
        ledger::owe(deed, known, home_id, received.asked_for)?;
        return Ok(Outcome::Recorded);
    }
    let is_sent_by_author = received.document.is_some() && known.author_id == author.id && !known.local;
    let home = known.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
    let is_live = known.deleted_at.is_none() && author.is_active();
    if is_sent_by_author
        && is_live
        && home.as_ref().is_some_and(|home| home.local)
        && !activities::is_kept(deed.conn, known.id, received.kind)?
        && received.is_first(deed)?
    {
        received.relay(deed, author.id, known, home.as_ref())?;
        address(deed, received, remote, known, author)?;
        return Ok(Outcome::Recorded);
    }
    Ok(Outcome::Known)
}

/// What a message says, made fit to be shown.
fn content(remote: &RemotePost) -> posts::Edit {
    let line = |text: &Option<String>| text.as_deref().map(|text| text::clean_line(text, MAX_TITLE));
    posts::Edit {
        kind: remote.kind.as_str().to_owned(),
        title: line(&remote.title).filter(|title| !title.is_empty()),
        source: None,
        html: text::sanitise(&remote.html),
        warning: line(&remote.warning),
        link: remote.link.clone(),
        edited_at: remote.edited_at,
    }
}

fn remote_row(
    deed: &mut Deed<'_>,
    remote: &RemotePost,
    visibility: Visibility,
    content: posts::Edit,
    place: &Place,
    home_id: Option<i64>,
) -> PostRow {
    let id = deed.app.mint();
    let now = deed.now();
    let is_thread = place.parent.is_none() && home_id.is_some();
    let reach =
        remote.reach.as_ref().filter(|_| is_thread).and_then(|reach| placing::write_reach(reach).ok());
    PostRow {
        id,
        ap_id: remote.ap_id.clone(),
        url: remote.url.clone(),
        kind: content.kind,
        local: false,
        author_id: remote.author_id,
        home_id,
        thread_id: place.thread.as_ref().map_or(id, |thread| thread.id),
        parent_id: place.parent.as_ref().map(|parent| parent.id),
        visibility: match visibility {
            Visibility::Unlisted if home_id.is_some() => Visibility::Public,
            visibility => visibility,
        }
        .as_str()
        .to_owned(),
        title: content.title,
        source: content.source,
        html: content.html,
        language: remote.language.clone(),
        request_key: None,
        locked: is_thread && remote.locked,
        likes: 0,
        dislikes: 0,
        replies: 0,
        // A date in the future would keep a message on top for ever.
        published_at: remote.published_at.min(now),
        edited_at: content.edited_at,
        deleted_at: None,
        received_at: now,
        context: remote.context.clone(),
        warning: content.warning,
        link: content.link,
        removed_at: None,
        removal_reason: None,
        featured_at: None,
        reach,
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
    let content = content(&remote);
    app.write(move |deed| {
        let Some(known) = posts::find_by_ap_id(deed.conn, &remote.ap_id)? else {
            return Ok(Outcome::MissingParent);
        };
        if known.author_id != editor_id || known.local {
            return Err(Error::from(Refusal::NotTheAuthor));
        }
        if !readers::is_known_to(deed.conn, &known, editor_id)? {
            // Who has left a community changes nothing in it any more.
            return Ok(Outcome::MissingParent);
        }
        // Also where it says nothing new: it must not say so again after a later edit.
        received.is_first(deed)?;
        let author = actors::find(deed.conn, editor_id)?.ok_or(Refusal::NotFound)?;
        let edited_at = remote.edited_at.unwrap_or_else(|| deed.now());
        // Many servers tell whole seconds: within one, what comes later is newer.
        let is_older = known.edited_at.is_some_and(|before| before > edited_at);
        if known.deleted_at.is_some() || is_older || !author.is_active() {
            return Ok(Outcome::Known);
        }
        let reach = remote.reach.as_ref();
        if says_the_same(&content, &known) && !placing::is_new_reach(&known, reach)? {
            return Ok(Outcome::Known);
        }
        placing::edited(deed, &known, content.title.as_deref(), &content.html)?;
        posts::edit(deed.conn, known.id, &posts::Edit { edited_at: Some(edited_at), ..content })?;
        let home = known.home_id.map(|id| actors::find(deed.conn, id)).transpose()?.flatten();
        received.relay(deed, editor_id, &known, home.as_ref())?;
        // Told first: whoever is offered it afterwards knows how far it may go.
        placing::set_reach(deed, &known, reach, edited_at)?;
        Ok::<_, Error>(Outcome::Recorded)
    })
    .await
}

fn says_the_same(content: &posts::Edit, known: &PostRow) -> bool {
    content.title == known.title
        && content.html == known.html
        && content.warning == known.warning
        && content.link == known.link
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
        placing::root_turned(deed, &known, false)?;
        posts::delete(deed.conn, &known, now)?;
        activities::withdraw(deed.conn, known.id, now)?;
        ledger::forget(deed, known.id)?;
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
