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
//! - *Full against drain*: a producer registers as a waiter in the critical section in which it
//!   found no capacity. So the drain that frees capacity finds the producer on the list.

#![forbid(unsafe_code)]

mod block_on;
mod send_error;
mod spin;
mod state;
#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;
mod waiters;

pub(crate) use block_on::{block_on, block_on_timeout};
pub(crate) use send_error::Refusal;
pub use send_error::SendError;
pub(crate) use state::Batches;
pub(crate) use waiters::{FreeCapacity, Ticket, WaitsFor};

use crate::sync::{lock, Mutex};
use state::State;
use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

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

/// Encoded items. The queue can count and join them. None of these calls runs code of the program, so all may be
/// called under the lock.
pub(crate) trait Carried: Default {
    /// Returns the number of its items, without those that are skipped.
    fn count(&self) -> usize;

    /// Returns whether a short copy can append `other`, within the bounds of one batch.
    fn can_append(&self, other: &Self) -> bool;

    /// Moves the items of `other` to the end. Leaves `other` empty, with its memory.
    fn append(&mut self, other: &mut Self);

    /// Skips this number of further items at the front.
    fn skip(&mut self, items: usize);
}

/// Items that a sender pushes together, or not at all.
pub(crate) trait Load<B> {
    /// Returns the number of the items.
    fn count(&self) -> usize;

    /// Returns the weight of all items together.
    fn bytes(&self) -> usize;

    /// Returns the weight of each item, if [`Queue::needs_weights`].
    fn weights(&self) -> &[usize];

    /// Appends the items to the batches. It is called once, under the lock, so it runs no code of the program.
    fn put(&mut self, batches: &mut Batches<B>);
}

pub(crate) struct Queue<B, E> {
    limits: Limits,
    /// The flag that spinning producers read: see `spin.rs`. It is set when there may be capacity, or the queue has
    /// ended.
    changed: AtomicBool,
    state: Mutex<State<B, E>>,
}

impl<B: Carried, E> Queue<B, E> {
    pub(crate) fn new(limits: Limits) -> Self {
        Queue {
            limits,
            changed: AtomicBool::new(false),
            state: Mutex::new(State::new(limits)),
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
        self.locked(|state, after_unlock| state.push(load, after_unlock))
    }

    /// Ends the queue normally. Returns `true` only for the call that ended it.
    pub(crate) fn close(&self) -> bool {
        self.end(QueueState::Closed, None)
    }

    /// Ends the queue with an error, which the consumer gets after the buffered items. Returns `true` only for the call
    /// that ended it.
    pub(crate) fn fail(&self, error: E) -> bool {
        self.end(QueueState::Failed, Some(error))
    }

    fn end(&self, end: QueueState, error: Option<E>) -> bool {
        let ended = self.locked(|state, after_unlock| state.end(end, error, after_unlock));
        self.notify_spinning();
        ended.is_ok()
    }

    /// Ends the queue because the consumer leaves: drops the buffer, and refuses producers from here on. Returns `true`
    /// only for the call that made the consumer leave, and `false` once the consumer has seen the end.
    pub(crate) fn cancel(&self) -> bool {
        let left = self.locked(|state, after_unlock| state.cancel(after_unlock));
        self.notify_spinning();
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
        self.notify_spinning();
        drained
    }

    /// Frees the memory that is kept for the next burst, and wakes all waiters for capacity, if the consumer is parked.
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

    /// Sets the flag that spinning producers read. Called after the unlock. A producer that sees the flag earlier would
    /// block on the lock, and the unlock would have to wake it.
    fn notify_spinning(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Runs a critical section, and after the unlock the work that the section has left.
    fn locked<R>(&self, section: impl FnOnce(&mut State<B, E>, &mut AfterUnlock<B>) -> R) -> R {
        let mut after_unlock = AfterUnlock(None);
        let result = section(&mut lock(&self.state), &mut after_unlock);
        after_unlock.finish();
        result
    }
}

/// The work of a critical section that is done after the unlock: wakers to call, and values to drop. Both may run code
/// of the program, which may use the queue. It is made before the lock is taken, so that its drop follows the unlock,
/// also when a panic ends the section. Without a panic, [`finish`](AfterUnlock::finish) does the work. Most sections
/// leave no work, and then it costs almost nothing.
///
/// Wakers are called first, so a batch whose drop is slow, or panics, delays no task.
struct AfterUnlock<B>(Option<Box<Work<B>>>);

struct Work<B> {
    calls: VecDeque<Waker>,
    wakers: Vec<Waker>,
    batches: Vec<B>,
}

impl<B> AfterUnlock<B> {
    fn work(&mut self) -> &mut Work<B> {
        self.0.get_or_insert_with(|| {
            Box::new(Work {
                calls: VecDeque::new(),
                wakers: Vec::new(),
                batches: Vec::new(),
            })
        })
    }

    fn wake(&mut self, waker: Waker) {
        self.work().calls.push_back(waker);
    }

    fn wake_all(&mut self, wakers: impl Iterator<Item = Waker>) {
        wakers.for_each(|waker| self.wake(waker));
    }

    /// Drops a waker without calling it.
    fn discard(&mut self, waker: Option<Waker>) {
        if let Some(waker) = waker {
            self.work().wakers.push(waker);
        }
    }

    fn drop_batch(&mut self, batch: B) {
        self.work().batches.push(batch);
    }

    /// Calls the wakers, then drops the values.
    #[inline]
    fn finish(mut self) {
        if let Some(work) = &mut self.0 {
            work.wake_up();
            drop_quietly(mem::take(&mut work.batches));
        }
    }
}

impl<B> Work<B> {
    fn wake_up(&mut self) {
        // One by one: if a waker panics, the drop calls the others.
        while let Some(waker) = self.calls.pop_front() {
            waker.wake();
        }
    }
}

impl<B> Drop for Work<B> {
    fn drop(&mut self) {
        self.wake_up();
    }
}

/// Drops values whose drop runs code of the program, and catches its panics. The panic hook has reported them.
pub(crate) fn drop_quietly<V>(values: impl IntoIterator<Item = V>) {
    for value in values {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
    }
}
