//! The state of a channel under its lock: the bounded queue between the senders, in any threads, and the one receiver.
//! This module opens the ends, carries batches and wakes ends that wait. [`ending`] has the ways in which a channel
//! ends.

mod ending;
mod receiver;

use super::batch::Batch;
use super::buffer::Buffer;
use super::capacity::{Capacity, Kept, Limits};
use super::observer::Observer;
use super::peer::{Peer, Wakes};
use super::permits::Permits;
use super::results::{CapacityWait, Counters, Drained, End, ReadyState, SendState, Stats};
use receiver::Receiver;
use std::mem;
use std::time::Instant;

/// The phases of a channel. A phase leads only to later ones.
#[derive(Debug)]
enum Phase {
    Open,
    /// The receiver gets the end after what is buffered.
    Ending(End),
    /// The receiver has got the end, or has left.
    Ended,
}

#[derive(Debug)]
pub struct State {
    limits: Limits,
    phase: Phase,
    ready_state: ReadyState,
    buffer: Buffer,
    permits: Permits,
    opened: usize,
    /// The JavaScript ids of the threads that have opened senders, where several may.
    openers: Vec<f64>,
    /// The number of senders that have closed.
    closed: usize,
    receiver: Receiver,
    counters: Counters,
    /// Until the channel ends. Most channels have none.
    observer: Option<Box<dyn Observer>>,
}

impl State {
    pub fn new(limits: Limits, observer: Option<Box<dyn Observer>>) -> Self {
        State {
            limits,
            phase: Phase::Open,
            ready_state: ReadyState::Idle,
            buffer: Buffer::default(),
            permits: Permits::new(limits.bounds()),
            opened: 0,
            openers: Vec::new(),
            closed: 0,
            receiver: Receiver::Unopened,
            counters: Counters::default(),
            observer,
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Opens a sender, and returns its index. Returns `None` when all have been opened.
    pub fn open_sender(&mut self, peer: Peer, thread: Option<f64>) -> Option<(usize, Wakes)> {
        if !self.expects_senders() {
            return None;
        }
        self.opened += 1;
        if self.expects_senders() && !self.limits.tolerates_sender_loss {
            self.openers.extend(thread);
        }
        if let Some(observer) = &mut self.observer {
            observer.sender_opened();
        }
        let index = self.permits.add_sender(peer);
        // From here on, the receiver can get an answer.
        let mut wakes = Wakes::default();
        self.receiver.notify(&mut wakes);
        Some((index, wakes))
    }

    /// Opens the receiver. Returns `None` when it has been opened.
    pub fn open_receiver(&mut self, peer: Peer, thread: f64) -> Option<Wakes> {
        match self.receiver {
            Receiver::Unopened => {
                self.receiver = Receiver::Open {
                    peer,
                    thread,
                    is_parked: false,
                };
            }
            Receiver::Open { .. } | Receiver::Gone => return None,
        }
        let mut wakes = Wakes::default();
        self.permits.notify_waiters(&mut wakes);
        Some(wakes)
    }

    /// Returns whether no end is left to be opened.
    pub fn is_fully_opened(&self) -> bool {
        match self.receiver {
            Receiver::Unopened => false,
            Receiver::Open { .. } => !self.expects_senders(),
            // A channel for any number of senders need not report to a sender that it is too late.
            Receiver::Gone => self.limits.tolerates_sender_loss || !self.expects_senders(),
        }
    }

    /// Returns whether no end can be opened, and nothing is left to be read.
    pub fn is_over(&self) -> bool {
        self.is_fully_opened() && matches!(self.phase, Phase::Ended)
    }

    pub fn expects_receiver(&self) -> bool {
        matches!(self.receiver, Receiver::Unopened)
    }

    fn expects_senders(&self) -> bool {
        self.opened < self.limits.senders
    }

    pub fn is_receiver_gone(&self) -> bool {
        matches!(self.receiver, Receiver::Gone)
    }

    /// Returns whether a receiver in another thread, or one that is still to be opened, has not seen the end.
    pub fn has_remote_receiver(&self) -> bool {
        self.receiver.is_remote() && !matches!(self.phase, Phase::Ended)
    }

    pub fn receiver_thread(&self) -> Option<f64> {
        self.receiver.thread()
    }

    pub fn is_receiver_parked(&self) -> bool {
        self.receiver.is_parked()
    }

    /// Returns whether items are still taken.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Reserves a sender's share of the free capacity, which may be none. Returns `None` once the channel takes no more
    /// items.
    pub fn reserve(&mut self, index: usize) -> Option<Capacity> {
        self.is_open()
            .then(|| self.permits.reserve(index, self.buffer.used()))
    }

    /// Reserves capacity. If there is none, drops the oldest items until there is capacity for one more.
    pub fn reserve_evicting(&mut self, index: usize) -> Option<Capacity> {
        loop {
            match self.reserve(index)? {
                Capacity { items: 0, .. } if self.evict() => {}
                reserved => return Some(reserved),
            }
        }
    }

    /// Drops the oldest item. Returns `false` if there is none.
    pub fn evict(&mut self) -> bool {
        let evicted = self.buffer.evict();
        self.counters.dropped += u64::from(evicted);
        evicted
    }

    /// Counts items that were dropped because there was no capacity for them.
    pub fn count_dropped(&mut self, items: u64) {
        self.counters.pushed += items;
        self.counters.dropped += items;
    }

    /// Buffers what a sender has taken in its turn, if anything, and takes its reservation back, except for what it
    /// keeps. Returns whether the batch is in the buffer, or would be.
    pub fn push(&mut self, index: usize, batch: Option<Batch>, kept: Kept) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        let takes = self.takes_batches();
        self.permits.release(index, kept);
        if let Some(batch) = batch {
            self.counters.pushed += batch.items as u64;
            if let Some(observer) = &mut self.observer {
                observer.items_pushed(batch.items);
            }
            if takes {
                self.buffer.push(batch);
                self.wake_receiver(&mut wakes);
            } else {
                self.counters.dropped += batch.items as u64;
            }
        }
        self.grant_capacity(&mut wakes);
        (takes, wakes)
    }

    /// Returns whether the receiver can still read what a sender took before it observed the end. After a failure it
    /// can, as the receiver gets what is buffered first.
    fn takes_batches(&self) -> bool {
        match (&self.phase, self.ready_state) {
            (Phase::Open, _) => true,
            (Phase::Ending(_), ReadyState::Failed) => true,
            (Phase::Ending(_) | Phase::Ended, _) => false,
        }
    }

    /// Returns whether a drain would find something.
    pub fn has_arrived(&self) -> bool {
        !self.buffer.is_empty() || !self.is_open()
    }

    /// Parks the receiver, which is woken when something arrives. `others` is whether other environments could open a
    /// sender. Returns whether an answer can still come from another thread, or `None` if something has arrived.
    pub fn park(&mut self, others: bool) -> Option<bool> {
        if self.has_arrived() {
            return None;
        }
        self.receiver.park(true);
        Some(self.receiver_may_be_answered(others))
    }

    /// Takes what is buffered, or the end behind it.
    pub fn drain(&mut self) -> (Drained, Wakes) {
        if let ReadyState::Idle = self.ready_state {
            self.ready_state = ReadyState::Open;
        }
        self.receiver.park(false);
        let mut wakes = Wakes::default();
        if !self.buffer.is_empty() {
            let batches = Vec::from(self.buffer.take());
            self.grant_capacity(&mut wakes);
            return (Drained::Batches(batches), wakes);
        }
        let drained = match mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Open => {
                self.phase = Phase::Open;
                Drained::Nothing { hold: false }
            }
            Phase::Ending(end) => {
                // They are woken again: the receiver may be all that has kept its thread alive, and a sender in that
                // thread may not have observed the end yet.
                self.wake_all_senders(&mut wakes);
                Drained::End(end)
            }
            Phase::Ended => Drained::End(End::Closed),
        };
        (drained, wakes)
    }

