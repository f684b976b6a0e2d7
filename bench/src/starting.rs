//! How soon a process that is started again shows its first page, over ten thousand messages.

use crate::Outcome;
use crate::figure::{Figure, median};
use crate::load::{self, Address};
use crate::town::Town;
use std::time::Instant;

/// Messages of the instance.
const MESSAGES: usize = 10_000;
/// Starts.
const ROUNDS: usize = 7;

/// Measures it.
///
/// # Errors
/// Where it does not start.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let town = Town::build(MESSAGES).await?;
    let front = Address { domain: town.domain(), path: "/", accept: "text/html" };
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let client = load::client()?;
        let start = Instant::now();
        let child = town.serve().await?;
        load::read(&client, &child, front).await?;
        times.push(start.elapsed().as_secs_f64());
        child.kill()?;
    }
    Ok(vec![Figure::new("start_to_first_page_s", median(times), "s").at_most(0.2)])
}
