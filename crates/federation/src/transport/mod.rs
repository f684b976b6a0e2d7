//! Everything that touches the wire between servers: keys, request signatures, checked connections,
//! bounded fetches, discovery.
//!
//! It deliberately knows nothing of activities, actors' rights or storage: it hands over bytes and
//! JSON whose origin, size and signature were checked, and says why it refused the rest.

pub mod address;
pub mod client;
pub mod collection;
pub mod error;
pub mod fetch;
pub mod json;
pub mod keys;
pub mod nodeinfo;
pub mod signature;
pub mod webfinger;

pub use address::{AddressError, Scheme, TestHost, TestHosts, authority, same_origin};
pub use client::{Accept, DeliveryOutcome, Fetched, Http, Limits, Verdict};
pub use collection::{CollectionLimits, Items, fetch_collection};
pub use error::FetchError;
pub use fetch::{Document, fetch_document};
pub use json::{JsonError, JsonLimits};
pub use keys::{Ed25519Key, KeyError, KeyPool, Keyring, PublicKey, SigningKey};
pub use nodeinfo::{NodeInfo, fetch_nodeinfo};
pub use signature::{BodyChecked, Headers, IncomingSignature, SignatureError, Signer};
pub use webfinger::{Confirmed, Handle, Resolved};
