//! The capacity that the senders of a channel have reserved, and the senders that wait for more.
//!
//! A sender *reserves* capacity before it takes items, so that any number of senders together keep within the bounds.
//! It gives unused capacity back with its next batch, at the end of its turn, as `lib/channel/sender.js` ensures.
//! Waiting senders are granted capacity in the order in which they came. It is reserved for them before they are
//! woken, so that no other sender can take it first.
//!
//! This is not the queue of the crate, although both carry batches. A sender in Rust asks for capacity under the lock
//! that it takes anyway. If there is none, it is refused, or waits: 17 ns for a number. A sender in JavaScript cannot
//! wait within `push()`, which takes the item in any case, and each request for capacity is a call of native code.
//! When senders reserved one item at a time, as the queue grants them, a number from a worker cost 802 ns instead of
//! 264, a row of three fields 1,376 instead of 597, and 1 KiB of bytes 3,641 instead of 2,550. Reservations in the
//! queue of the crate would be of no use to its senders.

use super::capacity::{Capacity, Kept};
use super::peer::{Peer, Wakes};
use slab::Slab;
use std::collections::VecDeque;
use std::mem;
use std::time::{Duration, Instant};

/// The time for which an unused permit is kept while other senders wait. `lib/channel/event-loop.js` has the same value.
pub const PERMIT_LAPSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Sender {
    peer: Peer,
    reserved: Capacity,
    /// The part of `reserved` for items that the sender has taken and not sent yet.
    held: Capacity,
    /// The part of `reserved` that lapses, and the time from which it was kept.
    permits: Option<(Capacity, Instant)>,
    /// Further capacity that is reserved for the sender, which it has not accepted yet.
    granted: Capacity,
}

/// The reservations of all senders. Together with what is buffered they keep within the bounds, unless a batch is
/// larger than the capacity that was reserved for it. Several methods get the capacity that the buffer uses.
#[derive(Debug)]
pub struct Permits {
    bounds: Capacity,
    /// The sum of what all senders have reserved and were granted.
    reserved: Capacity,
    senders: Slab<Sender>,
    /// The senders that wait for capacity, each once, in the order in which they came. While the channel takes items,
    /// no sender waits if there is capacity: `grant` follows every action that frees some. The exception is an
    /// eviction, as the sender that evicts items takes their capacity.
    waiters: VecDeque<usize>,
}

impl Permits {
    pub fn new(bounds: Capacity) -> Self {
        Permits {
            bounds,
            reserved: Capacity::default(),
            senders: Slab::new(),
            waiters: VecDeque::new(),
        }
    }

    pub fn add_sender(&mut self, peer: Peer) -> usize {
        self.senders.insert(Sender {
            peer,
            reserved: Capacity::default(),
            held: Capacity::default(),
            permits: None,
            granted: Capacity::default(),
        })
    }

    /// Removes a sender, frees its capacity, and ends its wait.
    pub fn remove_sender(&mut self, index: usize) {
        let sender = self.senders.remove(index);
        self.reserved -= sender.reserved;
        self.reserved -= sender.granted;
        self.waiters.retain(|waiter| *waiter != index);
    }

    pub fn sender(&self, index: usize) -> &Peer {
        &self.senders[index].peer
    }

    pub fn senders(&self) -> impl Iterator<Item = &Peer> {
        self.senders.iter().map(|(_, sender)| &sender.peer)
    }

    /// Wakes the waiting senders, which check again whether an answer can still come.
    pub fn notify_waiters(&self, wakes: &mut Wakes) {
        for index in &self.waiters {
            wakes.add(self.sender(*index));
        }
    }

    /// Reserves a sender's share of the free capacity, which may be none.
    pub fn reserve(&mut self, index: usize, buffered: Capacity) -> Capacity {
        let share = self.reserve_share(buffered);
        self.senders[index].reserved += share;
        share
    }

    /// Takes a sender's reservation back, except for what it keeps. A sender may keep more than it had reserved, if
    /// it has taken items beyond the bounds.
    pub fn release(&mut self, index: usize, kept: Kept) {
        let sender = &mut self.senders[index];
        let reserved = kept.held + kept.permits;
        self.reserved -= mem::replace(&mut sender.reserved, reserved);
        self.reserved += reserved;
        sender.held = kept.held;
        sender.permits = (kept.permits.items > 0).then(|| (kept.permits, Instant::now()));
    }

    /// Takes back the permits that have lapsed by `now`. Returns whether there were any.
    pub fn lapse(&mut self, now: Instant) -> bool {
        let mut lapsed = Capacity::default();
        for (_, sender) in &mut self.senders {
            let has_lapsed = |(_, since): &mut _| now.duration_since(*since) >= PERMIT_LAPSE;
            if let Some((permits, _)) = sender.permits.take_if(has_lapsed) {
                sender.reserved -= permits;
                lapsed += permits;
            }
        }
        self.reserved -= lapsed;
        lapsed != Capacity::default()
    }

    /// Returns whether another sender has unused capacity, which it gives back by itself or as a lapsed permit.
    pub fn may_get_from_others(&self, index: usize) -> bool {
        let mut senders = self.senders.iter();
        senders.any(|(other, sender)| other != index && sender.reserved.items > sender.held.items)
    }

    /// Grants a sender its share if there is free capacity and no other sender waits. Returns whether the sender has a
    /// grant.
    pub fn try_grant(&mut self, index: usize, buffered: Capacity) -> bool {
        if self.waiters.is_empty() && self.free(buffered).fits_an_item() {
            let share = self.reserve_share(buffered);
            self.senders[index].granted += share;
        }
        self.senders[index].granted != Capacity::default()
    }

    /// Appends a sender to the waiting ones. Returns `true` unless it waits already.
    pub fn enqueue(&mut self, index: usize) -> bool {
        let is_new = !self.waiters.contains(&index);
        if is_new {
            self.waiters.push_back(index);
        }
        is_new
    }

    /// Grants capacity to waiting senders while there is some, and wakes them.
    pub fn grant(&mut self, buffered: Capacity, wakes: &mut Wakes) {
        while self.free(buffered).fits_an_item() {
            let Some(index) = self.waiters.pop_front() else {
                return;
            };
            let share = self.reserve_share(buffered);
            let sender = &mut self.senders[index];
            sender.granted += share;
            wakes.add(&sender.peer);
        }
    }

    /// Returns the capacity that a sender was granted since the last call, and adds it to its reservation.
    pub fn accept(&mut self, index: usize) -> Capacity {
        let sender = &mut self.senders[index];
        let granted = mem::take(&mut sender.granted);
        sender.reserved += granted;
        granted
    }

    /// Ends all waits, without a grant.
    pub fn clear_waiters(&mut self) {
        self.waiters.clear();
    }

    fn free(&self, buffered: Capacity) -> Capacity {
        self.bounds.without(buffered + self.reserved)
    }

    /// Reserves the share of one sender of the free capacity, which may be none.
    fn reserve_share(&mut self, buffered: Capacity) -> Capacity {
        let share = self.bounds.share_of(self.senders.len());
        let share = self.free(buffered).min(share);
        if !share.fits_an_item() {
            return Capacity::default();
        }
        self.reserved += share;
        share
    }
}
