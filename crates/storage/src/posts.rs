//! Messages: top posts and replies, of here and elsewhere.

use crate::actors::ActorRow;
use crate::dialect::{among_on_backend, on_backend};
use crate::schema::{
    accounts, actor_keys as keys, actors, follows, links, moderators, post_recipients, posts,
};
use crate::{Conn, Error, Result};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::link::{LinkState, Relation};
use clocher_domain::membership::Standing;
use clocher_domain::placement::Reach;
use clocher_domain::post::PostKind;
use diesel::prelude::*;

/// A message. Instants are milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = posts, treat_none_as_default_value = false)]
pub struct PostRow {
    /// Minted here, also for messages of elsewhere.
    pub id: i64,
    /// The ActivityPub id: an address.
    pub ap_id: String,
    /// The page for people.
    pub url: String,
    /// A [`PostKind`]; read it with [`PostRow::kind`].
    pub kind: String,
    /// Whether its author lives on this instance.
    pub local: bool,
    /// The author.
    pub author_id: i64,
    /// The home community of its thread; none for a message of its author's own.
    pub home_id: Option<i64>,
    /// The top post of its thread; its own id for a top post.
    pub thread_id: i64,
    /// The message it answers.
    pub parent_id: Option<i64>,
    /// A [`Visibility`]; read it with [`PostRow::visibility`].
    pub visibility: String,
    /// Title, plain text.
    pub title: Option<String>,
    /// The text in Markdown, of local messages.
    pub source: Option<String>,
    /// The text, sanitised.
    pub html: String,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// The key by which its author's client names this request, so that a repeated one writes once.
    pub request_key: Option<String>,
    /// Of a top post: whether the thread takes no more answers.
    pub locked: bool,
    /// Votes for.
    pub likes: i64,
    /// Votes against.
    pub dislikes: i64,
    /// Of a top post: messages that answer in its thread, deleted ones not counted.
    pub replies: i64,
    /// When it was published by its author.
    pub published_at: i64,
    /// When it was last edited.
    pub edited_at: Option<i64>,
    /// When it was deleted: what it said is empty since.
    pub deleted_at: Option<i64>,
    /// When it was recorded here.
    pub received_at: i64,
    /// Of a message of elsewhere: the collection of its conversation that it names (FEP-7888).
    pub context: Option<String>,
    /// What to know before reading it, plain text; empty where its author says only that there is something.
    pub warning: Option<String>,
    /// The address on the web that it is about.
    pub link: Option<String>,
    /// When moderators of its home removed it: what it says is kept, and shown to nobody else.
    pub removed_at: Option<i64>,
    /// Why they did, plain text.
    pub removal_reason: Option<String>,
    /// Of a top post: since when its home features it.
    pub featured_at: Option<i64>,
    /// Of a top post: how far its author lets it go, a [`Reach`] as JSON; none where the author did not say. Read it
    /// with [`PostRow::reach`].
    pub reach: Option<String>,
}

impl PostRow {
    /// How far its author lets it go; none where the author did not say.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn reach(&self) -> Result<Option<Reach>> {
        let corrupt = Error::Corrupt { table: "posts", column: "reach", id: self.id };
        self.reach.as_deref().map(serde_json::from_str).transpose().map_err(|_| corrupt)
    }

    /// Page or note.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn kind(&self) -> Result<PostKind> {
        PostKind::parse(&self.kind).ok_or(Error::Corrupt { table: "posts", column: "kind", id: self.id })
    }

    /// Who may read it.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn visibility(&self) -> Result<Visibility> {
        Visibility::parse(&self.visibility).ok_or(Error::Corrupt {
            table: "posts",
            column: "visibility",
            id: self.id,
        })
    }

    /// Whether the count of replies, which whoever reads the thread sees, counts it.
    fn counts_as_reply(&self) -> bool {
        !self.is_top() && Visibility::parse(&self.visibility).is_some_and(Visibility::is_of_home)
    }

    /// Whether there is something to read: neither its author nor a moderator took it away.
    pub fn is_live(&self) -> bool {
        self.deleted_at.is_none() && self.removed_at.is_none()
    }

    /// Whether it opens a thread.
    pub fn is_top(&self) -> bool {
        self.parent_id.is_none()
    }
}

/// The message with that id.
pub fn find(conn: &mut Conn, id: i64) -> Result<Option<PostRow>> {
    Ok(on_backend!(conn, c => posts::table.find(id).first(c)).optional()?)
}

