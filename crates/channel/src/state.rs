//! A channel: the bounded queue between the senders, in any threads, and the one receiver. It does not depend on
//! Node. This module has the answers, the wakes and the end; [`room`](super::permits) has the senders' shares of room.
//!
//! # How it ends
//!
//! A channel ends once. It closes when the expected number of senders have ended well. It fails when one of them
//! fails it, or when a sender's thread ends, unless the channel is lenient. In both cases the receiver gets what is
//! buffered first. The channel ends at once, and drops what is buffered, when the receiver leaves or the channel is
//! aborted. From then on it takes no items.

mod receiver;

use super::batch::Batch;
use super::observer::{Observer, Outcome};
use super::peer::Peer;
use super::permits::{Buffer, Kept, Limits, Room};
use super::results::{Answer, Condition, Counters, Drained, End, Stats, Waited};
use super::wakes::Wakes;
use receiver::Receiver;
use std::mem;
use std::time::Instant;

#[derive(Debug)]
enum Phase {
    Open,
    /// The receiver gets the end after what is buffered.
    Ending(End),
    /// The receiver has got the end, or has left.
    Over,
}

#[derive(Debug)]
pub struct State {
    limits: Limits,
    phase: Phase,
    condition: Condition,
    buffer: Buffer,
    opened: usize,
    /// The JavaScript ids of the threads that have opened senders, where several may.
    openers: Vec<f64>,
    finished: usize,
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
            condition: Condition::Idle,
            buffer: Buffer::new(limits.bounds()),
            opened: 0,
            openers: Vec::new(),
            finished: 0,
            receiver: Receiver::Expected,
            counters: Counters::default(),
            observer,
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Opens a sender, and returns its index. Returns `None` when all have been opened.
    pub fn open_sender(&mut self, peer: Peer, thread: Option<f64>) -> Option<(usize, Wakes)> {
        if self.opened == self.limits.senders {
            return None;
        }
        self.opened += 1;
        if self.opened < self.limits.senders && !self.limits.lenient {
            self.openers.extend(thread);
        }
        if let Some(observer) = &mut self.observer {
            observer.taken();
        }
        let index = self.buffer.add_sender(peer);
        // From here on, the receiver can get an answer.
        let mut wakes = Wakes::default();
        self.receiver.nudge(&mut wakes);
        Some((index, wakes))
    }

    /// Opens the receiver. Returns `None` when it has been opened.
    pub fn open_receiver(&mut self, peer: Peer, thread: f64) -> Option<Wakes> {
        match self.receiver {
            Receiver::Expected => {
                self.receiver = Receiver::Open {
                    peer,
                    thread,
                    is_parked: false,
                };
            }
            Receiver::Open { .. } | Receiver::Left => return None,
        }
        let mut wakes = Wakes::default();
        self.buffer.nudge(&mut wakes);
        Some(wakes)
    }

    /// Returns whether no end is left to be opened.
    pub fn is_fully_opened(&self) -> bool {
        match self.receiver {
            Receiver::Expected => false,
            Receiver::Open { .. } => self.opened == self.limits.senders,
            // A channel for any number of senders need not report to a sender that it is too late.
            Receiver::Left => self.limits.lenient || self.opened == self.limits.senders,
        }
    }

    /// Returns whether no end can be opened, and nothing is left to be read.
    pub fn is_over(&self) -> bool {
        self.is_fully_opened() && matches!(self.phase, Phase::Over)
    }

    pub fn expects_receiver(&self) -> bool {
        matches!(self.receiver, Receiver::Expected)
    }

    fn expects_senders(&self) -> bool {
        self.opened < self.limits.senders
    }

    pub fn is_left(&self) -> bool {
        matches!(self.receiver, Receiver::Left)
    }

    /// Returns whether a receiver in another thread, or one that is still to be opened, has not seen the end.
    pub fn is_received_elsewhere(&self) -> bool {
        self.receiver.is_elsewhere() && !matches!(self.phase, Phase::Over)
    }

    pub fn receiver_thread(&self) -> Option<f64> {
        self.receiver.thread()
    }

    pub fn is_awaited(&self) -> bool {
        self.receiver.is_parked()
    }

    /// Reserves a sender's share of the free room, which may be none. Returns `None` once the channel takes no more
    /// items.
    pub fn reserve(&mut self, index: usize) -> Option<Room> {
        self.is_open().then(|| self.buffer.reserve(index))
    }

    /// Drops the oldest item. Returns `false` if there is none.
    pub fn evict(&mut self) -> bool {
        let evicted = self.buffer.evict();
        self.counters.dropped += u64::from(evicted);
        evicted
    }

    /// Counts items that were dropped because there was no room for them.
    pub fn count_dropped(&mut self, items: u64) {
        self.counters.pushed += items;
        self.counters.dropped += items;
    }

