//! When a delivery is tried again, and when it is given up. Sending belongs to `federation`.

use crate::time::{DAY, SECOND, Timestamp};

/// How persistent deliveries are. All durations in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Pause after the first failure.
    pub first_pause: i64,
    /// Longest pause.
    pub longest_pause: i64,
    /// Age at which a delivery is parked instead of tried again.
    pub give_up_after: i64,
}

impl Default for Policy {
    /// From 30 seconds to 2 days, over 10 days.
    fn default() -> Self {
        Self { first_pause: 30 * SECOND, longest_pause: 2 * DAY, give_up_after: 10 * DAY }
    }
}

/// What becomes of a delivery that failed in a way that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Tried again at that instant.
    At(Timestamp),
    /// Parked: kept, but not tried until the host gives a sign of life or somebody asks.
    Parked,
}

impl Policy {
    /// Decides on the `failures`-th failure in a row (from 1) of something due since `born`.
    ///
    /// `jitter` in 0..=1 spreads the pause between 75 % and 125 %; `retry_after` is the pause that the
    /// receiver asked for, in milliseconds, honoured up to the longest pause.
    pub fn after_failure(
        self,
        failures: u32,
        born: Timestamp,
        now: Timestamp,
        jitter: f64,
        retry_after: Option<i64>,
    ) -> Next {
        if now.since(born) >= self.give_up_after {
            return Next::Parked;
        }
        let doublings = failures.saturating_sub(1).min(30);
        let pause = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "pauses are far below 2^52 ms"
        )]
        let spread = (pause as f64 * (0.75 + 0.5 * jitter.clamp(0.0, 1.0))) as i64;
        let asked = retry_after.unwrap_or(0).clamp(0, self.longest_pause);
        Next::At(now.plus(spread.max(asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORN: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn pauses_double_from_thirty_seconds_to_two_days() {
        let policy = Policy::default();
        let pause = |failures| match policy.after_failure(failures, BORN, BORN, 0.5, None) {
            Next::At(at) => at.since(BORN),
            Next::Parked => panic!("parked"),
        };
        assert_eq!(pause(1), 30 * SECOND);
        assert_eq!(pause(2), 60 * SECOND);
        assert_eq!(pause(60), 2 * DAY);
    }

    #[test]
    fn jitter_stays_within_a_quarter_and_a_receiver_may_ask_for_more() {
        let policy = Policy::default();
        assert_eq!(policy.after_failure(1, BORN, BORN, 0.0, None), Next::At(BORN.plus(22_500)));
        assert_eq!(policy.after_failure(1, BORN, BORN, 9.0, None), Next::At(BORN.plus(37_500)));
        assert_eq!(policy.after_failure(1, BORN, BORN, 0.5, Some(DAY)), Next::At(BORN.plus(DAY)));
        assert_eq!(policy.after_failure(1, BORN, BORN, 0.5, Some(90 * DAY)), Next::At(BORN.plus(2 * DAY)));
    }

    #[test]
    fn after_ten_days_it_is_parked_and_not_dropped() {
        assert_eq!(Policy::default().after_failure(40, BORN, BORN.plus(10 * DAY), 0.5, None), Next::Parked);
    }
}
