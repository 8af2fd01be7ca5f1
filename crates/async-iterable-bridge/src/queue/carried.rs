//! What a queue carries: batches, and the list of them.

use std::collections::VecDeque;
use std::mem;

/// Empty batches that are kept for their memory, so that a steady flow allocates nothing.
const MOST_SPARE: usize = 4;

/// Encoded items. The queue knows their number, and how to join them. None of these calls runs code of the program,
/// so all may be called under the lock.
pub(crate) trait Carried: Default {
    /// Returns the number of its items, without those that are skipped.
    fn count(&self) -> usize;

    /// Returns whether `other` can be appended, by a short copy, within the bounds of one batch.
    fn can_append(&self, other: &Self) -> bool;

    /// Moves the items of `other` to the end. Leaves `other` empty, with its memory.
    fn append(&mut self, other: &mut Self);

    /// Leaves out this number of further items at the front.
    fn skip(&mut self, items: usize);
}

/// Items that a sender pushes together, or not at all.
pub(crate) trait Load<B> {
    /// Returns the number of the items.
    fn count(&self) -> usize;

    /// Returns the weight of all.
    fn bytes(&self) -> usize;

    /// Returns the weight of each, if [`Queue::needs_weights`](super::Queue::needs_weights).
    fn weights(&self) -> &[usize];

    /// Puts the items behind the batches. Called once, under the lock, so it runs no code of the program.
    fn put(&mut self, batches: &mut Batches<B>);
}

/// The batches of a queue, none of which is empty. The last one is open: what is sent next may come to its end.
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

    /// Appends a batch. Leaves it empty, with memory that need not be its own.
    pub(crate) fn append(&mut self, batch: &mut B) {
        match self.list.back_mut() {
            Some(open) if open.can_append(batch) => open.append(batch),
            Some(_) | None => {
                let empty = self.spare.pop().unwrap_or_default();
                self.list.push_back(mem::replace(batch, empty));
            }
        }
    }

    /// Has an item written to the end of the open batch, or to an empty one if `write` returns false.
    pub(crate) fn write(&mut self, mut write: impl FnMut(&mut B) -> bool) {
        if self.list.back_mut().is_some_and(&mut write) {
            return;
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        write(&mut batch);
        self.list.push_back(batch);
    }

    /// Leaves out the first item. Returns its batch, if that was its last one.
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

    /// Returns all, and frees the memory that was kept.
    pub(super) fn take(&mut self) -> VecDeque<B> {
        self.spare = Vec::new();
        mem::take(&mut self.list)
    }
}
