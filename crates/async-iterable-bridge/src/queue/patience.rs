//! How a producer that finds the queue full waits: awake at first, if that has paid off lately.
//!
//! To wake a sleeper takes the consumer a system call, which costs as much as delivering a hundred
//! items, and the sleeper needs tens of microseconds to come up. A consumer that reads as fast as it
//! can is back sooner than that. So a producer first watches for it to come back, for [`LIMIT`] at
//! most. When that was in vain, it sleeps the next time, after another failure the next three times,
//! and so on: against a slow consumer, or on a busy machine, hardly anything is lost.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// Twice of what a consumer that does next to nothing with an item takes for a thousand of them.
const LIMIT: Duration = Duration::from_micros(300);

/// Looks at the flag between two looks at the clock; about a microsecond.
const LOOKS: usize = 32;

/// So many waits in a row are slept through, at most, before the next try.
const MOST_SKIPS: u32 = 63;

/// How many producers of this process wait awake now.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

/// One core is left to the consumer.
static MOST_AWAKE: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |cores| cores.get() - 1));

pub(super) struct Patience {
    /// There has been room, or an end, since a producer was refused.
    changed: AtomicBool,
    /// Waits that are still to be slept through.
    skips: AtomicU32,
    /// What `skips` begins with after the next failure.
    penalty: AtomicU32,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            changed: AtomicBool::new(false),
            skips: AtomicU32::new(0),
            penalty: AtomicU32::new(1),
        }
    }
}

impl Patience {
    /// Whether to wait awake, now that a producer was refused. Called under the queue's lock.
    pub(super) fn is_worthwhile(&self) -> bool {
        if cfg!(bridge_loom) {
            return false;
        }
        self.changed.store(false, Ordering::Relaxed);
        let skips = self.skips.load(Ordering::Relaxed);
        self.skips.store(skips.saturating_sub(1), Ordering::Relaxed);
        skips == 0
    }

    /// There is room again, or nothing to wait for. Called under the queue's lock.
    pub(super) fn notify(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Waits awake, for as long as that is reasonable.
    pub(super) fn wait(&self) {
        let awake = AWAKE.fetch_add(1, Ordering::Relaxed);
        let changed = awake < *MOST_AWAKE && self.watch();
        AWAKE.fetch_sub(1, Ordering::Relaxed);
        if changed {
            self.penalty.store(1, Ordering::Relaxed);
        } else {
            self.discourage();
        }
    }

    /// It was in vain: the limit was reached, or the consumer has been waiting meanwhile.
    pub(super) fn discourage(&self) {
        let penalty = self.penalty.load(Ordering::Relaxed);
        self.skips.store(penalty, Ordering::Relaxed);
        self.penalty
            .store((penalty * 2 + 1).min(MOST_SKIPS), Ordering::Relaxed);
    }

    fn watch(&self) -> bool {
        let start = Instant::now();
        while start.elapsed() < LIMIT {
            for _ in 0..LOOKS {
                if self.changed.load(Ordering::Relaxed) {
                    return true;
                }
                hint::spin_loop();
            }
        }
        false
    }
}
