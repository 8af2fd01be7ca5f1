//! The batches of a channel that the receiver has not drained.

use super::batch::Batch;
use super::capacity::Capacity;
use std::collections::VecDeque;
use std::mem;

#[derive(Debug, Default)]
pub struct Buffer {
    batches: VecDeque<Batch>,
    /// The capacity that `batches` use.
    used: Capacity,
}

impl Buffer {
    pub fn push(&mut self, batch: Batch) {
        self.used += Capacity {
            items: batch.items,
            bytes: batch.bytes(),
        };
        self.batches.push_back(batch);
    }

    /// Removes all batches, and returns them.
    pub fn take(&mut self) -> VecDeque<Batch> {
        self.used = Capacity::default();
        mem::take(&mut self.batches)
    }

    /// Drops the oldest item. Returns `false` if there is none.
    pub fn evict(&mut self) -> bool {
        let Some(oldest) = self.batches.front_mut() else {
            return false;
        };
        let before = oldest.bytes();
        oldest.skipped += 1;
        self.used.items -= 1;
        if oldest.unread() == 0 {
            self.used.bytes -= before;
            self.batches.pop_front();
        } else {
            self.used.bytes -= before - oldest.bytes();
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Returns the capacity that the batches use.
    pub fn used(&self) -> Capacity {
        self.used
    }
}
