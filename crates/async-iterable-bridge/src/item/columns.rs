//! The columns of one batch while they are filled, with examples for the authors of items.

use super::{Batch, Deferred, Reads};
use std::sync::Arc;

/// The most text that crosses in one piece, and the most bytes that share one, unless a single item
/// is larger. A substring or a view keeps its whole piece alive, so this bounds what a retained item
/// can keep alive. Node's own file streams also deliver 64 KiB at a time.
pub(crate) const PIECE: usize = 64 * 1024;

/// The number of bytes from which an item has an `ArrayBuffer` of its own.
pub(crate) const LARGE: usize = PIECE / 4;

/// The alignment of the bytes of a batch, and of the bytes of each item if its layout has typed arrays.
pub(crate) const ALIGNMENT: usize = 8;

/// The count of numbers of one item that the slab always has space for. Further numbers are put elsewhere.
const NUMBERS_OF_AN_ITEM: usize = 64;

/// The count of numbers that the slab has space for: 64 KiB of numbers, minus the one that holds a drain's outcome.
pub(crate) const SLAB_NUMBERS: usize = 8191;

/// The count of numbers above which a batch takes no further item.
const MOST_NUMBERS: usize = SLAB_NUMBERS - NUMBERS_OF_AN_ITEM;

/// The columns that [`Item::encode`](crate::Item::encode) fills: one of numbers, one of text and one of
/// bytes.
///
/// ```
/// use async_iterable_bridge::{Columns, Item, Layout};
///
/// /// A string in JavaScript, of a code and a number.
/// struct Label {
///     code: char,
///     number: u32,
/// }
///
/// impl Item for Label {
///     fn layout() -> Layout {
///         String::layout()
///     }
///
///     fn bytes(&self) -> usize {
///         14
///     }
///
///     fn encode(&self, columns: &mut Columns<'_>) {
///         columns.text(&format!("{}{}", self.code, self.number));
///     }
/// }
/// ```
pub struct Columns<'a> {
    batch: &'a mut Batch,
    reads: Reads,
}

impl<'a> Columns<'a> {
    /// Fills an empty batch.
    pub(crate) fn new(batch: &'a mut Batch, reads: Reads) -> Self {
        Columns { batch, reads }
    }

    pub(super) fn batch(&mut self) -> &mut Batch {
        self.batch
    }

    /// Returns whether an item of `bytes` bytes, text and bytes together, still fits. The first item of a
    /// batch always fits.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item};
    ///
    /// // What `Item::encode_batch` does, unless a type has one of its own.
    /// fn encode_batch<T: Item>(items: &[T], columns: &mut Columns<'_>) {
    ///     for item in items {
    ///         if !columns.admits(item.bytes()) {
    ///             return;
    ///         }
    ///         item.encode(columns);
    ///         columns.finish_item();
    ///     }
    /// }
    /// ```
    pub fn admits(&self, bytes: usize) -> bool {
        let fits_in = |used: usize| used.saturating_add(bytes) <= PIECE;
        let batch = &*self.batch;
        batch.encoded == 0
            || (batch.numbers.len() <= MOST_NUMBERS
                && fits_in(batch.text.len())
                && fits_in(batch.bytes.len())
                && fits_in(batch.values.bytes)
                && !(self.reads.bytes && (bytes >= LARGE || batch.is_large())))
    }

    /// Ends the current item of the batch.
    ///
    /// See the example of [`admits`](Columns::admits).
    pub fn finish_item(&mut self) {
        self.batch.encoded += 1;
        if self.reads.values {
            let values = &mut self.batch.values;
            values.ends.push(values.deferred.len());
        }
        if self.reads.elements {
            // The next item has the same alignment as the first one.
            let end = self.batch.bytes.len().next_multiple_of(ALIGNMENT);
            self.batch.bytes.resize(end, 0);
        }
    }

    /// Appends to the column of numbers.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A number in JavaScript.
    /// struct Percent(u8);
    ///
    /// impl Item for Percent {
    ///     fn layout() -> Layout {
    ///         f64::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         1
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.number(f64::from(self.0) / 100.0);
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn number(&mut self, number: f64) {
        self.batch.numbers.push(number);
    }

    /// Appends the bits of a 64-bit integer to the column of numbers.
    #[inline]
    pub(crate) fn bits(&mut self, bits: u64) {
        self.number(f64::from_bits(bits));
    }

