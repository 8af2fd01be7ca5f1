//! The list that other threads use to wake the JavaScript thread, and [`Parking`], that thread's side of it. A thread puts its stream's number on the list. If
//! the list was empty, that thread also notifies, for itself and for the numbers that follow.
//!
//! The invariant: while there are numbers on the list, exactly one notification is under way, or is
//! about to be made by the thread that added the first of them. An answer takes the list in
//! the critical section that ends this state, so a number that is added later notifies again.

#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;

use super::napi::{Environment, ThreadsafeFunction};
use crate::sync::{lock, Mutex};
use std::cell::{Cell, RefCell};
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

/// The consumers of one environment that wait for another thread, as their streams see them: they are woken, they hold
/// the process alive, and the memory of their last burst is freed.
pub(super) struct Parking {
    environment: Environment,
    wake_list: Arc<WakeList<ThreadsafeFunction>>,
    /// The number of parked consumers and holding listeners. While it is not 0, the process is held alive.
    parked: Cell<usize>,
    /// The numbers of streams that have parked since they were last shrunk.
    grown: RefCell<Vec<u64>>,
}

impl Notifier for ThreadsafeFunction {
    fn notify(&self) {
        ThreadsafeFunction::notify(self);
    }
}

impl Parking {
    pub(super) fn new(environment: Environment, function: ThreadsafeFunction) -> Self {
        Parking {
            environment,
            wake_list: Arc::new(WakeList::new(function)),
            parked: Cell::new(0),
            grown: RefCell::default(),
        }
    }

    /// Returns the waker of the stream or listener with this number.
    pub(super) fn waker(&self, number: u64) -> Waker {
        self.wake_list.waker(number)
    }

    /// Returns at most `most` of the streams and listeners to wake. If there are more, notifies again for them.
    pub(super) fn take_ready(&self, most: usize) -> Vec<u64> {
        self.wake_list.take_ready(most)
    }

    pub(super) fn count_parked(&self) {
        self.parked.set(self.parked.get() + 1);
    }

    pub(super) fn count_unparked(&self) {
        self.parked.set(self.parked.get() - 1);
    }

    /// Holds the process alive exactly while a consumer is parked, or a listener holds it.
    pub(super) fn hold(&self) {
        let function = self.wake_list.notifier();
        function.hold(self.environment, self.parked.get() > 0);
    }

    pub(super) fn is_held(&self) -> bool {
        self.wake_list.notifier().holds()
    }

    /// Notes that a stream has parked, and may keep memory.
    pub(super) fn shrink_later(&self, number: u64) {
        self.grown.borrow_mut().push(number);
    }

    /// Returns at most `most` of the streams that may keep memory, and whether there are more.
    pub(super) fn take_grown(&self, most: usize) -> (Vec<u64>, bool) {
        let mut grown = self.grown.borrow_mut();
        let rest = grown.len().saturating_sub(most);
        (grown.split_off(rest), rest > 0)
    }

    /// Makes later wakes do nothing, because the environment goes away.
    pub(super) fn close(&self) {
        self.wake_list.notifier().close();
    }
}
