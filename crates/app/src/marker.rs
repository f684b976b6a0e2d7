//! Whether a database is the one that sends, and not a restored or copied one: the folder of its instance holds the same
//! marker, which changes at every start.
//!
//! Reads and writes no file: whoever knows the folder does.

use crate::{App, Error, Result, secret};
use clocher_storage::sending::{self, SendingRow};
use clocher_storage::{addresses, fan_outs, ledger};

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No marker.
    Nothing,
    /// That one, where it was written.
    Marker(String),
    /// One that was copied there.
    Copy,
}

/// Judges what the folder holds. Gives the marker that it is to hold from now on, which [`settle`] makes the database's
/// once it is written; none where nothing may be sent.
///
/// # Errors
/// Those of storage.
pub async fn judge(app: &App, found: Found) -> Result<Option<String>> {
    let next = secret::token()?;
    app.write(move |deed| {
        let now = deed.now();
        let row = sending::find(deed.conn)?;
        let is_first = row.as_ref().is_none_or(|row| row.marker.is_empty());
        let fits = match (&found, &row) {
            (Found::Nothing, _) => is_first,
            (Found::Copy, _) | (Found::Marker(_), None) => false,
            (Found::Marker(marker), Some(row)) => {
                *marker == row.marker || Some(marker) == row.next_marker.as_ref()
            }
        };
        let empty = SendingRow { id: 1, marker: String::new(), next_marker: None, stopped_at: None };
        let row = row.unwrap_or(empty);
        if !fits || row.stopped_at.is_some() {
            let stopped_at = row.stopped_at.or(Some(now));
            sending::put(deed.conn, &SendingRow { stopped_at, ..row })?;
            return Ok::<_, Error>(None);
        }
        // Of the two, the folder holds one: where the process is stopped before it is written, the other counts.
        let marker = if let Found::Marker(marker) = found { marker } else { row.marker };
        let next_marker = Some(next.clone());
        sending::put(deed.conn, &SendingRow { id: 1, marker, next_marker, stopped_at: None })?;
        Ok(Some(next))
    })
    .await
}

/// The folder holds the marker that [`judge`] gave.
///
/// # Errors
/// Those of storage.
pub async fn settle(app: &App, marker: String) -> Result<()> {
    app.write(move |deed| {
        sending::put(deed.conn, &SendingRow { id: 1, marker, next_marker: None, stopped_at: None })
    })
    .await
}

/// An administrator says that this database is the only one. What was due before it stopped is discarded, unless
/// `send_old`. Gives the marker that the folder is to hold, for [`settle`], and how many rows were discarded.
///
/// # Errors
/// Those of storage.
pub async fn confirm(app: &App, send_old: bool) -> Result<(String, usize)> {
    let next = secret::token()?;
    app.write(move |deed| {
        let now = deed.now();
        let row = sending::find(deed.conn)?;
        let stopped_at = row.as_ref().and_then(|row| row.stopped_at);
        let mut discarded = 0;
        if let Some(before) = stopped_at.filter(|_| !send_old) {
            discarded += fan_outs::remove_older(deed.conn, before)?;
            discarded += addresses::remove_unsent_claims(deed.conn, before)?;
            discarded += ledger::discard_waiting(deed.conn, before, now)?;
        }
        let marker = row.map(|row| row.marker).unwrap_or_default();
        let next_marker = Some(next.clone());
        sending::put(deed.conn, &SendingRow { id: 1, marker, next_marker, stopped_at: None })?;
        Ok::<_, Error>((next, discarded))
    })
    .await
}
