//! What an idle process holds: with one instance, and with as many as an intercommunalité of the largest kind.

use crate::Outcome;
use crate::figure::Figure;
use crate::load::{self, Address};
use crate::town::{self, SMALL, Town};
use std::time::Duration;

/// Instances of the large process.
const INSTANCES: usize = 269;
/// What a process is given to come to rest.
const REST: Duration = Duration::from_secs(5);

/// Measures it.
///
/// # Errors
/// Where something does not answer.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let town = Town::build(SMALL).await?;
    let child = town.serve().await?;
    let client = load::client()?;
    let front = |domain| Address { domain, path: "/", accept: "text/html" };
    load::read(&client, &child, front(town.domain())).await?;
    tokio::time::sleep(REST).await;
    let one = child.rss_mb()?;
    drop(child);

    let folder = tempfile::tempdir()?;
    let (child, domains) = town::many(folder.path(), INSTANCES).await?;
    for domain in &domains {
        load::read(&client, &child, front(domain)).await?;
    }
    let busy = child.rss_mb()?;
    tokio::time::sleep(REST).await;
    let many = child.rss_mb()?;
    Ok(vec![
        Figure::new("idle_rss_mb_1", one, "MB").at_most(30.0),
        Figure::new("idle_rss_mb_269", many, "MB").at_most(400.0),
        Figure::new("read_rss_mb_269", busy, "MB"),
    ])
}
