//! What is lost or done twice when the process is killed at work: in the middle of 200 deliveries, and right after
//! it accepted 310 activities.

use crate::browser::Browser;
use crate::child::to_f64;
use crate::delivering::HOSTS;
use crate::figure::Figure;
use crate::strangers::Strangers;
use crate::town::{SMALL, Town};
use crate::{Outcome, inbox, load};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// After how many arrivals the process is killed, once each.
const MOMENTS: [usize; 5] = [10, 50, 100, 150, 190];
/// For how long before the kill an answer must have been given to count as had: the time in which it crosses the
/// system, where two processes that are busy share two processors.
const HAD: Duration = Duration::from_millis(5);
/// Activities that are accepted before it is killed.
const ACCEPTED: usize = 310;

/// Measures it.
///
/// # Errors
/// Where the process does not do its work.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let strangers = Strangers::start(HOSTS)?;
    let mut town = Town::build(SMALL).await?;
    town.know(&strangers);
    let missing = kill_after_accepting(&town, &strangers).await?;
    for name in &strangers.names {
        town.follow(&town.community, &strangers, name).await?;
    }
    let mut done = Delivered::default();
    for moment in MOMENTS {
        kill_while_delivering(&town, &strangers, moment, &mut done).await?;
    }
    let count = |count: usize| to_f64(count as u64);
    Ok(vec![
        Figure::new("kill_lost", count(done.lost + missing), "").at_most(0.0),
        Figure::new("kill_doubled", count(done.doubled), "").at_most(0.0),
        Figure::new("kill_doubled_under_way", count(done.doubled_under_way), ""),
    ])
}

/// What became of deliveries whose deliverer was killed.
#[derive(Default)]
struct Delivered {
    /// They never arrived.
    lost: usize,
    /// They arrived twice, though the first had been answered before the kill.
    doubled: usize,
    /// They arrived twice, and the answer was under way when the process was killed.
    doubled_under_way: usize,
}

/// How many of the activities that were accepted are not there after a kill.
async fn kill_after_accepting(town: &Town, strangers: &Strangers) -> Outcome<usize> {
    let before = inbox::visible(town).await?;
    let child = town.serve().await?;
    let client = load::client()?;
    for request in inbox::requests(town, strangers, "kill", ACCEPTED)? {
        request.send(&client, child.address).await?;
    }
    child.kill()?;
    let _child = town.serve().await?;
    town.settle().await?;
    Ok(ACCEPTED.saturating_sub(inbox::visible(town).await?.saturating_sub(before)))
}

/// Tells every host of a message, and kills the process after that many arrivals.
async fn kill_while_delivering(
    town: &Town,
    strangers: &Strangers,
    moment: usize,
    done: &mut Delivered,
) -> Outcome {
    strangers.take_arrivals();
    let child = town.serve().await?;
    let browser = Browser::of_town(town, child.address).await?;
    browser.open_thread(&town.community, &format!("Message {moment}")).await?;
    strangers.wait_for(moment).await?;
    let killed = Instant::now();
    child.kill()?;
    let _child = town.serve().await?;
    town.settle().await?;
    let mut got: HashMap<String, Vec<Instant>> = HashMap::new();
    for arrival in strangers.take_arrivals() {
        got.entry(arrival.host).or_default().push(arrival.at);
    }
    done.lost += HOSTS.saturating_sub(got.len());
    for first in got.values().filter(|times| times.len() > 1).filter_map(|times| times.first()) {
        if killed.saturating_duration_since(*first) >= HAD {
            done.doubled += 1;
        } else {
            done.doubled_under_way += 1;
        }
    }
    Ok(())
}
