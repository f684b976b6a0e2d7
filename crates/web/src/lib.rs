//! The door for people: pages in French and English, made on the server, that need no JavaScript.
//!
//! Translates requests into use cases of `app`, and their answers into HTML. Decides nothing, and knows
//! neither SQL nor ActivityPub.

mod actor_name;
mod assets;
mod date;
mod error;
mod forms;
mod headers;
mod headings;
mod language;
mod limits;
mod lookup;
mod pages;
mod place;
mod routes;
mod session;

pub use pages::failure::{not_found, unknown_host};
pub use routes::routes;
