//! What a critical section leaves to be done once the lock is free.

use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Waker;

/// Wakers to call, and values to drop, both of which may run code of others that comes back to
/// the queue. It is made before the lock is taken, so its own drop, which does it all, comes after
/// the unlock; also when a panic ends the section. Otherwise [`finish`](Afterwards::finish) does.
///
/// Wakers come first: an item whose drop is slow, or panics, keeps nobody asleep.
pub(super) struct Afterwards<T> {
    calls: VecDeque<Waker>,
    wakers: Vec<Waker>,
    items: Vec<T>,
    spent: Option<T>,
    spent_batches: VecDeque<VecDeque<T>>,
}

impl<T> Afterwards<T> {
    pub(super) fn new() -> Self {
        Afterwards {
            calls: VecDeque::new(),
            wakers: Vec::new(),
            items: Vec::new(),
            spent: None,
            spent_batches: VecDeque::new(),
        }
    }

    pub(super) fn wake(&mut self, waker: Waker) {
        self.calls.push_back(waker);
    }

    pub(super) fn wake_all(&mut self, wakers: impl Iterator<Item = Waker>) {
        self.calls.extend(wakers);
    }

    /// Drops a waker without calling it.
    pub(super) fn discard(&mut self, waker: Option<Waker>) {
        self.wakers.extend(waker);
    }

    pub(super) fn drop_item(&mut self, item: T) {
        self.items.push(item);
    }

    /// Drops an item that the consumer is done with; there is one at most in a critical section.
    pub(super) fn drop_spent(&mut self, item: Option<T>) {
        debug_assert!(self.spent.is_none());
        self.spent = item;
    }

    /// Drops what the consumer is done with, once in a critical section.
    pub(super) fn drop_batches(&mut self, batches: VecDeque<VecDeque<T>>) {
        if !batches.is_empty() {
            debug_assert!(self.spent_batches.is_empty());
            self.spent_batches = batches;
        }
    }

    /// Does what is to be done. Gives the memory of the batches that were dropped.
    pub(super) fn finish(mut self) -> VecDeque<VecDeque<T>> {
        self.wake_up();
        let mut batches = mem::take(&mut self.spent_batches);
        let items = self.items.drain(..).chain(self.spent.take());
        drop_quietly(items.chain(batches.iter_mut().flat_map(|batch| batch.drain(..))));
        batches
    }

    fn wake_up(&mut self) {
        // One by one, so that after a panic the others are still there, for the drop.
        while let Some(waker) = self.calls.pop_front() {
            waker.wake();
        }
    }
}

impl<T> Drop for Afterwards<T> {
    fn drop(&mut self) {
        self.wake_up();
    }
}

/// Drops items of which some may panic. Whoever happens to drop them is not to blame; the panic hook has
/// told of it.
pub(crate) fn drop_quietly<T>(items: impl IntoIterator<Item = T>) {
    for item in items {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(item)));
    }
}
