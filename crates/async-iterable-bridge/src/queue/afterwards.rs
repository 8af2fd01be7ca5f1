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
    calls: Vec<Waker>,
    wakers: Vec<Waker>,
    items: Vec<T>,
    spent: VecDeque<T>,
}

impl<T> Afterwards<T> {
    pub(super) fn new() -> Self {
        Afterwards {
            calls: Vec::new(),
            wakers: Vec::new(),
            items: Vec::new(),
            spent: VecDeque::new(),
        }
    }

    pub(super) fn wake(&mut self, waker: Waker) {
        self.calls.push(waker);
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

    /// Drops a whole batch; there is one at most in a critical section.
    pub(super) fn drop_items(&mut self, items: VecDeque<T>) {
        self.spent = items;
    }

    /// Does what is to be done. Gives the memory of the batch that was dropped, if there was one.
    pub(super) fn finish(mut self) -> Option<VecDeque<T>> {
        self.wake_up();
        self.items.clear();
        let mut memory = mem::take(&mut self.spent);
        // Whoever sends the next item is not to blame for the drop of an old one; the panic hook has
        // told of it.
        let _ = catch_unwind(AssertUnwindSafe(|| memory.clear()));
        (memory.capacity() > 0).then_some(memory)
    }

    fn wake_up(&mut self) {
        for waker in self.calls.drain(..) {
            waker.wake();
        }
    }
}

impl<T> Drop for Afterwards<T> {
    fn drop(&mut self) {
        self.wake_up();
    }
}
