//! The tasks and threads that wait for capacity in the queue, for demand, or for its end.
//!
//! A waiter holds a [`Ticket`], which keeps its place in the order of arrival. An end wakes the whole list. Capacity is
//! scarce, so one waiter at a time is *notified* of it. The waiter *acknowledges* that when it returns, or gives its
//! ticket up, and the next one is notified if there is still capacity. So a drain does not pay for the wakes of senders
//! that would find the queue full again.
//!
//! Dropping a waker can run any code, so no function of [`Waiters`] drops one. It returns the waker to the caller,
//! which holds the lock and drops the waker later.

use super::state::State;
use super::{spin, AfterUnlock, Carried, Load, Overflow, Queue, SendError};
use std::collections::btree_map::{BTreeMap, Entry};
use std::mem;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

/// The list that a [`Ticket`] is on.
#[derive(Clone, Copy)]
pub(crate) enum WaitsFor {
    Capacity,
    Demand,
    End,
}

/// The free capacity for the first items of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FreeCapacity {
    /// The number of items; 0 if the first was dropped.
    pub(crate) items: usize,
    /// The most that they may weigh. The first one may weigh more.
    pub(crate) bytes: usize,
}

/// A position on a list of waiters; empty until the holder has to wait.
#[derive(Default)]
pub(crate) struct Ticket {
    number: Option<u64>,
}

impl Ticket {
    /// Returns whether the holder has had to wait, and so must [deregister](Queue::deregister).
    pub(crate) fn is_registered(&self) -> bool {
        self.number.is_some()
    }
}

impl<B: Carried, E> Queue<B, E> {
    /// Sends items as soon as there is capacity for all of them. The load is one item, or it is within the number and
    /// the weight that [`poll_free_capacity`](Queue::poll_free_capacity) has returned. Refuses the load when there is
    /// capacity for only a part of it, because another producer was faster. Is ready at once with a policy other than
    /// [`Overflow::Block`]. The ticket keeps its place for further sends of the caller until it is
    /// [deregistered](Queue::deregister).
    pub(crate) fn poll_push(
        &self,
        load: &mut impl Load<B>,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        self.poll_until_capacity(ticket, context, |state, ticket, after_unlock| {
            state.send_waiters.acknowledge(ticket);
            match state.push(load, after_unlock) {
                // With capacity for a part, the caller encodes fewer items. It could wait forever for capacity for all
                // of them while others send one by one.
                Err(SendError::Full(()))
                    if self.limits.overflow == Overflow::Block
                        && (load.count() == 1 || state.free_items() == Ok(0)) =>
                {
                    None
                }
                sent => Some(sent),
            }
        })
    }

    /// Returns the capacity for items, as soon as there is some for the first one, which weighs `first`. A sender that
    /// was notified acknowledges only when it sends, or gives its ticket up.
    pub(crate) fn poll_free_capacity(
        &self,
        first: usize,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<FreeCapacity, SendError<()>>> {
        self.poll_until_capacity(ticket, context, |state, _, _| {
            match state.free_capacity(first) {
                Err(SendError::Full(())) if self.limits.overflow == Overflow::Block => None,
                free => Some(free),
            }
        })
    }

    /// Returns the number of items that there is capacity for, as soon as that is at least one.
    ///
    /// It never spins: the caller passes on items that another task makes, perhaps on the same thread. The items of a
    /// tokio channel took twice as long with spinning.
    pub(crate) fn poll_free_items(
        &self,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<usize, SendError<()>>> {
        self.locked(|state, after_unlock| {
            let free = state.free_items();
            if free == Ok(0) {
                state.send_waiters.acknowledge(ticket);
                state.wait_for_capacity(ticket, context.waker(), after_unlock);
                return Poll::Pending;
            }
            state.stop_waiting_for_capacity(ticket, after_unlock);
            Poll::Ready(free)
        })
    }

    /// Waits until the consumer is parked: it has taken everything and asks for more. Never ready after the end.
    pub(crate) fn poll_demand(&self, ticket: &mut Ticket, context: &mut Context<'_>) -> Poll<()> {
        self.locked(|state, after_unlock| {
            if state.is_parked() {
                after_unlock.discard(state.demand_waiters.deregister(ticket));
                return Poll::Ready(());
            }
            if state.is_open() {
                let waiters = &mut state.demand_waiters;
                waiters.wait(ticket, context.waker(), after_unlock);
            }
            Poll::Pending
        })
    }

    /// Waits until the queue has ended, in any of the three ways.
    pub(crate) fn poll_closed(&self, ticket: &mut Ticket, context: &mut Context<'_>) -> Poll<()> {
        self.locked(|state, after_unlock| {
            if !state.is_open() {
                return Poll::Ready(());
            }
            let waiters = &mut state.closed_waiters;
            waiters.wait(ticket, context.waker(), after_unlock);
            Poll::Pending
        })
    }

    /// Takes a waiter off the list, if it is there.
    pub(crate) fn deregister(&self, ticket: &mut Ticket, list: WaitsFor) {
        self.locked(|state, after_unlock| match list {
            WaitsFor::Capacity => state.stop_waiting_for_capacity(ticket, after_unlock),
            WaitsFor::Demand => after_unlock.discard(state.demand_waiters.deregister(ticket)),
            WaitsFor::End => after_unlock.discard(state.closed_waiters.deregister(ticket)),
        });
    }

    /// Calls `send` under the lock until it finds capacity. Spins once, if the consumer is likely to drain soon, and then
    /// waits for a wake.
    fn poll_until_capacity<R>(
        &self,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
        mut send: impl FnMut(&mut State<B, E>, &mut Ticket, &mut AfterUnlock<B>) -> Option<R>,
    ) -> Poll<R> {
        let mut has_spun = false;
        loop {
            let sent = self.locked(|state, after_unlock| {
                state.spinning -= usize::from(has_spun);
                if let Some(sent) = send(state, ticket, after_unlock) {
                    return ControlFlow::Break(Poll::Ready(sent));
                }
                state.send_waiters.acknowledge(ticket);
                if state.drain_interval.is_short()
                    && !has_spun
                    && !state.send_waiters.is_notifying()
                {
                    state.spinning += 1;
                    self.changed.store(false, Ordering::Relaxed);
                    return ControlFlow::Continue(());
                }
                state.wait_for_capacity(ticket, context.waker(), after_unlock);
                ControlFlow::Break(Poll::Pending)
            });
            match sent {
                ControlFlow::Break(polled) => return polled,
                ControlFlow::Continue(()) => spin::until_set(&self.changed),
            }
            has_spun = true;
        }
    }
}

impl<B: Carried, E> State<B, E> {
    /// Returns the number of items that there is capacity for if they weigh nothing.
    fn free_items(&self) -> Result<usize, SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        Ok(match self.limits.overflow {
            Overflow::Block if !self.has_capacity(1, 1) => 0,
            Overflow::Block => self.limits.capacity - self.items,
            // With these policies a send never waits for capacity.
            Overflow::DropOldest | Overflow::DropNewest | Overflow::Error => self.limits.capacity,
        })
    }

    /// Returns the capacity for items whose first one weighs `first`. A policy that drops the newest may drop the first
    /// item, which then counts as sent.
    fn free_capacity(&mut self, first: usize) -> Result<FreeCapacity, SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        let (items, bytes) = match self.limits.overflow {
            // New items take the capacity of old ones.
            Overflow::DropOldest => (0, 0),
            Overflow::Block | Overflow::DropNewest | Overflow::Error => (self.items, self.bytes),
        };
        if self.limits.overflow == Overflow::DropOldest || self.has_capacity(1, first) {
            return Ok(FreeCapacity {
                items: self.limits.capacity - items,
                bytes: self.limits.max_bytes.saturating_sub(bytes),
            });
        }
        if self.limits.overflow == Overflow::DropNewest {
            self.drop_newest();
            return Ok(FreeCapacity { items: 0, bytes: 0 });
        }
        Err(SendError::Full(()))
    }

