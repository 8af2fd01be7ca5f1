//! How a batch of items becomes columns.

mod bytes;
mod columns;
mod number;
mod text;

pub use columns::Columns;
pub(crate) use columns::Payload;

use crate::queue::Weigh;
use std::collections::VecDeque;

/// A type whose values a stream can carry.
///
/// A batch crosses to JavaScript at once, as [`Columns`]: numbers side by side in a shared slab,
/// and all text, or all bytes, in one piece. There [`DECODER`](Item::DECODER) makes the items.
pub trait Item: Send + Sized + 'static {
    /// The JavaScript source of the function that makes the items of a batch. It is evaluated
    /// once per environment, and must be an expression of the form
    /// `(slab, Buffer) => (count, payload) => items`, where
    ///
    /// - `slab` is a `Float64Array` that holds what [`Columns::number`] was given, from index 0;
    /// - `count` is the number of items, at least 1, and `items` an array of as many;
    /// - `payload` is a string of what [`Columns::text`] was given, an `ArrayBuffer` of what
    ///   [`Columns::bytes`] was given, or undefined where neither was called.
    const DECODER: &'static str;

    /// What the item weighs against [`Options::max_bytes`](crate::Options::max_bytes). It should not
    /// change while the item is buffered. It is asked for while the stream's queue is locked, so it
    /// must not use the stream.
    fn bytes(&self) -> usize;

    /// Moves items from the front of `batch` into `columns`, at least one, and as many as
    /// [`Columns::admits`] lets in. `batch` is not empty.
    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>);
}

impl<T: Item> Weigh for T {
    fn bytes(&self) -> usize {
        Item::bytes(self)
    }
}
