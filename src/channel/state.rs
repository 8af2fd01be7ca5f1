//! A channel: the bounded queue between the senders, in any threads, and the one receiver. It has never heard
//! of Node.
//!
//! A sender *reserves* room before it takes items, so that any number of senders together keep within
//! the bounds, and gives back with its next batch what it did not use: at the end of its turn, as
//! `lib/channel/sender.js` sees to. Senders that wait for room get it in the order in which they came: it is
//! reserved for them before they are woken, so that nobody who is nearer takes it away.
//!
//! # How it ends
//!
//! Once, and the receiver gets what is buffered first: closed, when as many senders as expected have ended
//! well; failed, by one of them or by its thread's end. Or at once, when the receiver leaves or somebody
//! aborts. From then on nothing is taken.

use super::batch::Batch;
use super::ends::{Answer, Peer};
use super::metrics::{Outcome, Request};
use slab::Slab;
use std::collections::VecDeque;
use std::mem;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In items.
    pub capacity: usize,
    pub max_bytes: usize,
    /// How many senders must end before the channel does; as many may be opened.
    pub senders: usize,
    /// Whether a sender that goes without having ended is no failure. Such a channel lasts as long as it has a
    /// sender or a receiver.
    pub lenient: bool,
}

/// Room that a sender may fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    pub items: usize,
    pub bytes: usize,
}

impl Room {
    fn add(&mut self, more: Room) {
        self.items += more.items;
        self.bytes += more.bytes;
    }
}

/// How a channel ends; a failure with its encoded reason.
#[derive(Debug, PartialEq)]
pub enum End {
    Closed,
    Failed(Batch),
    /// A sender's thread has ended, or JavaScript has forgotten the sender.
    Terminated,
}

#[derive(Debug)]
enum Phase {
    Open,
    /// Told after what is buffered.
    Ending(End),
    /// The end was told, or nobody is there to hear of it.
    Over,
}

/// As `BridgeStats` in `index.d.ts` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Idle,
    Open,
    Closed,
    Failed,
    Cancelled,
}

#[derive(Debug)]
enum Receiver {
    Expected,
    /// With its thread, as JavaScript counts them.
    Open(Peer, f64),
    Left,
}

#[derive(Debug)]
struct Sender {
    peer: Peer,
    reserved: Room,
    /// Reserved as well, but it has not heard of it yet.
    granted: Room,
}

/// What the receiver finds.
#[derive(Debug, PartialEq)]
pub enum Drained {
    /// At least one.
    Batches(Vec<Batch>),
    /// Whether an answer can still come from another thread, for which the receiver waits.
    Nothing { hold: bool },
    /// Told once; afterwards closed.
    End(End),
}

/// What a sender finds that wants to fill more.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited {
    Room,
    Over,
    /// It will be woken. Whether an answer can still come from another thread.
    Waits {
        hold: bool,
    },
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    pub pushed: u64,
    pub dropped: u64,
    pub wakes: u64,
    pub waits: u64,
}

/// Whom to wake, once the lock is released.
#[derive(Debug, Default)]
#[must_use]
pub struct Wakes(Vec<Peer>);

impl Wakes {
    /// Whether one of them is on this thread.
    pub fn call(self) -> bool {
        let mut is_here = false;
        for peer in self.0 {
            is_here |= peer.is_here();
            peer.wake();
        }
        is_here
    }

    /// As [`call`](Wakes::call), on another core if there is one.
    pub fn call_elsewhere(self) -> bool {
        let is_here = self.0.iter().any(Peer::is_here);
        if is_here || self.0.is_empty() {
            return self.call();
        }
        super::ringer::ring(self);
        false
    }
}

#[derive(Debug)]
pub struct State {
    limits: Limits,
    phase: Phase,
    condition: Condition,
    batches: VecDeque<Batch>,
    /// What is in `batches`.
    buffered: Room,
    /// What all senders together have reserved.
    reserved: Room,
    senders: Slab<Sender>,
    /// Those that wait for room. Nobody does while there is some.
    waiting: VecDeque<usize>,
    opened: usize,
    finished: usize,
    receiver: Receiver,
    parked: bool,
    counters: Counters,
    /// What is measured, until the channel ends.
    request: Option<Request>,
}

