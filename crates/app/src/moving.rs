//! Moving: another server's person becomes another person, and those of here who follow go along (FEP-7628).
//! Persons of here do not move away.

use crate::app::Deed;
use crate::membership::{join_in, leave_in};
use crate::profile::{RemoteActor, put_remote};
use crate::received::{Outcome, Received};
use crate::{App, Error, Result};
use clocher_domain::Refusal;
use clocher_domain::moving::{Moving, decide_move};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::follows;

/// What a person becomes.
#[derive(Clone, Debug)]
pub enum Target {
    /// A person of here.
    Local(i64),
    /// A person of another server, as that server describes it now.
    Remote(Box<RemoteActor>),
}

/// Another server's person moves: those of here who follow it follow what it becomes instead. What the rule refuses
/// is ignored, and leaves nothing.
///
/// # Errors
/// Those of storage.
pub async fn receive(app: &App, received: Received, mover_id: i64, target: Target) -> Result<Outcome> {
    let done = app.write(move |deed| {
        if !received.is_first(deed)? {
            return Ok(Outcome::Known);
        }
        let mover = actors::find(deed.conn, mover_id)?.filter(|row| !row.local).ok_or(Refusal::NotFound)?;
        let target = match target {
            Target::Local(id) => actors::find(deed.conn, id)?.ok_or(Refusal::NotFound)?,
            // Where the rule refuses, the transaction takes this back.
            Target::Remote(remote) => put_remote(deed, *remote)?,
        };
        decide(deed, &mover, &target)?;
        take_along(deed, mover.id, target.id)?;
        let moved = ActorRow { moved_to: Some(target.ap_id), moved_at: Some(deed.now()), ..mover };
        actors::update(deed.conn, &moved)?;
        Ok::<_, Error>(Outcome::Recorded)
    });
    match done.await {
        Err(Error::Refused(refusal)) => {
            tracing::debug!(mover_id, code = refusal.code(), "a move is ignored");
            Ok(Outcome::NotOurs)
        }
        done => done,
    }
}

fn decide(deed: &Deed<'_>, mover: &ActorRow, target: &ActorRow) -> Result<()> {
    decide_move(Moving {
        kind: mover.kind()?,
        becomes: target.kind()?,
        is_self: mover.id == target.id,
        are_active: mover.is_active() && target.is_active(),
        is_linked: target.aliases()?.contains(&mover.ap_id),
        since_last: mover.moved_at.map(|at| deed.now() - at),
    })?;
    Ok(())
}

/// Those of here who follow the one follow the other instead. Who may not, as the other itself, stays as it is.
fn take_along(deed: &mut Deed<'_>, mover_id: i64, target_id: i64) -> Result<()> {
    for follower_id in follows::list_local_followers(deed.conn, mover_id)? {
        match join_in(deed, follower_id, target_id) {
            Ok(_) => leave_in(deed, follower_id, mover_id)?,
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
