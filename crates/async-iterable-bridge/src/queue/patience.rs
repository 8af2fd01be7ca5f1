//! How a producer that finds the queue full waits: awake at first, if the consumer will soon be back.
//!
//! To wake a sleeper takes the consumer a system call, which costs as much as delivering a hundred
//! items, and the sleeper needs tens of microseconds to come up. A consumer that reads as fast as it
//! can is back sooner than that. So the queue keeps the consumer's [`Pace`], and when that is brisk,
//! a producer watches for a while before it sleeps. Against a slow consumer it sleeps at once.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// Several times what a consumer that does next to nothing with an item takes for a thousand.
const BRISK: Duration = Duration::from_micros(400);

/// How long a producer watches. A brisk consumer may pause for longer, to collect garbage; a pause
/// counts as much as this at most, so that one alone does not make it a slow one.
const LIMIT: Duration = Duration::from_millis(1);

/// Looks at the flag between two looks at the clock; about a microsecond.
const LOOKS: usize = 32;

/// How many producers of this process watch now.
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// One core is left to the consumer.
static MOST_WATCHING: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |cores| cores.get() - 1));

/// How long the consumer takes for what it has drained, on average.
pub(super) struct Pace {
    average: Duration,
    /// When it drained items; empty if it came back since, or never came.
    drained: Option<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Pace {
            average: 2 * BRISK,
            drained: None,
        }
    }

    /// The consumer has come, and found items or not.
    pub(super) fn note(&mut self, now: Instant, has_found: bool) {
        if let Some(before) = self.drained {
            let latest = now.duration_since(before).min(LIMIT);
            self.average = (3 * self.average + latest) / 4;
        }
        self.drained = has_found.then_some(now);
    }

    pub(super) fn is_brisk(&self) -> bool {
        // What depends on the clock, loom could not repeat.
        self.average < BRISK && !cfg!(bridge_loom)
    }
}

/// Where producers watch for room, or for the end.
#[derive(Default)]
pub(super) struct Lookout {
    changed: AtomicBool,
}

impl Lookout {
    /// A producer was refused, and will watch. Called under the queue's lock.
    pub(super) fn begin(&self) {
        self.changed.store(false, Ordering::Relaxed);
    }

    /// There is room again, or nothing to wait for. Called after the unlock, or whoever watches
    /// would run into the lock, and the unlock would have to wake it.
    pub(super) fn notify(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Returns when there may be something to see, or when it has been watched for long enough.
    pub(super) fn watch(&self) {
        if WATCHING.fetch_add(1, Ordering::Relaxed) < *MOST_WATCHING {
            let start = Instant::now();
            while !self.looks() && start.elapsed() < LIMIT {
                // Who is called, or makes what is sent, may need this core.
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

    /// The pace of a consumer that drains items, each time after such a pause.
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
