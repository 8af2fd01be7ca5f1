//! The tasks and threads that wait for room in the queue, for demand, or for its end.
//!
//! A waiter holds a [`Ticket`], which keeps its place in the order of arrival. An end wakes the whole list. Room is
//! scarce, so it is offered to one waiter at a time, which is then *called*. When this waiter returns, or gives its
//! ticket up, the next one is called if there is still room. So a drain does not pay for the wakes of senders that
//! would find the queue full again.
//!
//! Dropping a waker can run any code, so no function here drops one. It returns the waker to the caller,
//! which holds the lock and drops the waker later.

use std::collections::btree_map::{BTreeMap, Entry};
use std::mem;
use std::task::Waker;

/// A place in a [`Waiters`] list; empty until [`Waiters::register`] fills it.
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
    /// The ticket was on the list before. The waker, if any, is the one that was replaced.
    Again(Option<Waker>),
}

#[derive(Default)]
pub(super) struct Waiters {
    /// The wakers, by the numbers of their tickets.
    wakers: BTreeMap<u64, Waker>,
    next_number: u64,
    called: Option<Called>,
}

/// The waiter that was called and has not returned.
struct Called {
    number: u64,
    /// Whether one drain has found the waiter still missing.
    is_late: bool,
}

impl Waiters {
    /// Puts the waker on the list, or replaces the one that this ticket has there. A ticket
    /// that was on the list before returns to its old place.
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

    /// Empties the ticket, and takes it off the list if it is there.
    pub(super) fn forget(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        self.wakers.remove(&ticket.number.take()?)
    }

    /// Takes the first waiter off the list, for the caller to wake.
    pub(super) fn call(&mut self) -> Option<Waker> {
        let (number, waker) = self.wakers.pop_first()?;
        self.called = Some(Called {
            number,
            is_late: false,
        });
        Some(waker)
    }

    /// Takes the first waiter off the list, unless the waiter that was called before is still expected. A late waiter
    /// may never return.
    pub(super) fn call_instead_of_late(&mut self) -> Option<Waker> {
        match &mut self.called {
            Some(called) if !called.is_late => {
                called.is_late = true;
                None
            }
            Some(_) | None => self.call(),
        }
    }

    /// Notes that the holder of this ticket has returned. Returns whether it was called.
    pub(super) fn come_back(&mut self, ticket: &Ticket) -> bool {
        let called = self.called.as_ref().map(|called| called.number);
        let was_called = ticket.is_filled() && ticket.number == called;
        if was_called {
            self.called = None;
        }
        was_called
    }

    /// Returns whether there are waiters, and no waiter that was called is still expected.
    pub(super) fn has_uncalled(&self) -> bool {
        !self.wakers.is_empty() && self.called.is_none()
    }

    /// Returns whether a waiter that was called has not returned.
    pub(super) fn is_anyone_called(&self) -> bool {
        self.called.is_some()
    }

    /// Takes all waiters off the list.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Waker> {
        self.called = None;
        mem::take(&mut self.wakers).into_values()
    }
}

/// Makes `kept` wake the same task as `wanted`. Returns a waker that is no longer needed.
pub(super) fn refresh(kept: &mut Waker, wanted: &Waker) -> Option<Waker> {
    if kept.will_wake(wanted) {
        return None;
    }
    Some(mem::replace(kept, wanted.clone()))
}
