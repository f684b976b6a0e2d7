//! HTTP dates.
//!
//! It deliberately never asks what time it is.

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

/// A time in seconds since 1970 as an HTTP date (RFC 9110, 5.6.7); none beyond the year 9999.
pub fn format(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}

/// An HTTP date as seconds since 1970.
pub fn parse(text: &str) -> Option<i64> {
    DateTimeParser::new().parse_timestamp(text).ok().map(Timestamp::as_second)
}