    /// Makes a sender wait until there is capacity, when it is woken. Permits that have lapsed by `now` free capacity.
    /// `others` is whether other environments could open the receiver.
    pub fn wait(&mut self, index: usize, others: bool, now: Instant) -> (CapacityWait, Wakes) {
        let mut wakes = Wakes::default();
        if !self.is_open() {
            return (CapacityWait::Ended, wakes);
        }
        if self.permits.lapse(now) {
            self.grant_capacity(&mut wakes);
        }
        if self.permits.try_grant(index, self.buffer.used()) {
            return (CapacityWait::Ready, wakes);
        }
        if self.permits.enqueue(index) {
            self.counters.waits += 1;
        }
        let hold = match &self.receiver {
            Receiver::Unopened => others,
            Receiver::Open { peer, .. } => !peer.shares_thread_with(self.permits.sender(index)),
            Receiver::Gone => false,
        };
        let hold = hold || self.permits.may_get_from_others(index);
        (CapacityWait::Parked { hold }, wakes)
    }

    /// Returns whether a sender's items are still taken, and accepts the capacity that it was granted.
    pub fn send_state(&mut self, index: usize) -> SendState {
        match (&self.phase, self.ready_state) {
            (Phase::Open, _) => SendState::Open(self.permits.accept(index)),
            (Phase::Ending(_) | Phase::Ended, ReadyState::Closed) => SendState::Closed,
            (Phase::Ending(_) | Phase::Ended, _) => SendState::Stopped,
        }
    }

    /// Wakes the ends that wait, which check again whether an answer can still come.
    pub fn notify_waiting_ends(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        self.receiver.notify(&mut wakes);
        self.permits.notify_waiters(&mut wakes);
        wakes
    }

    pub fn stats(&self) -> Stats {
        Stats {
            counters: self.counters,
            buffered: self.buffer.used(),
            capacity: self.limits.capacity,
            ready_state: self.ready_state,
        }
    }

    fn wake_receiver(&mut self, wakes: &mut Wakes) {
        self.counters.wakes += u64::from(self.receiver.unpark(wakes));
    }

    fn grant_capacity(&mut self, wakes: &mut Wakes) {
        if self.is_open() {
            self.permits.grant(self.buffer.used(), wakes);
        }
    }

    fn wake_all_senders(&mut self, wakes: &mut Wakes) {
        self.permits.clear_waiters();
        self.permits.senders().for_each(|peer| wakes.add(peer));
    }

    fn receiver_may_be_answered(&self, others: bool) -> bool {
        let Receiver::Open { peer, .. } = &self.receiver else {
            return false;
        };
        (self.expects_senders() && others)
            || self
                .permits
                .senders()
                .any(|sender| !sender.shares_thread_with(peer))
    }
}
