//! Dates as people read them, in the time of Paris.
//!
//! Reads no clock.

use crate::language::Lang;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::LazyLock;

static PARIS: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC));

/// An instant on a page.
#[derive(Clone, Debug)]
pub struct Moment {
    /// For machines: RFC 3339, in UTC.
    pub iso: String,
    /// For people.
    pub words: String,
}

impl Moment {
    /// An instant given in milliseconds since the Unix epoch.
    pub fn new(lang: Lang, millis: i64) -> Self {
        let instant = Timestamp::from_millisecond(millis).unwrap_or_default();
        let local = instant.to_zoned_datetime(PARIS.clone());
        let words = lang.say_with(
            "date",
            &[
                ("day", local.day().into()),
                ("month", local.month().into()),
                ("year", local.year().to_string().into()),
                ("hour", local.hour().to_string().into()),
                ("minute", format!("{:02}", local.minute()).into()),
            ],
        );
        Self { iso: instant.to_string(), words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_paris_in_summer_and_in_winter() {
        let new_year = Moment::new(Lang::Fr, 1_798_757_100_000);
        assert_eq!(new_year.iso, "2026-12-31T22:45:00Z");
        assert_eq!(new_year.words, "31\u{A0}décembre\u{A0}2026 à 23\u{A0}h\u{A0}45");
        let summer = Moment::new(Lang::En, 1_782_857_100_000);
        assert_eq!(summer.iso, "2026-06-30T22:05:00Z");
        assert_eq!(summer.words, "1 July 2026 at 0:05");
        assert_eq!(
            Moment::new(Lang::Fr, 1_782_857_100_000).words,
            "1er\u{A0}juillet\u{A0}2026 à 0\u{A0}h\u{A0}05"
        );
    }
}
