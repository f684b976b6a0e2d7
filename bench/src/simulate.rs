//! The simulation of the real thing: the communes of three départements, their people and their messages, over a network
//! with faults; who got how many copies, beside who should have.
//!
//! The instances are in this process, over databases in memory: only the network between them is replaced.

use crate::Outcome;
use crate::child::to_f64;
use clocher_simulation::network::Ground;
use clocher_simulation::territory::{Extent, THREE_DEPARTEMENTS};
use clocher_simulation::{Faults, Report, Stage, World};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Communes, at most.
    pub communes: usize,
    /// People.
    pub people: usize,
    /// Messages.
    pub messages: usize,
}

/// All of Ardèche, Drôme and Loire.
pub const WHOLE: Scale = Scale { communes: usize::MAX, people: 10_000, messages: 1_000 };

/// Messages that travel at the same time.
const AT_ONCE: usize = 10;

/// Simulates, and gives one object: what there was, and what became of it.
///
/// # Errors
/// Those of the use cases.
pub async fn run(scale: Scale, seed: u64) -> Outcome<serde_json::Value> {
    let extent = Extent {
        hosts: ".communes.example.org",
        departements: &THREE_DEPARTEMENTS,
        communes: scale.communes,
        networks: 60,
        moderated: true,
        people: scale.people,
        messages: scale.messages,
    };
    let world = World::of_territories(extent, &mut StdRng::seed_from_u64(seed));
    eprintln!(
        "{} instances, {} links, {} people …",
        world.instances.len(),
        world.links.len(),
        world.people.len()
    );
    let mut stage = Stage::raise(world, Ground::memory(), seed).await?;
    eprintln!("they stand, after {:.0} s of processor time; messages …", cpu_ms() / 1_000.0);
    stage.network.faults = Faults { killed: 0.000_5, replayed: 0.0, ..Faults::FOUL };
    let (cpu, before) = (cpu_ms(), stage.network.traffic());
    let mut written = Vec::new();
    for (number, message) in stage.world.messages.clone().iter().enumerate() {
        let ap_id = stage.write(message).await?;
        written.push(ap_id);
        if (number + 1) % AT_ONCE == 0 {
            stage.judge().await?;
            say_progress(number + 1, cpu_ms() - cpu, stage.network.traffic().deliveries - before.deliveries);
        }
    }
    stage.judge().await?;
    stage.network.settle_digests().await?;
    let (cpu, after) = (cpu_ms() - cpu, stage.network.traffic());
    eprintln!("counting copies …");
    let world = stage.world.clone();
    let timelines = Report::compare(&world, &stage.copies_on_timelines(&written).await?);
    let mail = stage.report_of_mail(&written);
    let messages = to_f64(written.len().try_into()?);
    Ok(json!({
        "communities": world.communities.len(),
        "instances": world.instances.len(),
        "people": world.people.len(),
        "messages": written.len(),
        "deliveries": after.deliveries - before.deliveries,
        "duplicates": timelines.duplicates + mail.duplicates,
        "missing": timelines.missing + mail.missing,
        "unentitled": timelines.unentitled + mail.unentitled,
        "copies_on_timelines": timelines.copies,
        "copies_by_mail": mail.copies,
        "deliveries_per_message": to_f64(after.deliveries - before.deliveries) / messages,
        "bytes_per_message": to_f64(after.bytes - before.bytes) / messages,
        "cpu_ms_per_message": cpu / messages,
    }))
}

fn say_progress(messages: usize, cpu: f64, deliveries: u64) {
    let count = to_f64(u64::try_from(messages).unwrap_or(u64::MAX));
    let each = to_f64(deliveries) / count;
    eprintln!("{messages} messages, {:.0} ms and {each:.0} deliveries each …", cpu / count);
}

/// The processor time that this process has taken, in milliseconds.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    to_f64(seconds) * 1_000.0 + to_f64(nanos) / 1_000_000.0
}