    /// Appends these numbers until the slab is full. Each number is an item.
    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        let space = SLAB_NUMBERS.saturating_sub(self.batch.numbers.len());
        let count = numbers.len().min(space);
        self.batch.numbers.extend_from_slice(&numbers[..count]);
        self.batch.encoded += count;
    }

    /// Appends a text to the column of text, and its length in JavaScript, in UTF-16 code units, to the column of
    /// numbers.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A string in JavaScript.
    /// struct Name(Box<str>);
    ///
    /// impl Item for Name {
    ///     fn layout() -> Layout {
    ///         String::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.0.len()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.text(&self.0);
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn text(&mut self, text: &str) {
        let is_ascii = text.is_ascii();
        self.batch.text.extend_from_slice(text.as_bytes());
        self.batch.is_beyond_ascii |= !is_ascii;
        let length = match is_ascii {
            true => text.len(),
            false => utf16_length(text),
        };
        self.number(length as f64);
    }

    /// Returns the length of a text in JavaScript, in UTF-16 code units.
    ///
    /// ```
    /// use async_iterable_bridge::Columns;
    ///
    /// assert_eq!(Columns::length_of("naïve"), 5);
    /// assert_eq!(Columns::length_of("🚀"), 2);
    /// ```
    #[inline]
    pub fn length_of(text: &str) -> usize {
        if text.is_ascii() {
            return text.len();
        }
        utf16_length(text)
    }

    /// Appends a text without its length. The layout gives JavaScript the length in another way.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A string in JavaScript, of parts that are never put together in Rust.
    /// struct Parts(Vec<String>);
    ///
    /// impl Item for Parts {
    ///     fn layout() -> Layout {
    ///         String::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.0.iter().map(String::len).sum()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         for part in &self.0 {
    ///             columns.append_text(part);
    ///         }
    ///         let length: usize = self.0.iter().map(|part| Columns::length_of(part)).sum();
    ///         columns.number(length as f64);
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn append_text(&mut self, text: &str) {
        self.batch.text.extend_from_slice(text.as_bytes());
        self.batch.is_beyond_ascii |= !text.is_ascii();
    }

    /// Appends bytes to the column of bytes, and their count to the column of numbers.
    ///
    /// # Panics
    ///
    /// If the layout has no bytes.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A Buffer in JavaScript.
    /// struct Digest([u8; 32]);
    ///
    /// impl Item for Digest {
    ///     fn layout() -> Layout {
    ///         Vec::<u8>::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.0.len()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.bytes(&self.0);
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.append_bytes(bytes);
        self.number(bytes.len() as f64);
    }

    /// Appends bytes without their count. The layout gives JavaScript the count in another way.
    ///
    /// # Panics
    ///
    /// As for [`bytes`](Columns::bytes).
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A Buffer in JavaScript.
    /// struct Frame {
    ///     header: [u8; 4],
    ///     body: Vec<u8>,
    /// }
    ///
    /// impl Item for Frame {
    ///     fn layout() -> Layout {
    ///         Vec::<u8>::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.header.len() + self.body.len()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.append_bytes(&self.header);
    ///         columns.append_bytes(&self.body);
    ///         columns.number(self.bytes() as f64);
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn append_bytes(&mut self, bytes: &[u8]) {
        self.bytes_column().extend_from_slice(bytes);
    }

    /// Appends the elements of a typed array, at a multiple of their size, and their count to the
    /// column of numbers.
    pub(crate) fn elements<const SIZE: usize>(
        &mut self,
        elements: impl ExactSizeIterator<Item = [u8; SIZE]>,
    ) {
        let count = elements.len();
        let column = self.bytes_column();
        let start = column.len().next_multiple_of(SIZE);
        column.resize(start + count * SIZE, 0);
        let (places, _) = column[start..].as_chunks_mut::<SIZE>();
        for (place, element) in places.iter_mut().zip(elements) {
            *place = element;
        }
        self.number(count as f64);
    }

    fn bytes_column(&mut self) -> &mut Vec<u8> {
        assert!(self.reads.bytes, "the item's layout has no column of bytes");
        self.batch.byte_values += 1;
        &mut self.batch.bytes
    }

    /// Appends a value that napi-rs converts, with its weight in bytes.
    pub(crate) fn value(&mut self, value: Arc<dyn Deferred>, bytes: usize) {
        assert!(self.reads.values, "the item's layout has no values");
        let values = &mut self.batch.values;
        values.deferred.push(value);
        values.bytes = values.bytes.saturating_add(bytes);
    }
}

/// Counts the UTF-16 code units of a text.
fn utf16_length(text: &str) -> usize {
    // One unit for each UTF-8 sequence, and two for a sequence of four bytes.
    let units = |byte: &u8| usize::from(*byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
    text.as_bytes().iter().map(units).sum()
}

/// Fills `to` from the front of `from`. Returns whether all the copied numbers are 32-bit integers. One pass does
/// both, without a branch, so it compiles to vector instructions. It also avoids `memcpy`, which on
/// some AMD processors takes ten times as long once it uses `rep movsb`.
pub(crate) fn copy(from: &[f64], to: &mut [f64]) -> bool {
    let mut are_integers = true;
    for (number, place) in from.iter().zip(to) {
        are_integers &= is_integer(*number);
        *place = *number;
    }
    are_integers
}

/// Returns whether a number is a 32-bit integer. Negative zero is not.
fn is_integer(number: f64) -> bool {
    // In a sum with 1.5 × 2^52 the last bit of the fraction stands for 1, so the lower 32 bits are the integer.
    let integer = (number + 6_755_399_441_055_744.0).to_bits() as i32;
    f64::from(integer).to_bits() == number.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_stay_the_same_are_integers() {
        for number in [0.0, -1.0, f64::from(i32::MIN), f64::from(i32::MAX)] {
            assert!(is_integer(number), "{number}");
        }
        let others = [
            -0.0,
            0.5,
            f64::from(i32::MAX) + 1.0,
            f64::NAN,
            f64::INFINITY,
        ];
        for number in others {
            assert!(!is_integer(number), "{number}");
        }
    }

    #[test]
    fn the_length_of_a_text_is_counted_as_javascript_counts() {
        for text in ["", "plain", "grün", "中文", "👩‍🚀", "a\u{10ffff}b"] {
            assert_eq!(
                Columns::length_of(text),
                text.encode_utf16().count(),
                "{text}"
            );
        }
    }
}
