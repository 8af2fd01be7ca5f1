//! The tasks and threads that wait for something of the queue: for room, or for its end.
//!
//! Whoever waits holds a [`Ticket`], which keeps its place in the order of arrival. What everybody
//! waits for wakes the whole list. Room, of which there may be little, is offered to one at a time:
//! whoever was *called* and comes back, or gives its ticket up, has the next one called if there is
//! still room. So a drain does not pay for the wakes of senders who would find the queue full again.
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
    /// Whether there is anything to [forget](Waiters::forget).
    pub(crate) fn is_filled(&self) -> bool {
        self.number.is_some()
    }
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
    /// By the numbers of their tickets.
    wakers: BTreeMap<u64, Waker>,
    next_number: u64,
    called: Option<Called>,
}

/// Who was called and has not come back.
struct Called {
    number: u64,
    /// Whether it has been looked for once.
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

    /// Takes the first off the list, unless another one is on its way, and not late: it may never
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

    /// Notes that this ticket's holder is there. `true` if it was called.
    pub(super) fn come_back(&mut self, ticket: &Ticket) -> bool {
        let called = self.called.as_ref().map(|called| called.number);
        let was_called = ticket.is_filled() && ticket.number == called;
        if was_called {
            self.called = None;
        }
        was_called
    }

    /// Whether somebody waits, and nobody was called who has not come back.
    pub(super) fn has_uncalled(&self) -> bool {
        !self.wakers.is_empty() && self.called.is_none()
    }

    /// Whether somebody was called who has not come back.
    pub(super) fn is_anyone_called(&self) -> bool {
        self.called.is_some()
    }

    /// Takes everybody off the list.
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
