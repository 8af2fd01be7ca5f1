//! The bounded buffer between producers and the one consumer. Pure Rust: it has never heard of
//! Node, and contains no `unsafe`.
//!
//! # How it ends
//!
//! A queue ends once, in one of three ways: a producer *closes* it, a producer *fails* it, or
//! the consumer *cancels* it. After a close or a failure the consumer still gets what is
//! buffered, then the end, once; after a cancellation the buffer is gone. A producer is refused
//! from the moment of the end on, and gets its item back.
//!
//! # The races
//!
//! Everything is decided under one lock; wakers are called and items are dropped after it has
//! been released, because both may run code of others that comes back here.
//!
//! - *Send against park*: the consumer parks in the same critical section in which it found
//!   nothing, so an item is either seen by [`Queue::drain`] or its sender finds the parked waker.
//! - *Full against drain*: a producer registers for room in the critical section in which it
//!   found none, so the drain that makes room finds it on the list.

#![forbid(unsafe_code)]

mod sync;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
mod waiters;

pub(crate) use sync::block_on;
pub(crate) use waiters::Ticket;

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::task::{Context, Poll, Waker};
use sync::{lock, Mutex};
use waiters::Waiters;

/// What an item weighs against the bound in bytes.
pub(crate) trait Weigh {
    fn bytes(&self) -> usize;
}

/// What happens to an item that finds the queue full.
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

/// A send that did not take place, with what was to be sent.
#[derive(Clone, PartialEq, Eq)]
pub enum SendError<T> {
    /// There is no room, and the call may not wait for any.
    Full(T),
    /// The stream has ended.
    Closed(T),
}

impl<T> SendError<T> {
    /// What was to be sent.
    pub fn into_inner(self) -> T {
        match self {
            SendError::Full(item) | SendError::Closed(item) => item,
        }
    }

    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> SendError<U> {
        match self {
            SendError::Full(item) => SendError::Full(with(item)),
            SendError::Closed(item) => SendError::Closed(with(item)),
        }
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            SendError::Full(_) => "the stream's buffer is full",
            SendError::Closed(_) => "the stream has ended",
        })
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            SendError::Full(_) => "Full(..)",
            SendError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> std::error::Error for SendError<T> {}

/// What a drain found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Drained<E> {
    /// At least one item.
    Items,
    /// Nothing yet; the waker will be called.
    Parked,
    /// The end, or anything after it.
    Closed,
    /// The end by failure; told once.
    Failed(E),
}

/// Where a queue stands. It only moves down this list, and never between the last three.
enum Phase<E> {
    /// Producers may send.
    Open,
    /// A producer has closed or failed it; the consumer has not come to the end yet.
    Closing,
    Failing(E),
    /// The consumer has seen the end, or has left.
    Closed,
    Failed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueState {
    Open,
    Closed,
    Failed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    pushed: u64,
    dropped: u64,
    skipped: u64,
    wakes: u64,
    producer_waits: u64,
}

/// A reading of a queue's counters, all taken at one moment. Items that a dropping policy or a
/// cancellation lost are `dropped`; they were `pushed` before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueStats {
    pub(crate) pushed: u64,
    pub(crate) dropped: u64,
    pub(crate) skipped: u64,
    pub(crate) buffered: usize,
    pub(crate) buffered_bytes: usize,
    pub(crate) wakes: u64,
    pub(crate) producer_waits: u64,
    pub(crate) state: QueueState,
}

struct State<T, E> {
    items: VecDeque<T>,
    /// The sum of the items' weights.
    bytes: usize,
    phase: Phase<E>,
    /// Present exactly while the consumer is parked.
    parked: Option<Waker>,
    /// Producers that wait for room.
    senders: Waiters,
    /// Producers that wait for the end.
    watchers: Waiters,
    counts: Counts,
}

pub(crate) struct Queue<T, E> {
    limits: Limits,
    state: Mutex<State<T, E>>,
}

