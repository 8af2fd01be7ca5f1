//! A line on its way to JavaScript: a part of the block in which it was read.
//!
//! A block is shared by all its lines, so a line costs no memory of its own. The block is dropped with
//! its last line. A run of lines that follow each other crosses in one piece, with their line ends, which the
//! decoders leave out.

use super::splitter::first_line;
use async_iterable_bridge::{Columns, Item, Layout};
use std::ops::Range;
use std::sync::Arc;

/// The most bytes that a line can have, which is the limit of a string of V8. With it, places in a block fit
/// into 32 bits even if each byte becomes the three bytes of U+FFFD. The number that a line has in a batch also fits.
pub(super) const LONGEST_LINE: usize = (1 << 29) - 24;

/// The number of lines in a run, which are sent at once. Each run has a counter of its own. So lines that are
/// made and lines that are dropped, perhaps by different threads, change different counters.
const RUN: u64 = 1024;

/// Whole lines that follow each other in a file.
pub trait Block: Send + Sync + Sized + 'static {
    /// Describes how JavaScript reads one line.
    fn layout() -> Layout;

    /// Describes how JavaScript reads the lines of a batch.
    fn batch_layout() -> Layout;

    fn new(bytes: Vec<u8>) -> Self;

    fn as_bytes(&self) -> &[u8];

    /// Returns the length of a part, as JavaScript counts it.
    fn length(&self, part: Range<usize>) -> usize;

    /// Appends a part, and its length.
    fn write(&self, part: Range<usize>, columns: &mut Columns<'_>);

    /// Appends a part without its length.
    fn append(&self, part: Range<usize>, columns: &mut Columns<'_>);
}

/// A block of lines that become strings.
pub struct Text {
    text: String,
    is_ascii: bool,
}

impl Block for Text {
    fn layout() -> Layout {
        String::layout()
    }

    fn batch_layout() -> Layout {
        let source = "(count, numbers, text) => {
          const lines = new Array(count);
          let start = 0;
          for (let index = 0; index < count; index++) {
            const extent = numbers[index];
            start += extent & 3;
            const end = start + (extent >>> 2);
            lines[index] = text.substring(start, end);
            start = end;
          }
          return lines;
        }";
        Layout::batch(source).with_text()
    }

    /// Decodes a block. Bytes that are not UTF-8 become U+FFFD, by the rule of the Encoding Standard that Node also
    /// follows. A newline is never part of a longer sequence, so blocks can be decoded one by one.
    fn new(bytes: Vec<u8>) -> Self {
        let is_ascii = bytes.is_ascii();
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Text { text, is_ascii }
    }

    fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn length(&self, part: Range<usize>) -> usize {
        if self.is_ascii {
            return part.len();
        }
        Columns::length_of(&self.text[part])
    }

    fn write(&self, part: Range<usize>, columns: &mut Columns<'_>) {
        columns.text(&self.text[part]);
    }

    fn append(&self, part: Range<usize>, columns: &mut Columns<'_>) {
        columns.append_text(&self.text[part]);
    }
}

/// A block of lines that stay as they are.
pub struct Bytes(Vec<u8>);

impl Block for Bytes {
    fn layout() -> Layout {
        Vec::<u8>::layout()
    }

    fn batch_layout() -> Layout {
        let source = "(count, numbers, bytes) => {
          const lines = new Array(count);
          let start = numbers[0];
          for (let index = 0; index < count; index++) {
            const extent = numbers[index + 1];
            start += extent & 3;
            const length = extent >>> 2;
            lines[index] = Buffer.from(bytes, start, length);
            start += length;
          }
          return lines;
        }";
        Layout::batch(source).with_bytes()
    }

    fn new(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn length(&self, part: Range<usize>) -> usize {
        part.len()
    }

    fn write(&self, part: Range<usize>, columns: &mut Columns<'_>) {
        columns.bytes(&self.0[part]);
    }

    fn append(&self, part: Range<usize>, columns: &mut Columns<'_>) {
        columns.append_bytes(&self.0[part]);
    }
}

struct Run<B> {
    block: Arc<B>,
}

/// One line, without its line end.
pub struct Line<B> {
    run: Arc<Run<B>>,
    start: u32,
    length: u32,
}

impl<B> Line<B> {
    fn part(&self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

impl<B: Block> Item for Line<B> {
    fn layout() -> Layout {
        B::layout()
    }

    /// Returns the length and the size of `Self`, because lines without text would weigh nothing otherwise.
    fn bytes(&self) -> usize {
        self.length as usize + size_of::<Self>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        self.run.block.write(self.part(), columns);
    }

    fn batch_layout() -> Layout {
        B::batch_layout()
    }

    /// Writes one number for each line: four times its length, plus the length of the gap between it
    /// and the line before.
    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        for lines in items.chunk_by(|line, next| Arc::ptr_eq(&line.run, &next.run)) {
            let block = &lines[0].run.block;
            let start = lines[0].start as usize;
            let mut whole = start..start;
            let mut is_full = false;
            for part in lines.iter().map(Line::part) {
                is_full = !columns.admits(part.end - whole.start);
                if is_full {
                    break;
                }
                let gap = part.start - whole.end;
                whole.end = part.end;
                columns.number((block.length(part) << 2 | gap) as f64);
                columns.finish_item();
            }
            block.append(whole, columns);
            if is_full {
                return;
            }
        }
    }
}

/// The lines of a block, from its beginning.
pub(super) struct Lines<B> {
    run: Arc<Run<B>>,
    start: usize,
    taken: u64,
}

impl<B: Block> Lines<B> {
    pub(super) fn new(block: B) -> Self {
        Lines {
            run: Arc::new(Run {
                block: Arc::new(block),
            }),
            start: 0,
            taken: 0,
        }
    }

    /// Returns the number of lines that have been taken.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }
}

impl<B: Block> Iterator for Lines<B> {
    type Item = Line<B>;

    fn next(&mut self) -> Option<Line<B>> {
        let rest = &self.run.block.as_bytes()[self.start..];
        if rest.is_empty() {
            return None;
        }
        let (length, next) = first_line(rest);
        if self.taken > 0 && self.taken.is_multiple_of(RUN) {
            self.run = Arc::new(Run {
                block: self.run.block.clone(),
            });
        }
        let line = Line {
            run: self.run.clone(),
            start: self.start as u32,
            length: length as u32,
        };
        self.start += next;
        self.taken += 1;
        Some(line)
    }
}
