//! The addresses of an instance: every id and page of its own starts here.

use url::Url;

/// The origin of an instance, and the addresses below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    domain: String,
    base: String,
}

impl Site {
    /// The site of a domain (host, with its port where that is not the default one of the scheme).
    pub fn new(scheme: &str, domain: &str) -> Self {
        Self { domain: domain.to_owned(), base: format!("{scheme}://{domain}") }
    }

    /// Host, with its port where that is not the default one.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The host without its port.
    pub fn host_name(&self) -> &str {
        self.domain.split_once(':').map_or(self.domain.as_str(), |(name, _)| name)
    }

    /// `https`, or `http` for a test host.
    pub fn scheme(&self) -> &str {
        self.base.split_once(':').map_or("https", |(scheme, _)| scheme)
    }

    /// An address below the root; `path` begins with `/`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The instance actor.
    pub fn instance_actor(&self) -> String {
        self.address("/actor")
    }

    /// The shared inbox.
    pub fn shared_inbox(&self) -> String {
        self.address("/inbox")
    }

    /// A person.
    pub fn person(&self, name: &str) -> String {
        self.address(&format!("/u/{name}"))
    }

    /// A community.
    pub fn community(&self, name: &str) -> String {
        self.address(&format!("/c/{name}"))
    }

    /// The feed of a community.
    pub fn feed(&self, name: &str) -> String {
        self.address(&format!("/m/{name}"))
    }

    /// The collection of what the actor with that id follows.
    pub fn following(actor: &str) -> String {
        format!("{actor}/following")
    }

    /// The collection of the moderators of the community with that id.
    pub fn moderators(community: &str) -> String {
        format!("{community}/moderators")
    }

    /// The collection of the threads that the community with that id features.
    pub fn featured(community: &str) -> String {
        format!("{community}/featured")
    }

    /// The collection of the links of the community with that id.
    pub fn links(community: &str) -> String {
        format!("{community}/links")
    }

    /// What the community with that id says of one of its links.
    pub fn link(community: &str, id: i64) -> String {
        format!("{community}/links/{id}")
    }

    /// A top post.
    pub fn post(&self, id: i64) -> String {
        self.address(&format!("/post/{id}"))
    }

    /// A reply.
    pub fn comment(&self, id: i64) -> String {
        self.address(&format!("/comment/{id}"))
    }

    /// An activity.
    pub fn activity(&self, id: i64) -> String {
        self.address(&format!("/activity/{id}"))
    }

    /// Whether an address is of this instance: scheme, host and port compared.
    pub fn owns(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let Some(host) = url.host_str() else { return false };
        let domain = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        url.scheme() == self.scheme() && domain == self.domain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_ours_only_with_our_scheme_host_and_port() {
        let site = Site::new("http", "alpha.test:4000");
        assert!(site.owns("http://alpha.test:4000/post/1"));
        for other in [
            "https://alpha.test:4000/",
            "http://alpha.test/",
            "http://alpha.test:4001/",
            "http://beta.test:4000/",
            "alpha.test:4000",
        ] {
            assert!(!site.owns(other), "{other}");
        }
    }
}
