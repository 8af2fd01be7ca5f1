//! The bounded buffer of encoded batches between producers and the one consumer. It is independent of Node, and
//! contains no `unsafe`.
//!
//! # How it ends
//!
//! A queue ends once, in one of three ways: a producer *closes* it, a producer *fails* it, or
//! the consumer *cancels* it. After a close or a failure the consumer still gets the buffered
//! items, then the end, once. A cancellation drops the buffer. A queue that has ended refuses every send, and
//! the producer keeps its items.
//!
//! # The races
//!
//! Every decision is made under one lock. Wakers are called and batches are dropped after the unlock, because both
//! may run code of the program that uses the queue. Producers encode before they take the lock. The exception is an
//! item whose encoding runs only code of this crate.
//!
//! - *Send against park*: the consumer parks in the critical section in which it found
//!   nothing. So either [`Queue::drain`] sees an item, or the item's sender finds the parked waker.
//! - *Full against drain*: a producer registers for room in the critical section in which it
//!   found none. So the drain that makes room finds the producer on the list.

#![forbid(unsafe_code)]

mod after_unlock;
mod block_on;
mod carried;
mod send_error;
mod spin;
mod state;
#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;
mod waiters;

pub(crate) use after_unlock::drop_quietly;
pub(crate) use block_on::block_on;
pub(crate) use carried::{Batches, Carried, Load};
pub(crate) use send_error::Refusal;
pub use send_error::SendError;
pub(crate) use waiters::Ticket;

use crate::sync::{lock, Mutex};
use after_unlock::AfterUnlock;
use spin::Spinner;
use state::{Phase, State};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::task::{Context, Poll, Waker};

/// The policy for an item that finds the queue full.
///
/// ```
/// use async_iterable_bridge::{bridge, Options, Overflow, SendError};
///
/// let (producer, _stream) = bridge(Options::new().capacity(1).overflow(Overflow::DropNewest));
/// assert_eq!(producer.try_send("kept"), Ok(()));
/// assert_eq!(producer.try_send("lost"), Ok(()));
///
/// let (producer, _stream) = bridge(Options::new().capacity(1).overflow(Overflow::Error));
/// assert_eq!(producer.try_send("kept"), Ok(()));
/// assert_eq!(producer.blocking_send("handed back"), Err(SendError::Full("handed back")));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The sender waits for room.
    #[default]
    Block,
    /// The oldest buffered items make room; they are lost and counted.
    DropOldest,
    /// The new item is lost and counted; the send succeeds.
    DropNewest,
    /// The send fails and hands the item back.
    Error,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) capacity: usize,
    pub(crate) max_bytes: usize,
    pub(crate) overflow: Overflow,
}

/// The result of a drain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Drained<E> {
    /// At least one item.
    Items,
    /// Nothing yet; the waker will be called.
    Parked,
    /// The end, or anything after it.
    Closed,
    /// The end by failure; returned once.
    Failed(E),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueState {
    Open,
    Closed,
    Failed,
    Cancelled,
}

/// The values of a queue's counters, all read at one moment. Items that are lost by a dropping policy or by a
/// cancellation count as `dropped`, after they have counted as `pushed`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueStats {
    pub(crate) pushed: u64,
    pub(crate) dropped: u64,
    pub(crate) skipped: u64,
    pub(crate) buffered: usize,
    pub(crate) buffered_bytes: usize,
    pub(crate) wakes: u64,
    pub(crate) producer_waits: u64,
    pub(crate) is_awaited: bool,
    pub(crate) state: QueueState,
}

/// The list that a [`Ticket`] stands on.
#[derive(Clone, Copy)]
pub(crate) enum WaitsFor {
    Room,
    Demand,
    End,
}

/// Room for the first items of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// The number of items; 0 if the first was dropped.
    pub(crate) items: usize,
    /// The most that they may weigh. The first one may weigh more.
    pub(crate) bytes: usize,
}

pub(crate) struct Queue<B, E> {
    limits: Limits,
    spinner: Spinner,
    state: Mutex<State<B, E>>,
}

