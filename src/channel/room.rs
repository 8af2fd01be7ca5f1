//! The room of a channel: what is buffered, what its senders have reserved, and who waits for more.
//!
//! A sender *reserves* room before it takes items, so that any number of senders together keep within
//! the bounds, and gives back with its next batch what it did not use: at the end of its turn, as
//! `lib/channel/sender.js` sees to. Senders that wait for room get it in the order in which they came: it is
//! reserved for them before they are woken, so that nobody who is nearer takes it away.
//!
//! This is not the queue of the crate, although both carry batches. A sender in Rust asks under the lock that it takes
//! anyway, and is refused, or waits, if there is no room: 17 ns for a number. A sender in JavaScript cannot wait within
//! `push()`, which takes the item in any case, and each question is a call of native code. When senders reserved one
//! item at a time, as the queue grants them, a number from a worker cost 802 ns instead of 264, a row of three fields
//! 1,376 instead of 597, and 1 KiB of bytes 3,641 instead of 2,550. Reservations in the queue of the crate would be of
//! no use to those who send there.

use super::batch::Batch;
use super::peer::{Peer, Wakes};
use slab::Slab;
use std::collections::VecDeque;
use std::mem;
use std::ops::{AddAssign, SubAssign};
use std::time::{Duration, Instant};

/// How long a permit is kept that its sender does not use, while others wait. `lib/channel/turn.js` has it too.
pub const PERMIT_LAPSE: Duration = Duration::from_secs(1);

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

impl Limits {
    pub fn bounds(&self) -> Room {
        Room {
            items: self.capacity,
            bytes: self.max_bytes,
        }
    }
}

/// Room that a sender may fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    pub items: usize,
    pub bytes: usize,
}

/// What a sender keeps when it hands over a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// For items that it has taken and sends later.
    pub room: Room,
    /// For items that it has promised to take.
    pub permits: Room,
}

impl AddAssign for Room {
    fn add_assign(&mut self, more: Room) {
        self.items += more.items;
        self.bytes += more.bytes;
    }
}

impl SubAssign for Room {
    fn sub_assign(&mut self, less: Room) {
        self.items -= less.items;
        self.bytes -= less.bytes;
    }
}

#[derive(Debug)]
struct Sender {
    peer: Peer,
    reserved: Room,
    /// The part of it that items wait in which the sender has taken.
    held: Room,
    /// The part of it that lapses, and when it was kept.
    permits: Option<(Room, Instant)>,
    /// Reserved as well, but it has not heard of it yet.
    granted: Room,
}

/// A buffer whose room its senders share. What is buffered and what is reserved keep together within the
/// bounds, except where a batch is larger than the room that was reserved for it.
#[derive(Debug)]
pub struct Buffer {
    bounds: Room,
    batches: VecDeque<Batch>,
    /// What is in `batches`.
    buffered: Room,
    /// What all senders together have reserved and were granted.
    reserved: Room,
    senders: Slab<Sender>,
    /// Those that wait for room, each once, the first to come first. While the channel takes items, nobody
    /// waits where there is room: `grant` follows whatever has made some, except that who evicts items takes
    /// their room.
    waiting: VecDeque<usize>,
}

impl Buffer {
    pub fn new(bounds: Room) -> Self {
        Buffer {
            bounds,
            batches: VecDeque::new(),
            buffered: Room::default(),
            reserved: Room::default(),
            senders: Slab::new(),
            waiting: VecDeque::new(),
        }
    }

    pub fn add_sender(&mut self, peer: Peer) -> usize {
        self.senders.insert(Sender {
            peer,
            reserved: Room::default(),
            held: Room::default(),
            permits: None,
            granted: Room::default(),
        })
    }

    /// Its room and its turn are free.
    pub fn remove_sender(&mut self, index: usize) {
        let sender = self.senders.remove(index);
        self.reserved -= sender.reserved;
        self.reserved -= sender.granted;
        self.waiting.retain(|waiting| *waiting != index);
    }

    pub fn sender(&self, index: usize) -> &Peer {
        &self.senders[index].peer
    }

    pub fn senders(&self) -> impl Iterator<Item = &Peer> {
        self.senders.iter().map(|(_, sender)| &sender.peer)
    }

    /// Has those that wait think again whether an answer can still come.
    pub fn nudge(&self, wakes: &mut Wakes) {
        for index in &self.waiting {
            wakes.add(self.sender(*index));
        }
    }

