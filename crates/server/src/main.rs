//! The `clocher` program.
//!
//! Only hands its arguments to the library.

fn main() {}