/// The message with that ActivityPub id.
pub fn find_by_ap_id(conn: &mut Conn, ap_id: &str) -> Result<Option<PostRow>> {
    Ok(on_backend!(conn, c => posts::table.filter(posts::ap_id.eq(ap_id)).first(c)).optional()?)
}

/// What a message answers, and whether it takes no more answers.
pub fn find_lock(conn: &mut Conn, id: i64) -> Result<Option<(Option<i64>, bool)>> {
    Ok(on_backend!(conn, c => posts::table.find(id).select((posts::parent_id, posts::locked)).first(c))
        .optional()?)
}

/// The message that this author's request already wrote.
pub fn find_by_request(conn: &mut Conn, author_id: i64, request_key: &str) -> Result<Option<PostRow>> {
    Ok(on_backend!(conn, c => posts::table
        .filter(posts::author_id.eq(author_id).and(posts::request_key.eq(request_key)))
        .first(c))
    .optional()?)
}

/// Adds a message unless its ActivityPub id is known; false where it was.
pub fn put(conn: &mut Conn, row: &PostRow) -> Result<bool> {
    let added = on_backend!(conn, c => diesel::insert_into(posts::table)
        .values(row)
        .on_conflict(posts::ap_id)
        .do_nothing()
        .execute(c))?;
    if added == 1 && row.counts_as_reply() && row.is_live() {
        change_replies(conn, row.thread_id, 1)?;
    }
    Ok(added == 1)
}

/// What an edit changes.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = posts, treat_none_as_null = true)]
pub struct Edit {
    /// Page or note, by whether it has a title.
    pub kind: String,
    /// The new title.
    pub title: Option<String>,
    /// The new source, of a local message.
    pub source: Option<String>,
    /// The new text, sanitised.
    pub html: String,
    /// The new content warning.
    pub warning: Option<String>,
    /// The new address that it is about.
    pub link: Option<String>,
    /// When.
    pub edited_at: Option<i64>,
}

/// Edits a message.
pub fn edit(conn: &mut Conn, id: i64, edit: &Edit) -> Result<()> {
    diesel::update(posts::table.find(id)).set(edit).execute(conn)?;
    Ok(())
}

/// Deletes a message: what it said is erased, its place in the thread stays.
pub fn delete(conn: &mut Conn, row: &PostRow, now: i64) -> Result<()> {
    let deleted = diesel::update(posts::table.find(row.id).filter(posts::deleted_at.is_null()))
        .set((
            posts::deleted_at.eq(Some(now)),
            posts::title.eq(None::<String>),
            posts::source.eq(None::<String>),
            posts::html.eq(""),
            posts::warning.eq(None::<String>),
            posts::link.eq(None::<String>),
            posts::featured_at.eq(None::<i64>),
        ))
        .execute(conn)?;
    if deleted == 1 && row.counts_as_reply() && row.removed_at.is_none() {
        change_replies(conn, row.thread_id, -1)?;
    }
    Ok(())
}

/// Sets how far its author lets a thread go, a [`Reach`] as JSON.
pub fn set_reach(conn: &mut Conn, id: i64, reach: Option<&str>, edited_at: i64) -> Result<()> {
    diesel::update(posts::table.find(id))
        .set((posts::reach.eq(reach), posts::edited_at.eq(Some(edited_at))))
        .execute(conn)?;
    Ok(())
}

/// Opens or locks what answers a message.
pub fn set_locked(conn: &mut Conn, id: i64, locked: bool) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::locked.eq(locked)).execute(conn)?;
    Ok(())
}

/// Features a thread since that instant, or not any more.
pub fn set_featured(conn: &mut Conn, id: i64, since: Option<i64>) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::featured_at.eq(since)).execute(conn)?;
    Ok(())
}

/// Removes a message, as its moderators do: it is shown to nobody, and can be restored.
pub fn remove(conn: &mut Conn, row: &PostRow, reason: &str, now: i64) -> Result<()> {
    diesel::update(posts::table.find(row.id))
        .set((
            posts::removed_at.eq(Some(now)),
            posts::removal_reason.eq(Some(reason)),
            posts::featured_at.eq(None::<i64>),
        ))
        .execute(conn)?;
    if row.counts_as_reply() && row.is_live() {
        change_replies(conn, row.thread_id, -1)?;
    }
    Ok(())
}

