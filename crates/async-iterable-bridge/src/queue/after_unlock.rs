//! Work of a critical section that is done after the unlock.

use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::Waker;

/// Wakers to call, and values to drop. Both may run code of the program, which may use the queue. The value is made
/// before the lock is taken, so that its drop follows the unlock, also when a panic ends the section. Without a panic,
/// [`finish`](AfterUnlock::finish) does the work. Most sections leave no work, and then it costs almost nothing.
///
/// Wakers are called first, so a batch whose drop is slow, or panics, delays no task.
pub(super) struct AfterUnlock<B>(Option<Box<Work<B>>>);

struct Work<B> {
    calls: VecDeque<Waker>,
    wakers: Vec<Waker>,
    batches: Vec<B>,
}

impl<B> AfterUnlock<B> {
    pub(super) fn new() -> Self {
        AfterUnlock(None)
    }

    fn work(&mut self) -> &mut Work<B> {
        self.0.get_or_insert_with(|| {
            Box::new(Work {
                calls: VecDeque::new(),
                wakers: Vec::new(),
                batches: Vec::new(),
            })
        })
    }

    pub(super) fn wake(&mut self, waker: Waker) {
        self.work().calls.push_back(waker);
    }

    pub(super) fn wake_all(&mut self, wakers: impl Iterator<Item = Waker>) {
        wakers.for_each(|waker| self.wake(waker));
    }

    /// Drops a waker without calling it.
    pub(super) fn discard(&mut self, waker: Option<Waker>) {
        if let Some(waker) = waker {
            self.work().wakers.push(waker);
        }
    }

    pub(super) fn drop_batch(&mut self, batch: B) {
        self.work().batches.push(batch);
    }

    /// Calls the wakers, then drops the values.
    #[inline]
    pub(super) fn finish(mut self) {
        if let Some(work) = &mut self.0 {
            work.wake_up();
            drop_quietly(mem::take(&mut work.batches));
        }
    }
}

impl<B> Work<B> {
    fn wake_up(&mut self) {
        // One by one: if a waker panics, the drop calls the others.
        while let Some(waker) = self.calls.pop_front() {
            waker.wake();
        }
    }
}

impl<B> Drop for Work<B> {
    fn drop(&mut self) {
        self.wake_up();
    }
}

/// Drops values whose drop runs code of the program, and catches its panics. The panic hook has reported them.
pub(crate) fn drop_quietly<V>(values: impl IntoIterator<Item = V>) {
    for value in values {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
    }
}
