//! Which domains this instance has nothing to do with.

use crate::{App, Error, Result};
use clocher_domain::Refusal;
use clocher_storage::Conn;
use clocher_storage::domains::{self, DomainRuleRow};

/// A domain as it is compared: the ASCII form that addresses have, in lower case, without port or final dot.
///
/// # Errors
/// `InvalidName` for what is not a domain.
pub fn normalise(domain: &str) -> Result<String, Refusal> {
    let text = domain.trim().trim_end_matches('.');
    let parsed = url::Url::parse(&format!("https://{text}/")).map_err(|_| Refusal::InvalidName)?;
    let host = parsed.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    let plain = parsed.username().is_empty() && parsed.path() == "/" && parsed.query().is_none();
    if host.split('.').any(str::is_empty) || !plain {
        Err(Refusal::InvalidName)
    } else {
        Ok(host.to_lowercase())
    }
}

/// Sets the rule of a domain and those below it: `block` or `allow`.
///
/// # Errors
/// `InvalidName`.
pub async fn set(app: &App, domain: &str, block: bool, reason: String) -> Result<()> {
    let domain = normalise(domain)?;
    let rule = if block { domains::BLOCK } else { domains::ALLOW };
    app.write(move |deed| {
        let row = DomainRuleRow { domain, rule: rule.to_owned(), reason, created_at: deed.now() };
        domains::put(deed.conn, &row)
    })
    .await
}

/// Removes the rule of a domain.
///
/// # Errors
/// `InvalidName`, `NotFound`.
pub async fn remove(app: &App, domain: &str) -> Result<()> {
    let domain = normalise(domain)?;
    app.write(move |deed| {
        let removed = domains::remove(deed.conn, &domain)?;
        if removed { Ok(()) } else { Err(Error::from(Refusal::NotFound)) }
    })
    .await
}

/// All rules, by domain.
///
/// # Errors
/// Those of storage.
pub async fn list(app: &App) -> Result<Vec<DomainRuleRow>> {
    app.read(domains::list).await
}

/// Whether this instance has nothing to do with a host (with or without port).
///
/// # Errors
/// `DomainBlocked`; those of storage.
pub async fn check(app: &App, host: &str) -> Result<()> {
    let host = host.to_owned();
    let blocked = app.read(move |conn| is_blocked(conn, &host)).await?;
    if blocked { Err(Refusal::DomainBlocked.into()) } else { Ok(()) }
}

/// The same for whoever reads or writes anyway.
///
/// # Errors
/// `InvalidName` for what is not a host; those of storage.
pub fn is_blocked(conn: &mut Conn, host: &str) -> Result<bool> {
    Ok(domains::is_blocked(conn, &normalise(host)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s17_the_ways_to_write_a_domain_are_one() {
        for way in [
            "example.org",
            "EXAMPLE.org.",
            "example.org:443",
            "example.org:8443",
            "ｅxample．org",
            " example.org ",
        ] {
            assert_eq!(normalise(way).as_deref(), Ok("example.org"), "{way}");
        }
        assert_eq!(normalise("mairie-é.fr").as_deref(), Ok("xn--mairie--hya.fr"));
        for bad in ["", "a/b", "a@b", "a b", "?", ".", "a..b", "a.7..:8443"] {
            assert!(normalise(bad).is_err(), "{bad}");
        }
    }
}
