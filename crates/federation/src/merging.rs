//! The job of a community of ours that another one became: it looks up what that one lists as its links, and has each
//! proposed again.
//!
//! A link counts where both of its ends list it. What of it may work before it is answered is decided in `app`.

use crate::error::{Error, Result};
use crate::links;
use crate::sources::Sources;
use clocher_app::linking::{self, Carried, Carry};
use clocher_domain::link::{LinkState, Policy};
use clocher_storage::actors::ActorRow;
use clocher_storage::jobs::JobRow;
use clocher_storage::links as rows;

/// Proposes again one link, or owes that for each.
///
/// # Errors
/// `Malformed`; what fetching refuses.
pub async fn carry(sources: &Sources, row: &JobRow) -> Result<()> {
    let wanted: Carry =
        serde_json::from_str(&row.document).map_err(|_| Error::Malformed("which links are carried"))?;
    let Some(former) = sources.find_actor(&wanted.former).await? else { return Ok(()) };
    let listed = links::listing(sources, &former).await?;
    let Some(other) = wanted.other.clone() else {
        let others = listed.into_iter().map(|one| one.object).collect();
        return Ok(linking::owe_carrying_each(&sources.app, wanted, others).await?);
    };
    let Some(link) = listed.into_iter().find(|one| one.object == other) else { return Ok(()) };
    let other = sources.actor(&other).await?;
    let Some(other_policy) = stated_by(sources, &other, &former).await? else { return Ok(()) };
    let carried = Carried { relation: link.relation, policy: link.policy, other_policy };
    if linking::carry(&sources.app, former.id, wanted.successor, other.id, carried).await? {
        tracing::info!(former = former.ap_id, other = other.ap_id, "a link is proposed again");
    }
    Ok(())
}

/// What the far end of a link says that it shares and accepts; none where it does not list it.
async fn stated_by(sources: &Sources, other: &ActorRow, former: &ActorRow) -> Result<Option<Policy>> {
    if !other.local {
        let listed = links::listing(sources, other).await?;
        return Ok(listed.into_iter().find(|one| one.object == former.ap_id).map(|one| one.policy));
    }
    let (other, former) = (other.id, former.id);
    let row = sources.app.read(move |conn| rows::find_between(conn, other, former)).await?;
    let row = row.filter(|row| row.state == LinkState::Active.as_str());
    Ok(row.map(|row| row.policy()).transpose()?)
}
