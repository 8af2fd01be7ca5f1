//! The list by which other threads wake the JavaScript thread. They put their stream's number on it; a thread that
//! finds it empty rings for all that come after.
//!
//! The invariant: while there are numbers on the list, exactly one ring is on its way, or is
//! about to be made by the thread that put the first of them there. An answer takes the list in
//! the critical section that ends this, so a number that comes later rings again.

#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;

use crate::sync::{lock, Mutex};
use std::mem;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// What is rung. Ringing after [`Bell::silence`] does nothing.
pub(super) trait Bell: Send + Sync + 'static {
    fn ring(&self);
    fn silence(&self);
}

pub(super) struct Doorbell<B> {
    bell: B,
    /// The streams to wake.
    ready: Mutex<Vec<u64>>,
}

impl<B: Bell> Doorbell<B> {
    pub(super) fn new(bell: B) -> Self {
        Doorbell {
            bell,
            ready: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn bell(&self) -> &B {
        &self.bell
    }

    /// Returns the waker of the stream with this number.
    pub(super) fn waker(self: &Arc<Self>, number: u64) -> Waker {
        Waker::from(Arc::new(StreamWaker {
            doorbell: self.clone(),
            number,
        }))
    }

    fn wake(&self, number: u64) {
        let is_first = {
            let mut ready = lock(&self.ready);
            ready.push(number);
            ready.len() == 1
        };
        // The bell has a lock of its own, and JavaScript's thread may be behind it.
        if is_first {
            self.bell.ring();
        }
    }

    /// Hands over at most `most` of the streams to wake. If there are more, it rings again for
    /// them. Called on the JavaScript thread, by the bell's callback.
    pub(super) fn answer(&self, most: usize) -> Vec<u64> {
        let (answered, has_more) = {
            let mut ready = lock(&self.ready);
            let count = ready.len().min(most);
            let rest = ready.split_off(count);
            let has_more = !rest.is_empty();
            (mem::replace(&mut *ready, rest), has_more)
        };
        if has_more {
            self.bell.ring();
        }
        answered
    }
}

struct StreamWaker<B> {
    doorbell: Arc<Doorbell<B>>,
    number: u64,
}

impl<B: Bell> Wake for StreamWaker<B> {
    fn wake(self: Arc<Self>) {
        self.doorbell.wake(self.number);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.doorbell.wake(self.number);
    }
}
