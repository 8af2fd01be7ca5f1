//! What the consumer is done with, and the memory of batches.
//!
//! Memory is freed fastest by the thread that has allocated it: by another, it takes a lock and the time of
//! both. So producers drop what the consumer is done with, item by item as they send the next ones, whose
//! memory the allocator then has at hand. The memory of the batches themselves goes round.

use super::afterwards::Afterwards;
use std::collections::VecDeque;
use std::mem;

/// Batches that wait for a producer to drop them; with more, the next producer has to drop them all.
const MOST_BATCHES: usize = 2;

/// So that whatever a producer drops meanwhile, a drain finds memory for the next batch.
const MOST_SPARE: usize = 2;

pub(super) struct Spent<T> {
    batches: VecDeque<VecDeque<T>>,
    /// Empty, and kept for their memory.
    spare: Vec<VecDeque<T>>,
}

impl<T> Spent<T> {
    pub(super) fn new() -> Self {
        Spent {
            batches: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, batch: VecDeque<T>) {
        self.batches.push_back(batch);
    }

    /// An empty batch, with memory if there is some.
    pub(super) fn memory(&mut self) -> VecDeque<T> {
        self.spare.pop().unwrap_or_default()
    }

    /// Lets the caller drop everything.
    pub(super) fn take(&mut self, afterwards: &mut Afterwards<T>) {
        afterwards.drop_batches(mem::take(&mut self.batches));
    }

    /// Lets the caller drop one item.
    pub(super) fn take_item(&mut self, afterwards: &mut Afterwards<T>) {
        if self.batches.len() > MOST_BATCHES {
            self.take(afterwards);
        } else if let Some(batch) = self.batches.front_mut() {
            afterwards.drop_spent(batch.pop_front());
            if batch.is_empty() {
                let memory = self.batches.pop_front();
                self.keep(memory);
            }
        }
    }

    /// Keeps memory of batches that were dropped, of which there may be too many.
    pub(super) fn keep(&mut self, dropped: impl IntoIterator<Item = VecDeque<T>>) {
        let wanted = MOST_SPARE - self.spare.len();
        self.spare.extend(dropped.into_iter().take(wanted));
    }

    /// Frees the memory that is kept.
    pub(super) fn free(&mut self) {
        self.spare = Vec::new();
    }

    /// Hands everything out.
    pub(super) fn release(&mut self) -> impl Iterator<Item = VecDeque<T>> {
        self.free();
        mem::take(&mut self.batches).into_iter()
    }
}
