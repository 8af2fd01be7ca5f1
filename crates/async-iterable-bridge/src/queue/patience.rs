//! Spinning: a producer that finds the queue full spins before it sleeps, if the consumer is likely to drain soon.
//!
//! The consumer wakes a sleeping thread by a system call, which costs as much as delivering a hundred items, and the
//! thread needs tens of microseconds to start. A consumer that reads at full speed drains sooner than that. So the
//! queue measures the consumer's [`Pace`]. When the pace is brisk, a producer spins for a while; otherwise it sleeps
//! at once.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// The bound of a brisk pace: several times the time that a consumer with an almost empty loop takes for 1,000 items.
const BRISK: Duration = Duration::from_micros(400);

/// The longest time that a producer spins. A brisk consumer may pause for longer, to collect garbage. A longer pause
/// counts as this time, so that a single pause does not make the consumer a slow one.
const LIMIT: Duration = Duration::from_millis(1);

/// The number of reads of the flag between two reads of the clock; they take about a microsecond.
const LOOKS: usize = 32;

/// The number of producers of this process that spin now.
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// The most producers that spin at once, so that one core is left to the consumer.
static MOST_WATCHING: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |cores| cores.get() - 1));

/// The time that the consumer takes for the items of a drain, on average.
pub(super) struct Pace {
    average: Duration,
    /// The time of the last drain, if it found items.
    drained: Option<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Pace {
            average: 2 * BRISK,
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
    pub(super) fn is_brisk(&self) -> bool {
        // Loom cannot repeat a run that depends on the clock.
        self.average < BRISK && !cfg!(bridge_loom)
    }
}

/// The flag that spinning producers read. It is set when there may be room, or the queue has ended.
#[derive(Default)]
pub(super) struct Lookout {
    changed: AtomicBool,
}

impl Lookout {
    /// Clears the flag for a producer that was refused and is about to spin. Called under the queue's lock.
    pub(super) fn begin(&self) {
        self.changed.store(false, Ordering::Relaxed);
    }

    /// Sets the flag: there may be room, or the queue has ended. Called after the unlock. A producer that sees the flag
    /// earlier would block on the lock, and the unlock would have to wake it.
    pub(super) fn notify(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Spins until the flag is set, or for the longest time allowed.
    pub(super) fn watch(&self) {
        if WATCHING.fetch_add(1, Ordering::Relaxed) < *MOST_WATCHING {
            let start = Instant::now();
            while !self.looks() && start.elapsed() < LIMIT {
                // The producer that was called, or the thread that makes the items, may need this core.
                thread::yield_now();
            }
        }
        WATCHING.fetch_sub(1, Ordering::Relaxed);
    }

    fn looks(&self) -> bool {
        (0..LOOKS).any(|_| {
            hint::spin_loop();
            self.changed.load(Ordering::Relaxed)
        })
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;

    /// Returns the pace of a consumer that drains items after each of these pauses.
    fn pace_of(pauses: impl IntoIterator<Item = Duration>) -> Pace {
        let mut pace = Pace::new();
        let mut now = Instant::now();
        pace.note(now, true);
        for pause in pauses {
            now += pause;
            pace.note(now, true);
        }
        pace
    }

    #[test]
    fn a_consumer_is_not_waited_for_awake_before_it_has_shown_its_pace() {
        assert!(!pace_of([]).is_brisk());
        assert!(pace_of([BRISK / 4; 4]).is_brisk());
    }

    #[test]
    fn one_long_pause_does_not_make_a_brisk_consumer_slow() {
        let pauses = [BRISK / 4; 20].into_iter().chain([100 * LIMIT]);
        assert!(pace_of(pauses).is_brisk());
    }

    #[test]
    fn a_consumer_that_becomes_slow_is_soon_known_to_be() {
        let pauses = [BRISK / 4; 20].into_iter().chain([2 * LIMIT; 3]);
        assert!(!pace_of(pauses).is_brisk());
    }

    #[test]
    fn the_time_that_a_consumer_waits_for_items_does_not_count() {
        let mut pace = pace_of([BRISK / 4; 20]);
        let found_nothing = Instant::now() + BRISK;
        pace.note(found_nothing, false);
        pace.note(found_nothing + 100 * LIMIT, true);
        assert!(pace.is_brisk());
    }

    #[test]
    fn a_watch_ends_with_a_change() {
        let lookout = Lookout::default();
        lookout.begin();
        lookout.notify();
        assert!(lookout.looks());
    }
}