impl State {
    pub fn new(limits: Limits, request: Option<Request>) -> Self {
        State {
            limits,
            phase: Phase::Open,
            condition: Condition::Idle,
            batches: VecDeque::new(),
            buffered: Room::default(),
            reserved: Room::default(),
            senders: Slab::new(),
            waiting: VecDeque::new(),
            opened: 0,
            finished: 0,
            receiver: Receiver::Expected,
            parked: false,
            counters: Counters::default(),
            request,
        }
    }

    /// `None` when all have been opened.
    pub fn open_sender(&mut self, peer: Peer) -> Option<(usize, Wakes)> {
        if self.opened == self.limits.senders {
            return None;
        }
        self.opened += 1;
        if let Some(request) = &mut self.request {
            request.taken();
        }
        let index = self.senders.insert(Sender {
            peer,
            reserved: Room::default(),
            granted: Room::default(),
        });
        // From here on an answer can come.
        Some((index, self.nudge_receiver()))
    }

    /// `None` when it has been opened.
    pub fn open_receiver(&mut self, peer: Peer, thread: f64) -> Option<Wakes> {
        match self.receiver {
            Receiver::Expected => self.receiver = Receiver::Open(peer, thread),
            Receiver::Open(..) | Receiver::Left => return None,
        }
        Some(self.nudge_senders())
    }

    /// Whether there is nothing left to be opened.
    pub fn is_fully_opened(&self) -> bool {
        match self.receiver {
            Receiver::Expected => false,
            Receiver::Open(..) => self.opened == self.limits.senders,
            // Where any number of senders may come, none needs to hear that it is too late.
            Receiver::Left => self.limits.lenient || self.opened == self.limits.senders,
        }
    }

    /// Whether nothing can be opened, and nothing is left to be read.
    pub fn is_over(&self) -> bool {
        self.is_fully_opened() && matches!(self.phase, Phase::Over)
    }

    pub fn is_left(&self) -> bool {
        matches!(self.receiver, Receiver::Left)
    }

    /// Whether there is a receiver in another thread, or still to come, that has not seen the end.
    pub fn is_received_elsewhere(&self) -> bool {
        let is_elsewhere = match &self.receiver {
            Receiver::Expected => true,
            Receiver::Open(peer, _) => !peer.is_here(),
            Receiver::Left => false,
        };
        is_elsewhere && !matches!(self.phase, Phase::Over)
    }

    pub fn receiver_thread(&self) -> Option<f64> {
        match self.receiver {
            Receiver::Open(_, thread) => Some(thread),
            Receiver::Expected | Receiver::Left => None,
        }
    }

    pub fn is_awaited(&self) -> bool {
        self.parked
    }

    /// Grants a sender its share of what room there is, which may be none. `None` once nothing is taken any
    /// more.
    pub fn reserve(&mut self, index: usize) -> Option<Room> {
        if !self.is_open() {
            return None;
        }
        let room = self.reserve_share();
        self.senders[index].reserved.add(room);
        Some(room)
    }

    /// Drops the oldest item, if there is one.
    pub fn evict(&mut self) -> bool {
        let Some(oldest) = self.batches.front_mut() else {
            return false;
        };
        let before = oldest.bytes();
        oldest.skipped += 1;
        self.counters.dropped += 1;
        self.buffered.items -= 1;
        if oldest.unread() == 0 {
            self.buffered.bytes -= before;
            self.batches.pop_front();
        } else {
            self.buffered.bytes -= before - oldest.bytes();
        }
        true
    }

    /// Items that found no room.
    pub fn count_dropped(&mut self, items: u64) {
        self.counters.pushed += items;
        self.counters.dropped += items;
    }

