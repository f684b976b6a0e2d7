//! The queues, as an administrator sees and moves them.

use crate::{App, Error, Result};
use clocher_domain::Refusal;
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::jobs::{self, JobRow};
use clocher_storage::{effects, fan_outs};

/// What waits.
#[derive(Clone, Debug)]
pub struct Queues {
    /// Effects not yet carried out.
    pub effects: i64,
    /// Messages whose readers of here are not written into the ledger yet.
    pub fan_outs: i64,
    /// Deliveries that wait, are parked or were refused, oldest first.
    pub deliveries: Vec<DeliveryRow>,
    /// Jobs that wait or are parked, oldest first.
    pub jobs: Vec<JobRow>,
}

/// What waits, at most `limit` rows of each queue.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App, limit: i64) -> Result<Queues> {
    app.read(move |conn| {
        Ok::<_, Error>(Queues {
            effects: effects::count(conn)?,
            fan_outs: fan_outs::count(conn)?,
            deliveries: deliveries::list(conn, limit)?,
            jobs: jobs::list(conn, limit)?,
        })
    })
    .await
}

/// Makes due now: one delivery, those to one host, or everything; those parked or refused too.
///
/// # Errors
/// Those of storage.
pub async fn retry(app: &App, id: Option<i64>, host: Option<String>) -> Result<usize> {
    let count = app
        .write(move |deed| {
            let now = deed.now();
            let asked = id.map(|id| deliveries::find(deed.conn, id)).transpose()?.flatten();
            for host in host.iter().chain(asked.as_ref().map(|row| &row.host)) {
                rest_no_more(deed.conn, host)?;
            }
            if id.is_none() && host.is_none() {
                for row in deliveries::list(deed.conn, i64::from(u32::MAX))? {
                    rest_no_more(deed.conn, &row.host)?;
                }
            }
            let jobs = if host.is_none() { jobs::retry(deed.conn, id, now)? } else { 0 };
            let states = [deliveries::DUE, deliveries::PARKED, deliveries::REFUSED];
            Ok::<_, Error>(jobs + deliveries::retry(deed.conn, host.as_deref(), id, &states, now)?)
        })
        .await?;
    app.wakers().deliveries.notify_one();
    app.wakers().jobs.notify_one();
    Ok(count)
}

fn rest_no_more(conn: &mut clocher_storage::Conn, host: &str) -> clocher_storage::Result<()> {
    use clocher_storage::hosts;
    if let Some(row) = hosts::find(conn, host)?.filter(|row| row.retry_at.is_some()) {
        hosts::put(conn, &hosts::HostRow { retry_at: None, ..row })?;
    }
    Ok(())
}

/// Drops a delivery or a job.
///
/// # Errors
/// `NotFound`.
pub async fn drop(app: &App, id: i64) -> Result<()> {
    app.write(move |deed| {
        let dropped = match deliveries::find(deed.conn, id)? {
            Some(row) => deliveries::remove(deed.conn, &row)?,
            None => jobs::remove(deed.conn, id)?,
        };
        if dropped { Ok(()) } else { Err(Error::from(Refusal::NotFound)) }
    })
    .await
}
