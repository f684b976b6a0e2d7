//! The instances that a process serves, found by what stands in a request's `Host` header.
//!
//! Opens nothing and starts nothing: it is a table, by which these instances also match the addresses that each verified.

use clocher_app::ports::{Household, Later};
use clocher_app::{App, Result, joining};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Instances by their domain, in lower case.
#[derive(Default)]
pub struct Served(RwLock<HashMap<String, App>>);

impl Served {
    /// Adds an instance, in place of one of the same domain.
    pub fn put(&self, app: &App) {
        let domain = app.site().domain().to_ascii_lowercase();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(domain, app.clone());
    }

    /// Removes an instance; false where there was none.
    pub fn remove(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&domain).is_some()
    }

    /// The instance that answers for a host, written as in a `Host` header.
    ///
    /// An instance whose domain has a port answers at that port only; another one at any port, since a port
    /// that is forwarded to us says nothing of the name.
    pub fn find(&self, host: &str) -> Option<App> {
        let host = host.to_ascii_lowercase();
        let (name, port) = split(&host);
        let name = name.trim_end_matches('.');
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let with_port = port.and_then(|port| table.get(&format!("{name}:{port}")));
        with_port.or_else(|| table.get(name)).cloned()
    }

    /// The instance of exactly that domain.
    fn get(&self, domain: &str) -> Option<App> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        table.get(&domain.to_ascii_lowercase()).cloned()
    }

    fn all(&self) -> Vec<App> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The domains served, in order.
    pub fn domains(&self) -> Vec<String> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut domains: Vec<_> = table.keys().cloned().collect();
        domains.sort_unstable();
        domains
    }
}

impl Household for Served {
    fn who_verified<'a>(&'a self, app: &'a App, mail: &'a str) -> Later<'a, Result<Vec<(String, i64)>>> {
        Box::pin(async move {
            let mut verified = Vec::new();
            for other in self.all() {
                if other.site().domain() == app.site().domain() || other.desk().mail.is_none() {
                    continue;
                }
                match joining::since(&other, mail).await {
                    Ok(since) => {
                        verified.extend(since.map(|since| (other.site().domain().to_owned(), since)));
                    }
                    // A sibling whose database does not open has no say.
                    Err(error) => tracing::warn!(instance = other.site().domain(), %error, "not asked"),
                }
            }
            Ok(verified)
        })
    }

    fn join<'a>(&'a self, mail: &'a str, second: &'a str, home: &'a str) -> Later<'a, Result<()>> {
        Box::pin(async move {
            let (Some(second), Some(home)) = (self.get(second), self.get(home)) else { return Ok(()) };
            let ticket = joining::issue(&second, mail, home.site().domain()).await?;
            match ticket {
                Some(ticket) => joining::take(&home, mail, &ticket, second.site().domain()).await,
                None => Ok(()),
            }
        })
    }
}

/// A host and its port, if it has one. The colons of an IPv6 address in brackets part nothing.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clocher_app::{Site, SystemClock};
    use clocher_storage::{Db, Location};
    use std::sync::Arc;

    fn served(domains: &[&str]) -> Served {
        let served = Served::default();
        for domain in domains {
            let db = Db::new(Location::Sqlite("/nowhere/clocher.sqlite".into()));
            served.put(&App::new(db, Site::new("https", domain), Arc::new(SystemClock)));
        }
        served
    }

    fn found(served: &Served, host: &str) -> Option<String> {
        served.find(host).map(|app| app.site().domain().to_owned())
    }

    #[test]
    fn a_domain_answers_in_any_case_and_at_any_port() {
        let served = served(&["lamastre.fr"]);
        for host in ["lamastre.fr", "LAMASTRE.fr", "lamastre.fr.", "lamastre.fr:8080", "lamastre.fr.:443"] {
            assert_eq!(found(&served, host).as_deref(), Some("lamastre.fr"), "{host}");
        }
        for host in ["", ":", "fr", "www.lamastre.fr", "lamastre.fr:x", "[::1]", "[::1]:80", "127.0.0.1"] {
            assert_eq!(found(&served, host), None, "{host}");
        }
    }

    #[test]
    fn a_domain_with_a_port_answers_at_that_port_only() {
        let served = served(&["a.localhost:8080", "a.localhost:8081", "b.localhost"]);
        assert_eq!(found(&served, "A.localhost:8081").as_deref(), Some("a.localhost:8081"));
        assert_eq!(found(&served, "a.localhost"), None);
        assert_eq!(found(&served, "a.localhost:80"), None);
        assert_eq!(found(&served, "b.localhost:8081").as_deref(), Some("b.localhost"));
    }

    #[test]
    fn a_removed_domain_answers_no_more() {
        let served = served(&["a.fr", "b.fr"]);
        assert!(served.remove("A.fr"));
        assert!(!served.remove("a.fr"));
        assert_eq!(served.domains(), ["b.fr"]);
    }
}
