//! The list that other threads use to wake the JavaScript thread. A thread puts its stream's number on the list. If
//! the list was empty, that thread also notifies, for itself and for the numbers that follow.
//!
//! The invariant: while there are numbers on the list, exactly one notification is under way, or is
//! about to be made by the thread that added the first of them. An answer takes the list in
//! the critical section that ends this state, so a number that is added later notifies again.

#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;

use crate::sync::{lock, Mutex};
use std::mem;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// The call that wakes the JavaScript thread.
pub(super) trait Notifier: Send + Sync + 'static {
    fn notify(&self);
}

pub(super) struct WakeList<B> {
    notifier: B,
    /// The numbers of the streams to wake.
    ready: Mutex<Vec<u64>>,
}

impl<B: Notifier> WakeList<B> {
    pub(super) fn new(notifier: B) -> Self {
        WakeList {
            notifier,
            ready: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn notifier(&self) -> &B {
        &self.notifier
    }

    /// Returns the waker of the stream with this number.
    pub(super) fn waker(self: &Arc<Self>, number: u64) -> Waker {
        Waker::from(Arc::new(StreamWaker {
            wake_list: self.clone(),
            number,
        }))
    }

    fn wake(&self, number: u64) {
        let is_first = {
            let mut ready = lock(&self.ready);
            ready.push(number);
            ready.len() == 1
        };
        // Called outside the lock, because the notifier has its own lock, and the JavaScript thread may wait for it.
        if is_first {
            self.notifier.notify();
        }
    }

    /// Returns at most `most` of the streams to wake. If there are more, notifies again for them.
    /// Called on the JavaScript thread, by the notifier's callback.
    pub(super) fn take_ready(&self, most: usize) -> Vec<u64> {
        let (answered, has_more) = {
            let mut ready = lock(&self.ready);
            let count = ready.len().min(most);
            let rest = ready.split_off(count);
            let has_more = !rest.is_empty();
            (mem::replace(&mut *ready, rest), has_more)
        };
        if has_more {
            self.notifier.notify();
        }
        answered
    }
}

struct StreamWaker<B> {
    wake_list: Arc<WakeList<B>>,
    number: u64,
}

impl<B: Notifier> Wake for StreamWaker<B> {
    fn wake(self: Arc<Self>) {
        self.wake_list.wake(self.number);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_list.wake(self.number);
    }
}