/// Restores a message that was removed.
pub fn restore(conn: &mut Conn, row: &PostRow) -> Result<()> {
    diesel::update(posts::table.find(row.id))
        .set((posts::removed_at.eq(None::<i64>), posts::removal_reason.eq(None::<String>)))
        .execute(conn)?;
    if row.counts_as_reply() && row.removed_at.is_some() && row.deleted_at.is_none() {
        change_replies(conn, row.thread_id, 1)?;
    }
    Ok(())
}

/// Live messages of an author in a community, at most `limit`.
pub fn list_live_in(conn: &mut Conn, author_id: i64, home_id: i64, limit: i64) -> Result<Vec<PostRow>> {
    Ok(posts::table
        .filter(posts::author_id.eq(author_id).and(posts::home_id.eq(home_id)))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .order(posts::id)
        .limit(limit)
        .load(conn)?)
}

/// The threads that a community features, with their authors, featured last first. Of a community that is not open,
/// for whoever reads it.
pub fn list_featured(conn: &mut Conn, home_id: i64) -> Result<Vec<(PostRow, ActorRow)>> {
    Ok(posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::home_id.eq(home_id).and(posts::featured_at.is_not_null()))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .filter(
            posts::visibility
                .eq(Visibility::Public.as_str())
                .or(posts::visibility.eq(Visibility::Members.as_str())),
        )
        .order((posts::featured_at.desc(), posts::id.desc()))
        .load(conn)?)
}

/// Adds to the counts of votes.
pub fn change_votes(conn: &mut Conn, id: i64, likes: i64, dislikes: i64) -> Result<()> {
    diesel::update(posts::table.find(id))
        .set((posts::likes.eq(posts::likes + likes), posts::dislikes.eq(posts::dislikes + dislikes)))
        .execute(conn)?;
    Ok(())
}

fn change_replies(conn: &mut Conn, thread_id: i64, by: i64) -> Result<()> {
    on_backend!(conn, c => diesel::update(posts::table.find(thread_id))
        .set(posts::replies.eq(posts::replies + by))
        .execute(c))?;
    Ok(())
}

/// A thread: its top post and its replies with their authors, oldest first, at most `limit`; what is not for
/// everybody only where `reader` wrote it, follows its author or is addressed by it; what is for the members of its
/// home only where `reader` reads that home.
pub fn list_thread(
    conn: &mut Conn,
    thread_id: i64,
    reader: Option<i64>,
    limit: i64,
) -> Result<Vec<(PostRow, ActorRow)>> {
    // Nobody has the id -1.
    let reader = reader.unwrap_or(-1);
    let addressed =
        post_recipients::table.filter(post_recipients::actor_id.eq(reader)).select(post_recipients::post_id);
    let followed = follows::table
        .filter(follows::follower_id.eq(reader).and(follows::standing.eq(Standing::Accepted.as_str())))
        .select(follows::followed_id);
    let for_followers =
        posts::visibility.eq(Visibility::Followers.as_str()).and(posts::author_id.eq_any(followed));
    let query = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::thread_id.eq(thread_id))
        .filter(
            open().or(of_readable_home(reader)).or(posts::visibility
                .ne(Visibility::Members.as_str())
                .and(posts::author_id.eq(reader).or(posts::id.eq_any(addressed)).or(for_followers))),
        )
        .order(posts::id)
        .limit(limit);
    Ok(on_backend!(conn, c => query.load(c))?)
}

/// What neither its author nor a moderator took away.
#[diesel::dsl::auto_type]
fn live() -> _ {
    posts::deleted_at.is_null().and(posts::removed_at.is_null())
}

/// Which messages of a thread are meant.
#[derive(Clone, Copy, Debug)]
pub enum Branch {
    /// All of the thread with that top post; of those deleted or removed, the ones of here, whose tombstones stand.
    Thread(i64),
    /// The live ones that answer that message.
    Replies(i64),
}

/// What everybody may read.
#[diesel::dsl::auto_type]
fn open() -> _ {
    let (public, unlisted): (&'static str, &'static str) =
        (Visibility::Public.as_str(), Visibility::Unlisted.as_str());
    posts::visibility.eq(public).or(posts::visibility.eq(unlisted))
}

