//! Chores of the project that are not part of the server: they make files that are then committed.
//!
//! Nothing here runs in a build or on a machine that serves.

mod cog;
mod cog_time;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
cargo run -p clocher-xtask -- CHORE

  cog DIR              makes crates/cog/data/cog-2026.bin from the unpacked npm package
                       @etalab/decoupage-administratif in DIR
  cog-time             measures searches and look-ups in that file (use --release)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["cog", directory] => cog::make(Path::new(directory)),
        ["cog-time"] => {
            cog_time::measure();
            Ok(())
        }
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
