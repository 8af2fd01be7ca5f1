//! Capacity in items and in bytes, and the limits of a channel.

use std::ops::{Add, AddAssign, SubAssign};

/// An amount of capacity, whether free, reserved or used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub items: usize,
    pub bytes: usize,
}

impl Capacity {
    /// Returns whether it is enough for an item. One byte is enough, because the size of the next item is not known.
    pub fn fits_an_item(self) -> bool {
        self.items > 0 && self.bytes > 0
    }

    /// Returns what remains without `used`, which may be more than this.
    pub fn without(self, used: Capacity) -> Capacity {
        Capacity {
            items: self.items.saturating_sub(used.items),
            bytes: self.bytes.saturating_sub(used.bytes),
        }
    }

    /// Returns the share of one of `senders`, rounded up.
    pub fn share_of(self, senders: usize) -> Capacity {
        Capacity {
            items: self.items.div_ceil(senders),
            bytes: self.bytes.div_ceil(senders),
        }
    }

    /// Returns the smaller number of items, and the smaller number of bytes.
    pub fn min(self, other: Capacity) -> Capacity {
        Capacity {
            items: self.items.min(other.items),
            bytes: self.bytes.min(other.bytes),
        }
    }
}

impl Add for Capacity {
    type Output = Capacity;

    fn add(mut self, more: Capacity) -> Capacity {
        self += more;
        self
    }
}

impl AddAssign for Capacity {
    fn add_assign(&mut self, more: Capacity) {
        self.items += more.items;
        self.bytes += more.bytes;
    }
}

impl SubAssign for Capacity {
    fn sub_assign(&mut self, less: Capacity) {
        self.items -= less.items;
        self.bytes -= less.bytes;
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The number of items that the channel can hold.
    pub capacity: usize,
    pub max_bytes: usize,
    /// The number of senders that must close before the channel does. The same number may be opened.
    pub senders: usize,
    /// Whether the channel stays open when a sender goes without having ended. Such a channel lasts as long as it has
    /// a sender or a receiver.
    pub tolerates_sender_loss: bool,
}

impl Limits {
    pub fn bounds(&self) -> Capacity {
        Capacity {
            items: self.capacity,
            bytes: self.max_bytes,
        }
    }
}

/// The capacity that a sender keeps when it hands over a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// Capacity for items that it has taken and sends later.
    pub held: Capacity,
    /// Capacity for items that it has promised to take.
    pub permits: Capacity,
}
