//! The columns of one batch while they are filled. Long, because much of it tells the authors
//! of items how, with examples.

use super::Reads;
use crate::js::Deferred;

/// The most text that crosses in one piece, and the most bytes that share one, unless a single item
/// is larger. A substring or a view keeps its whole piece alive, so this bounds what a retained item
/// can hold on to; 64 KiB is also what Node's own file streams hand out.
pub(crate) const PIECE: usize = 64 * 1024;

/// Numbers of one item for which there is always room in the slab; more are put elsewhere.
const NUMBERS_OF_AN_ITEM: usize = 64;

/// How many numbers the slab has room for: 64 KiB of them, less the place of a drain's outcome.
pub(crate) const SLAB_NUMBERS: usize = 8191;

/// Numbers after which a batch takes no further item.
const MOST_NUMBERS: usize = SLAB_NUMBERS - NUMBERS_OF_AN_ITEM;

/// What [`Item::encode`](crate::Item::encode) fills: a column of numbers, one of text and one of
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
    /// The slab, if the numbers may stand there.
    slab: &'a mut [f64],
    /// All numbers, if the slab is too short for them.
    spilled: Vec<f64>,
    filled: usize,
    are_integers: bool,
    text: &'a mut Vec<u8>,
    is_ascii: bool,
    bytes: Option<BytesColumn<'a>>,
    values: Option<Values>,
    count: usize,
}

/// Memory of JavaScript for the bytes of one batch.
pub(crate) struct BytesColumn<'a> {
    pub(crate) room: &'a mut [u8],
    /// Where the room begins, in bytes from the start of its `ArrayBuffer`.
    pub(crate) start: usize,
    used: usize,
    /// How many values it is the memory of.
    values: usize,
}

impl<'a> BytesColumn<'a> {
    pub(crate) fn new(room: &'a mut [u8], start: usize) -> Self {
        BytesColumn {
            room,
            start,
            used: 0,
            values: 0,
        }
    }
}

/// Values that napi-rs will convert, once nothing of JavaScript's memory is borrowed.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) deferred: Vec<Deferred>,
    /// For each item, how many values there were when it was complete.
    pub(crate) ends: Vec<usize>,
}

/// How the columns were filled.
pub(crate) struct Crossing {
    pub(crate) count: usize,
    /// All numbers are 32-bit integers. Known only of a batch of numbers.
    pub(crate) are_integers: bool,
    /// The text is all ASCII.
    pub(crate) is_ascii: bool,
    pub(crate) bytes_used: usize,
    /// How many values share the memory of the bytes.
    pub(crate) byte_values: usize,
    /// The numbers that did not fit into the slab, with those before them.
    pub(crate) spilled: Option<Vec<f64>>,
    pub(crate) values: Option<Values>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(
        slab: &'a mut [f64],
        text: &'a mut Vec<u8>,
        bytes: Option<BytesColumn<'a>>,
        reads: Reads,
    ) -> Self {
        text.clear();
        text.shrink_to(PIECE);
        let start = bytes.as_ref().map(|column| column.start);
        let mut columns = Columns {
            slab,
            spilled: Vec::new(),
            filled: 0,
            are_integers: false,
            text,
            is_ascii: true,
            bytes,
            values: reads.values.then(Values::default),
            count: 0,
        };
        if let Some(start) = start {
            columns.number(start as f64);
        }
        columns
    }

