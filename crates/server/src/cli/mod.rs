//! The command line: what was asked for, in whose language, and the exit code.
//!
//! Each command has its module. None decides anything: they call the use cases and print.

mod arguments;
mod channels;
mod claims;
mod communities;
mod demonstration;
mod domains;
mod explanation;
mod initial;
mod links;
mod print;
mod queues;
mod serving;
mod target;
mod territories;
mod users;

use crate::failure::{Failure, Outcome};
use crate::language::Language;
use arguments::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
use print::Printer;
use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

/// What would speak at each start and end, unless it is asked for by name.
const QUIET: &str = "actix_server=warn";

/// What a transaction is given to end after its command.
const AFTER_END: Duration = Duration::from_secs(2);

/// Runs the program with these arguments, the first of which is its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let language = Language::of_environment();
    let command = explanation::translate(Arguments::command(), language);
    let parsed =
        command.try_get_matches_from(arguments).and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return explanation::tell(&error, language),
    };
    match run(arguments.command, language) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::complain(&failure.text(language));
            ExitCode::from(failure.code())
        }
    }
}

fn run(command: Command, language: Language) -> Outcome {
    let printer = |json| Printer::new(json, language);
    match command {
        Command::Demo(demo) => awaited(demonstration::run(demo, language)),
        Command::Init(init) => awaited(initial::run(&init, printer(init.output.json))),
        Command::Serve(serve) => serving::run(&serve, printer(serve.output.json)),
        Command::Territory { command } => territories::run(&command, language),
        Command::User { command } => awaited(users::run(command, language)),
        Command::Community { command } => awaited(communities::run(command, language)),
        Command::Domain { command } => awaited(domains::run(command, language)),
        Command::Claim { command } => awaited(claims::run(command, language)),
        Command::Link { command } => awaited(links::run(command, language)),
        Command::Queue { command } => awaited(queues::run(command, language)),
        Command::Channel { command } => awaited(channels::run(command, language)),
        Command::Version(output) => {
            let version = env!("CARGO_PKG_VERSION");
            printer(output.json).data(
                || serde_json::json!({ "name": "clocher", "version": version }),
                |_| format!("clocher {version}"),
            );
            Ok(())
        }
    }
}

/// Runs a command to its end, saying of the program's inside only what went wrong.
fn awaited(command: impl Future<Output = Outcome>) -> Outcome {
    log_to_stderr("warn");
    block_on(command)
}

/// Runs a command to its end. Threads that still wait for a database then are left to themselves after a
/// moment.
fn block_on(command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = runtime()?;
    let outcome = runtime.block_on(command);
    runtime.shutdown_timeout(AFTER_END);
    outcome
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed("internal-failed").with("error", error))
}

/// Sends what the program says of its inside to the standard error, from that level.
fn log_to_stderr(level: &str) {
    use std::io::IsTerminal;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(format!("{QUIET},{level}")))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}
