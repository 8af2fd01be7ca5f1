//! The room of a channel: what is buffered, what its senders have reserved, and which senders wait for more.
//!
//! A sender *reserves* room before it takes items, so that any number of senders together keep within the bounds.
//! It gives unused room back with its next batch, at the end of its turn, as `lib/channel/sender.js` ensures.
//! Senders that wait for room get it in the order in which they came. It is reserved for them before they are woken,
//! so that no other sender can take it first.
//!
//! This is not the queue of the crate, although both carry batches. A sender in Rust asks for room under the lock
//! that it takes anyway. If there is none, it is refused, or waits: 17 ns for a number. A sender in JavaScript cannot
//! wait within `push()`, which takes the item in any case, and each request for room is a call of native code. When
//! senders reserved one item at a time, as the queue grants them, a number from a worker cost 802 ns instead of 264,
//! a row of three fields 1,376 instead of 597, and 1 KiB of bytes 3,641 instead of 2,550. Reservations in the queue
//! of the crate would be of no use to its senders.

use super::batch::Batch;
use super::peer::Peer;
use super::wakes::Wakes;
use slab::Slab;
use std::collections::VecDeque;
use std::mem;
use std::ops::{AddAssign, SubAssign};
use std::time::{Duration, Instant};

/// The time for which an unused permit is kept while other senders wait. `lib/channel/event-loop.js` has the same value.
pub const PERMIT_LAPSE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The number of items that the channel can hold.
    pub capacity: usize,
    pub max_bytes: usize,
    /// The number of senders that must end before the channel does. The same number may be opened.
    pub senders: usize,
    /// Whether a sender that goes without having ended does not fail the channel. A lenient channel lasts as long as
    /// it has a sender or a receiver.
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

/// The room that a sender keeps when it hands over a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// Room for items that it has taken and sends later.
    pub room: Room,
    /// Room for items that it has promised to take.
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
    /// The part of `reserved` for items that the sender has taken and not sent yet.
    held: Room,
    /// The part of `reserved` that lapses, and the time from which it was kept.
    permits: Option<(Room, Instant)>,
    /// Further room that is reserved for the sender, which it has not accepted yet.
    granted: Room,
}

/// A buffer whose room its senders share. The buffered and the reserved room together keep within the bounds,
/// unless a batch is larger than the room that was reserved for it.
#[derive(Debug)]
pub struct Buffer {
    bounds: Room,
    batches: VecDeque<Batch>,
    /// The room that `batches` take.
    buffered: Room,
    /// The sum of the room that all senders have reserved and were granted.
    reserved: Room,
    senders: Slab<Sender>,
    /// The senders that wait for room, each once, in the order in which they came. While the channel takes items, no
    /// sender waits if there is room: `grant` follows every action that makes room. The exception is an eviction,
    /// as the sender that evicts items takes their room.
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

    /// Removes a sender. Its room and its place among the waiting senders become free.
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

    /// Wakes the waiting senders, which check again whether an answer can still come.
    pub fn nudge(&self, wakes: &mut Wakes) {
        for index in &self.waiting {
            wakes.add(self.sender(*index));
        }
    }

    /// Reserves a sender's share of the free room, which may be none.
    pub fn reserve(&mut self, index: usize) -> Room {
        let room = self.reserve_share();
        self.senders[index].reserved += room;
        room
    }

    /// Takes a sender's reservation back, except for what it keeps. A sender may keep more than it had reserved, if
    /// it has taken items beyond the bounds.
    pub fn release(&mut self, index: usize, kept: Kept) {
        let sender = &mut self.senders[index];
        let mut reserved = kept.room;
        reserved += kept.permits;
        self.reserved -= mem::replace(&mut sender.reserved, reserved);
        self.reserved += reserved;
        sender.held = kept.room;
        sender.permits = (kept.permits.items > 0).then(|| (kept.permits, Instant::now()));
    }

    /// Takes back the permits that have lapsed by `now`. Returns whether there were any.
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

    /// Returns whether another sender has unused capacity, which it gives back by itself or as a lapsed permit.
    pub fn may_get_from_others(&self, index: usize) -> bool {
        let mut senders = self.senders.iter();
        senders.any(|(other, sender)| other != index && sender.reserved.items > sender.held.items)
    }

    /// Grants a sender its share at once, if there is room and no other sender waits. Returns whether it has a grant.
    pub fn grant_at_once(&mut self, index: usize) -> bool {
        if self.waiting.is_empty() && self.has_room() {
            let room = self.reserve_share();
            self.senders[index].granted += room;
        }
        self.senders[index].granted != Room::default()
    }

    /// Appends a sender to the waiting ones. Returns `true` unless it waits already.
    pub fn enqueue(&mut self, index: usize) -> bool {
        let is_new = !self.waiting.contains(&index);
        if is_new {
            self.waiting.push_back(index);
        }
        is_new
    }

    /// Grants room to waiting senders while there is some, and wakes them.
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

    /// Returns the room that a sender was granted since the last call, and adds it to its reservation.
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

    /// Removes all batches, and returns them.
    pub fn take(&mut self) -> VecDeque<Batch> {
        self.buffered = Room::default();
        mem::take(&mut self.batches)
    }

    /// Drops the oldest item. Returns `false` if there is none.
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

    /// Reserves the share of one sender of the free room, which may be none.
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
