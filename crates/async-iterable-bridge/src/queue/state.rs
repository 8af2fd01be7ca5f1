//! The state that the lock guards, and all its transitions. Each transition updates the phase, the counts and the
//! waiters together.

use super::after_unlock::AfterUnlock;
use super::carried::{Batches, Carried, Load};
use super::spin::DrainInterval;
use super::waiters::{refresh, Registered, Ticket, Waiters};
use super::{Drained, Limits, Overflow, QueueState, QueueStats, Room, SendError};
use std::collections::VecDeque;
use std::mem;
use std::task::{Poll, Waker};
use std::time::Instant;

/// The phase of a queue. It moves only down this list, and never between the last three.
pub(super) enum Phase<E> {
    /// Producers may send.
    Open,
    /// A producer has closed or failed the queue; the consumer has not seen the end yet.
    Closing,
    Failing(E),
    /// The consumer has seen the end, or has left.
    Closed,
    Failed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pushed: u64,
    pub(super) dropped: u64,
    pub(super) skipped: u64,
    wakes: u64,
    /// The number of waits that ended in sleep; see `spin.rs` for spinning.
    producer_waits: u64,
}

pub(super) struct State<B, E> {
    batches: Batches<B>,
    /// The number of items in the batches.
    items: usize,
    /// The sum of the items' weights.
    bytes: usize,
    /// The weight of each item, if the policy drops the oldest to make room.
    weights: VecDeque<usize>,
    phase: Phase<E>,
    /// The waker of the consumer, present exactly while it is parked. The consumer is parked only on an open and empty
    /// queue: a section that ends that condition takes the waker.
    parked: Option<Waker>,
    /// Producers that wait for room.
    pub(super) senders: Waiters,
    /// The number of producers that spin for room: see `spin.rs`.
    pub(super) spinning: usize,
    /// Producers that wait for the consumer to ask for more.
    pub(super) askers: Waiters,
    /// Producers that wait for the end.
    pub(super) watchers: Waiters,
    pub(super) drain_interval: DrainInterval,
    pub(super) counts: Counts,
}

impl<B: Carried, E> State<B, E> {
    pub(super) fn new() -> Self {
        State {
            batches: Batches::new(),
            items: 0,
            bytes: 0,
            weights: VecDeque::new(),
            phase: Phase::Open,
            parked: None,
            senders: Waiters::default(),
            spinning: 0,
            askers: Waiters::default(),
            watchers: Waiters::default(),
            drain_interval: DrainInterval::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Returns whether there is room for `items` items that weigh `bytes` together.
    fn has_room(&self, limits: Limits, items: usize, bytes: usize) -> bool {
        self.items == 0
            || (self.items + items <= limits.capacity
                && self.bytes.saturating_add(bytes) <= limits.max_bytes)
    }

    /// Returns the number of items that there is room for if they weigh nothing.
    pub(super) fn room(&self, limits: Limits) -> Result<usize, SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        Ok(match limits.overflow {
            Overflow::Block if !self.has_room(limits, 1, 1) => 0,
            Overflow::Block => limits.capacity - self.items,
            // With these policies a send never waits for room.
            Overflow::DropOldest | Overflow::DropNewest | Overflow::Error => limits.capacity,
        })
    }

    /// Returns the room for items whose first one weighs `first`. A policy that drops the newest may drop the first
    /// item, which then counts as sent.
    pub(super) fn portion(&mut self, limits: Limits, first: usize) -> Result<Room, SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        let (items, bytes) = match limits.overflow {
            // New items make room for themselves.
            Overflow::DropOldest => (0, 0),
            Overflow::Block | Overflow::DropNewest | Overflow::Error => (self.items, self.bytes),
        };
        if limits.overflow == Overflow::DropOldest || self.has_room(limits, 1, first) {
            return Ok(Room {
                items: limits.capacity - items,
                bytes: limits.max_bytes.saturating_sub(bytes),
            });
        }
        if limits.overflow == Overflow::DropNewest {
            self.drop_newest();
            return Ok(Room { items: 0, bytes: 0 });
        }
        Err(SendError::Full(()))
    }

    /// Sends all items of a load, or refuses them.
    pub(super) fn push(
        &mut self,
        limits: Limits,
        load: &mut impl Load<B>,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Result<(), SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        let (count, bytes) = (load.count(), load.bytes());
        if !self.has_room(limits, count, bytes) {
            match limits.overflow {
                Overflow::DropNewest if count == 1 => {
                    self.drop_newest();
                    return Ok(());
                }
                Overflow::Block | Overflow::DropNewest | Overflow::Error => {
                    return Err(SendError::Full(()));
                }
                Overflow::DropOldest => {
                    while !self.has_room(limits, count, bytes) {
                        self.drop_oldest(after_unlock);
                    }
                }
            }
        }
        if limits.overflow == Overflow::DropOldest {
            self.weights.extend(load.weights());
        }
        load.put(&mut self.batches);
        self.items += count;
        self.bytes = self.bytes.saturating_add(bytes);
        self.counts.pushed += count as u64;
        self.unpark(after_unlock);
        self.offer_room(limits, after_unlock);
        Ok(())
    }

    fn drop_newest(&mut self) {
        self.counts.pushed += 1;
        self.counts.dropped += 1;
    }

    /// Skips the first item. Its batch is dropped with its last item.
    fn drop_oldest(&mut self, after_unlock: &mut AfterUnlock<B>) {
        self.batches
            .skip_first()
            .into_iter()
            .for_each(|batch| after_unlock.drop_batch(batch));
        let bytes = self.weights.pop_front().unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.items -= 1;
        self.counts.dropped += 1;
    }

