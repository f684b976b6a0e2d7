//! The `clocher` program.
//!
//! Only hands its arguments to the library.

fn main() -> std::process::ExitCode {
    clocher_server::main(std::env::args_os())
}
