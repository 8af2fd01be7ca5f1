//! The list that other threads use to wake the JavaScript thread. A thread puts its stream's number on the list. If
//! the list was empty, that thread also rings, for itself and for the numbers that follow.
//!
//! The invariant: while there are numbers on the list, exactly one ring is under way, or is
//! about to be made by the thread that added the first of them. An answer takes the list in
//! the critical section that ends this state, so a number that is added later rings again.

#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;

use crate::sync::{lock, Mutex};
use std::mem;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// The call that wakes the JavaScript thread. Ringing after [`Bell::silence`] does nothing.
pub(super) trait Bell: Send + Sync + 'static {
    fn ring(&self);
    fn silence(&self);
}

pub(super) struct Doorbell<B> {
    bell: B,
    /// The numbers of the streams to wake.
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
        // Rung outside the lock, because the bell has its own lock, and the JavaScript thread may wait for it.
        if is_first {
            self.bell.ring();
        }
    }

    /// Returns at most `most` of the streams to wake. If there are more, rings again for them.
    /// Called on the JavaScript thread, by the bell's callback.
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
