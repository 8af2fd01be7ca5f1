//! What a queue carries.

/// Encoded items, of which the queue knows only their number, and how to join them. None of these calls runs
/// code of others, so all may be called under the lock.
pub(crate) trait Carried: Default {
    /// Returns the number of its items, without those that are skipped.
    fn count(&self) -> usize;

    /// Whether `other` can be appended, by a short copy, within the bounds of what crosses at once.
    fn can_append(&self, other: &Self) -> bool;

    /// Moves the items of `other` to the end. Leaves `other` empty, with its memory.
    fn append(&mut self, other: &mut Self);

    /// Leaves out so many more items at the front.
    fn skip(&mut self, items: usize);
}
