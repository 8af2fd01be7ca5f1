//! Spinning: a producer that finds the queue full spins before it sleeps, if the consumer is likely to drain soon.
//!
//! The consumer wakes a sleeping thread by a system call, which costs as much as delivering a hundred items, and the
//! thread needs tens of microseconds to start. A consumer that reads at full speed drains sooner than that. So the
//! queue measures the consumer's [`DrainInterval`](super::state::DrainInterval). When that is short, a producer spins
//! for a while; otherwise it sleeps at once.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// The longest time that a producer spins. A fast consumer may pause for longer, to collect garbage. A longer pause
/// counts as this time, so that a single pause does not make the consumer a slow one.
pub(super) const SPIN_LIMIT: Duration = Duration::from_millis(1);

/// The number of reads of the flag between two reads of the clock; they take about a microsecond.
const READS: usize = 32;

/// The number of producers of this process that spin now.
static SPINNING: AtomicUsize = AtomicUsize::new(0);

/// The most producers that spin at once, so that one core is left to the consumer.
static MOST_SPINNING: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |cores| cores.get() - 1));

/// Spins until the flag is set, or for the longest time allowed. The producer has cleared the flag under the queue's
/// lock, when it was refused.
pub(super) fn until_set(changed: &AtomicBool) {
    if SPINNING.fetch_add(1, Ordering::Relaxed) < *MOST_SPINNING {
        let start = Instant::now();
        while !becomes_set(changed) && start.elapsed() < SPIN_LIMIT {
            // The producer that was notified, or the thread that makes the items, may need this core.
            thread::yield_now();
        }
    }
    SPINNING.fetch_sub(1, Ordering::Relaxed);
}

/// Reads the flag for about a microsecond, or until it is set. Returns whether it is.
fn becomes_set(changed: &AtomicBool) -> bool {
    (0..READS).any(|_| {
        hint::spin_loop();
        changed.load(Ordering::Relaxed)
    })
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn spinning_ends_with_a_change() {
        assert!(!becomes_set(&AtomicBool::new(false)));
        assert!(becomes_set(&AtomicBool::new(true)));
    }
}