impl<T: Weigh, E> Queue<T, E> {
    pub(crate) fn new(limits: Limits) -> Self {
        Queue {
            limits,
            state: Mutex::new(State {
                items: VecDeque::new(),
                bytes: 0,
                phase: Phase::Open,
                parked: None,
                senders: Waiters::default(),
                watchers: Waiters::default(),
                counts: Counts::default(),
            }),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends without waiting.
    pub(crate) fn try_push(&self, item: T) -> Result<(), SendError<T>> {
        let mut evicted = Evicted::default();
        let (sent, parked) = {
            let mut state = lock(&self.state);
            let sent = state.push(self.limits, item, &mut evicted);
            (sent, state.unpark())
        };
        wake(parked);
        sent
    }

    /// Sends `item` as soon as there is room. With a policy other than [`Overflow::Block`] it is
    /// ready at once. `item` is empty afterwards, unless it is still to be sent.
    pub(crate) fn poll_push(
        &self,
        item: &mut Option<T>,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<T>>> {
        let Some(unsent) = item.take() else {
            return Poll::Ready(Ok(()));
        };
        let mut evicted = Evicted::default();
        let (sent, parked) = {
            let mut state = lock(&self.state);
            let sent = match state.push(self.limits, unsent, &mut evicted) {
                Err(SendError::Full(unsent)) if self.limits.overflow == Overflow::Block => {
                    *item = Some(unsent);
                    state.wait_for_room(ticket, context.waker());
                    Poll::Pending
                }
                sent => Poll::Ready(sent),
            };
            (sent, state.unpark())
        };
        wake(parked);
        sent
    }

    /// Sends the whole batch, in as many portions as the bounds ask for and with one lock and at
    /// most one wake for each. A refusal leaves what was not sent in `batch`.
    pub(crate) fn poll_push_all(
        &self,
        batch: &mut VecDeque<T>,
        ticket: &mut Ticket,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        let mut evicted = Evicted::default();
        let (sent, parked) = {
            let mut state = lock(&self.state);
            let sent = state.push_all(self.limits, batch, &mut evicted);
            let sent = match sent {
                Err(SendError::Full(())) if self.limits.overflow == Overflow::Block => {
                    state.wait_for_room(ticket, context.waker());
                    Poll::Pending
                }
                sent => Poll::Ready(sent),
            };
            (sent, state.unpark())
        };
        wake(parked);
        sent
    }

    /// Ready when the queue has ended, in whatever way.
    pub(crate) fn poll_closed(&self, ticket: &mut Ticket, context: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        match state.phase {
            Phase::Open => {
                state.watchers.register(ticket, context.waker());
                Poll::Pending
            }
            Phase::Closing
            | Phase::Failing(_)
            | Phase::Closed
            | Phase::Failed
            | Phase::Cancelled => Poll::Ready(()),
        }
    }

    /// Takes a waiter off the lists that it may stand on.
    pub(crate) fn forget(&self, ticket: &mut Ticket, list: Waits) {
        let mut state = lock(&self.state);
        match list {
            Waits::ForRoom => state.senders.forget(ticket),
            Waits::ForEnd => state.watchers.forget(ticket),
        }
    }

    /// Ends the queue normally. `true` only for the call that ended it.
    pub(crate) fn close(&self) -> bool {
        self.end(Phase::Closing)
    }

    /// Ends the queue with an error, which the consumer gets after the buffered items.
    pub(crate) fn fail(&self, error: E) -> bool {
        self.end(Phase::Failing(error))
    }

    fn end(&self, phase: Phase<E>) -> bool {
        let (parked, senders, watchers) = {
            let mut state = lock(&self.state);
            if !matches!(state.phase, Phase::Open) {
                return false;
            }
            state.phase = phase;
            (state.unpark(), state.senders.take(), state.watchers.take())
        };
        wake(parked);
        senders.wake();
        watchers.wake();
        true
    }

    /// The consumer leaves: drops the buffer and refuses producers from here on. `true` only for
    /// the call that made it leave; once it has seen the end, there is nothing to cancel.
    pub(crate) fn cancel(&self) -> bool {
        let (buffer, senders, watchers) = {
            let mut state = lock(&self.state);
            match state.phase {
                Phase::Open | Phase::Closing | Phase::Failing(_) => {}
                Phase::Closed | Phase::Failed | Phase::Cancelled => return false,
            }
            let phase = mem::replace(&mut state.phase, Phase::Cancelled);
            let items = mem::take(&mut state.items);
            state.bytes = 0;
            state.counts.dropped += items.len() as u64;
            let parked = state.parked.take();
            (
                (phase, items, parked),
                state.senders.take(),
                state.watchers.take(),
            )
        };
        drop(buffer);
        senders.wake();
        watchers.wake();
        true
    }

    /// Takes everything that is buffered into `into`, which must be empty, or says why there is
    /// nothing. When there is nothing *yet*, `waker` is kept and called once there is.
    pub(crate) fn drain(&self, into: &mut VecDeque<T>, waker: &Waker) -> Drained<E> {
        debug_assert!(into.is_empty());
        let senders = {
            let mut state = lock(&self.state);
            if state.items.is_empty() {
                return state.drain_nothing(waker);
            }
            mem::swap(&mut state.items, into);
            state.bytes = 0;
            state.parked = None;
            state.senders.take()
        };
        senders.wake();
        Drained::Items
    }

    /// Counts items that the consumer had drained and then left unread.
    pub(crate) fn record_dropped(&self, items: u64) {
        lock(&self.state).counts.dropped += items;
    }

    /// Counts what a producer left out.
    pub(crate) fn record_skipped(&self, items: u64) {
        lock(&self.state).counts.skipped += items;
    }

    pub(crate) fn is_closed(&self) -> bool {
        !matches!(lock(&self.state).phase, Phase::Open)
    }

    pub(crate) fn stats(&self) -> QueueStats {
        let state = lock(&self.state);
        QueueStats {
            pushed: state.counts.pushed,
            dropped: state.counts.dropped,
            skipped: state.counts.skipped,
            buffered: state.items.len(),
            buffered_bytes: state.bytes,
            wakes: state.counts.wakes,
            producer_waits: state.counts.producer_waits,
            state: match state.phase {
                Phase::Open => QueueState::Open,
                Phase::Closing | Phase::Closed => QueueState::Closed,
                Phase::Failing(_) | Phase::Failed => QueueState::Failed,
                Phase::Cancelled => QueueState::Cancelled,
            },
        }
    }
}

/// Which list a [`Ticket`] stands on.
#[derive(Clone, Copy)]
pub(crate) enum Waits {
    ForRoom,
    ForEnd,
}

/// Items that [`Overflow::DropOldest`] or [`Overflow::DropNewest`] lost. They are declared before
/// the lock is taken, so they are dropped after it has been released.
type Evicted<T> = Vec<T>;

impl<T: Weigh, E> State<T, E> {
    fn has_room(&self, limits: Limits, bytes: usize) -> bool {
        self.items.is_empty()
            || (self.items.len() < limits.capacity
                && self.bytes.saturating_add(bytes) <= limits.max_bytes)
    }

    fn push(
        &mut self,
        limits: Limits,
        item: T,
        evicted: &mut Evicted<T>,
    ) -> Result<(), SendError<T>> {
        if !matches!(self.phase, Phase::Open) {
            return Err(SendError::Closed(item));
        }
        let bytes = item.bytes();
        if !self.has_room(limits, bytes) {
            match limits.overflow {
                Overflow::Block | Overflow::Error => return Err(SendError::Full(item)),
                Overflow::DropNewest => {
                    self.counts.pushed += 1;
                    self.counts.dropped += 1;
                    evicted.push(item);
                    return Ok(());
                }
                Overflow::DropOldest => {
                    while !self.has_room(limits, bytes) {
                        let Some(oldest) = self.items.pop_front() else {
                            break;
                        };
                        self.bytes -= oldest.bytes();
                        self.counts.dropped += 1;
                        evicted.push(oldest);
                    }
                }
            }
        }
        self.items.push_back(item);
        self.bytes = self.bytes.saturating_add(bytes);
        self.counts.pushed += 1;
        Ok(())
    }

    fn push_all(
        &mut self,
        limits: Limits,
        batch: &mut VecDeque<T>,
        evicted: &mut Evicted<T>,
    ) -> Result<(), SendError<()>> {
        while let Some(item) = batch.pop_front() {
            match self.push(limits, item, evicted) {
                Ok(()) => {}
                Err(SendError::Full(item)) => {
                    batch.push_front(item);
                    return Err(SendError::Full(()));
                }
                Err(SendError::Closed(item)) => {
                    batch.push_front(item);
                    return Err(SendError::Closed(()));
                }
            }
        }
        Ok(())
    }

    fn wait_for_room(&mut self, ticket: &mut Ticket, waker: &Waker) {
        if self.senders.register(ticket, waker) {
            self.counts.producer_waits += 1;
        }
    }

    /// The consumer's waker, if there is a reason to call it: it is parked, and there is an item
    /// or an end to be had.
    fn unpark(&mut self) -> Option<Waker> {
        let ready = !self.items.is_empty() || !matches!(self.phase, Phase::Open);
        let parked = if ready { self.parked.take() } else { None };
        self.counts.wakes += u64::from(parked.is_some());
        parked
    }

    fn drain_nothing(&mut self, waker: &Waker) -> Drained<E> {
        match mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Open => {
                self.phase = Phase::Open;
                // A consumer that stays idle keeps no memory for the bursts of its past.
                self.items = VecDeque::new();
                match &mut self.parked {
                    Some(parked) => parked.clone_from(waker),
                    parked => *parked = Some(waker.clone()),
                }
                Drained::Parked
            }
            Phase::Closing | Phase::Closed => Drained::Closed,
            Phase::Failing(error) => {
                self.phase = Phase::Failed;
                Drained::Failed(error)
            }
            Phase::Failed => {
                self.phase = Phase::Failed;
                Drained::Closed
            }
            Phase::Cancelled => {
                self.phase = Phase::Cancelled;
                Drained::Closed
            }
        }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
