//! The consumers of one environment that wait for another thread, as their streams see them: they are woken, they hold
//! the process alive, and the memory of their last burst is freed.

use super::napi::{Environment, ThreadsafeFunction};
use super::wake_list::{Notifier, WakeList};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::Waker;

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
