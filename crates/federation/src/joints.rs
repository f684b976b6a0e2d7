//! What two instances say to each other of an address that its holder joined: an `Offer` of a `MailHome`, in six steps. It
//! names no address.

/// The type of the object.
pub const MAIL_HOME: &str = "MailHome";
