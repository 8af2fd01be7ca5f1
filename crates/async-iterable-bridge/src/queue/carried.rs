//! The batches that a queue carries, and the list of them.

use std::collections::VecDeque;
use std::mem;

/// The most empty batches that are kept for their memory, so that a steady flow allocates nothing.
const MOST_SPARE: usize = 4;

/// Encoded items. The queue can count and join them. None of these calls runs code of the program, so all may be
/// called under the lock.
pub(crate) trait Carried: Default {
    /// Returns the number of its items, without those that are skipped.
    fn count(&self) -> usize;

    /// Returns whether a short copy can append `other`, within the bounds of one batch.
    fn can_append(&self, other: &Self) -> bool;

    /// Moves the items of `other` to the end. Leaves `other` empty, with its memory.
    fn append(&mut self, other: &mut Self);

    /// Skips this number of further items at the front.
    fn skip(&mut self, items: usize);
}

/// Items that a sender pushes together, or not at all.
pub(crate) trait Load<B> {
    /// Returns the number of the items.
    fn count(&self) -> usize;

    /// Returns the weight of all items together.
    fn bytes(&self) -> usize;

    /// Returns the weight of each item, if [`Queue::needs_weights`](super::Queue::needs_weights).
    fn weights(&self) -> &[usize];

    /// Appends the items to the batches. It is called once, under the lock, so it runs no code of the program.
    fn put(&mut self, batches: &mut Batches<B>);
}

/// The batches of a queue. No batch is empty. The last one is open: the items sent next may be appended to it.
pub(crate) struct Batches<B> {
    list: VecDeque<B>,
    spare: Vec<B>,
}

impl<B: Carried> Batches<B> {
    pub(super) fn new() -> Self {
        Batches {
            list: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    /// Appends a batch, and leaves `batch` empty. Its memory may be that of another batch afterwards.
    pub(crate) fn append(&mut self, batch: &mut B) {
        match self.list.back_mut() {
            Some(open) if open.can_append(batch) => open.append(batch),
            Some(_) | None => {
                let empty = self.spare.pop().unwrap_or_default();
                self.list.push_back(mem::replace(batch, empty));
            }
        }
    }

    /// Calls `write` to write an item to the end of the open batch. If there is none, or `write` returns false, calls
    /// it with an empty batch.
    pub(crate) fn write(&mut self, mut write: impl FnMut(&mut B) -> bool) {
        if self.list.back_mut().is_some_and(&mut write) {
            return;
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        write(&mut batch);
        self.list.push_back(batch);
    }

    /// Skips the first item. Returns its batch if no item is left in it.
    pub(super) fn skip_first(&mut self) -> Option<B> {
        let oldest = self.list.front_mut()?;
        oldest.skip(1);
        if oldest.count() > 0 {
            return None;
        }
        self.list.pop_front()
    }

    /// Exchanges the list for an empty one.
    pub(super) fn swap(&mut self, into: &mut VecDeque<B>) {
        mem::swap(&mut self.list, into);
    }

    /// Keeps some batches for their memory.
    pub(super) fn keep(&mut self, emptied: &mut Vec<B>) {
        let wanted = emptied.len().min(MOST_SPARE - self.spare.len());
        self.spare.extend(emptied.drain(..wanted));
    }

    /// Returns all batches, and frees the memory that was kept.
    pub(super) fn take(&mut self) -> VecDeque<B> {
        self.spare = Vec::new();
        mem::take(&mut self.list)
    }
}
