//! Whether a database is the one that sends, and not a restored or copied one: the folder of its instance holds the same
//! marker, and counts what is sent, before it is sent.
//!
//! A database from a backup has counted less than its folder: what it owes may have been sent since. One parcel less is
//! what the end of a process leaves in the middle of sending it.
//!
//! Reads and writes no file: whoever knows the folder does.

use crate::{App, Error, Result, joining, secret};
use clocher_domain::mutant::{self, Mutant};
use clocher_storage::sending::{self, SendingRow};
use clocher_storage::{addresses, fan_outs, joints, ledger};

/// What a folder and its database both hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// By what they are known to belong together.
    pub name: String,
    /// How many parcels were carried, or, in the folder, are about to have been.
    pub turn: i64,
}

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No marker.
    Nothing,
    /// That one, where it was written.
    Marker(Marker),
    /// One that was copied there.
    Copy,
}

/// Judges what the folder holds. Gives the marker that it is to hold from now on; none where nothing may be sent.
///
/// # Errors
/// Those of storage.
pub async fn judge(app: &App, found: Found) -> Result<Option<Marker>> {
    let fresh = secret::token()?;
    app.write(move |deed| {
        let now = deed.now();
        let row = sending::find(deed.conn)?;
        let row = row.unwrap_or(SendingRow { id: 1, marker: String::new(), turn: 0, stopped_at: None });
        let fits = match &found {
            // Nothing was sent yet: there is nothing to send twice.
            Found::Nothing => row.turn == 0,
            Found::Copy => false,
            Found::Marker(marker) => marker.name == row.marker && marker.turn <= row.turn + 1,
        };
        if (!fits || row.stopped_at.is_some()) && !mutant::is(Mutant::SentAfterRestore) {
            let stopped_at = row.stopped_at.or(Some(now));
            sending::put(deed.conn, &SendingRow { stopped_at, ..row })?;
            return Ok::<_, Error>(None);
        }
        let name = if row.marker.is_empty() { fresh } else { row.marker };
        sending::put(
            deed.conn,
            &SendingRow { id: 1, marker: name.clone(), turn: row.turn, stopped_at: None },
        )?;
        Ok(Some(Marker { name, turn: row.turn }))
    })
    .await
}

/// An administrator says that this database is the only one. What was due before it stopped is discarded, unless
/// `send_old`. Gives the marker that the folder is to hold, and how many rows were discarded.
///
/// # Errors
/// Those of storage.
pub async fn confirm(app: &App, send_old: bool) -> Result<(Marker, usize)> {
    let name = secret::token()?;
    app.write(move |deed| {
        let now = deed.now();
        let row = sending::find(deed.conn)?;
        let stopped_at = row.as_ref().and_then(|row| row.stopped_at);
        let mut discarded = 0;
        if let Some(before) = stopped_at.filter(|_| !send_old) {
            discarded += fan_outs::remove_older(deed.conn, before)?;
            discarded += addresses::remove_unsent_claims(deed.conn, before)?;
            discarded += joints::remove_unmailed(deed.conn, before)?;
            discarded += ledger::discard_waiting(deed.conn, before, now)?;
        }
        if stopped_at.is_some() {
            joining::resume(deed)?;
        }
        sending::put(deed.conn, &SendingRow { id: 1, marker: name.clone(), turn: 0, stopped_at: None })?;
        Ok::<_, Error>((Marker { name, turn: 0 }, discarded))
    })
    .await
}
