//! Finds the ends of lines, independently of files.
//!
//! `\n` and `\r\n` end a line; a `\r` alone does not. The bytes after the last line end are also a line,
//! unless there are none.

use memchr::{memchr, memrchr};

/// Returns the length of the first line, and the place where the next one begins. A line without an end is as long
/// as `bytes`.
pub(super) fn first_line(bytes: &[u8]) -> (usize, usize) {
    match memchr(b'\n', bytes) {
        Some(newline) if newline > 0 && bytes[newline - 1] == b'\r' => (newline - 1, newline + 1),
        Some(newline) => (newline, newline + 1),
        None => (bytes.len(), bytes.len()),
    }
}

/// The lines that a [`Splitter`] has cut off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Whole lines.
    pub(super) block: Vec<u8>,
    /// Whether the line that follows them is longer than allowed.
    pub(super) too_long: bool,
}

/// Cuts whole lines off the front of a buffer that grows at its end.
pub(super) struct Splitter {
    max_line_bytes: usize,
    /// The number of bytes at the front of the buffer that are known to contain no newline.
    searched: usize,
}

impl Splitter {
    pub(super) fn new(max_line_bytes: usize) -> Self {
        Splitter {
            max_line_bytes,
            searched: 0,
        }
    }

    /// Cuts off all lines that end in `buffer`. The beginning of the next line stays.
    pub(super) fn cut(&mut self, buffer: &mut Vec<u8>) -> Cut {
        let last = memrchr(b'\n', &buffer[self.searched..]);
        let end = last.map_or(0, |newline| self.searched + newline + 1);
        self.cut_at(buffer, end)
    }

    /// Cuts off everything, at the end of the file.
    pub(super) fn cut_rest(&mut self, buffer: &mut Vec<u8>) -> Cut {
        self.cut_at(buffer, buffer.len())
    }

    fn cut_at(&mut self, buffer: &mut Vec<u8>, end: usize) -> Cut {
        let mut block = take_front(buffer, end);
        self.searched = buffer.len();
        if let Some(start) = self.find_too_long(&block) {
            block.truncate(start);
            return Cut {
                block,
                too_long: true,
            };
        }
        // A `\r` at the end of an incomplete line may be a part of its `\r\n`.
        let rest = buffer.strip_suffix(b"\r").unwrap_or(buffer);
        Cut {
            block,
            too_long: rest.len() > self.max_line_bytes,
        }
    }

    /// Returns the place where the first line begins that is longer than allowed.
    fn find_too_long(&self, block: &[u8]) -> Option<usize> {
        if block.len() <= self.max_line_bytes {
            return None;
        }
        let mut start = 0;
        while start < block.len() {
            let (length, next) = first_line(&block[start..]);
            if length > self.max_line_bytes {
                return Some(start);
            }
            start += next;
        }
        None
    }
}

/// Moves the front of a buffer into a block of its own. The block is at most twice as large as needed, because
/// it lives as long as its last line.
fn take_front(buffer: &mut Vec<u8>, end: usize) -> Vec<u8> {
    if end * 2 >= buffer.capacity() {
        let rest = buffer.split_off(end);
        std::mem::replace(buffer, rest)
    } else {
        buffer.drain(..end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 8;

    /// Returns the blocks of a file that is read in these pieces, and whether a line was too long.
    fn blocks(pieces: &[&str]) -> (Vec<String>, bool) {
        let mut splitter = Splitter::new(LIMIT);
        let mut buffer = Vec::new();
        let mut blocks = Vec::new();
        let mut keep = |cut: Cut| {
            if !cut.block.is_empty() {
                blocks.push(String::from_utf8(cut.block).expect("the pieces are text"));
            }
            cut.too_long
        };
        for piece in pieces {
            buffer.extend_from_slice(piece.as_bytes());
            if keep(splitter.cut(&mut buffer)) {
                return (blocks, true);
            }
        }
        let too_long = keep(splitter.cut_rest(&mut buffer));
        (blocks, too_long)
    }

    fn whole(pieces: &[&str]) -> Vec<String> {
        let (blocks, too_long) = blocks(pieces);
        assert!(!too_long);
        blocks
    }

    #[test]
    fn a_newline_ends_a_line() {
        assert_eq!(first_line(b"one\ntwo\n"), (3, 4));
        assert_eq!(first_line(b"\n"), (0, 1));
    }

    #[test]
    fn a_carriage_return_belongs_to_the_newline_that_follows() {
        assert_eq!(first_line(b"one\r\ntwo"), (3, 5));
        assert_eq!(first_line(b"\r\n"), (0, 2));
        assert_eq!(first_line(b"one\r\r\n"), (4, 6));
    }

    #[test]
    fn a_carriage_return_alone_ends_nothing() {
        assert_eq!(first_line(b"one\rtwo\n"), (7, 8));
        assert_eq!(first_line(b"one\r"), (4, 4));
    }

    #[test]
    fn the_last_line_needs_no_newline() {
        assert_eq!(first_line(b"last"), (4, 4));
        assert_eq!(whole(&["one\ntwo"]), ["one\n", "two"]);
    }

    #[test]
    fn a_line_may_come_in_many_pieces() {
        assert_eq!(whole(&["o", "n", "e\nt", "wo", "\n"]), ["one\n", "two\n"]);
        assert_eq!(whole(&["one\r", "\ntwo\r", "\n"]), ["one\r\n", "two\r\n"]);
    }

    #[test]
    fn nothing_has_no_lines() {
        assert!(whole(&[]).is_empty());
        assert!(whole(&["", ""]).is_empty());
    }

    #[test]
    fn a_line_of_the_longest_length_is_allowed() {
        assert_eq!(whole(&["12345678\r", "\n1"]), ["12345678\r\n", "1"]);
        assert_eq!(whole(&["1\n12345678"]), ["1\n", "12345678"]);
    }

    #[test]
    fn lines_before_one_that_is_too_long_are_kept() {
        let one = (vec!["one\n".to_owned()], true);
        assert_eq!(blocks(&["one\n123456789\ntwo\n"]), one);
        assert_eq!(blocks(&["one\n123456789"]), one);
        assert_eq!(blocks(&["one\n12345", "6789\n"]), one);
        assert_eq!(blocks(&["one\n12345678\r", "x"]), one);
    }

    #[test]
    fn a_line_is_too_long_before_its_end_is_known() {
        let mut splitter = Splitter::new(LIMIT);
        let mut buffer = b"123456789".to_vec();
        assert!(splitter.cut(&mut buffer).too_long);
    }

    #[test]
    fn a_block_that_is_much_smaller_than_the_buffer_gets_its_own_memory() {
        let mut buffer = Vec::with_capacity(1024);
        buffer.extend_from_slice(b"one\ntwo");
        let cut = Splitter::new(LIMIT).cut(&mut buffer);
        assert!(cut.block.capacity() < 16);
        assert_eq!(buffer, b"two");
        assert_eq!(buffer.capacity(), 1024);
    }
}
