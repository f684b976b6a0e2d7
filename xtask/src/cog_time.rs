//! How long searches and look-ups take, for people to read: run it in release.
//!
//! Judges nothing: no test depends on a duration.

use std::hint::black_box;
use std::time::{Duration, Instant};

use clocher_domain::territory::Level;

/// Searches from the rarest to the most common words, and some meant to cost.
const SEARCHES: [&str; 16] = [
    "Privas",
    "saint étienne",
    "ST ETIENNE",
    "l'abergement clemenciat",
    "CC du Bassin d'Annonay",
    "communauté de communes",
    "antraigues asperjoc",
    "saint",
    "sa",
    "e",
    "a e i",
    "s e s a i n t",
    "ain in",
    "07110",
    "xyzzy",
    "Étoile-sur-Rhône et de la Vallée du Ciel qui n'existe pas",
];

/// Times each chosen search, and the look-ups, and prints the mean and the worst of many runs.
pub fn measure() {
    let started = Instant::now();
    black_box(clocher_cog::find(Level::Commune, "07186"));
    println!("{:>12} first look-up", text(started.elapsed()));
    let started = Instant::now();
    black_box(clocher_cog::search("Privas", 10));
    println!("{:>12} first search\n{:>12} {:>12}", text(started.elapsed()), "mean", "worst");
    for words in SEARCHES {
        time(&format!("search {words:?}"), || clocher_cog::search(words, 20).len());
    }
    let huge = "saint ".repeat(170_000);
    time("search 1 MB of text", || clocher_cog::search(&huge, 20).len());
    time("by_exact_name Lemps", || clocher_cog::by_exact_name(Level::Commune, "Lemps").len());
    time("resolve 07016", || usize::from(clocher_cog::resolve("07016").territory().is_some()));
    time("by_postal_code 07110", || clocher_cog::by_postal_code("07110").len());
    if let Some(epci) = clocher_cog::find(Level::Epci, "200073096") {
        time("parents of an EPCI", || clocher_cog::parents(&epci).len());
        time("communes of an EPCI", || clocher_cog::children(&epci, Level::Commune).len());
    }
    if let Some(departement) = clocher_cog::find(Level::Departement, "07") {
        time("EPCI of a département", || clocher_cog::children(&departement, Level::Epci).len());
    }
}

fn time(what: &str, run: impl Fn() -> usize) {
    const RUNS: u32 = 200;
    let mut found = 0;
    let (mut total, mut worst) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..RUNS {
        let started = Instant::now();
        found = black_box(run());
        let taken = started.elapsed();
        total += taken;
        worst = worst.max(taken);
    }
    println!("{:>12} {:>12} {what}: {found}", text(total / RUNS), text(worst));
}

fn text(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1000.0)
}
