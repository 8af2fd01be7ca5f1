//! The guard of a wait.

use crate::error::Error;
use crate::item::Batch;
use crate::queue::{Queue, Ticket, WaitsFor};
use std::ops::Deref;

/// A wait for a queue, on one of its lists of waiters. Its drop takes the waiter off the list.
pub(crate) struct Registration<Q: Deref<Target = Queue<Batch, Error>>> {
    queue: Q,
    list: WaitsFor,
    ticket: Ticket,
}

impl<Q: Deref<Target = Queue<Batch, Error>>> Registration<Q> {
    /// Makes a wait that has not begun: the first poll that finds no reason to return begins it.
    pub(crate) fn new(queue: Q, list: WaitsFor) -> Self {
        Registration {
            queue,
            list,
            ticket: Ticket::default(),
        }
    }

    /// Returns whether the wait has begun.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ticket.is_registered()
    }

    pub(crate) fn poll<R>(
        &mut self,
        poll: impl FnOnce(&Queue<Batch, Error>, &mut Ticket) -> R,
    ) -> R {
        poll(&self.queue, &mut self.ticket)
    }
}

impl<Q: Deref<Target = Queue<Batch, Error>>> Drop for Registration<Q> {
    fn drop(&mut self) {
        if self.ticket.is_registered() {
            self.queue.deregister(&mut self.ticket, self.list);
        }
    }
}
