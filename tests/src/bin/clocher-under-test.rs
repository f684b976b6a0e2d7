//! The program `clocher`, built for the tests of this crate: cargo hands a test only the programs of its own.

fn main() -> std::process::ExitCode {
    clocher_server::main(std::env::args_os())
}
