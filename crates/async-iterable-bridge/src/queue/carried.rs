//! The batches that a queue carries.

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
