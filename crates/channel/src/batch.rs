//! A batch: items that cross together, as `lib/codec` has encoded them.

use std::mem::size_of_val;

#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    pub items: usize,
    /// The number of items, from the first one on, that were dropped meanwhile.
    pub skipped: usize,
    pub head: Vec<u8>,
    pub texts: Vec<Text>,
    pub chunks: Vec<Vec<u8>>,
}

impl Batch {
    /// Estimates the bytes that are still to be read. The size of a single item is not known.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Vec::len).sum();
        let texts: usize = self.texts.iter().map(Text::bytes).sum();
        let bytes = self.head.len() + texts + chunks;
        match self.items {
            0 => bytes,
            items => bytes * (items - self.skipped) / items,
        }
    }

    pub fn unread(&self) -> usize {
        self.items - self.skipped
    }
}

/// A string, in one of the two forms in which engines keep it.
#[derive(Debug, PartialEq)]
pub enum Text {
    Latin1(Vec<u8>),
    Utf16(Vec<u16>),
}

impl Text {
    fn bytes(&self) -> usize {
        match self {
            Text::Latin1(text) => text.len(),
            Text::Utf16(text) => size_of_val(&text[..]),
        }
    }
}

impl From<&[u16]> for Text {
    /// Converts to Latin-1, which is half as long, if each unit fits into a byte.
    fn from(text: &[u16]) -> Self {
        if text.iter().fold(0, |all, unit| all | unit) <= u16::from(u8::MAX) {
            Text::Latin1(text.iter().map(|unit| *unit as u8).collect())
        } else {
            Text::Utf16(text.to_vec())
        }
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_in_one_byte_each_where_that_is_possible() {
        let latin1: Vec<u16> = "grün".encode_utf16().collect();
        assert_eq!(
            Text::from(&latin1[..]),
            Text::Latin1(vec![b'g', b'r', 0xFC, b'n'])
        );
        let wide: Vec<u16> = "a\u{100}".encode_utf16().collect();
        assert_eq!(Text::from(&wide[..]), Text::Utf16(wide));
    }

    #[test]
    fn a_batch_weighs_less_by_what_was_dropped() {
        let mut batch = Batch {
            items: 4,
            head: vec![0; 80],
            ..Batch::default()
        };
        assert_eq!(batch.bytes(), 80);
        batch.skipped = 3;
        assert_eq!(batch.bytes(), 20);
        assert_eq!(batch.unread(), 1);
    }
}
