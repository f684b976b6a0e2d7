//! What came of a delivery, and what to do after it.
//!
//! It deliberately does not count tries nor choose the next time: the queue does.

use bytes::Bytes;

use super::date;
use super::error::is_transient_status;

/// What a POST came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOutcome {
    /// The HTTP status.
    pub status: u16,
    /// Seconds to wait before the next try, if the server said so; at most a week.
    pub retry_after: Option<i64>,
    /// The beginning of the body, as far as it came in time.
    pub body_head: Bytes,
}

/// What to do after a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server has it.
    Delivered,
    /// The server may take it later: 408, 425, 429, 5xx.
    Retry,
    /// The server could not verify it: 401, which it also says while it cannot get our key.
    Unverified,
    /// The inbox is no more: 410.
    Gone,
    /// The server will not take it as it stands.
    Refused,
}

impl DeliveryOutcome {
    /// Reads the outcome. Mobilizon answers 200 with the body `"error"` where it means 401: refused.
    pub fn verdict(&self) -> Verdict {
        match self.status {
            200..=299 if self.body_head.trim_ascii() == br#""error""# => Verdict::Refused,
            200..=299 => Verdict::Delivered,
            410 => Verdict::Gone,
            401 => Verdict::Unverified,
            status if is_transient_status(status) => Verdict::Retry,
            _ => Verdict::Refused,
        }
    }
}

/// `Retry-After` in seconds from `now`, whether given so or as a date (RFC 9110, 10.2.3).
pub(crate) fn retry_after(line: &str, now: i64) -> Option<i64> {
    let line = line.trim();
    let seconds = match line.parse::<u32>() {
        Ok(seconds) => i64::from(seconds),
        Err(_) => date::parse(line)?.saturating_sub(now),
    };
    Some(seconds.clamp(0, 7 * 86_400))
}
