//! How often somebody may try to sign in, by the account tried and by the address it is tried from.
//!
//! The one thing that the instances and threads of a process share: an attempt is an attempt, whatever
//! thread answers it. It holds hashes only, forgets them after a minute, and has a largest size.

use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// Attempts a minute on one account of one instance, from one address.
const PER_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Attempts a minute on one account of one instance, from everywhere: so many that a stranger who keeps its owner
/// out must work for it, and so few that a password is not guessed.
const PER_ACCOUNT_IN_ALL: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Attempts a minute on one instance from one address: generous, as a whole school may share it.
const PER_PEER: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Accounts or addresses remembered at most.
const MOST: usize = 50_000;

static SIGN_IN: LazyLock<Limits> = LazyLock::new(Limits::default);

struct Limits {
    hasher: RandomState,
    accounts: DefaultKeyedRateLimiter<u64>,
    accounts_in_all: DefaultKeyedRateLimiter<u64>,
    peers: DefaultKeyedRateLimiter<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            accounts: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_ACCOUNT)),
            accounts_in_all: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_ACCOUNT_IN_ALL)),
            peers: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_PEER)),
        }
    }
}

/// Whether one more attempt to sign in is allowed, which this call counts.
pub fn may_try(instance: &str, account: &str, peer: Option<IpAddr>) -> bool {
    SIGN_IN.may_try(instance, account, peer)
}

impl Limits {
    fn may_try(&self, instance: &str, account: &str, peer: Option<IpAddr>) -> bool {
        let account = account.trim().to_lowercase();
        // Behind a proxy of this machine everybody has its address: it says nothing about anybody.
        let network = peer.filter(|peer| !peer.to_canonical().is_loopback()).map(network);
        network.is_none_or(|network| allows(&self.peers, self.hasher.hash_one((instance, network))))
            && allows(&self.accounts, self.hasher.hash_one((instance, &account, network)))
            && allows(&self.accounts_in_all, self.hasher.hash_one((instance, &account)))
    }
}

fn allows(limiter: &DefaultKeyedRateLimiter<u64>, key: u64) -> bool {
    if limiter.len() >= MOST {
        limiter.retain_recent();
    }
    limiter.len() < MOST && limiter.check_key(&key).is_ok()
}

/// What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 one.
fn network(peer: IpAddr) -> u64 {
    match peer.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_on_one_account_within_a_minute_is_refused() {
        let limits = Limits::default();
        for _ in 0..10 {
            assert!(limits.may_try("alpha.test", "Marie", None));
        }
        assert!(!limits.may_try("alpha.test", " marie", None));
        assert!(limits.may_try("beta.test", "marie", None), "another instance has another Marie");
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let limits = Limits::default();
        let tried = |last: u16| {
            let peer = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
            limits.may_try("alpha.test", &format!("name{last}"), Some(peer))
        };
        assert!((0..60).all(tried));
        assert!(!tried(60));
    }
}
