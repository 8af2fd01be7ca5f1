//! The interval between the drains of a consumer, which decides whether producers spin.

use super::spin::SPIN_LIMIT;
use super::state::{DrainInterval, SHORT};
use super::*;

/// Returns the interval of a consumer that drains items after each of these pauses.
fn interval_of(pauses: impl IntoIterator<Item = Duration>) -> DrainInterval {
    let mut drain_interval = DrainInterval::new();
    let mut now = Instant::now();
    drain_interval.note(now, true);
    for pause in pauses {
        now += pause;
        drain_interval.note(now, true);
    }
    drain_interval
}

#[test]
fn a_producer_does_not_spin_before_the_consumer_has_drained_several_times() {
    assert!(!interval_of([]).is_short());
    assert!(interval_of([SHORT / 4; 4]).is_short());
}

#[test]
fn one_long_pause_does_not_make_a_fast_consumer_slow() {
    let pauses = [SHORT / 4; 20].into_iter().chain([100 * SPIN_LIMIT]);
    assert!(interval_of(pauses).is_short());
}

#[test]
fn a_consumer_that_becomes_slow_is_soon_considered_slow() {
    let pauses = [SHORT / 4; 20].into_iter().chain([2 * SPIN_LIMIT; 3]);
    assert!(!interval_of(pauses).is_short());
}

#[test]
fn the_time_that_a_consumer_waits_for_items_does_not_count() {
    let mut drain_interval = interval_of([SHORT / 4; 20]);
    let found_nothing = Instant::now() + SHORT;
    drain_interval.note(found_nothing, false);
    drain_interval.note(found_nothing + 100 * SPIN_LIMIT, true);
    assert!(drain_interval.is_short());
}
