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

/// After how many arrivals the process is killed, once each.
const MOMENTS: [usize; 5] = [10, 50, 100, 150, 190];
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
    let (mut lost, mut doubled) = (0, 0);
    for moment in MOMENTS {
        let got = kill_while_delivering(&town, &strangers, moment).await?;
        lost += HOSTS.saturating_sub(got.len());
        doubled += got.values().filter(|count| **count > 1).count();
    }
    let count = |count: usize| to_f64(count as u64);
    Ok(vec![
        Figure::new("kill_lost", count(lost + missing), "").at_most(0.0),
        Figure::new("kill_doubled", count(doubled), "").at_most(0.0),
    ])
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

/// How often each host got a message whose deliverer was killed after that many arrivals.
async fn kill_while_delivering(
    town: &Town,
    strangers: &Strangers,
    moment: usize,
) -> Outcome<HashMap<String, usize>> {
    strangers.take_arrivals();
    let child = town.serve().await?;
    let browser = Browser::sign_in(town, child.address).await?;
    browser.open_thread(&town.community, &format!("Message {moment}")).await?;
    strangers.wait_for(moment).await?;
    child.kill()?;
    let _child = town.serve().await?;
    town.settle().await?;
    let mut got = HashMap::new();
    for arrival in strangers.take_arrivals() {
        *got.entry(arrival.host).or_insert(0) += 1;
    }
    Ok(got)
}
