//! How a producer that finds the queue full waits, and a consumer that finds it empty: awake at first,
//! if the other side will soon be back.
//!
//! To wake a sleeper takes a system call, which costs as much as delivering a hundred items, and the
//! sleeper needs tens of microseconds to come up. A side that goes as fast as it can is back sooner
//! than that. So the queue keeps the consumer's [`Pace`] and that of the [`Arrivals`], and whoever
//! waits for a brisk other side watches for a while before it sleeps. For a slow one it sleeps at once.
//!
//! A consumer watches for much shorter than a producer: its thread has other things to do.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// Several times what a consumer that does next to nothing with an item takes for a thousand.
const BRISK: Duration = Duration::from_micros(400);

/// How long a producer watches. A brisk consumer may pause for longer, to collect garbage; a pause
/// counts as much as this at most, so that one alone does not make it a slow one.
pub(super) const PRODUCER_LIMIT: Duration = Duration::from_millis(1);

/// How long the consumer watches, at most: about what it costs to wake it.
pub(super) const CONSUMER_LIMIT: Duration = Duration::from_micros(20);

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
            let latest = now.duration_since(before).min(PRODUCER_LIMIT);
            self.average = (3 * self.average + latest) / 4;
        }
        self.drained = has_found.then_some(now);
    }

    pub(super) fn is_brisk(&self) -> bool {
        // What depends on the clock, loom could not repeat.
        self.average < BRISK && !cfg!(bridge_loom)
    }
}

/// How long a consumer that has found nothing waits for the next item, on average.
pub(super) struct Arrivals {
    average: Duration,
    waits_since: Option<Instant>,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Arrivals {
            average: 4 * CONSUMER_LIMIT,
            waits_since: None,
        }
    }

    pub(super) fn begin_wait(&mut self) {
        self.waits_since.get_or_insert_with(Instant::now);
    }

    pub(super) fn end_wait(&mut self) {
        if let Some(since) = self.waits_since.take() {
            self.note(since.elapsed());
        }
    }

    fn note(&mut self, wait: Duration) {
        let latest = wait.min(4 * CONSUMER_LIMIT);
        self.average = (3 * self.average + latest) / 4;
    }

    pub(super) fn are_brisk(&self) -> bool {
        self.average < CONSUMER_LIMIT && !cfg!(bridge_loom)
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
    pub(super) fn watch(&self, limit: Duration) {
        if WATCHING.fetch_add(1, Ordering::Relaxed) < *MOST_WATCHING {
            let start = Instant::now();
            while !self.looks() && start.elapsed() < limit {}
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
        let pauses = [BRISK / 4; 20].into_iter().chain([100 * PRODUCER_LIMIT]);
        assert!(pace_of(pauses).is_brisk());
    }

    #[test]
    fn a_consumer_that_becomes_slow_is_soon_known_to_be() {
        let pauses = [BRISK / 4; 20].into_iter().chain([2 * PRODUCER_LIMIT; 3]);
        assert!(!pace_of(pauses).is_brisk());
    }

    #[test]
    fn the_time_that_a_consumer_waits_for_items_does_not_count() {
        let mut pace = pace_of([BRISK / 4; 20]);
        let found_nothing = Instant::now() + BRISK;
        pace.note(found_nothing, false);
        pace.note(found_nothing + 100 * PRODUCER_LIMIT, true);
        assert!(pace.is_brisk());
    }

    #[test]
    fn a_consumer_does_not_watch_for_items_that_come_slowly() {
        let mut arrivals = Arrivals::new();
        assert!(!arrivals.are_brisk());
        for _ in 0..8 {
            arrivals.note(CONSUMER_LIMIT / 4);
        }
        assert!(arrivals.are_brisk());
        for _ in 0..2 {
            arrivals.note(Duration::from_secs(1));
        }
        assert!(!arrivals.are_brisk());
    }

    #[test]
    fn a_watch_ends_with_a_change() {
        let lookout = Lookout::default();
        lookout.begin();
        lookout.notify();
        assert!(lookout.looks());
    }
}
