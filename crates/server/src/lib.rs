//! The `clocher` program: its command line, its configuration, and the process that serves instances.
//!
//! Wires the other crates together. Holds no rule, no SQL and no wire format.

pub mod demo;
pub mod doors;
pub mod lock;
pub mod process;
pub mod served;
pub mod signals;
mod staff;
