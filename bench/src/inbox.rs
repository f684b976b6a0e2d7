//! What receiving costs: a `Create` of somebody elsewhere, from receipt to visible, with everything that it entails.

use crate::child::{Child, to_f64};
use crate::figure::{Figure, median};
use crate::limits::Limits;
use crate::strangers::{Signed, Strangers};
use crate::town::{SMALL, Town};
use crate::{Outcome, load};
use clocher_storage::posts;
use serde_json::json;

/// Servers that send.
const SENDERS: usize = 5;
/// Messages before anything is measured: the keys of the senders are fetched meanwhile.
const WARM_UP: usize = 50;
/// Messages of a round.
const COUNT: usize = 310;
/// Rounds.
const ROUNDS: usize = 3;
/// Servers that follow the community, in the second figure.
const FOLLOWERS: usize = 20;

/// Measures it.
///
/// # Errors
/// Where something is not accepted.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let strangers = Strangers::start(SENDERS.max(FOLLOWERS))?;
    let mut town = Town::build(SMALL).await?;
    town.know(&strangers);
    let limits = Limits::measure(town.folder())?;
    let alone = cost(&town, &strangers, "a", ROUNDS, COUNT).await?;
    for name in strangers.names.iter().take(FOLLOWERS) {
        town.follow(&town.community, &strangers, name).await?;
    }
    let relayed = cost(&town, &strangers, "b", 1, COUNT).await?;
    let bare = limits.insert + limits.verify;
    let mut figures = vec![
        Figure::new("inbox_create_cpu_ms", alone, "ms").limit(bare).at_most(1.0),
        Figure::new("inbox_create_20_followers_cpu_ms", relayed, "ms")
            .limit(bare + limits.sign * to_f64(FOLLOWERS as u64)),
    ];
    figures.extend(limits.figures());
    Ok(figures)
}

/// The processor time of one message, of everything that the process does until it owes nothing, in milliseconds.
async fn cost(town: &Town, strangers: &Strangers, series: &str, rounds: usize, count: usize) -> Outcome<f64> {
    let child = town.serve().await?;
    send(town, &child, requests(town, strangers, &format!("{series}-warm-up"), WARM_UP)?).await?;
    let mut costs = Vec::new();
    for round in 0..rounds {
        let requests = requests(town, strangers, &format!("{series}-{round}"), count)?;
        let (visible, before) = (visible(town).await?, child.cpu_ms()?);
        send(town, &child, requests).await?;
        costs.push((child.cpu_ms()? - before) / to_f64(count as u64));
        let arrived = visible_since(town, visible).await?;
        if arrived != count {
            return Err(format!("{arrived} of {count} messages stand in the thread").into());
        }
    }
    Ok(median(costs))
}

/// Sends requests one after the other, and waits until everything is done that they entail.
async fn send(town: &Town, child: &Child, requests: Vec<Signed>) -> Outcome {
    let client = load::client()?;
    for request in requests {
        request.send(&client, child.address).await?;
    }
    town.settle().await
}

/// Signed replies to the long thread, each another, by several people elsewhere.
///
/// # Errors
/// Where they cannot be signed.
pub fn requests(town: &Town, strangers: &Strangers, series: &str, count: usize) -> Outcome<Vec<Signed>> {
    let senders = strangers.names.iter().take(SENDERS).cycle();
    let mut requests = Vec::new();
    for (number, name) in (0..count).zip(senders) {
        let person = strangers.person(name);
        let id = format!("{person}/notes/{series}-{number}");
        let (to, cc) = (["https://www.w3.org/ns/activitystreams#Public"], [&town.community.ap_id]);
        let note = json!({
            "id": id,
            "type": "Note",
            "attributedTo": person,
            "audience": town.community.ap_id,
            "inReplyTo": town.thread.ap_id,
            "content": format!("<p>Message {number} : il reste des places, <a href=\"https://loin.example/\">voir ici</a>.</p>"),
            "published": "2026-01-01T12:00:00Z",
            "to": to,
            "cc": cc,
        });
        let create = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{id}/create"),
            "type": "Create",
            "actor": person,
            "object": note,
            "audience": town.community.ap_id,
            "to": to,
            "cc": cc,
        });
        requests.push(strangers.sign(name, town.domain(), &create)?);
    }
    Ok(requests)
}

/// How many messages stand in the long thread.
///
/// # Errors
/// Those of storage.
pub async fn visible(town: &Town) -> Outcome<usize> {
    let thread = town.thread.id;
    Ok(town.app.read(move |conn| posts::list_thread(conn, thread, None, 1_000_000)).await?.len())
}

async fn visible_since(town: &Town, before: usize) -> Outcome<usize> {
    Ok(visible(town).await?.saturating_sub(before))
}
