//! The tasks and threads that wait for something of the queue: for room, or for its end.
//!
//! Whoever waits holds a [`Ticket`]. Waking takes the whole list, which starts a new round;
//! tickets of earlier rounds are then void. A ticket that is given up (its future was dropped)
//! leaves the list, so a waiter that comes and goes a million times costs one place.
//!
//! Dropping a waker can run any code, so no function here drops one: it is handed to the caller,
//! who holds the lock and drops it later.

use slab::Slab;
use std::mem;
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

/// What [`Waiters::register`] did.
pub(super) enum Registered {
    /// The ticket was not on the list before.
    Newly,
    /// It was, with a waker that is no longer wanted, or with the same.
    Again(Option<Waker>),
}

#[derive(Default)]
pub(super) struct Waiters {
    round: u64,
    wakers: Slab<Waker>,
}

impl Waiters {
    /// Puts the waker on the list, or in the place of the one that this ticket has there.
    pub(super) fn register(&mut self, ticket: &mut Ticket, waker: &Waker) -> Registered {
        match self.current(ticket) {
            Some(key) => Registered::Again(refresh(&mut self.wakers[key], waker)),
            None => {
                let key = self.wakers.insert(waker.clone());
                ticket.place = Some(Place {
                    round: self.round,
                    key,
                });
                Registered::Newly
            }
        }
    }

    /// Takes the ticket off the list, if it is still there.
    pub(super) fn forget(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        let waker = self.current(ticket).map(|key| self.wakers.remove(key));
        ticket.place = None;
        waker
    }

    /// Takes everybody off the list.
    pub(super) fn take(&mut self) -> Slab<Waker> {
        self.round += 1;
        mem::take(&mut self.wakers)
    }

    fn current(&self, ticket: &Ticket) -> Option<usize> {
        ticket
            .place
            .filter(|place| place.round == self.round)
            .map(|place| place.key)
    }
}

/// Makes `kept` wake what `wanted` wakes. Returns a waker that is no longer needed.
pub(super) fn refresh(kept: &mut Waker, wanted: &Waker) -> Option<Waker> {
    if kept.will_wake(wanted) {
        return None;
    }
    Some(mem::replace(kept, wanted.clone()))
}
