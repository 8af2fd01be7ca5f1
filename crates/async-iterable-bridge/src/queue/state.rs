//! What the lock guards, and what is decided under it. Long, because every transition is
//! here: each moves the phase, the counts and those who wait together.

use super::afterwards::Afterwards;
use super::patience::Pace;
use super::spent::Spent;
use super::waiters::{refresh, Registered, Ticket, Waiters};
use super::{Drained, Limits, Overflow, QueueState, QueueStats, SendError, Weigh};
use std::collections::VecDeque;
use std::mem;
use std::task::{Poll, Waker};
use std::time::Instant;

/// Where a queue stands. It only moves down this list, and never between the last three.
pub(super) enum Phase<E> {
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

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pushed: u64,
    pub(super) dropped: u64,
    pub(super) skipped: u64,
    wakes: u64,
    /// Waits that were slept through; see `patience.rs` for the others.
    producer_waits: u64,
}

pub(super) struct State<T, E> {
    items: VecDeque<T>,
    /// What the consumer is done with; empty batches come from there as well.
    pub(super) spent: Spent<T>,
    /// The sum of the items' weights.
    bytes: usize,
    phase: Phase<E>,
    /// Present exactly while the consumer is parked, which it only is on an open and empty queue:
    /// whatever changes that takes the waker in the same critical section.
    parked: Option<Waker>,
    /// Producers that wait for room.
    pub(super) senders: Waiters,
    /// Producers that wait for room awake: see `patience.rs`.
    pub(super) watching: usize,
    /// Producers that wait for the consumer to ask for more.
    pub(super) askers: Waiters,
    /// Producers that wait for the end.
    pub(super) watchers: Waiters,
    pub(super) pace: Pace,
    pub(super) counts: Counts,
}