    /// Buffers what a sender has taken in its turn, if anything, and takes its reservation back, except for what it
    /// keeps. Returns whether the batch is in the buffer, or would be.
    pub fn push(&mut self, index: usize, batch: Option<Batch>, kept: Kept) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        let takes = self.takes_batches();
        self.buffer.release(index, kept);
        if let Some(batch) = batch {
            self.counters.pushed += batch.items as u64;
            if let Some(observer) = &mut self.observer {
                observer.items(batch.items);
            }
            if takes {
                self.buffer.put(batch);
                self.wake_receiver(&mut wakes);
            } else {
                self.counters.dropped += batch.items as u64;
            }
        }
        self.grant_room(&mut wakes);
        (takes, wakes)
    }

    /// Returns whether the receiver can still read what a sender took before it observed the end. After a failure it
    /// can, as the receiver gets what is buffered first.
    fn takes_batches(&self) -> bool {
        match (&self.phase, self.condition) {
            (Phase::Open, _) => true,
            (Phase::Ending(_), Condition::Failed) => true,
            (Phase::Ending(_) | Phase::Over, _) => false,
        }
    }

    /// Removes a sender that has ended well. Returns `true` for the call that ended the channel.
    pub fn finish(&mut self, index: usize) -> (bool, Wakes) {
        let mut wakes = self.remove(index);
        self.finished += 1;
        let ends = self.finished == self.limits.senders && self.is_open();
        if ends {
            self.end(End::Closed, Outcome::Done, &mut wakes);
        }
        (ends, wakes)
    }

    /// Removes a sender that fails the channel. Returns `true` for the call that ended the channel.
    pub fn fail(&mut self, index: usize, reason: Batch) -> (bool, Wakes) {
        let wakes = self.remove(index);
        self.fail_all(End::Failed(Box::new(reason)), Outcome::Error, wakes)
    }

    /// Removes a sender that goes without having ended. Returns `true` for the call that ended the channel.
    pub fn terminate(&mut self, index: usize) -> (bool, Wakes) {
        let wakes = self.remove(index);
        if self.limits.lenient {
            return (false, wakes);
        }
        self.fail_all(End::Terminated, Outcome::Terminated, wakes)
    }

    /// Fails a channel whose sender will never be opened, because the thread that was to open it has ended: the given
    /// thread; or, without one, any thread, if no sender has been opened. Returns `true` for the call that ended the
    /// channel.
    pub fn abandon(&mut self, thread: Option<f64>) -> (bool, Wakes) {
        let is_missing = match thread {
            Some(thread) => self.expects_senders() && !self.openers.contains(&thread),
            None => self.opened == 0,
        };
        if !is_missing {
            return (false, Wakes::default());
        }
        self.fail_all(End::Terminated, Outcome::Terminated, Wakes::default())
    }

    /// Cancels a channel whose receiver will never be opened, because the thread that was to open it has ended.
    /// Returns `true` for the call that ended the channel.
    pub fn abandon_receiver(&mut self) -> (bool, Wakes) {
        match self.receiver {
            Receiver::Expected => self.cancel(0),
            Receiver::Open { .. } | Receiver::Left => (false, Wakes::default()),
        }
    }

    /// Ends the channel at once. Drops what is buffered, so that the receiver gets the reason first. Returns `true`
    /// for the call that ended the channel.
    pub fn abort(&mut self, reason: Batch) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        if !self.is_open() {
            return (false, wakes);
        }
        self.drop_all();
        self.end(
            End::Failed(Box::new(reason)),
            Outcome::Cancelled,
            &mut wakes,
        );
        self.wake_all_senders(&mut wakes);
        (true, wakes)
    }

    /// Cancels the channel, because the receiver has left with `unread` items that it had drained. Returns `true` for
    /// the call that ended the channel.
    pub fn cancel(&mut self, unread: u64) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        self.counters.dropped += unread;
        self.receiver = Receiver::Left;
        if let Phase::Over = self.phase {
            return (false, wakes);
        }
        self.drop_all();
        let was_open = self.is_open();
        self.phase = Phase::Over;
        self.conclude(Outcome::Cancelled);
        self.wake_all_senders(&mut wakes);
        (was_open, wakes)
    }

    /// Returns whether items are still taken.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Returns whether a drain would find something.
    pub fn has_arrived(&self) -> bool {
        !self.buffer.is_empty() || !self.is_open()
    }

    /// Parks the receiver, which is woken when something arrives. Returns whether an answer can still come from
    /// another thread, or `None` if something has arrived.
    pub fn park(&mut self, others: bool) -> Option<bool> {
        if self.has_arrived() {
            return None;
        }
        self.receiver.park(true);
        Some(self.receiver_may_be_answered(others))
    }

    pub fn drain(&mut self) -> (Drained, Wakes) {
        if let Condition::Idle = self.condition {
            self.condition = Condition::Open;
        }
        self.receiver.park(false);
        let mut wakes = Wakes::default();
        if !self.buffer.is_empty() {
            let batches = Vec::from(self.buffer.take());
            self.grant_room(&mut wakes);
            return (Drained::Batches(batches), wakes);
        }
        let drained = match mem::replace(&mut self.phase, Phase::Over) {
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
            Phase::Over => Drained::End(End::Closed),
        };
        (drained, wakes)
    }

    /// Has a sender wait until there is room, when it is woken. Permits that have lapsed by `now` make room.
    pub fn wait(&mut self, index: usize, others: bool, now: Instant) -> (Waited, Wakes) {
        let mut wakes = Wakes::default();
        if !self.is_open() {
            return (Waited::Over, wakes);
        }
        if self.buffer.lapse(now) {
            self.buffer.grant(&mut wakes);
        }
        if self.buffer.grant_at_once(index) {
            return (Waited::Room, wakes);
        }
        if self.buffer.enqueue(index) {
            self.counters.waits += 1;
        }
        let hold = match &self.receiver {
            Receiver::Expected => others,
            Receiver::Open { peer, .. } => !peer.shares_thread_with(self.buffer.sender(index)),
            Receiver::Left => false,
        };
        let hold = hold || self.buffer.may_get_from_others(index);
        (Waited::Waits { hold }, wakes)
    }

    /// Returns, to a sender that has been woken, whether its items are still taken. If not, the answer says whether the
    /// reason is that they are not read.
    pub fn answer(&mut self, index: usize) -> Answer {
        match (&self.phase, self.condition) {
            (Phase::Open, _) => Answer::Taken(self.buffer.accept(index)),
            (Phase::Ending(_) | Phase::Over, Condition::Closed) => Answer::Closed,
            (Phase::Ending(_) | Phase::Over, _) => Answer::Left,
        }
    }

    /// Wakes the ends that wait, which check again whether an answer can still come.
    pub fn nudge(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        self.receiver.nudge(&mut wakes);
        self.buffer.nudge(&mut wakes);
        wakes
    }

    pub fn stats(&self) -> Stats {
        Stats {
            counters: self.counters,
            buffered: self.buffer.buffered(),
            capacity: self.limits.capacity,
            condition: self.condition,
        }
    }

    fn remove(&mut self, index: usize) -> Wakes {
        let mut wakes = Wakes::default();
        self.buffer.remove_sender(index);
        // There may be no other sender that can answer the receiver.
        self.receiver.nudge(&mut wakes);
        self.grant_room(&mut wakes);
        if self.limits.lenient && self.buffer.senders().next().is_none() {
            self.desert();
        }
        wakes
    }

    /// Cancels a channel without senders whose receiver has not been opened. The items are of no use to a receiver
    /// that is opened after all their senders have gone.
    fn desert(&mut self) {
        // There is no sender to wake.
        drop(self.abandon_receiver());
    }

    fn fail_all(&mut self, end: End, outcome: Outcome, mut wakes: Wakes) -> (bool, Wakes) {
        let ends = self.is_open();
        if ends {
            self.end(end, outcome, &mut wakes);
            self.wake_all_senders(&mut wakes);
        }
        (ends, wakes)
    }

    fn end(&mut self, end: End, outcome: Outcome, wakes: &mut Wakes) {
        self.phase = Phase::Ending(end);
        self.conclude(outcome);
        self.wake_receiver(wakes);
    }

    fn conclude(&mut self, outcome: Outcome) {
        self.condition = match outcome {
            Outcome::Done => Condition::Closed,
            Outcome::Error | Outcome::Terminated => Condition::Failed,
            Outcome::Cancelled => Condition::Cancelled,
        };
        if let Some(observer) = self.observer.take() {
            observer.ended(outcome);
        }
    }

    fn drop_all(&mut self) {
        self.counters.dropped += self.buffer.buffered().items as u64;
        self.buffer.take();
    }

    fn wake_receiver(&mut self, wakes: &mut Wakes) {
        self.counters.wakes += u64::from(self.receiver.wake(wakes));
    }

    fn grant_room(&mut self, wakes: &mut Wakes) {
        if self.is_open() {
            self.buffer.grant(wakes);
        }
    }

    fn wake_all_senders(&mut self, wakes: &mut Wakes) {
        self.buffer.dismiss_waiting();
        self.buffer.senders().for_each(|peer| wakes.add(peer));
    }

    fn receiver_may_be_answered(&self, others: bool) -> bool {
        let Receiver::Open { peer, .. } = &self.receiver else {
            return false;
        };
        (self.expects_senders() && others)
            || self
                .buffer
                .senders()
                .any(|sender| !sender.shares_thread_with(peer))
    }
}