    /// Frees the memory that is kept for the next burst of a parked consumer.
    pub(super) fn release(&mut self, after_unlock: &mut AfterUnlock<B>) {
        if self.parked.is_some() {
            // The list is empty, unless a waiter that was called has not returned.
            after_unlock.wake_all(self.senders.take());
            self.free();
        }
    }

    /// Frees the memory of the queue. Returns the batches.
    fn free(&mut self) -> VecDeque<B> {
        self.weights = VecDeque::new();
        self.batches.take()
    }

    pub(super) fn wait_for_room(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) {
        match self.senders.register(ticket, waker) {
            Registered::Newly => self.counts.producer_waits += 1,
            Registered::Again(replaced) => after_unlock.discard(replaced),
        }
    }

    /// Calls the next waiting sender if there is room, unless a sender that was called has not returned.
    pub(super) fn offer_room(&mut self, limits: Limits, after_unlock: &mut AfterUnlock<B>) {
        if self.senders.has_uncalled() && self.has_room(limits, 1, 0) {
            after_unlock.wake_all(self.senders.call().into_iter());
        }
    }

    /// Notes that a sender no longer waits for room. If the sender was called, calls the next one.
    pub(super) fn stop_waiting_for_room(
        &mut self,
        limits: Limits,
        ticket: &mut Ticket,
        after_unlock: &mut AfterUnlock<B>,
    ) {
        let was_called = self.senders.come_back(ticket);
        after_unlock.discard(self.senders.forget(ticket));
        if was_called {
            self.offer_room(limits, after_unlock);
        }
    }

    pub(super) fn wait_for_demand(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Poll<()> {
        if self.parked.is_some() {
            after_unlock.discard(self.askers.forget(ticket));
            return Poll::Ready(());
        }
        if self.is_open() {
            match self.askers.register(ticket, waker) {
                Registered::Newly => {}
                Registered::Again(replaced) => after_unlock.discard(replaced),
            }
        }
        Poll::Pending
    }

    pub(super) fn wait_for_end(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) {
        match self.watchers.register(ticket, waker) {
            Registered::Newly => {}
            Registered::Again(replaced) => after_unlock.discard(replaced),
        }
    }

    /// Ends the queue for a producer. Returns the phase as an error if the queue has ended before.
    pub(super) fn end(
        &mut self,
        phase: Phase<E>,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Result<(), Phase<E>> {
        if !self.is_open() {
            return Err(phase);
        }
        self.phase = phase;
        self.unpark(after_unlock);
        self.wake_producers(after_unlock);
        Ok(())
    }

    /// Ends the queue because the consumer leaves. Returns the buffer, which the caller drops after the unlock. Returns
    /// `None` if the consumer has seen the end or has left before.
    pub(super) fn cancel(
        &mut self,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Option<(VecDeque<B>, Phase<E>)> {
        match self.phase {
            Phase::Open | Phase::Closing | Phase::Failing(_) => {}
            Phase::Closed | Phase::Failed | Phase::Cancelled => return None,
        }
        let phase = mem::replace(&mut self.phase, Phase::Cancelled);
        let batches = self.free();
        self.counts.dropped += mem::take(&mut self.items) as u64;
        self.bytes = 0;
        after_unlock.discard(self.parked.take());
        self.wake_producers(after_unlock);
        Some((batches, phase))
    }

    fn wake_producers(&mut self, after_unlock: &mut AfterUnlock<B>) {
        after_unlock.wake_all(self.senders.take());
        after_unlock.wake_all(self.watchers.take());
        self.askers
            .take()
            .for_each(|asker| after_unlock.discard(Some(asker)));
    }

    fn unpark(&mut self, after_unlock: &mut AfterUnlock<B>) {
        if let Some(parked) = self.parked.take() {
            self.counts.wakes += 1;
            after_unlock.wake(parked);
        }
    }

    pub(super) fn drain(
        &mut self,
        into: &mut VecDeque<B>,
        emptied: &mut Vec<B>,
        waker: &Waker,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Drained<E> {
        self.drain_interval.note(Instant::now(), self.items > 0);
        self.batches.keep(emptied);
        if self.items == 0 {
            return self.drain_nothing(waker, after_unlock);
        }
        // A spinning sender needs no wake; it calls the next one itself.
        if self.spinning == 0 {
            after_unlock.wake_all(self.senders.call_instead_of_late().into_iter());
        }
        self.items = 0;
        self.bytes = 0;
        self.weights.clear();
        self.batches.swap(into);
        Drained::Items
    }

    fn drain_nothing(&mut self, waker: &Waker, after_unlock: &mut AfterUnlock<B>) -> Drained<E> {
        if !self.is_open() {
            self.free();
        }
        match mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Open => {
                self.phase = Phase::Open;
                match &mut self.parked {
                    Some(parked) => after_unlock.discard(refresh(parked, waker)),
                    parked @ None => *parked = Some(waker.clone()),
                }
                after_unlock.wake_all(self.askers.take());
                // The queue is empty, and the sender that was called has not returned yet.
                after_unlock.wake_all(self.senders.call().into_iter());
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

    pub(super) fn stats(&self) -> QueueStats {
        QueueStats {
            pushed: self.counts.pushed,
            dropped: self.counts.dropped,
            skipped: self.counts.skipped,
            buffered: self.items,
            buffered_bytes: self.bytes,
            wakes: self.counts.wakes,
            producer_waits: self.counts.producer_waits,
            is_awaited: self.parked.is_some(),
            state: match self.phase {
                Phase::Open => QueueState::Open,
                Phase::Closing | Phase::Closed => QueueState::Closed,
                Phase::Failing(_) | Phase::Failed => QueueState::Failed,
                Phase::Cancelled => QueueState::Cancelled,
            },
        }
    }
}
