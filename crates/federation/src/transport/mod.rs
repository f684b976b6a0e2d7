//! Everything that touches the wire between servers: keys, request signatures, checked connections,
//! bounded fetches, discovery.
//!
//! It deliberately knows nothing of activities, actors' rights or storage: it hands over bytes and
//! JSON whose origin, size and signature were checked, and says why it refused the rest.

pub mod accept;
pub mod address;
pub mod alternate;
pub mod canonical;
mod cavage;
pub mod client;
pub mod collection;
pub mod date;
mod digest;
pub mod error;
pub mod fetch;
pub mod forms;
pub mod json;
pub mod keys;
mod message_signature;
pub mod nodeinfo;
pub mod outcome;
pub mod proof;
pub mod signature;
pub mod signer;
pub mod webfinger;

pub use accept::{ACTIVITY_JSON, Accept};
pub use address::{AddressError, Scheme, TestHost, TestHosts, authority, read_address, same_origin};
pub use alternate::find_alternate;
pub use client::{Fetched, Http, Limits};
pub use collection::{CollectionLimits, Items, Walk, fetch_collection, fetch_page};
pub use error::FetchError;
pub use fetch::{Document, fetch_document};
pub use forms::{Form, HostForms, Known};
pub use json::{JsonError, JsonLimits};
pub use keys::{Ed25519Key, KeyError, KeyPool, Keyring, PublicKey, SigningKey};
pub use nodeinfo::{NodeInfo, fetch_nodeinfo};
pub use outcome::{DeliveryOutcome, Verdict};
pub use proof::{Proof, ProofError};
pub use signature::{BodyChecked, Headers, IncomingSignature, SignatureError};
pub use signer::Signer;
pub use webfinger::{Confirmed, Resolved, read_handle};

#[cfg(test)]
mod tests;
