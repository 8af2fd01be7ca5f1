//! The state that the lock guards, and all its transitions. Each transition updates the buffer, the counts and the
//! waiters together.

use super::spin::SPIN_LIMIT;
use super::waiters::{refresh, Waiters};
use super::{
    AfterUnlock, Carried, Drained, Limits, Load, Overflow, QueueState, QueueStats, SendError,
};
use std::collections::VecDeque;
use std::mem;
use std::task::Waker;
use std::time::{Duration, Instant};

/// The most empty batches that are kept for their memory, so that a steady flow allocates nothing.
const MOST_SPARE: usize = 4;

/// The bound of a short [`DrainInterval`]: several times the time that a consumer with an almost empty loop takes for
/// 1,000 items.
pub(super) const SHORT: Duration = Duration::from_micros(400);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pushed: u64,
    pub(super) dropped: u64,
    pub(super) skipped: u64,
    wakes: u64,
    /// The number of waits that ended in sleep; see `spin.rs` for spinning.
    pub(super) producer_waits: u64,
}

pub(super) struct State<B, E> {
    pub(super) limits: Limits,
    batches: Batches<B>,
    /// The number of items in the batches.
    pub(super) items: usize,
    /// The sum of the items' weights.
    pub(super) bytes: usize,
    /// The weight of each item, if the policy drops the oldest to free capacity.
    weights: VecDeque<usize>,
    /// Whether and how the queue has ended. The only change of an end is that the consumer may still cancel an end that
    /// it has not seen.
    state: QueueState,
    /// Whether the consumer has seen the end, or has left.
    is_end_seen: bool,
    /// The reason of a failure, until the consumer gets it.
    error: Option<E>,
    /// The waker of the consumer, present exactly while it is parked. The consumer is parked only on an open and empty
    /// queue: a section that ends that condition takes the waker.
    parked: Option<Waker>,
    /// Producers that wait for capacity.
    pub(super) send_waiters: Waiters,
    /// The number of producers that spin until there is capacity: see `spin.rs`.
    pub(super) spinning: usize,
    /// Producers that wait for the consumer to ask for more.
    pub(super) demand_waiters: Waiters,
    /// Producers that wait for the end.
    pub(super) closed_waiters: Waiters,
    pub(super) drain_interval: DrainInterval,
    pub(super) counts: Counts,
}

