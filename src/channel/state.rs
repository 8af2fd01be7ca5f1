//! A channel: the bounded queue between the senders, in any threads, and the one receiver. It has never heard
//! of Node. Here is what is told, and how it ends; who may fill how much, in [`room`](super::room).
//!
//! # How it ends
//!
//! Once, and the receiver gets what is buffered first: closed, when as many senders as expected have ended
//! well; failed, by one of them or by its thread's end. Or at once, when the receiver leaves or somebody
//! aborts. From then on nothing is taken.

mod receiver;

use super::answers::{Answer, Condition, Counters, Drained, End, Stats, Waited};
use super::batch::Batch;
use super::metrics::{Outcome, Request};
use super::peer::{Peer, Wakes};
use super::room::{Buffer, Kept, Limits, Room};
use receiver::Receiver;
use std::mem;
use std::time::Instant;

#[derive(Debug)]
enum Phase {
    Open,
    /// Told after what is buffered.
    Ending(End),
    /// The end was told, or nobody is there to hear of it.
    Over,
}

#[derive(Debug)]
pub struct State {
    limits: Limits,
    phase: Phase,
    condition: Condition,
    buffer: Buffer,
    opened: usize,
    /// The threads that have opened senders, as JavaScript counts them, where several may.
    openers: Vec<f64>,
    finished: usize,
    receiver: Receiver,
    counters: Counters,
    /// What is measured, until the channel ends. A box, as most channels have none.
    request: Option<Box<Request>>,
}

