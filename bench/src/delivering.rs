//! What telling others costs: one message to 200 servers; and how soon the first of them hears of it.

use crate::Outcome;
use crate::browser::Browser;
use crate::child::to_f64;
use crate::figure::{Figure, median};
use crate::limits::Limits;
use crate::strangers::Strangers;
use crate::town::{SMALL, Town};
use std::time::Instant;

/// Servers that are told.
pub const HOSTS: usize = 200;
/// Messages of a round.
const COUNT: usize = 3;
/// Rounds.
const ROUNDS: usize = 5;
/// Deliveries that are owed to a host that is silent, in the second figure.
const DEBTS: i64 = 5_000;
/// Hosts never contacted before, each following a community that never signed anything.
const NEW_HOSTS: usize = 5;

/// Measures it.
///
/// # Errors
/// Where something does not arrive.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let strangers = Strangers::start(HOSTS)?;
    let mut town = Town::build(SMALL).await?;
    town.know(&strangers);
    let limits = Limits::measure(town.folder())?;
    let first = first_delivery(&town, &strangers).await?;
    for name in &strangers.names {
        town.follow(&town.community, &strangers, name).await?;
    }
    let each = cost(&town, &strangers).await?;
    town.owe_to_silent_host(DEBTS).await?;
    let beside = cost(&town, &strangers).await?;
    Ok(vec![
        Figure::new("delivery_cpu_ms", each, "ms").limit(limits.sign).at_most(1.1),
        Figure::new("delivery_beside_silent_host_cpu_ms", beside, "ms").limit(each),
        Figure::new("first_delivery_s", first, "s").at_most(0.1),
    ])
}

/// The processor time of one delivery, its share of the message and of its page counted, in milliseconds.
async fn cost(town: &Town, strangers: &Strangers) -> Outcome<f64> {
    let child = town.serve().await?;
    let browser = Browser::of_town(town, child.address).await?;
    let mut costs = Vec::new();
    for round in 0..=ROUNDS {
        let before = child.cpu_ms()?;
        for number in 0..COUNT {
            strangers.take_arrivals();
            browser.open_thread(&town.community, &format!("Message {round} {number}")).await?;
            strangers.wait_for(HOSTS).await?;
            town.settle().await?;
        }
        costs.push((child.cpu_ms()? - before) / to_f64((HOSTS * COUNT) as u64));
    }
    // The first one warms up.
    costs.remove(0);
    Ok(median(costs))
}

/// From the sending of the form to the arrival at a host that was never contacted, in seconds.
async fn first_delivery(town: &Town, strangers: &Strangers) -> Outcome<f64> {
    let mut communities = Vec::new();
    for (number, name) in strangers.names.iter().enumerate().take(NEW_HOSTS) {
        let community = town.add_community(&format!("nouvelle-{number}")).await?;
        town.follow(&community, strangers, name).await?;
        communities.push(community);
    }
    let child = town.serve().await?;
    let browser = Browser::of_town(town, child.address).await?;
    let mut times = Vec::new();
    for community in &communities {
        strangers.take_arrivals();
        let sent = Instant::now();
        browser.open_thread(community, "Premier message").await?;
        strangers.wait_for(1).await?;
        let first = strangers.take_arrivals().first().map(|arrival| arrival.at).ok_or("nothing arrived")?;
        times.push(first.duration_since(sent).as_secs_f64());
        town.settle().await?;
    }
    Ok(median(times))
}
