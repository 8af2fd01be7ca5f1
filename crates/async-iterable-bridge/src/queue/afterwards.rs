//! Work that a critical section leaves for after the unlock.

use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Waker;

/// Wakers to call, and values to drop. Both may run code of the program, which may use the queue. It is made before
/// the lock is taken, so that its drop comes after the unlock, also when a panic ends the section. Otherwise
/// [`finish`](Afterwards::finish) does the work.
///
/// Wakers come first: a batch whose drop is slow, or panics, delays no task.
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

    /// Calls the wakers, then drops the values.
    pub(super) fn finish(mut self) {
        self.wake_up();
        drop_quietly(mem::take(&mut self.batches));
    }

    fn wake_up(&mut self) {
        // One by one: after a panic the drop calls the others.
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

/// Drops values whose drop is the program's code, and catches its panics. The panic hook has reported them.
pub(crate) fn drop_quietly<V>(values: impl IntoIterator<Item = V>) {
    for value in values {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
    }
}
