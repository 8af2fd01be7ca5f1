//! The tasks and threads that wait for something of the queue: for room, or for its end.
//!
//! Whoever waits holds a [`Ticket`]. Waking takes the whole list, which starts a new round;
//! tickets of earlier rounds are then void. A ticket that is given up (its future was dropped)
//! leaves the list, so a waiter that comes and goes a million times costs one place.

use slab::Slab;
use std::task::Waker;

/// A place in a [`Waiters`] list; void until [`Waiters::register`] fills it.
#[derive(Default)]
pub(crate) struct Ticket {
    place: Option<Place>,
}

impl Ticket {
    /// Whether it has ever been on a list; it need not be there any more.
    pub(crate) fn is_filled(&self) -> bool {
        self.place.is_some()
    }
}

#[derive(Clone, Copy)]
struct Place {
    round: u64,
    key: usize,
}

#[derive(Default)]
pub(super) struct Waiters {
    round: u64,
    wakers: Slab<Waker>,
}

impl Waiters {
    /// Puts the waker on the list, or replaces the one that this ticket already has there.
    /// Returns `true` when the ticket was not on the list before.
    pub(super) fn register(&mut self, ticket: &mut Ticket, waker: &Waker) -> bool {
        match self.current(ticket) {
            Some(key) => {
                self.wakers[key].clone_from(waker);
                false
            }
            None => {
                let key = self.wakers.insert(waker.clone());
                ticket.place = Some(Place {
                    round: self.round,
                    key,
                });
                true
            }
        }
    }

    pub(super) fn forget(&mut self, ticket: &mut Ticket) {
        if let Some(key) = self.current(ticket) {
            self.wakers.remove(key);
        }
        ticket.place = None;
    }

    /// Takes everybody off the list; the caller wakes them after it has left the lock.
    pub(super) fn take(&mut self) -> Woken {
        if self.wakers.is_empty() {
            return Woken(Slab::new());
        }
        self.round += 1;
        Woken(std::mem::take(&mut self.wakers))
    }

    fn current(&self, ticket: &Ticket) -> Option<usize> {
        ticket
            .place
            .filter(|place| place.round == self.round)
            .map(|place| place.key)
    }
}

/// Wakers that have left the list and are still to be called.
#[must_use]
pub(super) struct Woken(Slab<Waker>);

impl Woken {
    pub(super) fn wake(mut self) {
        for waker in self.0.drain() {
            waker.wake();
        }
    }
}
