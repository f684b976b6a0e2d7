//! The configuration of the process and of its instances: files, then the environment, then flags.
//!
//! Knows no test hosts: nothing that is read here can make a server ask plain http or private addresses.

mod channels;
mod environment;
mod file;
mod instance;
mod nearest;
mod process;
mod source;

pub use channels::ChannelSettings;
pub use environment::Environment;
pub use instance::{Database, InstanceSettings};
pub use process::{ProcessSettings, TEMPLATE as PROCESS_TEMPLATE};
pub use source::{Source, Value};

/// The file of the process, in the data folder.
pub const PROCESS_FILE: &str = "clocher.toml";
/// The file of an instance, in its folder.
pub const INSTANCE_FILE: &str = "instance.toml";
