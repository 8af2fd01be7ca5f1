//! Spinning: a producer that finds the queue full spins before it sleeps, if the consumer is likely to drain soon.
//!
//! The consumer wakes a sleeping thread by a system call, which costs as much as delivering a hundred items, and the
//! thread needs tens of microseconds to start. A consumer that reads at full speed drains sooner than that. So the
//! queue measures the consumer's [`DrainInterval`]. When that is short, a producer spins for a while; otherwise it
//! sleeps at once.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// The bound of a short interval: several times the time that a consumer with an almost empty loop takes for 1,000 items.
const SHORT: Duration = Duration::from_micros(400);

/// The longest time that a producer spins. A fast consumer may pause for longer, to collect garbage. A longer pause
/// counts as this time, so that a single pause does not make the consumer a slow one.
const LIMIT: Duration = Duration::from_millis(1);

/// The number of reads of the flag between two reads of the clock; they take about a microsecond.
const LOOKS: usize = 32;

/// The number of producers of this process that spin now.
static SPINNING: AtomicUsize = AtomicUsize::new(0);

/// The most producers that spin at once, so that one core is left to the consumer.
static MOST_SPINNING: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |cores| cores.get() - 1));

/// The time that the consumer takes for the items of a drain, on average.
pub(super) struct DrainInterval {
    average: Duration,
    /// The time of the last drain, if it found items.
    drained: Option<Instant>,
}

impl DrainInterval {
    pub(super) fn new() -> Self {
        DrainInterval {
            average: 2 * SHORT,
            drained: None,
        }
    }

    /// Notes that the consumer drains, and whether it found items.
    pub(super) fn note(&mut self, now: Instant, has_found: bool) {
        if let Some(before) = self.drained {
            let latest = now.duration_since(before).min(LIMIT);
            self.average = (3 * self.average + latest) / 4;
        }
        self.drained = has_found.then_some(now);
    }

    /// Returns whether the consumer usually drains again sooner than a sleeping thread would start.
    pub(super) fn is_short(&self) -> bool {
        // Loom cannot repeat a run that depends on the clock.
        self.average < SHORT && !cfg!(bridge_loom)
    }
}

/// The flag that spinning producers read. It is set when there may be room, or the queue has ended.
#[derive(Default)]
pub(super) struct Spinner {
    changed: AtomicBool,
}

impl Spinner {
    /// Clears the flag for a producer that was refused and is about to spin. Called under the queue's lock.
    pub(super) fn prepare(&self) {
        self.changed.store(false, Ordering::Relaxed);
    }

    /// Sets the flag: there may be room, or the queue has ended. Called after the unlock. A producer that sees the flag
    /// earlier would block on the lock, and the unlock would have to wake it.
    pub(super) fn notify(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Spins until the flag is set, or for the longest time allowed.
    pub(super) fn spin(&self) {
        if SPINNING.fetch_add(1, Ordering::Relaxed) < *MOST_SPINNING {
            let start = Instant::now();
            while !self.has_changed() && start.elapsed() < LIMIT {
                // The producer that was called, or the thread that makes the items, may need this core.
                thread::yield_now();
            }
        }
        SPINNING.fetch_sub(1, Ordering::Relaxed);
    }

    fn has_changed(&self) -> bool {
        (0..LOOKS).any(|_| {
            hint::spin_loop();
            self.changed.load(Ordering::Relaxed)
        })
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
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
        let pauses = [SHORT / 4; 20].into_iter().chain([100 * LIMIT]);
        assert!(interval_of(pauses).is_short());
    }

    #[test]
    fn a_consumer_that_becomes_slow_is_soon_known_to_be() {
        let pauses = [SHORT / 4; 20].into_iter().chain([2 * LIMIT; 3]);
        assert!(!interval_of(pauses).is_short());
    }

    #[test]
    fn the_time_that_a_consumer_waits_for_items_does_not_count() {
        let mut drain_interval = interval_of([SHORT / 4; 20]);
        let found_nothing = Instant::now() + SHORT;
        drain_interval.note(found_nothing, false);
        drain_interval.note(found_nothing + 100 * LIMIT, true);
        assert!(drain_interval.is_short());
    }

    #[test]
    fn spinning_ends_with_a_change() {
        let spinner = Spinner::default();
        spinner.prepare();
        spinner.notify();
        assert!(spinner.has_changed());
    }
}