    /// Reserves a sender's share of what room there is, which may be none.
    pub fn reserve(&mut self, index: usize) -> Room {
        let room = self.reserve_share();
        self.senders[index].reserved += room;
        room
    }

    /// Takes a sender's reservation back, except for what it keeps. That may be more than it had reserved: what it
    /// has taken beyond the bounds.
    pub fn release(&mut self, index: usize, kept: Kept) {
        let sender = &mut self.senders[index];
        let mut reserved = kept.room;
        reserved += kept.permits;
        self.reserved -= mem::replace(&mut sender.reserved, reserved);
        self.reserved += reserved;
        sender.held = kept.room;
        sender.permits = (kept.permits.items > 0).then(|| (kept.permits, Instant::now()));
    }

    /// Takes back the permits that have lapsed by this time. Whether there were any.
    pub fn lapse(&mut self, now: Instant) -> bool {
        let mut lapsed = Room::default();
        for (_, sender) in &mut self.senders {
            let has_lapsed = |(_, since): &mut _| now.duration_since(*since) >= PERMIT_LAPSE;
            if let Some((permits, _)) = sender.permits.take_if(has_lapsed) {
                sender.reserved -= permits;
                lapsed += permits;
            }
        }
        self.reserved -= lapsed;
        lapsed != Room::default()
    }

    /// Whether a sender beside this one has capacity that it gives back, unused, by itself or as a lapsed permit.
    pub fn may_get_from_others(&self, index: usize) -> bool {
        let mut senders = self.senders.iter();
        senders.any(|(other, sender)| other != index && sender.reserved.items > sender.held.items)
    }

    /// Grants a sender its share at once, if there is room, and nobody came before it. Whether it has a grant.
    pub fn grant_at_once(&mut self, index: usize) -> bool {
        if self.waiting.is_empty() && self.has_room() {
            let room = self.reserve_share();
            self.senders[index].granted += room;
        }
        self.senders[index].granted != Room::default()
    }

    /// Has a sender wait for its turn. `true` unless it waits already.
    pub fn enqueue(&mut self, index: usize) -> bool {
        let is_new = !self.waiting.contains(&index);
        if is_new {
            self.waiting.push_back(index);
        }
        is_new
    }

    /// Grants room to those that wait, as far as there is some.
    pub fn grant(&mut self, wakes: &mut Wakes) {
        while self.has_room() {
            let Some(index) = self.waiting.pop_front() else {
                return;
            };
            let room = self.reserve_share();
            let sender = &mut self.senders[index];
            sender.granted += room;
            wakes.add(&sender.peer);
        }
    }

    /// What a sender was granted since it asked last, which it has reserved from here on.
    pub fn accept(&mut self, index: usize) -> Room {
        let sender = &mut self.senders[index];
        let granted = mem::take(&mut sender.granted);
        sender.reserved += granted;
        granted
    }

    pub fn dismiss_waiting(&mut self) {
        self.waiting.clear();
    }

    pub fn put(&mut self, batch: Batch) {
        self.buffered += Room {
            items: batch.items,
            bytes: batch.bytes(),
        };
        self.batches.push_back(batch);
    }

    /// Takes out all that is buffered.
    pub fn take(&mut self) -> VecDeque<Batch> {
        self.buffered = Room::default();
        mem::take(&mut self.batches)
    }

    /// Drops the oldest item, if there is one.
    pub fn evict(&mut self) -> bool {
        let Some(oldest) = self.batches.front_mut() else {
            return false;
        };
        let before = oldest.bytes();
        oldest.skipped += 1;
        self.buffered.items -= 1;
        if oldest.unread() == 0 {
            self.buffered.bytes -= before;
            self.batches.pop_front();
        } else {
            self.buffered.bytes -= before - oldest.bytes();
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub fn buffered(&self) -> Room {
        self.buffered
    }

    fn free(&self) -> Room {
        let mut used = self.buffered;
        used += self.reserved;
        Room {
            items: self.bounds.items.saturating_sub(used.items),
            bytes: self.bounds.bytes.saturating_sub(used.bytes),
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
            items: free.items.min(share(self.bounds.items)),
            bytes: free.bytes.min(share(self.bounds.bytes)),
        };
        if room.items == 0 || room.bytes == 0 {
            return Room::default();
        }
        self.reserved += room;
        room
    }
}
