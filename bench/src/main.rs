//! Benchmarks of the whole server: processor time, memory and start of a real process, measured from outside.
//!
//! The server runs as a child process; the load, the other servers and the browser run in this one, so that what
//! they cost does not count. Each figure stands beside the limit that the same machine sets in the same run: the
//! bare operation, without us.

mod browser;
mod child;
mod delivering;
mod figure;
mod host;
mod inbox;
mod kill;
mod limits;
mod load;
mod memory;
mod mesh;
mod reading;
mod simulate;
mod starting;
mod strangers;
mod town;

use clap::{Parser, Subcommand};
use figure::{Figure, print};
use std::path::PathBuf;
use std::process::ExitCode;

/// What any part of a benchmark ends with.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures what the server costs. Example: `cargo run --release -p clocher-bench -- all`
#[derive(Debug, Parser)]
#[command(name = "clocher-bench")]
struct Arguments {
    /// Print one JSON object a line: `{"name", "value", "unit", "limit"}`.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Measure {
    /// What others read: an actor, a thread of 300 replies, pages.
    Read,
    /// Messages of other servers, from receipt to visible.
    Inbox,
    /// Telling 200 other servers of a message.
    Deliver,
    /// Resident memory, of one instance and of 269.
    Memory,
    /// From the start of the process to its first page, over ten thousand messages.
    Start,
    /// What is lost or doubled when the process is killed at work.
    Kill,
}

impl Measure {
    const ALL: [Self; 6] = [Self::Read, Self::Inbox, Self::Deliver, Self::Memory, Self::Start, Self::Kill];

    async fn run(self) -> Outcome<Vec<Figure>> {
        match self {
            Self::Read => reading::measure().await,
            Self::Inbox => inbox::measure().await,
            Self::Deliver => delivering::measure().await,
            Self::Memory => memory::measure().await,
            Self::Start => starting::measure().await,
            Self::Kill => kill::measure().await,
        }
    }
}

/// What the program does.
#[derive(Clone, Debug, Subcommand)]
enum What {
    #[command(flatten)]
    One(Measure),
    /// All of it.
    All,
    /// The communes of three départements, over a simulated network with faults: copies per person. One JSON object.
    Simulate {
        /// Communes at most; all 1,017 where nothing is said.
        #[arg(long)]
        communes: Option<usize>,
        /// People.
        #[arg(long, default_value_t = simulate::WHOLE.people)]
        people: usize,
        /// Messages.
        #[arg(long, default_value_t = simulate::WHOLE.messages)]
        messages: usize,
        /// From which everything random comes.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The communes of a département in one process of the real server, over signed HTTP: the same report.
    Mesh {
        /// Communes, besides what is above them; several numbers for several runs.
        #[arg(long, num_args = 1.., default_values_t = mesh::SIZES)]
        communes: Vec<usize>,
        /// Messages.
        #[arg(long, default_value_t = mesh::MESSAGES)]
        messages: usize,
    },
    /// The process that is measured: serves the instances of a folder.
    #[command(hide = true)]
    Server {
        /// The folder.
        folder: PathBuf,
    },
    /// The limit of what is read: answers everything with that many bytes.
    #[command(hide = true)]
    Bare {
        /// Where it listens.
        port: u16,
        /// The length of its answers.
        bytes: usize,
    },
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Arguments { json, what } = Arguments::parse();
    match run(what, json).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clocher-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(what: What, json: bool) -> Outcome {
    match what {
        What::Server { folder } => host::serve(&folder).await,
        What::Bare { port, bytes } => host::serve_bare(port, bytes).await,
        What::One(measure) => print(&measure.run().await?, json),
        What::Simulate { communes, people, messages, seed } => {
            let communes = communes.unwrap_or(simulate::WHOLE.communes);
            println!("{}", simulate::run(simulate::Scale { communes, people, messages }, seed).await?);
            Ok(())
        }
        What::Mesh { communes, messages } => {
            for count in communes {
                println!("{}", mesh::run(count, messages).await?);
            }
            Ok(())
        }
        What::All => {
            let mut figures = Vec::new();
            for measure in Measure::ALL {
                eprintln!("{measure:?} …");
                figures.extend(measure.run().await?);
            }
            print(&figures, json)
        }
    }
}