    /// Whether an item of so many bytes, text and bytes together, still fits. The first item of a
    /// batch always does.
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
        let fits_in = |used: usize, room: usize| used + bytes <= room;
        self.count == 0
            || (self.filled <= MOST_NUMBERS
                && fits_in(self.text.len(), PIECE)
                && self
                    .bytes
                    .as_ref()
                    .is_none_or(|column| fits_in(column.used, column.room.len())))
    }

    /// How many items the batch has so far.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Ends an item, which is the next one of the batch.
    ///
    /// See the example of [`admits`](Columns::admits).
    pub fn finish_item(&mut self) {
        self.count += 1;
        if let Some(values) = &mut self.values {
            values.ends.push(values.deferred.len());
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
        match self.slab.get_mut(self.filled) {
            Some(place) => *place = number,
            None => self.spill(number),
        }
        self.filled += 1;
    }

    #[cold]
    fn spill(&mut self, number: f64) {
        if self.spilled.is_empty() {
            self.spilled.extend_from_slice(self.slab);
        }
        self.spilled.push(number);
    }

    /// Appends the bits of a 64-bit integer to the column of numbers.
    #[inline]
    pub(crate) fn bits(&mut self, bits: u64) {
        self.number(f64::from_bits(bits));
    }

    /// Appends as many of these numbers as there is room for in the slab, each of them an item.
    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        let room = &mut self.slab[self.filled..];
        let count = numbers.len().min(room.len());
        let are_integers = copy(&numbers[..count], room);
        self.are_integers = are_integers && (self.are_integers || self.count == 0);
        self.filled += count;
        self.count += count;
    }

    /// Appends a text, and how long JavaScript will find it, in UTF-16 code units, to the column of
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
        self.append_text(text);
        self.number(Self::length_of(text) as f64);
    }

    /// How long a text is in JavaScript, in UTF-16 code units.
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
        // One for each sequence of UTF-8, and two for those of four bytes.
        let units = |byte: &u8| usize::from(*byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
        text.as_bytes().iter().map(units).sum()
    }

    /// Appends a text whose length JavaScript learns in another way.
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
        self.text.extend_from_slice(text.as_bytes());
        self.is_ascii = self.is_ascii && text.is_ascii();
    }

    /// Appends bytes, and their number to the column of numbers.
    ///
    /// # Panics
    ///
    /// If there are more of them than [`Item::bytes`](crate::Item::bytes) said, or the layout has no
    /// bytes.
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
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.append_bytes(bytes);
        self.number(bytes.len() as f64);
    }

    /// Appends bytes whose number JavaScript learns in another way.
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
    pub fn append_bytes(&mut self, bytes: &[u8]) {
        self.room_for(bytes.len()).copy_from_slice(bytes);
    }

    /// Appends the elements of a typed array, at a multiple of their size, and their number to the
    /// column of numbers.
    pub(crate) fn elements<const SIZE: usize>(
        &mut self,
        elements: impl ExactSizeIterator<Item = [u8; SIZE]>,
    ) {
        let count = elements.len();
        let column = self.bytes_column();
        column.used = (column.start + column.used).next_multiple_of(SIZE) - column.start;
        let (places, _) = self.room_for(count * SIZE).as_chunks_mut::<SIZE>();
        for (place, element) in places.iter_mut().zip(elements) {
            *place = element;
        }
        self.number(count as f64);
    }

    fn room_for(&mut self, length: usize) -> &mut [u8] {
        let column = self.bytes_column();
        let start = column.used;
        column.values += 1;
        column.used += length;
        &mut column.room[start..start + length]
    }

    fn bytes_column(&mut self) -> &mut BytesColumn<'a> {
        self.bytes
            .as_mut()
            .expect("the item's layout has a column of bytes")
    }

    /// Appends a value that napi-rs converts.
    pub(crate) fn value(&mut self, value: Deferred) {
        self.values
            .as_mut()
            .expect("the item's layout has values")
            .deferred
            .push(value);
    }

    pub(crate) fn into_crossing(self) -> Crossing {
        let (bytes_used, byte_values) = self
            .bytes
            .map_or((0, 0), |column| (column.used, column.values));
        Crossing {
            count: self.count,
            are_integers: self.are_integers,
            is_ascii: self.is_ascii,
            bytes_used,
            byte_values,
            spilled: (!self.spilled.is_empty()).then_some(self.spilled),
            values: self.values,
        }
    }
}

/// Fills `to` from the front of `from`. Returns whether all of it are 32-bit integers. One pass does
/// both, without a branch, so that it becomes vector instructions; and it avoids `memcpy`, which on
/// some AMD processors takes ten times as long once it resorts to `rep movsb`.
fn copy(from: &[f64], to: &mut [f64]) -> bool {
    let mut are_integers = true;
    for (number, place) in from.iter().zip(to) {
        are_integers &= is_integer(*number);
        *place = *number;
    }
    are_integers
}

/// Whether a number is a 32-bit integer. Negative zero is not.
fn is_integer(number: f64) -> bool {
    // In a sum with 1.5 × 2^52 the last bit stands for 1, and the lower half is the integer.
    let integer = (number + 6_755_399_441_055_744.0).to_bits() as i32;
    f64::from(integer).to_bits() == number.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_the_same_is_an_integer() {
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
    fn numbers_are_integers_only_if_those_of_every_part_are() {
        for (parts, are_integers) in [([1.0, 2.0], true), ([0.5, 2.0], false), ([1.0, 0.5], false)]
        {
            let (mut slab, mut text) = ([0.0; 8], Vec::new());
            let mut columns = Columns::new(&mut slab, &mut text, None, Reads::default());
            for part in parts {
                columns.numbers(&[part]);
            }
            assert_eq!(columns.into_crossing().are_integers, are_integers);
            assert_eq!(slab[..2], parts);
        }
    }

    #[test]
    fn numbers_for_which_the_slab_is_too_short_are_spilled_together_with_those_before() {
        let (mut slab, mut text) = ([0.0; 2], Vec::new());
        let mut columns = Columns::new(&mut slab, &mut text, None, Reads::default());
        for number in [1.0, 2.0, 3.0, 4.0] {
            columns.number(number);
        }
        let spilled = columns.into_crossing().spilled;
        assert_eq!(spilled, Some(vec![1.0, 2.0, 3.0, 4.0]));
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

    #[test]
    fn elements_begin_at_a_multiple_of_their_size() {
        let (mut slab, mut text, mut room) = ([0.0; 8], Vec::new(), [0; 32]);
        let column = BytesColumn::new(&mut room, 3);
        let mut columns = Columns::new(&mut slab, &mut text, Some(column), Reads::default());
        columns.bytes(&[9, 9]);
        columns.elements([1_u32, 2].iter().map(|element| element.to_ne_bytes()));
        assert_eq!(columns.into_crossing().bytes_used, 13);
        assert_eq!(room[5..9], 1_u32.to_ne_bytes());
        assert_eq!(slab[..3], [3.0, 2.0, 2.0]);
    }
}
