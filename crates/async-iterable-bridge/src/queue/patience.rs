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
    pub(super) fn note(&mut self, has_found: bool) {
        let now = Instant::now();
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
            while !self.looks() && start.elapsed() < LIMIT {}
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
