//! The lines of a file.
//!
//! The file is read block by block, and its lines are parts of the blocks. The stream ends with the file, with an
//! error, or when the consumer leaves. It fails if the file cannot be read or has a line that is too long, after the
//! lines before it.

mod input;
mod line;
mod piece;
mod splitter;
#[cfg(unix)]
mod stream;

pub use line::{Bytes, Line, Text};

use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer};
use input::Input;
use line::{Block, Lines, LONGEST_LINE};
use splitter::{Cut, Splitter};
use std::path::PathBuf;

/// A file to read.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// The folder that a relative path is resolved against, if not the current one.
    pub(crate) base: Option<PathBuf>,
}

/// Makes a stream of the lines of a file. `B` is their type: text, or bytes.
pub(crate) fn read_lines<B: Block>(
    file: File,
    max_line_bytes: usize,
    options: Options,
) -> AsyncIterableBridge<Line<B>> {
    AsyncIterableBridge::spawn_task(options.kind("readLines"), move |producer| {
        produce(producer, file, max_line_bytes.min(LONGEST_LINE))
    })
}

async fn produce<B: Block>(
    producer: Producer<Line<B>>,
    file: File,
    max_line_bytes: usize,
) -> Result<(), Error> {
    let mut splitter = Splitter::new(max_line_bytes);
    let mut lines_sent = 0;
    let (mut input, mut buffer) = Input::open(file).await?;
    loop {
        let Cut { block, too_long } = if input.has_ended() {
            splitter.cut_rest(&mut buffer)
        } else {
            splitter.cut(&mut buffer)
        };
        let mut lines = Lines::new(B::new(block));
        producer.send_all(&mut lines).await?;
        lines_sent += lines.taken();
        if too_long {
            return Err(line_too_long(lines_sent + 1, max_line_bytes));
        }
        if input.has_ended() {
            return Ok(());
        }
        input.fill(&mut buffer).await?;
    }
}

fn line_too_long(line: u64, max_line_bytes: usize) -> Error {
    let message = format!("Line {line} is longer than {max_line_bytes} bytes");
    Error::new(message).with_code("ERR_LINE_TOO_LONG")
}
