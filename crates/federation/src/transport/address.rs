//! Which URLs may be asked for and which addresses may be connected to.
//!
//! It deliberately does not resolve names nor open connections: `client` does both, and asks here.
//! It keeps no list of blocked instances either; it only gives the one spelling under which a host
//! is compared.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use url::{Host, Url};

/// Longest URL accepted, in bytes.
pub const MAX_URL: usize = 2048;

/// Endings of names that never belong to a public server (RFC 6761, RFC 6762, RFC 7686, RFC 8375,
/// RFC 9476, and the usual names of home and office networks).
const PRIVATE_ENDINGS: [&str; 14] = [
    "local",
    "localhost",
    "internal",
    "intranet",
    "private",
    "lan",
    "home",
    "corp",
    "arpa",
    "onion",
    "alt",
    "test",
    "invalid",
    "example",
];

/// IPv4 blocks that are not public (IANA special-purpose registry; the last one is the address at
/// which a large hosting platform serves its machines' secrets).
const CLOSED_V4: [([u8; 4], u32); 18] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([168, 63, 129, 16], 32),
];

/// IPv6 blocks inside `2000::/3` that are not public, as their first 32 bits and a prefix length:
/// `2001::/23` (Teredo, benchmarks, ORCHID), `2001:db8::/32`, `2002::/16` (6to4), `3fff::/20`.
const CLOSED_V6: [(u32, u32); 4] =
    [(0x2001_0000, 23), (0x2001_0db8, 32), (0x2002_0000, 16), (0x3fff_0000, 20)];

/// Why a URL, a host or an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL, too long, or with characters that parsers disagree about.
    #[error("not an acceptable URL")]
    Malformed,
    /// Another scheme than https (http is for test hosts only).
    #[error("only https is asked")]
    Scheme,
    /// A user name or a password before the host.
    #[error("the URL carries a user name or a password")]
    UserInfo,
    /// An address in figures, a name without a dot, or a name of a private network.
    #[error("the host is not a public name")]
    Host,
    /// A test host's name with another scheme or port.
    #[error("a test host is asked with another scheme or port")]
    TestHost,
    /// The name resolves to no public address.
    #[error("the name leads to no public address")]
    Blocked,
}

impl AddressError {
    /// The permanent code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::Scheme => "url_scheme",
            Self::UserInfo => "url_userinfo",
            Self::Host => "url_host",
            Self::TestHost => "url_test_host",
            Self::Blocked => "address_blocked",
        }
    }
}

/// Tells whether a server at this address may be connected to: public unicast only (S14).
///
/// IPv6 is allow-listed (`2000::/3` less the blocks above), so that mapped, compatible, translated
/// (`64:ff9b::/96`), unique-local, link-local and multicast addresses are refused without being named.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !CLOSED_V4.iter().any(|(network, length)| {
        let shift = 32 - length;
        bits >> shift == Ipv4Addr::from(*network).to_bits() >> shift
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let head = (bits >> 96) as u32;
    bits >> 125 == 0b001
        && !CLOSED_V6.iter().any(|(network, length)| head >> (32 - length) == network >> (32 - length))
}

/// The scheme of a test host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain http.
    Http,
    /// https.
    Https,
}

impl Scheme {
    /// As written in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A host that may be reached over plain http or at a private address, in tests and in the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestHost {
    /// The only scheme it answers.
    pub scheme: Scheme,
    /// Its name, without port, in lower case.
    pub host: String,
    /// The port in its URLs.
    pub port: u16,
    /// Where it listens. For https only the address counts, not the port.
    pub address: SocketAddr,
}

/// The table of test hosts: empty on a real server, and given by code only.
#[derive(Debug, Clone, Default)]
pub struct TestHosts(Arc<[TestHost]>);

impl TestHosts {
    /// A table of these hosts.
    pub fn new(hosts: impl IntoIterator<Item = TestHost>) -> Self {
        Self(
            hosts.into_iter().map(|host| TestHost { host: host.host.to_ascii_lowercase(), ..host }).collect(),
        )
    }

