//! The invariants of nesting, over random worlds in foul weather, against the oracle: each person gets each message
//! once, wherever it comes by, and nobody else gets it.
//!
//! Each world is made of a number; the same one is the same world. `CLOCHER_WORLDS=FROM-TO` plays others, and
//! `CLOCHER_COMMUNES=COUNT` more of a département.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use clocher_domain::time::DAY;
use clocher_simulation::network::Ground;
use clocher_simulation::territory::Extent;
use clocher_simulation::world::{Person, Relation};
use clocher_simulation::{Event, Faults, Report, Stage, Trial, World, trial};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::ops::Range;

/// The worlds that are played where nothing else is asked: in fair weather, in foul, and while instances are killed.
const USUAL: [Range<u64>; 3] = [0..12, 100..112, 200..212];

fn worlds(usual: Range<u64>) -> Range<u64> {
    let asked = std::env::var("CLOCHER_WORLDS").ok();
    let range = asked.as_deref().and_then(|range| range.split_once('-'));
    range.map_or(usual, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}

async fn each_world(numbers: Range<u64>, faults: Faults) {
    let mut failed = Vec::new();
    for number in worlds(numbers) {
        let world = trial::world(number);
        let wrong = match Box::pin(Trial::play(world.clone(), number, faults)).await {
            Ok(mut trial) => trial.wrongs().await.unwrap(),
            Err(error) => vec![error.to_string()],
        };
        if !wrong.is_empty() {
            eprintln!("world {number}: {wrong:#?}");
            failed.push((number, world));
        }
    }
    let numbers: Vec<u64> = failed.iter().map(|(number, _)| *number).collect();
    assert!(failed.is_empty(), "worlds {numbers:?}, the first of which is {:#?}", failed[0].1);
}

#[tokio::test]
async fn in_any_world_each_person_gets_each_message_once() {
    each_world(USUAL[0].clone(), Faults::default()).await;
}

#[tokio::test]
async fn in_foul_weather_too() {
    each_world(USUAL[1].clone(), Faults { killed: 0.0, ..Faults::FOUL }).await;
}

#[tokio::test]
async fn and_while_instances_are_killed() {
    each_world(USUAL[2].clone(), Faults::FOUL).await;
}

/// The first communes of Ardèche, with what is above them and networks beside them.
fn ardeche(communes: usize, messages: usize) -> World {
    let extent = Extent {
        hosts: ".communes.example.org",
        departements: &["07"],
        communes,
        networks: communes / 10,
        moderated: true,
        people: communes * 4,
        messages,
    };
    World::of_territories(extent, &mut StdRng::seed_from_u64(1))
}

#[tokio::test]
async fn in_the_communes_of_a_departement_each_person_gets_each_message_once() {
    let (communes, messages) = match std::env::var("CLOCHER_COMMUNES") {
        Ok(communes) => (communes.parse().unwrap(), 200),
        Err(_) => (10, 10),
    };
    let mut stage = Stage::raise(ardeche(communes, messages), Ground::memory(), 1).await.unwrap();
    stage.network.faults = Faults { killed: 0.002, ..Faults::FOUL };
    let mut written = Vec::new();
    for message in stage.world.messages.clone() {
        written.push(stage.write(&message).await.unwrap());
        stage.judge().await.unwrap();
        // Three threads of one author over one link, and twenty in all, are let in on a day without a moderator.
        stage.network.pass(DAY / 3);
    }
    stage.network.settle_digests().await.unwrap();
    let timelines = stage.copies_on_timelines(&written).await.unwrap();
    let reports = [Report::compare(&stage.world, &timelines), stage.report_of_mail(&written)];
    assert!(reports.iter().all(Report::is_clean), "{reports:?}");
    assert!(reports[0].copies > written.len() as u64, "{reports:?}");
}

/// Whether somebody writes where a reader hears of it on an instance of their own, two links away.
fn has_a_reader_two_links_away(world: &World) -> bool {
    let instance = |community: usize| world.communities[community].instance;
    let uppers = || world.links.iter().filter(|link| link.relation == Relation::Upper);
    uppers().any(|first| {
        uppers().filter(|second| second.one == first.other).any(|second| {
            let path = [first.one, first.other, second.other];
            let hosts = path.map(instance);
            let reads = |person: &Person| {
                !hosts.contains(&person.instance)
                    && person.follows.iter().any(|(followed, _)| *followed == path[2])
            };
            hosts[0] != hosts[1]
                && hosts[1] != hosts[2]
                && world.people.iter().any(reads)
                && world.messages.iter().any(|row| {
                    row.home == path[0] && row.reach.contains(&path[1]) && row.reach.contains(&path[2])
                })
        })
    })
}

#[test]
fn the_usual_worlds_have_whatever_may_happen() {
    let worlds: Vec<World> = USUAL.into_iter().flatten().map(trial::world).collect();
    let happens: [fn(&Event) -> bool; 12] = [
        |event| matches!(event, Event::Forge { .. }),
        |event| matches!(event, Event::Answer { .. }),
        |event| matches!(event, Event::Edit { refused_by, .. } if !refused_by.is_empty()),
        |event| matches!(event, Event::Edit { refused_by, .. } if refused_by.is_empty()),
        |event| matches!(event, Event::Reach { .. }),
        |event| matches!(event, Event::Withdraw { .. }),
        |event| matches!(event, Event::Delete(_)),
        |event| matches!(event, Event::Open(_)),
        |event| matches!(event, Event::Close { .. }),
        |event| matches!(event, Event::Policy { .. }),
        |event| matches!(event, Event::Restore(_)),
        |event| matches!(event, Event::Rest),
    ];
    for (number, happens) in happens.iter().enumerate() {
        assert!(worlds.iter().any(|world| world.events.iter().any(happens)), "the event {number}");
    }
    assert!(worlds.iter().any(has_a_reader_two_links_away));
    assert!(worlds.iter().any(|world| world.messages.iter().any(|message| !message.also.is_empty())));
    assert!(worlds.iter().any(|world| !world.joints.is_empty()));
}
