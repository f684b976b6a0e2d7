//! The `clocher` program: its command line, its configuration, and the process that serves instances.
//!
//! Wires the other crates together. Holds no rule, no SQL and no wire format.

pub mod admission;
mod cli;
pub mod configuration;
pub mod creation;
pub mod data;
pub mod demo;
mod descriptors;
pub mod domain;
pub mod doors;
pub mod failure;
pub mod language;
pub mod lock;
mod mailroom;
mod outbox_files;
pub mod process;
pub mod served;
pub mod signals;
mod staff;
mod summons;

pub use cli::main;