impl<B: Carried, E> State<B, E> {
    pub(super) fn new(limits: Limits) -> Self {
        State {
            limits,
            batches: Batches::new(),
            items: 0,
            bytes: 0,
            weights: VecDeque::new(),
            state: QueueState::Open,
            is_end_seen: false,
            error: None,
            parked: None,
            send_waiters: Waiters::default(),
            spinning: 0,
            demand_waiters: Waiters::default(),
            closed_waiters: Waiters::default(),
            drain_interval: DrainInterval::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == QueueState::Open
    }

    /// Returns whether the consumer is parked: it has taken everything and asks for more.
    pub(super) fn is_parked(&self) -> bool {
        self.parked.is_some()
    }

    /// Returns whether there is capacity for `items` items that weigh `bytes` together.
    pub(super) fn has_capacity(&self, items: usize, bytes: usize) -> bool {
        self.items == 0
            || (self.items + items <= self.limits.capacity
                && self.bytes.saturating_add(bytes) <= self.limits.max_bytes)
    }

    /// Sends all items of a load, or refuses them.
    pub(super) fn push(
        &mut self,
        load: &mut impl Load<B>,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Result<(), SendError<()>> {
        if !self.is_open() {
            return Err(SendError::Closed(()));
        }
        let (count, bytes) = (load.count(), load.bytes());
        if !self.has_capacity(count, bytes) {
            match self.limits.overflow {
                Overflow::DropNewest if count == 1 => {
                    self.drop_newest();
                    return Ok(());
                }
                Overflow::Block | Overflow::DropNewest | Overflow::Error => {
                    return Err(SendError::Full(()));
                }
                Overflow::DropOldest => {
                    while !self.has_capacity(count, bytes) {
                        self.drop_oldest(after_unlock);
                    }
                }
            }
        }
        if self.limits.overflow == Overflow::DropOldest {
            self.weights.extend(load.weights());
        }
        load.put(&mut self.batches);
        self.items += count;
        self.bytes = self.bytes.saturating_add(bytes);
        self.counts.pushed += count as u64;
        self.unpark(after_unlock);
        self.notify_sender(after_unlock);
        Ok(())
    }

    pub(super) fn drop_newest(&mut self) {
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

    fn unpark(&mut self, after_unlock: &mut AfterUnlock<B>) {
        if let Some(parked) = self.parked.take() {
            self.counts.wakes += 1;
            after_unlock.wake(parked);
        }
    }

    /// Notifies the next sender that waits for capacity if there is some, unless a notified sender has not returned.
    pub(super) fn notify_sender(&mut self, after_unlock: &mut AfterUnlock<B>) {
        if self.send_waiters.can_notify() && self.has_capacity(1, 0) {
            after_unlock.wake_all(self.send_waiters.notify_next().into_iter());
        }
    }

    /// Moves all batches to `into`, or returns why there are none. Parks the consumer if there are none yet.
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
        // A spinning sender needs no wake; it notifies the next one itself.
        if self.spinning == 0 {
            after_unlock.wake_all(self.send_waiters.notify_next_instead_of_late().into_iter());
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
            self.is_end_seen = true;
            return self.error.take().map_or(Drained::Closed, Drained::Failed);
        }
        match &mut self.parked {
            Some(parked) => after_unlock.discard(refresh(parked, waker)),
            parked @ None => *parked = Some(waker.clone()),
        }
        after_unlock.wake_all(self.demand_waiters.take());
        // The queue is empty, and the sender that was notified has not returned yet.
        after_unlock.wake_all(self.send_waiters.notify_next().into_iter());
        Drained::Parked
    }

    /// Frees the memory that is kept for the next burst of a parked consumer.
    pub(super) fn release(&mut self, after_unlock: &mut AfterUnlock<B>) {
        if self.is_parked() {
            // The list is empty, unless a notified sender has not returned.
            after_unlock.wake_all(self.send_waiters.take());
            self.free();
        }
    }

    /// Frees the memory of the queue. Returns the batches.
    fn free(&mut self) -> VecDeque<B> {
        self.weights = VecDeque::new();
        self.batches.take()
    }

    /// Ends the queue for a producer. Returns the error, which the caller drops after the unlock, if the queue has ended
    /// before.
    pub(super) fn end(
        &mut self,
        end: QueueState,
        error: Option<E>,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Result<(), Option<E>> {
        if !self.is_open() {
            return Err(error);
        }
        self.state = end;
        self.error = error;
        self.unpark(after_unlock);
        self.wake_producers(after_unlock);
        Ok(())
    }

    /// Ends the queue because the consumer leaves. Returns the buffer and the error, which the caller drops after the
    /// unlock. Returns `None` if the consumer has seen the end or has left before.
    pub(super) fn cancel(
        &mut self,
        after_unlock: &mut AfterUnlock<B>,
    ) -> Option<(VecDeque<B>, Option<E>)> {
        if mem::replace(&mut self.is_end_seen, true) {
            return None;
        }
        self.state = QueueState::Cancelled;
        let batches = self.free();
        self.counts.dropped += mem::take(&mut self.items) as u64;
        self.bytes = 0;
        after_unlock.discard(self.parked.take());
        self.wake_producers(after_unlock);
        Some((batches, self.error.take()))
    }

    fn wake_producers(&mut self, after_unlock: &mut AfterUnlock<B>) {
        after_unlock.wake_all(self.send_waiters.take());
        after_unlock.wake_all(self.closed_waiters.take());
        self.demand_waiters
            .take()
            .for_each(|waker| after_unlock.discard(Some(waker)));
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
            is_awaited: self.is_parked(),
            state: self.state,
        }
    }
}

/// The batches of a queue. No batch is empty. The last one is open: the items sent next may be appended to it.
pub(crate) struct Batches<B> {
    list: VecDeque<B>,
    spare: Vec<B>,
}

impl<B: Carried> Batches<B> {
    fn new() -> Self {
        Batches {
            list: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    /// Appends a batch, and leaves `batch` empty. Its memory may be that of another batch afterwards.
    pub(crate) fn append(&mut self, batch: &mut B) {
        match self.list.back_mut() {
            Some(open) if open.can_append(batch) => open.append(batch),
            Some(_) | None => {
                let empty = self.spare.pop().unwrap_or_default();
                self.list.push_back(mem::replace(batch, empty));
            }
        }
    }

    /// Calls `write` to write an item to the end of the open batch. If there is none, or `write` returns false, calls
    /// it with an empty batch.
    pub(crate) fn write(&mut self, mut write: impl FnMut(&mut B) -> bool) {
        if self.list.back_mut().is_some_and(&mut write) {
            return;
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        write(&mut batch);
        self.list.push_back(batch);
    }

    /// Skips the first item. Returns its batch if no item is left in it.
    fn skip_first(&mut self) -> Option<B> {
        let oldest = self.list.front_mut()?;
        oldest.skip(1);
        if oldest.count() > 0 {
            return None;
        }
        self.list.pop_front()
    }

    /// Exchanges the list for an empty one.
    fn swap(&mut self, into: &mut VecDeque<B>) {
        mem::swap(&mut self.list, into);
    }

    /// Keeps some batches for their memory.
    fn keep(&mut self, emptied: &mut Vec<B>) {
        let wanted = emptied.len().min(MOST_SPARE - self.spare.len());
        self.spare.extend(emptied.drain(..wanted));
    }

    /// Returns all batches, and frees the memory that was kept.
    fn take(&mut self) -> VecDeque<B> {
        self.spare = Vec::new();
        mem::take(&mut self.list)
    }
}

/// The time that the consumer takes for the items of a drain, on average. While it is short, producers spin before they
/// sleep: see `spin.rs`.
pub(super) struct DrainInterval {
    average: Duration,
    /// The time of the last drain, if it found items.
    drained: Option<Instant>,
}

impl DrainInterval {
    pub(super) fn new() -> Self {
        DrainInterval {
            average: 2 * SHORT,
            drained: None,
        }
    }

    /// Notes that the consumer drains, and whether it found items.
    pub(super) fn note(&mut self, now: Instant, has_found: bool) {
        if let Some(before) = self.drained {
            let latest = now.duration_since(before).min(SPIN_LIMIT);
            self.average = (3 * self.average + latest) / 4;
        }
        self.drained = has_found.then_some(now);
    }

    /// Returns whether the consumer usually drains again sooner than a sleeping thread would start.
    pub(super) fn is_short(&self) -> bool {
        // Loom cannot repeat a run that depends on the clock.
        self.average < SHORT && !cfg!(bridge_loom)
    }
}