impl State {
    pub fn new(limits: Limits, request: Option<Request>) -> Self {
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
            request: request.map(Box::new),
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// `None` when all have been opened.
    pub fn open_sender(&mut self, peer: Peer, thread: Option<f64>) -> Option<(usize, Wakes)> {
        if self.opened == self.limits.senders {
            return None;
        }
        self.opened += 1;
        if self.opened < self.limits.senders && !self.limits.lenient {
            self.openers.extend(thread);
        }
        if let Some(request) = &mut self.request {
            request.taken();
        }
        let index = self.buffer.add_sender(peer);
        // From here on an answer can come.
        let mut wakes = Wakes::default();
        self.receiver.nudge(&mut wakes);
        Some((index, wakes))
    }

    /// `None` when it has been opened.
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

    /// Whether there is nothing left to be opened.
    pub fn is_fully_opened(&self) -> bool {
        match self.receiver {
            Receiver::Expected => false,
            Receiver::Open { .. } => self.opened == self.limits.senders,
            // Where any number of senders may come, none needs to hear that it is too late.
            Receiver::Left => self.limits.lenient || self.opened == self.limits.senders,
        }
    }

    /// Whether nothing can be opened, and nothing is left to be read.
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

    /// Whether there is a receiver in another thread, or still to come, that has not seen the end.
    pub fn is_received_elsewhere(&self) -> bool {
        self.receiver.is_elsewhere() && !matches!(self.phase, Phase::Over)
    }

    pub fn receiver_thread(&self) -> Option<f64> {
        self.receiver.thread()
    }

    pub fn is_awaited(&self) -> bool {
        self.receiver.is_parked()
    }

    /// Grants a sender its share of what room there is, which may be none. `None` once nothing is taken any
    /// more.
    pub fn reserve(&mut self, index: usize) -> Option<Room> {
        self.is_open().then(|| self.buffer.reserve(index))
    }

    /// Drops the oldest item, if there is one.
    pub fn evict(&mut self) -> bool {
        let evicted = self.buffer.evict();
        self.counters.dropped += u64::from(evicted);
        evicted
    }

    /// Items that found no room.
    pub fn count_dropped(&mut self, items: u64) {
        self.counters.pushed += items;
        self.counters.dropped += items;
    }

    /// Takes what a sender has taken in its turn, if anything, and its reservation back, except for what it keeps.
    /// Whether the batch is in the buffer, or would be.
    pub fn push(&mut self, index: usize, batch: Option<Batch>, kept: Kept) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        let takes = self.takes_batches();
        self.buffer.release(index, kept);
        if let Some(batch) = batch {
            self.counters.pushed += batch.items as u64;
            if let Some(request) = &mut self.request {
                request.items(batch.items);
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

    /// Whether what a sender had taken before it learned of the end can still be read: of a failure, the receiver
    /// gets what is buffered first.
    fn takes_batches(&self) -> bool {
        match (&self.phase, self.condition) {
            (Phase::Open, _) => true,
            (Phase::Ending(_), Condition::Failed) => true,
            (Phase::Ending(_) | Phase::Over, _) => false,
        }
    }

    /// A sender that has ended well. `true` for the call that ended the channel.
    pub fn finish(&mut self, index: usize) -> (bool, Wakes) {
        let mut wakes = self.remove(index);
        self.finished += 1;
        let ends = self.finished == self.limits.senders && self.is_open();
        if ends {
            self.end(End::Closed, Outcome::Done, &mut wakes);
        }
        (ends, wakes)
    }

    /// A sender that fails the channel. `true` for the call that ended it.
    pub fn fail(&mut self, index: usize, reason: Batch) -> (bool, Wakes) {
        let wakes = self.remove(index);
        self.fail_all(End::Failed(Box::new(reason)), Outcome::Error, wakes)
    }

    /// A sender that goes without having ended. `true` for the call that ended the channel.
    pub fn terminate(&mut self, index: usize) -> (bool, Wakes) {
        let wakes = self.remove(index);
        if self.limits.lenient {
            return (false, wakes);
        }
        self.fail_all(End::Terminated, Outcome::Terminated, wakes)
    }

    /// Ends a channel of which a sender will not be opened any more, because the thread that was to do so has ended:
    /// this one, or the only one there was. `true` for the call that ended it.
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

    /// Ends a channel whose receiver will not be opened any more, because the thread that was to do so has ended. `true`
    /// for the call that ended it.
    pub fn abandon_receiver(&mut self) -> (bool, Wakes) {
        match self.receiver {
            Receiver::Expected => self.cancel(0),
            Receiver::Open { .. } | Receiver::Left => (false, Wakes::default()),
        }
    }

    /// Ends the channel at once. The receiver gets the reason first.
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

    /// The receiver has left, with so many items unread that it had drained. `true` for the call that ended the
    /// channel.
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

    /// Whether items are still taken.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Whether a drain would find something.
    pub fn has_arrived(&self) -> bool {
        !self.buffer.is_empty() || !self.is_open()
    }

    /// Has the receiver woken when something arrives. Whether an answer can still come from another thread;
    /// `None` if something has arrived.
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
                // Again: the receiver may be all that has held its thread, where a sender has yet to hear of it.
                self.wake_all_senders(&mut wakes);
                Drained::End(end)
            }
            Phase::Over => Drained::End(End::Closed),
        };
        (drained, wakes)
    }

    /// Has a sender woken as soon as there is room again. Permits that have lapsed by now make room.
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
            Receiver::Open { peer, .. } => peer.is_elsewhere(self.buffer.sender(index)),
            Receiver::Left => false,
        };
        let hold = hold || self.buffer.may_get_from_others(index);
        (Waited::Waits { hold }, wakes)
    }

    /// What a sender asks after a wake: whether its items are still taken, and if not, whether that is because
    /// nobody reads them.
    pub fn answer(&mut self, index: usize) -> Answer {
        match (&self.phase, self.condition) {
            (Phase::Open, _) => Answer::Taken(self.buffer.accept(index)),
            (Phase::Ending(_) | Phase::Over, Condition::Closed) => Answer::Closed,
            (Phase::Ending(_) | Phase::Over, _) => Answer::Left,
        }
    }

    /// Wakes whoever waits, to think again whether an answer can still come.
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
        // It may be that nobody else can answer the receiver.
        self.receiver.nudge(&mut wakes);
        self.grant_room(&mut wakes);
        if self.limits.lenient && self.buffer.senders().next().is_none() {
            self.desert();
        }
        wakes
    }

    /// What was sent is no use to a receiver that comes when all have gone who sent it.
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
        if let Some(request) = self.request.take() {
            request.ended(outcome);
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
                .any(|sender| sender.is_elsewhere(peer))
    }
}
