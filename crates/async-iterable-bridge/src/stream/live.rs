//! Counts the native objects that are alive, so that tests can prove that none leaks.

use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) static STREAMS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static PRODUCERS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static HUBS: AtomicUsize = AtomicUsize::new(0);

/// A value that is counted for as long as it lives.
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
///
/// ```
/// use async_iterable_bridge::{live_handles, LiveHandles};
///
/// let LiveHandles { streams, producers, hubs } = live_handles();
/// assert_eq!((streams, producers, hubs), (0, 0, 0));
/// ```
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
///
/// ```
/// use async_iterable_bridge::{bridge, live_handles, Options};
///
/// let (producer, stream) = bridge::<f64>(Options::new());
/// assert_eq!(live_handles().streams, 1);
/// drop((producer, stream));
/// assert_eq!(live_handles().streams, 0);
/// ```
pub fn live_handles() -> LiveHandles {
    LiveHandles {
        streams: STREAMS.load(Ordering::Relaxed),
        producers: PRODUCERS.load(Ordering::Relaxed),
        hubs: HUBS.load(Ordering::Relaxed),
    }
}
