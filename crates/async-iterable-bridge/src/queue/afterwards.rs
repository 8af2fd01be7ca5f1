//! What a critical section leaves to be done once the lock is free.

use slab::Slab;
use std::task::Waker;

/// Wakers to call, and values to drop, both of which may run code of others that comes back to
/// the queue. It is made before the lock is taken, so its own drop, which does it all, comes after
/// the unlock; also when a panic ends the section.
///
/// Wakers come first: an item whose drop is slow, or panics, keeps nobody asleep.
pub(super) struct Afterwards<T> {
    calls: Vec<Waker>,
    wakers: Vec<Waker>,
    items: Vec<T>,
}

impl<T> Afterwards<T> {
    pub(super) fn new() -> Self {
        Afterwards {
            calls: Vec::new(),
            wakers: Vec::new(),
            items: Vec::new(),
        }
    }

    pub(super) fn wake(&mut self, waker: Waker) {
        self.calls.push(waker);
    }

    pub(super) fn wake_all(&mut self, wakers: Slab<Waker>) {
        self.calls
            .extend(wakers.into_iter().map(|(_, waker)| waker));
    }

    /// Drops a waker without calling it.
    pub(super) fn discard(&mut self, waker: Option<Waker>) {
        self.wakers.extend(waker);
    }

    pub(super) fn drop_item(&mut self, item: T) {
        self.items.push(item);
    }
}

impl<T> Drop for Afterwards<T> {
    fn drop(&mut self) {
        for waker in self.calls.drain(..) {
            waker.wake();
        }
    }
}
