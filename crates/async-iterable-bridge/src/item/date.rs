//! Points in time, which become a `Date`, and durations; both cross as numbers of milliseconds.

use super::{Columns, Item, Layout};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A `Date`, rounded to milliseconds as Node rounds the times of files. A time that no `Date` can have
/// becomes an invalid `Date`.
impl Item for SystemTime {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("new Date(numbers[at++])")
    }

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number((milliseconds(*self) + 0.5).floor());
    }
}

/// The number of milliseconds, with a fraction.
impl Item for Duration {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("numbers[at++]")
    }

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(count(*self));
    }
}

fn count(duration: Duration) -> f64 {
    duration.as_secs() as f64 * 1e3 + f64::from(duration.subsec_nanos()) / 1e6
}

fn milliseconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => count(after),
        Err(before) => -count(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_negative() {
        let time = UNIX_EPOCH - Duration::from_micros(1_500);
        assert_eq!(milliseconds(time), -1.5);
        assert_eq!(milliseconds(UNIX_EPOCH + Duration::from_secs(2)), 2000.0);
    }
}
