//! What a critical section leaves to be done once the lock is free.

use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Waker;

/// Wakers to call, and values to drop, both of which may run code of others that comes back to
/// the queue. It is made before the lock is taken, so its own drop, which does it all, comes after
/// the unlock; also when a panic ends the section. Otherwise [`finish`](Afterwards::finish) does.
///
/// Wakers come first: a batch whose drop is slow, or panics, keeps no task asleep.
pub(super) struct Afterwards<B> {
    calls: VecDeque<Waker>,
    wakers: Vec<Waker>,
    batches: Vec<B>,
}

impl<B> Afterwards<B> {
    pub(super) fn new() -> Self {
        Afterwards {
            calls: VecDeque::new(),
            wakers: Vec::new(),
            batches: Vec::new(),
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

    pub(super) fn drop_batch(&mut self, batch: B) {
        self.batches.push(batch);
    }

    /// Does what is to be done.
    pub(super) fn finish(mut self) {
        self.wake_up();
        drop_quietly(mem::take(&mut self.batches));
    }

    fn wake_up(&mut self) {
        // One by one, so that after a panic the others are still there, for the drop.
        while let Some(waker) = self.calls.pop_front() {
            waker.wake();
        }
    }
}

impl<B> Drop for Afterwards<B> {
    fn drop(&mut self) {
        self.wake_up();
    }
}

/// Drops values whose drop is the code of others, and may panic. The caller is not to blame; the panic hook reports
/// it.
pub(crate) fn drop_quietly<V>(values: impl IntoIterator<Item = V>) {
    for value in values {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
    }
}