/// What is for the members of a home that this reader reads: as an accepted member, as one of its moderators or, of
/// here, as a moderator of the instance. The one place where lists are told who reads what is for members.
#[diesel::dsl::auto_type]
fn of_readable_home(reader: i64) -> _ {
    let (members, accepted): (&'static str, &'static str) =
        (Visibility::Members.as_str(), Standing::Accepted.as_str());
    let (moderator, administrator): (&'static str, &'static str) =
        (Role::Moderator.as_str(), Role::Administrator.as_str());
    let joined = follows::table
        .filter(follows::follower_id.eq(reader).and(follows::standing.eq(accepted)))
        .select(follows::followed_id);
    let moderated =
        moderators::table.filter(moderators::actor_id.eq(reader)).select(moderators::community_id);
    let staff = accounts::table
        .filter(accounts::actor_id.eq(reader))
        .filter(accounts::role.eq(moderator).or(accounts::role.eq(administrator)));
    // Whoever is of here has keys.
    let here = keys::table.select(keys::actor_id);
    let home = posts::home_id.assume_not_null();
    let is_of_staff = diesel::dsl::exists(staff).and(home.eq_any(here));
    posts::visibility
        .eq(members)
        .and(posts::home_id.is_not_null())
        .and(home.eq_any(joined).or(home.eq_any(moderated)).or(is_of_staff))
}

/// What is shown of a home besides what everybody may read. Named twice, that lets nothing in.
fn also(for_members: bool) -> &'static str {
    if for_members { Visibility::Members.as_str() } else { Visibility::Public.as_str() }
}

#[diesel::dsl::auto_type]
fn in_thread(top: i64, also: &'static str) -> _ {
    posts::thread_id.eq(top).and(live().or(posts::local.eq(true))).and(open().or(posts::visibility.eq(also)))
}

#[diesel::dsl::auto_type]
fn answering(parent: i64, also: &'static str) -> _ {
    posts::parent_id.eq(parent).and(live()).and(open().or(posts::visibility.eq(also)))
}

/// The messages of a branch that everybody may read and, for whoever reads its home, those for its members; oldest
/// first, above the id `after`, at most `limit`.
pub fn list_branch(
    conn: &mut Conn,
    branch: Branch,
    for_members: bool,
    after: i64,
    limit: i64,
) -> Result<Vec<PostRow>> {
    let page = posts::table.filter(posts::id.gt(after)).order(posts::id).limit(limit);
    Ok(match branch {
        Branch::Thread(top) => on_backend!(conn, c => page.filter(in_thread(top, also(for_members))).load(c)),
        Branch::Replies(parent) => {
            on_backend!(conn, c => page.filter(answering(parent, also(for_members))).load(c))
        }
    }?)
}

/// How many messages [`list_branch`] lists in all.
pub fn count_branch(conn: &mut Conn, branch: Branch, for_members: bool) -> Result<i64> {
    Ok(match branch {
        Branch::Thread(top) => {
            on_backend!(conn, c => posts::table.filter(in_thread(top, also(for_members))).count().get_result(c))
        }
        Branch::Replies(parent) => {
            on_backend!(conn, c => posts::table.filter(answering(parent, also(for_members))).count().get_result(c))
        }
    }?)
}

/// The messages with these ids, in no order.
pub fn list(conn: &mut Conn, ids: &[i64]) -> Result<Vec<PostRow>> {
    Ok(among_on_backend!(conn, posts::id, ids, (c, among) => posts::table.filter(among).load(c))?)
}

/// Live top posts of communities, for everybody, that others than that author published since and that say the same,
/// oldest first, at most `limit`.
pub fn list_same(
    conn: &mut Conn,
    html: &str,
    but_by: i64,
    since: i64,
    limit: i64,
) -> Result<Vec<(PostRow, ActorRow)>> {
    Ok(posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::parent_id.is_null().and(posts::published_at.ge(since)))
        .filter(posts::html.eq(html).and(posts::author_id.ne(but_by)).and(posts::home_id.is_not_null()))
        .filter(posts::deleted_at.is_null().and(posts::removed_at.is_null()))
        .filter(posts::visibility.eq(Visibility::Public.as_str()))
        .order((posts::published_at, posts::id))
        .limit(limit)
        .load(conn)?)
}

/// Which threads a list shows.
#[derive(Clone, Copy, Debug)]
pub enum Listing {
    /// Those whose home is this community.
    Home(i64),
    /// Those whose home is this community of here, or one nested in it by an active link.
    Nested(i64),
    /// Those by this author.
    Author(i64),
    /// Those whose home is any community known here.
    AnyHome,
}

/// What is said in that community of here, and in those nested in it.
#[diesel::dsl::auto_type]
fn is_nested_in(community: i64) -> _ {
    let (lower, active): (&'static str, &'static str) =
        (Relation::Lower.as_str(), LinkState::Active.as_str());
    let nested = links::table
        .filter(links::community_id.eq(community).and(links::relation.eq(lower)))
        .filter(links::state.eq(active))
        .select(links::other_id);
    let home = posts::home_id.assume_not_null();
    posts::home_id.is_not_null().and(home.eq(community).or(home.eq_any(nested)))
}

