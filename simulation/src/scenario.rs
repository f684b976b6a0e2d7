//! Stories with a known end, where random worlds do not lead: what is withdrawn and deleted, what is named to whom, what
//! a database from a backup sends. Each says what is wrong with its end, a line each.

use crate::network::Ground;
use crate::world::{
    Accepts, Community, Instance, Link, Message, Mode, OPEN, Person, Policy, Relation, World,
};
use crate::{Outcome, Stage};

/// Somebody: the instance of the account, and what they follow.
type Villager<'a> = (usize, &'a [(usize, Mode)]);

fn world(
    communities: &[(usize, bool)],
    links: &[(usize, usize, Relation)],
    people: &[Villager<'_>],
) -> World {
    let instances =
        communities.iter().map(|(instance, _)| instance).chain(people.iter().map(|(instance, _)| instance));
    let count = instances.max().map_or(0, |last| last + 1);
    let community = |(number, (instance, closed)): (usize, &(usize, bool))| Community {
        instance: *instance,
        name: format!("c{number}"),
        closed: *closed,
    };
    let person = |(number, (instance, follows)): (usize, &Villager<'_>)| Person {
        instance: *instance,
        name: format!("p{number}"),
        mail: format!("p{number}@mail.example"),
        follows: follows.to_vec(),
    };
    let link = |(one, other, relation): &(usize, usize, Relation)| Link {
        one: *one,
        other: *other,
        relation: *relation,
        policies: [OPEN, OPEN],
        is_late: false,
    };
    World {
        instances: (0..count)
            .map(|number| Instance { host: format!("i{number}.communes.example.org") })
            .collect(),
        communities: communities.iter().enumerate().map(community).collect(),
        links: links.iter().map(link).collect(),
        people: people.iter().enumerate().map(person).collect(),
        ..World::default()
    }
}

fn message(author: usize, home: usize, reach: &[usize]) -> Message {
    let (also, answers, refused_by) = (Vec::new(), Vec::new(), Vec::new());
    Message { author, home, also, reach: reach.to_vec(), down: false, answers, refused_by }
}

/// A thread is placed above its home, read on a third instance, withdrawn there and then deleted: the deletion comes to
/// the third instance too.
///
/// # Errors
/// Those of the use cases.
pub async fn withdrawn_then_deleted() -> Outcome<Vec<String>> {
    let world =
        world(&[(0, false), (1, false)], &[(0, 1, Relation::Upper)], &[(0, &[]), (2, &[(1, Mode::None)])]);
    let mut stage = Stage::raise(world, Ground::memory(), 1).await?;
    let ap_id = stage.write(&message(0, 0, &[1])).await?;
    stage.network.settle().await?;
    let mut wrong = Vec::new();
    if !stage.has(2, &ap_id).await? {
        wrong.push("the reader on a third instance does not have the thread".to_owned());
    }
    stage.withdraw(1, &ap_id).await?;
    stage.network.settle().await?;
    stage.delete(0, &ap_id).await?;
    stage.network.settle().await?;
    for instance in 0..3 {
        if !stage.is_gone(instance, &ap_id).await? {
            wrong.push(format!("{instance} still has what was deleted after it was withdrawn"));
        }
    }
    Ok(wrong)
}

/// A thread comes to a community from beside, and then from below: the second way alone goes on upward, and tells nobody
/// anything.
///
/// # Errors
/// Those of the use cases.
pub async fn two_ways() -> Outcome<Vec<String>> {
    let [up, beside] = [Relation::Upper, Relation::Peer];
    let links = [(0, 2, beside), (0, 1, up), (1, 2, up), (2, 3, up)];
    let communities = [(0, false), (1, false), (2, false), (3, false)];
    let mut world = world(&communities, &links, &[(0, &[])]);
    if let Some(link) = world.links.get_mut(1) {
        // What comes from below waits for a moderator, and so comes last.
        link.policies = [OPEN, Policy { accepts: Accepts::Moderated, ..OPEN }];
    }
    let mut stage = Stage::raise(world, Ground::memory(), 4).await?;
    let ap_id = stage.write(&message(0, 0, &[1, 2, 3])).await?;
    stage.network.settle().await?;
    stage.judge().await?;
    let mut wrong = Vec::new();
    let placed = stage.placed(&ap_id).await?;
    if placed.len() != 4 {
        wrong.push(format!("it stands in {placed:?} alone"));
    }
    for (community, announces) in stage.count_announces(&ap_id).await? {
        if announces != 1 {
            wrong.push(format!("{community} announced it {announces} times"));
        }
    }
    Ok(wrong)
}

/// Somebody of a closed community writes in an open one: nobody outside learns, from a footer, that there is the closed
/// one.
///
/// # Errors
/// Those of the use cases.
pub async fn closed_is_not_named() -> Outcome<Vec<String>> {
    let member: &[(usize, Mode)] = &[(0, Mode::Immediate), (1, Mode::Immediate)];
    let world =
        world(&[(0, false), (0, true)], &[], &[(0, member), (0, &[(0, Mode::Immediate)]), (0, member)]);
    let mut stage = Stage::raise(world, Ground::memory(), 2).await?;
    for home in [0, 1] {
        stage.write(&message(0, home, &[])).await?;
        stage.network.settle().await?;
    }
    let closed = stage.id_of(1)?;
    let named = |person: usize| stage.network.post_office.named(&format!("p{person}@mail.example"));
    let mut wrong = Vec::new();
    if named(1).contains(&closed) {
        wrong.push("a footer names a closed community to a stranger".to_owned());
    }
    if !named(2).contains(&closed) {
        wrong.push("a member gets no mail of the closed community".to_owned());
    }
    Ok(wrong)
}

/// An instance is restored from a backup: what it had sent since is not sent again, nor what it owed, until an
/// administrator says that it is the only one.
///
/// # Errors
/// Those of the use cases.
pub async fn restored_from_backup() -> Outcome<Vec<String>> {
    let world = world(&[(0, false)], &[], &[(0, &[]), (0, &[(0, Mode::Immediate)])]);
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("backup");
    let mut stage = Stage::raise(world, Ground::files(folder.path()), 3).await?;
    // Two letters are written, and not sent yet, when the backup is made.
    stage.network.hold_mail(true);
    let mut written = Vec::new();
    for _ in 0..2 {
        written.push(stage.write(&message(0, 0, &[])).await?);
    }
    stage.network.settle().await?;
    stage.network.back_up(0, &backup).await?;
    stage.network.hold_mail(false);
    stage.network.settle().await?;
    let mut wrong = Vec::new();
    check_copies(&stage, &written, "before the restore", &mut wrong);
    stage.network.restore(0, &backup).await?;
    stage.network.settle().await?;
    check_copies(&stage, &written, "after the restore", &mut wrong);
    stage.network.confirm(0).await?;
    stage.network.settle().await?;
    check_copies(&stage, &written, "after it was confirmed", &mut wrong);
    let next = stage.write(&message(0, 0, &[])).await?;
    stage.network.settle().await?;
    check_copies(&stage, &[next], "of what was written then", &mut wrong);
    Ok(wrong)
}

fn check_copies(stage: &Stage, written: &[String], when: &str, wrong: &mut Vec<String>) {
    for ap_id in written {
        let copies = stage.network.post_office.copies("p1@mail.example", ap_id);
        if copies != 1 {
            wrong.push(format!("{copies} copies {when}"));
        }
    }
}