impl<T: Weigh, E> State<T, E> {
    pub(super) fn new() -> Self {
        State {
            items: VecDeque::new(),
            spent: Spent::new(),
            bytes: 0,
            phase: Phase::Open,
            parked: None,
            senders: Waiters::default(),
            watching: 0,
            askers: Waiters::default(),
            watchers: Waiters::default(),
            pace: Pace::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    fn has_room(&self, limits: Limits, bytes: usize) -> bool {
        self.items.is_empty()
            || (self.items.len() < limits.capacity
                && self.bytes.saturating_add(bytes) <= limits.max_bytes)
    }

    /// How many items there is room for, if they weigh nothing.
    pub(super) fn room(&self, limits: Limits) -> Result<usize, SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        Ok(match limits.overflow {
            Overflow::Block if !self.has_room(limits, 1) => 0,
            Overflow::Block => limits.capacity - self.items.len(),
            // There is always room, or no use in waiting for it.
            Overflow::DropOldest | Overflow::DropNewest | Overflow::Error => limits.capacity,
        })
    }

    /// Sends an item of this weight.
    pub(super) fn push(
        &mut self,
        limits: Limits,
        item: T,
        bytes: usize,
        afterwards: &mut Afterwards<T>,
    ) -> Result<(), SendError<T>> {
        self.spent.take_item(afterwards);
        if !self.is_open() {
            return Err(SendError::Closed(item));
        }
        if !self.has_room(limits, bytes) {
            match limits.overflow {
                Overflow::Block | Overflow::Error => return Err(SendError::Full(item)),
                Overflow::DropNewest => {
                    self.counts.pushed += 1;
                    self.counts.dropped += 1;
                    afterwards.drop_item(item);
                    return Ok(());
                }
                Overflow::DropOldest => {
                    while !self.has_room(limits, bytes) {
                        self.drop_oldest(afterwards);
                    }
                }
            }
        }
        self.items.push_back(item);
        self.bytes = self.bytes.saturating_add(bytes);
        self.counts.pushed += 1;
        self.unpark(afterwards);
        self.offer_room(limits, afterwards);
        Ok(())
    }

    /// Keeps memory of batches that were dropped, while there may be something to buffer.
    pub(super) fn keep_memory(&mut self, dropped: VecDeque<VecDeque<T>>) {
        if self.is_open() {
            self.spent.keep(dropped);
        }
    }

    /// Hands out what a parked consumer is done with, and frees the memory that is kept for the next burst.
    pub(super) fn release(&mut self, afterwards: &mut Afterwards<T>) -> Vec<VecDeque<T>> {
        if self.parked.is_none() {
            return Vec::new();
        }
        // There are none, unless those who were called do not come.
        afterwards.wake_all(self.senders.take());
        // The items are none as well, but have memory.
        self.items = VecDeque::new();
        self.spent.release().collect()
    }

    fn drop_oldest(&mut self, afterwards: &mut Afterwards<T>) {
        // Weighed before anything has changed, as that may panic; and it may have become heavier.
        let bytes = self.items.front().map_or(0, T::bytes);
        if let Some(oldest) = self.items.pop_front() {
            self.bytes = self.bytes.saturating_sub(bytes);
            self.counts.dropped += 1;
            afterwards.drop_item(oldest);
        }
    }

    /// Sends from the front of the batch, until it is empty or an item is refused.
    pub(super) fn push_all(
        &mut self,
        limits: Limits,
        batch: &mut VecDeque<T>,
        afterwards: &mut Afterwards<T>,
    ) -> Result<(), SendError<()>> {
        self.spent.take(afterwards);
        self.push_fitting(limits, batch, afterwards);
        // What is left does not fit, or is larger than the bound: the policy decides one by one.
        while let Some(bytes) = batch.front().map(T::bytes) {
            let Some(item) = batch.pop_front() else { break };
            if let Err(refusal) = self.push(limits, item, bytes, afterwards) {
                return Err(refusal.map(|item| batch.push_front(item)));
            }
        }
        Ok(())
    }

    /// Sends the items that fit, in one piece. An empty queue even takes the batch as it is, and
    /// gives its own memory for it, so that nothing is copied.
    fn push_fitting(
        &mut self,
        limits: Limits,
        batch: &mut VecDeque<T>,
        afterwards: &mut Afterwards<T>,
    ) {
        if !self.is_open() {
            return;
        }
        let room = limits.capacity.saturating_sub(self.items.len());
        let mut fitting = 0;
        let mut bytes = self.bytes;
        for item in batch.iter().take(room) {
            let sum = bytes.saturating_add(item.bytes());
            if sum > limits.max_bytes {
                break;
            }
            bytes = sum;
            fitting += 1;
        }
        if fitting == 0 {
            return;
        }
        if self.items.is_empty() && fitting == batch.len() {
            mem::swap(&mut self.items, batch);
        } else {
            self.items.extend(batch.drain(..fitting));
        }
        self.bytes = bytes;
        self.counts.pushed += fitting as u64;
        self.unpark(afterwards);
        self.offer_room(limits, afterwards);
    }

    pub(super) fn wait_for_room(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        afterwards: &mut Afterwards<T>,
    ) {
        match self.senders.register(ticket, waker) {
            Registered::Newly => self.counts.producer_waits += 1,
            Registered::Again(replaced) => afterwards.discard(replaced),
        }
    }

    /// Calls the next sender that waits for room, if there is some, unless one is on its way.
    pub(super) fn offer_room(&mut self, limits: Limits, afterwards: &mut Afterwards<T>) {
        if self.senders.has_uncalled() && self.has_room(limits, 0) {
            afterwards.wake_all(self.senders.call().into_iter());
        }
    }

    /// A sender no longer waits for room. If it was called, the next one gets its turn.
    pub(super) fn stop_waiting_for_room(
        &mut self,
        limits: Limits,
        ticket: &mut Ticket,
        afterwards: &mut Afterwards<T>,
    ) {
        let was_called = self.senders.come_back(ticket);
        afterwards.discard(self.senders.forget(ticket));
        if was_called {
            self.offer_room(limits, afterwards);
        }
    }

    pub(super) fn wait_for_demand(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        afterwards: &mut Afterwards<T>,
    ) -> Poll<()> {
        if self.parked.is_some() {
            afterwards.discard(self.askers.forget(ticket));
            return Poll::Ready(());
        }
        if self.is_open() {
            match self.askers.register(ticket, waker) {
                Registered::Newly => {}
                Registered::Again(replaced) => afterwards.discard(replaced),
            }
        }
        Poll::Pending
    }

    pub(super) fn wait_for_end(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
        afterwards: &mut Afterwards<T>,
    ) {
        match self.watchers.register(ticket, waker) {
            Registered::Newly => {}
            Registered::Again(replaced) => afterwards.discard(replaced),
        }
    }

    /// A producer ends the queue. If it has ended before, its phase is handed back.
    pub(super) fn end(
        &mut self,
        phase: Phase<E>,
        afterwards: &mut Afterwards<T>,
    ) -> Result<(), Phase<E>> {
        if !self.is_open() {
            return Err(phase);
        }
        self.phase = phase;
        self.unpark(afterwards);
        self.wake_producers(afterwards);
        Ok(())
    }

    /// The consumer leaves. What it leaves behind is handed out, to be dropped after the unlock;
    /// nothing, if it has seen the end or has left before.
    pub(super) fn cancel(
        &mut self,
        afterwards: &mut Afterwards<T>,
    ) -> Option<(VecDeque<T>, Phase<E>)> {
        match self.phase {
            Phase::Open | Phase::Closing | Phase::Failing(_) => {}
            Phase::Closed | Phase::Failed | Phase::Cancelled => return None,
        }
        let phase = mem::replace(&mut self.phase, Phase::Cancelled);
        let items = mem::take(&mut self.items);
        self.bytes = 0;
        self.counts.dropped += items.len() as u64;
        afterwards.discard(self.parked.take());
        self.spent.free();
        self.spent.take(afterwards);
        self.wake_producers(afterwards);
        Some((items, phase))
    }

    fn wake_producers(&mut self, afterwards: &mut Afterwards<T>) {
        afterwards.wake_all(self.senders.take());
        afterwards.wake_all(self.watchers.take());
        self.askers
            .take()
            .for_each(|asker| afterwards.discard(Some(asker)));
    }

    fn unpark(&mut self, afterwards: &mut Afterwards<T>) {
        if let Some(parked) = self.parked.take() {
            self.counts.wakes += 1;
            afterwards.wake(parked);
        }
    }

    pub(super) fn drain(
        &mut self,
        into: &mut VecDeque<T>,
        waker: &Waker,
        afterwards: &mut Afterwards<T>,
    ) -> Drained<E> {
        self.pace.note(Instant::now(), !self.items.is_empty());
        if self.items.is_empty() {
            return self.drain_nothing(waker, afterwards);
        }
        self.bytes = 0;
        // Whoever watches comes without, and has the others called.
        if self.watching == 0 {
            afterwards.wake_all(self.senders.call_instead_of_late().into_iter());
        }
        if mem::needs_drop::<T>() && !into.is_empty() {
            let memory = self.spent.memory();
            let spent = mem::replace(into, mem::replace(&mut self.items, memory));
            self.spent.push(spent);
        } else {
            into.clear();
            mem::swap(&mut self.items, into);
        }
        Drained::Items
    }

    fn drain_nothing(&mut self, waker: &Waker, afterwards: &mut Afterwards<T>) -> Drained<E> {
        if !self.is_open() {
            self.items = VecDeque::new();
            self.spent.free();
            self.spent.take(afterwards);
        }
        match mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Open => {
                self.phase = Phase::Open;
                match &mut self.parked {
                    Some(parked) => afterwards.discard(refresh(parked, waker)),
                    parked @ None => *parked = Some(waker.clone()),
                }
                afterwards.wake_all(self.askers.take());
                // The queue is empty, and whoever was called has not come yet.
                afterwards.wake_all(self.senders.call().into_iter());
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
            buffered: self.items.len(),
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