/// Live threads that everybody may read, or that are for the members of a home that `reader` reads, with their authors,
/// by the date that they bear, newest first, below the thread `before`, at most `limit`. An old thread that becomes known late stands where it belongs.
pub fn list_threads(
    conn: &mut Conn,
    listing: Listing,
    reader: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(PostRow, ActorRow)>> {
    let mut query = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::parent_id.is_null().and(posts::deleted_at.is_null()).and(posts::removed_at.is_null()))
        .into_boxed();
    let public = posts::visibility.eq(Visibility::Public.as_str());
    query = match reader {
        Some(reader) => query.filter(public.or(of_readable_home(reader))),
        None => query.filter(public),
    };
    query = match listing {
        Listing::Home(home) => query.filter(posts::home_id.eq(home)),
        Listing::Nested(community) => query.filter(is_nested_in(community)),
        Listing::Author(author) => query.filter(posts::author_id.eq(author)),
        Listing::AnyHome => query.filter(posts::home_id.is_not_null()),
    };
    if let Some(before) = before {
        let at: Option<i64> = posts::table.find(before).select(posts::published_at).first(conn).optional()?;
        let at = at.unwrap_or(i64::MAX);
        // The first condition alone lets the index find where to begin.
        query = query
            .filter(posts::published_at.le(at))
            .filter(posts::published_at.lt(at).or(posts::id.lt(before)));
    }
    Ok(query.order((posts::published_at.desc(), posts::id.desc())).limit(limit).load(conn)?)
}

/// Live local messages that everybody may read: `(top posts, replies)`.
pub fn count_local(conn: &mut Conn) -> Result<(i64, i64)> {
    let live = || {
        posts::table
            .filter(posts::local.eq(true).and(posts::deleted_at.is_null()).and(posts::removed_at.is_null()))
            .filter(open())
    };
    let top = live().filter(posts::parent_id.is_null()).count().get_result(conn)?;
    let replies = live().filter(posts::parent_id.is_not_null()).count().get_result(conn)?;
    Ok((top, replies))
}

/// Addresses a message to an actor; a second time changes nothing.
pub fn put_recipient(conn: &mut Conn, post_id: i64, actor_id: i64) -> Result<()> {
    on_backend!(conn, c => diesel::insert_into(post_recipients::table)
        .values((post_recipients::post_id.eq(post_id), post_recipients::actor_id.eq(actor_id)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Whom a message is addressed to.
pub fn list_recipients(conn: &mut Conn, post_id: i64) -> Result<Vec<ActorRow>> {
    Ok(on_backend!(conn, c => post_recipients::table
        .inner_join(actors::table.on(actors::id.eq(post_recipients::actor_id)))
        .filter(post_recipients::post_id.eq(post_id))
        .order(actors::id)
        .select(actors::all_columns)
        .load(c))?)
}

/// Whom messages are addressed to: `(message, actor)`, in the order in which actors became known.
pub fn list_addressed(conn: &mut Conn, post_ids: &[i64]) -> Result<Vec<(i64, i64)>> {
    Ok(among_on_backend!(conn, post_recipients::post_id, post_ids, (c, among) => post_recipients::table
        .filter(among)
        .order((post_recipients::post_id, post_recipients::actor_id))
        .select((post_recipients::post_id, post_recipients::actor_id))
        .load(c))?)
}

/// Gives a thread of its author's own a home; the replies that everybody may read go with it.
pub fn set_home(conn: &mut Conn, thread_id: i64, home_id: Option<i64>) -> Result<()> {
    let open = [Visibility::Public.as_str(), Visibility::Unlisted.as_str()];
    diesel::update(posts::table.filter(posts::thread_id.eq(thread_id).and(posts::visibility.eq_any(open))))
        .set(posts::home_id.eq(home_id))
        .execute(conn)?;
    Ok(())
}

/// Live messages by an actor, at most `limit`.
pub fn list_live_by(conn: &mut Conn, author_id: i64, limit: i64) -> Result<Vec<PostRow>> {
    Ok(posts::table
        .filter(posts::author_id.eq(author_id).and(posts::deleted_at.is_null()))
        .order(posts::id)
        .limit(limit)
        .load(conn)?)
}