    /// The test host that this URL names by host, port and scheme.
    pub fn find(&self, url: &Url) -> Option<&TestHost> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        self.0
            .iter()
            .find(|test| test.host == host && test.port == port && test.scheme.as_str() == url.scheme())
    }

    /// Addresses of the https test hosts of this name.
    pub(crate) fn addresses(&self, name: &str) -> Vec<SocketAddr> {
        let named = self.0.iter().filter(|test| test.host.eq_ignore_ascii_case(name));
        named.filter(|test| test.scheme == Scheme::Https).map(|test| test.address).collect()
    }

    fn names(&self, host: &str) -> bool {
        self.0.iter().any(|test| test.host == host)
    }

    /// Parses a URL that came from outside and says whether it may be asked (S11–S13, S16).
    ///
    /// https with any port (peers do run on others), no user name, no address in figures (also not
    /// in the decimal, octal or hexadecimal spellings that URL parsers accept), a dotted public
    /// name. A fragment is left in place; it is never sent. A test host is the exception to all but
    /// the user name, and its name is good for its own scheme and port only.
    pub fn check(&self, text: &str) -> Result<Url, AddressError> {
        let url = read_address(text)?;
        if self.find(&url).is_some() {
            return Ok(url);
        }
        if self.names(url.host_str().unwrap_or_default()) {
            return Err(AddressError::TestHost);
        }
        if url.scheme() != "https" {
            return Err(AddressError::Scheme);
        }
        match url.host() {
            Some(Host::Domain(name)) if is_public_name(name) && url.port() != Some(0) => Ok(url),
            _ => Err(AddressError::Host),
        }
    }

    /// The root URL of a host written as in a handle: `example.org`, `example.org:8443`, or a test
    /// host such as `alpha.test:4000`, which decides the scheme by its table row.
    pub fn base_url(&self, host: &str) -> Result<Url, AddressError> {
        let plain = format!("http://{host}/");
        let is_plain = Url::parse(&plain).is_ok_and(|url| self.find(&url).is_some());
        let url = self.check(&if is_plain { plain } else { format!("https://{host}/") })?;
        if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
            Ok(url)
        } else {
            Err(AddressError::Malformed)
        }
    }
}

/// Reads an address that came from outside and names something, whether or not that may be asked: every reader reads
/// the same in it (S16).
pub fn read_address(text: &str) -> Result<Url, AddressError> {
    if text.len() > MAX_URL || text.chars().any(is_doubtful) {
        return Err(AddressError::Malformed);
    }
    let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
    if url.username().is_empty() && url.password().is_none() { Ok(url) } else { Err(AddressError::UserInfo) }
}

/// Characters on which URL parsers disagree: blanks and controls are stripped by some (S16), a
/// backslash is a slash to some.
fn is_doubtful(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\\' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

fn is_public_name(name: &str) -> bool {
    let labels_fit = name.split('.').all(|label| (1..=63).contains(&label.len()));
    let ending = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.contains('.') && labels_fit && !PRIVATE_ENDINGS.contains(&ending)
}

/// Host and, unless it is the scheme's own, port: what stands in a `Host` header (RFC 9110, 7.2)
/// and after the `@` of a handle.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URL that a reference leads to from another one, whether whole or relative. None for one with blanks,
/// controls or backslashes, which joining would forgive.
pub(super) fn join(from: &Url, reference: &str) -> Option<Url> {
    let is_plain = |c: char| c.is_ascii_graphic() && c != '\\';
    if reference.is_empty() || !reference.chars().all(is_plain) {
        return None;
    }
    from.join(reference).ok()
}

/// Whether two URLs have scheme, host and port in common (RFC 6454). URLs without a host never do.
///
/// Ours, because the `ActivityPub` library compares hosts alone, and would take another port of the
/// same name for the same server.
pub fn same_origin(a: &Url, b: &Url) -> bool {
    a.has_host()
        && a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}
