//! The columns of one batch while they are filled.

use std::collections::VecDeque;

/// The most text or bytes that cross in one piece, unless a single item is larger. A substring or
/// a view keeps its whole piece alive, so this bounds what a retained item can hold on to; 64 KiB
/// is also what Node's own file streams hand out.
const PIECE: usize = 64 * 1024;

/// What [`Item::encode`](crate::Item::encode) fills: a column of numbers, and one of text or
/// bytes.
pub struct Columns<'a> {
    numbers: &'a mut [f64],
    buffer: &'a mut Vec<u8>,
    payload: Payload,
    filled: usize,
    count: usize,
}

/// What the buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    None,
    /// The buffer is empty, and all numbers are 32-bit integers.
    Integers,
    Text,
    Bytes,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(numbers: &'a mut [f64], buffer: &'a mut Vec<u8>) -> Self {
        buffer.clear();
        buffer.shrink_to(PIECE);
        Columns {
            numbers,
            buffer,
            payload: Payload::None,
            filled: 0,
            count: 0,
        }
    }

    /// Whether an item of so many numbers and so many bytes of text or bytes still fits, and
    /// counts it if so. The first item of a batch always fits, as long as its numbers do.
    pub fn admits(&mut self, numbers: usize, bytes: usize) -> bool {
        let fits = self.count == 0
            || (self.filled + numbers <= self.numbers.len() && self.buffer.len() + bytes <= PIECE);
        self.count += usize::from(fits);
        fits
    }

    /// Appends to the column of numbers.
    ///
    /// # Panics
    ///
    /// Beyond what [`admits`](Columns::admits) let in.
    pub fn number(&mut self, number: f64) {
        self.numbers[self.filled] = number;
        self.filled += 1;
    }

    /// Fills the column with as many of these numbers as fit, and counts each as an item. Returns
    /// how many.
    pub(crate) fn numbers(&mut self, numbers: &VecDeque<f64>) -> usize {
        let count = numbers.len().min(self.numbers.len());
        let (front, back) = numbers.as_slices();
        let split = count.min(front.len());
        let (to_front, to_back) = self.numbers[..count].split_at_mut(split);
        let are_integers = copy(front, to_front) & copy(back, to_back);
        if are_integers {
            self.payload = Payload::Integers;
        }
        self.filled = count;
        self.count = count;
        count
    }

    /// Appends to the column of text.
    pub fn text(&mut self, text: &str) {
        self.payload = Payload::Text;
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// How long a text is in JavaScript: in UTF-16 code units.
    pub fn length(&self, text: &str) -> usize {
        if text.is_ascii() {
            text.len()
        } else {
            text.encode_utf16().count()
        }
    }

    /// Appends to the column of bytes. A type uses either this or [`text`](Columns::text).
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.payload = Payload::Bytes;
        self.buffer.extend_from_slice(bytes);
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn payload(&self) -> Payload {
        self.payload
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
    fn numbers_that_wrap_around_in_their_queue_keep_their_order() {
        let mut queue = VecDeque::with_capacity(4);
        queue.extend([9.0, 9.0, 1.0, 2.0]);
        queue.drain(..2);
        queue.extend([3.0, 4.5]);
        let (mut slab, mut buffer) = ([0.0; 8], Vec::new());
        let mut columns = Columns::new(&mut slab, &mut buffer);
        assert_eq!(columns.numbers(&queue), 4);
        assert_eq!(columns.payload(), Payload::None);
        assert_eq!(slab[..4], [1.0, 2.0, 3.0, 4.5]);
    }
}