    /// Takes what a sender has taken in its turn, if anything, and its reservation back, except for the room that
    /// it keeps.
    pub fn push(&mut self, index: usize, batch: Option<Batch>, kept: Room) -> Wakes {
        let mut wakes = Wakes::default();
        self.release(index, kept);
        if let Some(batch) = batch {
            self.counters.pushed += batch.items as u64;
            if let Some(request) = &mut self.request {
                request.items(batch.items);
            }
            if self.is_open() {
                self.buffered.items += batch.items;
                self.buffered.bytes += batch.bytes();
                self.batches.push_back(batch);
                self.wake_receiver(&mut wakes);
            } else {
                self.counters.dropped += batch.items as u64;
            }
        }
        self.grant_room(&mut wakes);
        wakes
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
        self.fail_all(End::Failed(reason), Outcome::Error, wakes)
    }

    /// A sender that goes without having ended. `true` for the call that ended the channel.
    pub fn terminate(&mut self, index: usize) -> (bool, Wakes) {
        let wakes = self.remove(index);
        if self.limits.lenient {
            return (false, wakes);
        }
        self.fail_all(End::Terminated, Outcome::Terminated, wakes)
    }

    /// A channel whose senders will not be opened any more, because who was to do so has gone. `true` for the
    /// call that ended it.
    pub fn abandon(&mut self) -> (bool, Wakes) {
        if self.opened > 0 {
            return (false, Wakes::default());
        }
        self.fail_all(End::Terminated, Outcome::Terminated, Wakes::default())
    }