    fn wait_for_capacity(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) {
        if self.send_waiters.wait(ticket, waker, after_unlock) {
            self.counts.producer_waits += 1;
        }
    }

    /// Takes a sender off the list. If the sender was notified, notifies the next one.
    fn stop_waiting_for_capacity(
        &mut self,
        ticket: &mut Ticket,
        after_unlock: &mut AfterUnlock<B>,
    ) {
        let was_notified = self.send_waiters.acknowledge(ticket);
        after_unlock.discard(self.send_waiters.deregister(ticket));
        if was_notified {
            self.notify_sender(after_unlock);
        }
    }
}

/// The waiters for one event.
#[derive(Default)]
pub(super) struct Waiters {
    /// The wakers, by the numbers of their tickets.
    wakers: BTreeMap<u64, Waker>,
    next_number: u64,
    notified: Option<Notified>,
}

/// The waiter that was notified and has not acknowledged it.
struct Notified {
    number: u64,
    /// Whether a drain has come since then.
    is_late: bool,
}

/// The outcome of [`Waiters::register`].
pub(super) enum Registered {
    /// The ticket was not on the list before.
    Newly,
    /// The ticket was on the list before. The waker, if any, is the one that was replaced.
    Again(Option<Waker>),
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

    /// Registers a waiter. Returns whether its ticket was not on the list before.
    fn wait<B>(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) -> bool {
        match self.register(ticket, waker) {
            Registered::Newly => true,
            Registered::Again(replaced) => {
                after_unlock.discard(replaced);
                false
            }
        }
    }

    /// Empties the ticket, and takes it off the list if it is there.
    pub(super) fn deregister(&mut self, ticket: &mut Ticket) -> Option<Waker> {
        self.wakers.remove(&ticket.number.take()?)
    }

    /// Takes the first waiter off the list, for the caller to wake.
    pub(super) fn notify_next(&mut self) -> Option<Waker> {
        let (number, waker) = self.wakers.pop_first()?;
        self.notified = Some(Notified {
            number,
            is_late: false,
        });
        Some(waker)
    }

    /// Takes the first waiter off the list, unless the waiter that was notified before is still expected. A late waiter
    /// may never return.
    pub(super) fn notify_next_instead_of_late(&mut self) -> Option<Waker> {
        match &mut self.notified {
            Some(notified) if !notified.is_late => {
                notified.is_late = true;
                None
            }
            Some(_) | None => self.notify_next(),
        }
    }

    /// Notes that the holder of this ticket has returned. Returns whether it was notified.
    fn acknowledge(&mut self, ticket: &Ticket) -> bool {
        let notified = self.notified.as_ref().map(|notified| notified.number);
        let was_notified = ticket.is_registered() && ticket.number == notified;
        if was_notified {
            self.notified = None;
        }
        was_notified
    }

    /// Returns whether there are waiters, and no notified waiter is still expected.
    pub(super) fn can_notify(&self) -> bool {
        !self.wakers.is_empty() && self.notified.is_none()
    }

    /// Returns whether a notified waiter has not returned.
    fn is_notifying(&self) -> bool {
        self.notified.is_some()
    }

    /// Takes all waiters off the list.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Waker> {
        self.notified = None;
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
