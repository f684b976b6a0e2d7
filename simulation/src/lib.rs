//! Whole worlds of instances in one process, in a time of their own: the real use cases over the real storage, in
//! memory, with the real federation; only the network between them is replaced, by one that has faults.
//!
//! What a world should come to is computed by an [`oracle`] that shares no rule with the program. The benchmarks
//! and the property tests run the same worlds.

mod checks;
pub mod course;
pub mod events;
mod forging;
mod moderators;
pub mod network;
pub mod oracle;
pub mod post_office;
pub mod report;
pub mod scenario;
pub mod stage;
pub mod territory;
pub mod trial;
pub mod world;

pub use course::Course;
pub use events::Event;
pub use network::{Faults, Network};
pub use report::{Copies, Report};
pub use stage::Stage;
pub use trial::Trial;
pub use world::World;

/// What any part of a simulation ends with.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
