//! How many native objects are alive, so that tests can prove that none leaks.

use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) static STREAMS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static PRODUCERS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static HUBS: AtomicUsize = AtomicUsize::new(0);

/// Counts itself for as long as it lives.
pub(crate) struct Live(&'static AtomicUsize);

impl Live {
    pub(crate) fn new(counter: &'static AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Live(counter)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The native objects of this addon that are alive in the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveHandles {
    /// Streams that JavaScript or Rust still holds.
    pub streams: usize,
    /// Streams that still have a producer.
    pub producers: usize,
    /// Environments (the main thread, workers) that have used a stream.
    pub hubs: usize,
}

/// Counts the native objects that are alive now.
pub fn live_handles() -> LiveHandles {
    LiveHandles {
        streams: STREAMS.load(Ordering::Relaxed),
        producers: PRODUCERS.load(Ordering::Relaxed),
        hubs: HUBS.load(Ordering::Relaxed),
    }
}
