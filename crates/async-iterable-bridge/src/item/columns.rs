//! The columns of one batch while they are filled.

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

    /// How many items without text or bytes, of so many numbers each, still fit; counts them.
    pub(crate) fn admit_numbers(&mut self, items: usize, numbers: usize) -> usize {
        let admitted = items.min((self.numbers.len() - self.filled) / numbers);
        self.count += admitted;
        admitted
    }

    /// Appends to the column of text. Returns how much JavaScript's string grew by: UTF-16 code
    /// units.
    pub fn text(&mut self, text: &str) -> usize {
        self.payload = Payload::Text;
        self.buffer.extend_from_slice(text.as_bytes());
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