    /// Ends the channel at once. The receiver gets the reason first.
    pub fn abort(&mut self, reason: Batch) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        if !self.is_open() {
            return (false, wakes);
        }
        self.drop_all();
        self.end(End::Failed(reason), Outcome::Cancelled, &mut wakes);
        self.wake_all_senders(&mut wakes);
        (true, wakes)
    }

    /// The receiver has left, with so many items unread that it had drained. `true` for the call that ended the
    /// channel.
    pub fn cancel(&mut self, unread: u64) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        self.counters.dropped += unread;
        self.receiver = Receiver::Left;
        self.parked = false;
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

    /// Whether a drain would find something.
    pub fn has_arrived(&self) -> bool {
        !self.batches.is_empty() || !self.is_open()
    }

    /// Has the receiver woken when something arrives. Whether an answer can still come from another thread;
    /// `None` if something has arrived.
    pub fn park(&mut self, others: bool) -> Option<bool> {
        if self.has_arrived() {
            return None;
        }
        self.parked = true;
        Some(self.receiver_may_be_answered(others))
    }

    pub fn drain(&mut self) -> (Drained, Wakes) {
        if let Condition::Idle = self.condition {
            self.condition = Condition::Open;
        }
        self.parked = false;
        let mut wakes = Wakes::default();
        if !self.batches.is_empty() {
            self.buffered = Room::default();
            let batches = Vec::from(mem::take(&mut self.batches));
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

    /// Has a sender woken as soon as there is room again.
    pub fn wait(&mut self, index: usize, others: bool) -> Waited {
        if !self.is_open() {
            return Waited::Over;
        }
        if self.waiting.is_empty() && self.has_room() {
            let room = self.reserve_share();
            self.senders[index].granted.add(room);
            return Waited::Room;
        }
        let hold = match &self.receiver {
            Receiver::Expected => others,
            Receiver::Open(peer, _) => peer.is_elsewhere(&self.senders[index].peer),
            Receiver::Left => false,
        };
        if !self.waiting.contains(&index) {
            self.counters.waits += 1;
            self.waiting.push_back(index);
        }
        Waited::Waits { hold }
    }

    /// What a sender asks after a wake: whether its items are still taken, and if not, whether that is because
    /// nobody reads them.
    pub fn answer(&mut self, index: usize) -> Answer {
        match (&self.phase, self.condition) {
            (Phase::Open, _) => {
                let sender = &mut self.senders[index];
                let granted = mem::take(&mut sender.granted);
                sender.reserved.add(granted);
                Answer::Taken(granted)
            }
            (Phase::Ending(_) | Phase::Over, Condition::Closed) => Answer::Closed,
            (Phase::Ending(_) | Phase::Over, _) => Answer::Left,
        }
    }

    /// Wakes whoever waits, to think again whether an answer can still come.
    pub fn nudge(&mut self) -> Wakes {
        let Wakes(mut peers) = self.nudge_receiver();
        peers.extend(self.nudge_senders().0);
        Wakes(peers)
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub fn buffered(&self) -> Room {
        self.buffered
    }

    pub fn condition(&self) -> Condition {
        self.condition
    }

    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    fn free(&self) -> Room {
        let used = Room {
            items: self.buffered.items + self.reserved.items,
            bytes: self.buffered.bytes + self.reserved.bytes,
        };
        Room {
            items: self.limits.capacity.saturating_sub(used.items),
            bytes: self.limits.max_bytes.saturating_sub(used.bytes),
        }
    }

    fn has_room(&self) -> bool {
        let free = self.free();
        free.items > 0 && free.bytes > 0
    }

    /// The share of one sender of what room there is, which may be none.
    fn reserve_share(&mut self) -> Room {
        let free = self.free();
        let share = |most: usize| most.div_ceil(self.senders.len());
        let room = Room {
            items: free.items.min(share(self.limits.capacity)),
            bytes: free.bytes.min(share(self.limits.max_bytes)),
        };
        if room.items == 0 || room.bytes == 0 {
            return Room::default();
        }
        self.reserved.add(room);
        room
    }

    fn release(&mut self, index: usize, kept: Room) {
        let reserved = &mut self.senders[index].reserved;
        let kept = Room {
            items: kept.items.min(reserved.items),
            bytes: kept.bytes.min(reserved.bytes),
        };
        self.reserved.items -= reserved.items - kept.items;
        self.reserved.bytes -= reserved.bytes - kept.bytes;
        *reserved = kept;
    }

    fn remove(&mut self, index: usize) -> Wakes {
        let Sender {
            reserved, granted, ..
        } = self.senders.remove(index);
        self.reserved.items -= reserved.items + granted.items;
        self.reserved.bytes -= reserved.bytes + granted.bytes;
        self.waiting.retain(|waiting| *waiting != index);
        // It may be that nobody else can answer the receiver.
        let mut wakes = self.nudge_receiver();
        self.grant_room(&mut wakes);
        if self.limits.lenient && self.senders.is_empty() {
            self.desert();
        }
        wakes
    }

    /// What was sent is no use to a receiver that comes when all have gone who sent it.
    fn desert(&mut self) {
        match self.receiver {
            // There is nobody to wake.
            Receiver::Expected => drop(self.cancel(0)),
            Receiver::Open(..) | Receiver::Left => {}
        }
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
        self.counters.dropped += self.buffered.items as u64;
        self.buffered = Room::default();
        self.batches = VecDeque::new();
    }

    fn wake_receiver(&mut self, wakes: &mut Wakes) {
        if mem::take(&mut self.parked) {
            self.counters.wakes += 1;
            if let Receiver::Open(peer, _) = &self.receiver {
                wakes.0.push(peer.clone());
            }
        }
    }

    /// Gives room to those that wait, as far as there is some.
    fn grant_room(&mut self, wakes: &mut Wakes) {
        while self.is_open() && self.has_room() {
            let Some(index) = self.waiting.pop_front() else {
                return;
            };
            let room = self.reserve_share();
            let sender = &mut self.senders[index];
            sender.granted.add(room);
            wakes.0.push(sender.peer.clone());
        }
    }

    fn wake_all_senders(&mut self, wakes: &mut Wakes) {
        self.waiting.clear();
        let peers = self.senders.iter().map(|(_, sender)| sender.peer.clone());
        wakes.0.extend(peers);
    }

    fn nudge_receiver(&self) -> Wakes {
        match &self.receiver {
            Receiver::Open(peer, _) if self.parked => Wakes(vec![peer.clone()]),
            Receiver::Expected | Receiver::Open(..) | Receiver::Left => Wakes::default(),
        }
    }

    fn nudge_senders(&self) -> Wakes {
        let peer = |index: &usize| self.senders[*index].peer.clone();
        Wakes(self.waiting.iter().map(peer).collect())
    }

    fn receiver_may_be_answered(&self, others: bool) -> bool {
        let Receiver::Open(receiver, _) = &self.receiver else {
            return false;
        };
        let expects_more = self.opened < self.limits.senders;
        (expects_more && others)
            || self
                .senders
                .iter()
                .any(|(_, sender)| sender.peer.is_elsewhere(receiver))
    }
}