impl<B: Carried, E> Queue<B, E> {
    pub(crate) fn new(limits: Limits) -> Self {
        Queue {
            limits,
            spinner: Spinner::default(),
            state: Mutex::new(State::new()),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns whether a push needs the weight of each item.
    pub(crate) fn needs_weights(&self) -> bool {
        self.limits.overflow == Overflow::DropOldest
    }

    /// Sends one item without waiting.
    pub(crate) fn try_push(&self, load: &mut impl Load<B>) -> Result<(), SendError<()>> {
        self.locked(|state, after_unlock| state.push(self.limits, load, after_unlock))
    }

    /// Sends items as soon as there is room for all of them. The load is one item, or it is within the number and the
    /// weight that [`poll_portion`](Queue::poll_portion) has returned. Refuses the load when there is room for only a
    /// part of it, because another producer was faster. Is ready at once with a policy other than [`Overflow::Block`].
    /// The ticket keeps its place for further sends of the caller until it is [forgotten](Queue::forget).
    pub(crate) fn poll_push(
        &self,
        load: &mut impl Load<B>,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        self.poll_until_room(ticket, context, |state, ticket, after_unlock| {
            state.senders.come_back(ticket);
            match state.push(self.limits, load, after_unlock) {
                // With room for a part, the caller encodes fewer items. It could wait forever for room for all of them
                // while others send one by one.
                Err(SendError::Full(()))
                    if self.limits.overflow == Overflow::Block
                        && (load.count() == 1 || state.room(self.limits) == Ok(0)) =>
                {
                    None
                }
                sent => Some(sent),
            }
        })
    }

    /// Returns the room for items, as soon as there is room for the first one, which weighs `first`. A sender that was
    /// called stays called until it sends, or gives its ticket up.
    pub(crate) fn poll_portion(
        &self,
        first: usize,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<Room, SendError<()>>> {
        self.poll_until_room(ticket, context, |state, _, _| {
            match state.portion(self.limits, first) {
                Err(SendError::Full(())) if self.limits.overflow == Overflow::Block => None,
                room => Some(room),
            }
        })
    }

    /// Returns the number of items that there is room for, as soon as that is at least one.
    ///
    /// It never spins: the caller passes on items that another task makes, perhaps on the same thread. The items of a
    /// tokio channel took twice as long with spinning.
    pub(crate) fn poll_room(
        &self,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<usize, SendError<()>>> {
        self.locked(|state, after_unlock| {
            let room = state.room(self.limits);
            if room == Ok(0) {
                state.senders.come_back(ticket);
                state.wait_for_room(ticket, context.waker(), after_unlock);
                return Poll::Pending;
            }
            state.stop_waiting_for_room(self.limits, ticket, after_unlock);
            Poll::Ready(room)
        })
    }

    /// Waits until the consumer is parked: it has taken everything and asks for more. Never ready after the end.
    pub(crate) fn poll_demand(&self, ticket: &mut Ticket, context: &mut Context<'_>) -> Poll<()> {
        self.locked(|state, after_unlock| {
            state.wait_for_demand(ticket, context.waker(), after_unlock)
        })
    }

    /// Calls `send` under the lock until it finds room. Spins once, if the consumer is likely to be back soon, and then
    /// waits for a wake.
    fn poll_until_room<R>(
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
                state.senders.come_back(ticket);
                if state.drain_interval.is_short() && !has_spun && !state.senders.is_anyone_called()
                {
                    state.spinning += 1;
                    self.spinner.prepare();
                    return ControlFlow::Continue(());
                }
                state.wait_for_room(ticket, context.waker(), after_unlock);
                ControlFlow::Break(Poll::Pending)
            });
            match sent {
                ControlFlow::Break(polled) => return polled,
                ControlFlow::Continue(()) => self.spinner.spin(),
            }
            has_spun = true;
        }
    }

    /// Waits until the queue has ended, in any of the three ways.
    pub(crate) fn poll_closed(&self, ticket: &mut Ticket, context: &mut Context<'_>) -> Poll<()> {
        self.locked(|state, after_unlock| {
            if !state.is_open() {
                return Poll::Ready(());
            }
            state.wait_for_end(ticket, context.waker(), after_unlock);
            Poll::Pending
        })
    }

    /// Takes a waiter off the list, if it is there.
    pub(crate) fn forget(&self, ticket: &mut Ticket, list: WaitsFor) {
        self.locked(|state, after_unlock| match list {
            WaitsFor::Room => state.stop_waiting_for_room(self.limits, ticket, after_unlock),
            WaitsFor::Demand => after_unlock.discard(state.askers.forget(ticket)),
            WaitsFor::End => after_unlock.discard(state.watchers.forget(ticket)),
        });
    }

    /// Ends the queue normally. Returns `true` only for the call that ended it.
    pub(crate) fn close(&self) -> bool {
        self.end(Phase::Closing)
    }

    /// Ends the queue with an error, which the consumer gets after the buffered items. Returns `true` only for the call
    /// that ended it.
    pub(crate) fn fail(&self, error: E) -> bool {
        self.end(Phase::Failing(error))
    }

    fn end(&self, phase: Phase<E>) -> bool {
        let ended = self.locked(|state, after_unlock| state.end(phase, after_unlock));
        self.spinner.notify();
        ended.is_ok()
    }

    /// Ends the queue because the consumer leaves: drops the buffer, and refuses producers from here on. Returns `true`
    /// only for the call that made the consumer leave, and `false` once the consumer has seen the end.
    pub(crate) fn cancel(&self) -> bool {
        let left = self.locked(|state, after_unlock| state.cancel(after_unlock));
        self.spinner.notify();
        let has_left = left.is_some();
        drop_quietly(left.into_iter().flat_map(|(batches, _)| batches));
        has_left
    }

    /// Moves all buffered batches to `into`, which is empty, or returns why there are none. When there are none *yet*,
    /// keeps `waker` and calls it at the next item or at the end.
    ///
    /// Keeps some of the batches in `emptied` for their memory.
    pub(crate) fn drain(
        &self,
        into: &mut VecDeque<B>,
        emptied: &mut Vec<B>,
        waker: &Waker,
    ) -> Drained<E> {
        let drained =
            self.locked(|state, after_unlock| state.drain(into, emptied, waker, after_unlock));
        self.spinner.notify();
        drained
    }

    /// Frees the memory that is kept for the next burst, and wakes all waiters for room, if the consumer is parked.
    /// The caller lets the consumer wait for a while first, because the memory makes short waits cheaper.
    pub(crate) fn release(&self) {
        self.locked(State::release);
    }

    /// Counts items that the consumer had drained and then left unread.
    pub(crate) fn record_dropped(&self, items: u64) {
        lock(&self.state).counts.dropped += items;
    }

    /// Counts items that a producer left out.
    pub(crate) fn record_skipped(&self, items: u64) {
        lock(&self.state).counts.skipped += items;
    }

    pub(crate) fn is_closed(&self) -> bool {
        !lock(&self.state).is_open()
    }

    pub(crate) fn stats(&self) -> QueueStats {
        lock(&self.state).stats()
    }

    /// Runs a critical section, and after the unlock the work that the section has left.
    fn locked<R>(&self, section: impl FnOnce(&mut State<B, E>, &mut AfterUnlock<B>) -> R) -> R {
        let mut after_unlock = AfterUnlock::new();
        let result = section(&mut lock(&self.state), &mut after_unlock);
        after_unlock.finish();
        result
    }
}
