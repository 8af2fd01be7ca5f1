//! The tasks and threads that wait for something of the queue: for room, or for its end.
//!
//! A waiter holds a [`Ticket`], which keeps its place in the order of arrival. An end wakes the whole list. Room is
//! scarce, so it is offered to one waiter at a time: a waiter that was *called* and comes back, or gives its ticket
//! up, has the next one called if there is still room. So a drain does not pay for the wakes of senders that would
//! find the queue full again.
//!
//! Dropping a waker can run any code, so no function here drops one: it is handed to the caller,
//! who holds the lock and drops it later.

use std::collections::btree_map::{BTreeMap, Entry};
use std::mem;
use std::task::Waker;

/// A place in a [`Waiters`] list; void until [`Waiters::register`] fills it.
#[derive(Default)]
pub(crate) struct Ticket {
    number: Option<u64>,
}

impl Ticket {
    /// Returns whether there is anything to [forget](Waiters::forget).
    pub(crate) fn is_filled(&self) -> bool {
        self.number.is_some()
    }
}

/// The outcome of [`Waiters::register`].
pub(super) enum Registered {
    /// The ticket was not on the list before.
    Newly,
    /// It was, with a waker that is no longer wanted, or with the same.
    Again(Option<Waker>),
}

#[derive(Default)]
pub(super) struct Waiters {
    /// The wakers, by the numbers of their tickets.
    wakers: BTreeMap<u64, Waker>,
    next_number: u64,
    called: Option<Called>,
}

/// The waiter that was called and has not come back.
struct Called {
    number: u64,
    /// Whether a drain has looked for it once.
    is_late: bool,
}

impl Waiters {
    /// Puts the waker on the list, or in the place of the one that this ticket has there. A ticket
    /// that was on the list before comes back to its old place.
    pub(super) fn register(&mut self, ticket: &mut Ticket, waker: &Waker) -> Registered {
        let number = *ticket.number.get_or_insert_with(|| {
            self.next_number += 1;
            self.next_number
        });
        match self.wakers.entry(number) {
            Entry::Occupied(mut kept) => Registered::Again(refresh(kept.get_mut(), waker)),
            Entry::Vacant(place) => {
                place.insert(waker.clone());
                Registered::Newly
            }
        }
    }

    /// Voids the ticket, and takes it off the list if it is there.
    pub(super) fn forget(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        self.wakers.remove(&ticket.number.take()?)
    }

    /// Takes the first off the list, for the caller to wake.
    pub(super) fn call(&mut self) -> Option<Waker> {
        let (number, waker) = self.wakers.pop_first()?;
        self.called = Some(Called {
            number,
            is_late: false,
        });
        Some(waker)
    }

    /// Takes the first off the list, unless the one that was called before is still expected. A late one may never
    /// come back.
    pub(super) fn call_instead_of_late(&mut self) -> Option<Waker> {
        match &mut self.called {
            Some(called) if !called.is_late => {
                called.is_late = true;
                None
            }
            Some(_) | None => self.call(),
        }
    }

    /// Notes that this ticket's holder is there. Returns whether it was called.
    pub(super) fn come_back(&mut self, ticket: &Ticket) -> bool {
        let called = self.called.as_ref().map(|called| called.number);
        let was_called = ticket.is_filled() && ticket.number == called;
        if was_called {
            self.called = None;
        }
        was_called
    }

    /// Returns whether there are waiters and none of them was called and has not come back.
    pub(super) fn has_uncalled(&self) -> bool {
        !self.wakers.is_empty() && self.called.is_none()
    }

    /// Returns whether a waiter was called that has not come back.
    pub(super) fn is_anyone_called(&self) -> bool {
        self.called.is_some()
    }

    /// Takes all waiters off the list.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Waker> {
        self.called = None;
        mem::take(&mut self.wakers).into_values()
    }
}

/// Makes `kept` wake what `wanted` wakes. Returns a waker that is no longer needed.
pub(super) fn refresh(kept: &mut Waker, wanted: &Waker) -> Option<Waker> {
    if kept.will_wake(wanted) {
        return None;
    }
    Some(mem::replace(kept, wanted.clone()))
}
