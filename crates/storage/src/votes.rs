//! Votes: at most one per person and message.

use crate::schema::votes;
use crate::{Conn, Error, Result, posts};
use clocher_domain::vote::Vote;
use diesel::prelude::*;

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = votes)]
pub struct VoteRow {
    /// The voter.
    pub actor_id: i64,
    /// The message.
    pub post_id: i64,
    /// 1 or -1; read it with [`VoteRow::vote`].
    pub score: i64,
    /// The id of the `Like` or `Dislike`.
    pub ap_id: String,
    /// When it was cast.
    pub created_at: i64,
}

impl VoteRow {
    /// For or against.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn vote(&self) -> Result<Vote> {
        Vote::from_score(self.score).ok_or(Error::Corrupt {
            table: "votes",
            column: "score",
            id: self.post_id,
        })
    }
}

/// The vote of an actor on a message.
pub fn find(conn: &mut Conn, actor_id: i64, post_id: i64) -> Result<Option<VoteRow>> {
    Ok(votes::table.find((actor_id, post_id)).first(conn).optional()?)
}

/// The vote that was cast by that `Like` or `Dislike`.
pub fn find_by_ap_id(conn: &mut Conn, ap_id: &str) -> Result<Option<VoteRow>> {
    Ok(votes::table.filter(votes::ap_id.eq(ap_id)).first(conn).optional()?)
}

/// The votes of an actor on these messages.
pub fn list_by(conn: &mut Conn, actor_id: i64, post_ids: &[i64]) -> Result<Vec<VoteRow>> {
    Ok(votes::table
        .filter(votes::actor_id.eq(actor_id).and(votes::post_id.eq_any(post_ids.to_vec())))
        .load(conn)?)
}

/// Casts a vote in place of the one before, and counts it.
pub fn put(conn: &mut Conn, row: &VoteRow) -> Result<()> {
    remove(conn, row.actor_id, row.post_id)?;
    diesel::insert_into(votes::table).values(row).execute(conn)?;
    count(conn, row, 1)
}

/// Withdraws a vote, and counts it out. Nothing where there was none.
pub fn remove(conn: &mut Conn, actor_id: i64, post_id: i64) -> Result<()> {
    if let Some(row) = find(conn, actor_id, post_id)? {
        diesel::delete(votes::table.find((actor_id, post_id))).execute(conn)?;
        count(conn, &row, -1)?;
    }
    Ok(())
}

fn count(conn: &mut Conn, row: &VoteRow, by: i64) -> Result<()> {
    match row.vote()? {
        Vote::Like => posts::change_votes(conn, row.post_id, by, 0),
        Vote::Dislike => posts::change_votes(conn, row.post_id, 0, by),
    }
}
