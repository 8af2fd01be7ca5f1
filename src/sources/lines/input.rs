//! A file that is read piece by piece, without holding a thread while there is nothing to read.
//!
//! Reading a regular file takes a thread only for as long as the disk needs; data in the system's
//! cache is copied at once. A FIFO, a socket or a terminal may have no data for hours, so [`Stream`] first
//! waits until it is readable.

use super::piece::{read_cached_piece, read_piece, Piece};
#[cfg(unix)]
use super::stream::Stream;
use crate::path::located;
use crate::sources::blocking::on_blocking_thread;
use async_iterable_bridge::Error;
use std::fs::File;
use std::io;
use std::mem;
use std::path::Path;
use std::sync::Arc;
use tokio::task::coop::consume_budget;

/// The number of bytes of the first read, and of each read from the system's cache or a [`Stream`]. It is small so that
/// the first lines come soon. A FIFO holds no more, and data copied from the system's cache is then still in the
/// processor's cache.
const SMALL_PIECE: usize = 64 * 1024;

/// The number of bytes that another thread reads at once. It is larger, because the switch of threads costs time.
const PIECE: usize = 256 * 1024;

pub(super) struct Input {
    source: Source,
    /// The path, as errors name it.
    path: String,
    piece: usize,
    /// The number of bytes that are still to be read, as far as it is known.
    left: u64,
    ended: bool,
}

enum Source {
    File(Arc<File>),
    #[cfg(unix)]
    Stream(Stream),
}

impl Input {
    /// Opens a file, and reads its first piece if the read needs no waiting.
    pub(super) async fn open(file: super::File) -> Result<(Input, Vec<u8>), Error> {
        on_blocking_thread(move || {
            let mut input = Input::open_now(&file)?;
            let mut buffer = Vec::new();
            match &input.source {
                Source::File(file) => {
                    let read = read_piece(file, &mut buffer, input.next_length());
                    input.note(read)?;
                }
                #[cfg(unix)]
                Source::Stream(_) => {}
            }
            Ok((input, buffer))
        })
        .await?
    }

    fn open_now(super::File { path, base }: &super::File) -> Result<Input, Error> {
        let name = path.to_string_lossy().into_owned();
        let opened = open_file(&located(path, base.as_deref())).and_then(|file| {
            let metadata = file.metadata()?;
            let source = if metadata.is_file() {
                Source::File(Arc::new(file))
            } else {
                Source::of_special(file)?
            };
            Ok((source, metadata.len()))
        });
        match opened {
            Ok((source, left)) => Ok(Input {
                source,
                path: name,
                piece: SMALL_PIECE,
                left,
                ended: false,
            }),
            Err(error) => Err(Error::system(error, "open", name)),
        }
    }

    /// Returns whether there is nothing more to read.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Appends the next piece to `buffer`, or nothing at the end.
    pub(super) async fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        // Reading a long line from the cache may never wait, so this lets other tasks run.
        consume_budget().await;
        let most = self.next_length();
        let read = match &self.source {
            Source::File(file) => match read_cached_piece(file, buffer, most.min(SMALL_PIECE)) {
                Some(piece) => Ok(piece),
                None => {
                    let file = file.clone();
                    let mut filled = mem::take(buffer);
                    let read;
                    (*buffer, read) = on_blocking_thread(move || {
                        let read = read_piece(&file, &mut filled, most);
                        (filled, read)
                    })
                    .await?;
                    read
                }
            },
            #[cfg(unix)]
            Source::Stream(stream) => stream.read(buffer, SMALL_PIECE).await,
        };
        self.note(read)
    }

    /// Returns the number of bytes to read next. For a small file that is its size and one byte more, to see its end.
    fn next_length(&self) -> usize {
        match usize::try_from(self.left) {
            Ok(left) if 0 < left && left < self.piece => left + 1,
            _ => self.piece,
        }
    }

    fn note(&mut self, read: io::Result<Piece>) -> Result<(), Error> {
        match read {
            Ok(piece) => {
                self.piece = PIECE;
                self.left = self.left.saturating_sub(piece.bytes as u64);
                self.ended = piece.is_last;
                Ok(())
            }
            Err(error) => Err(Error::system(error, "read", mem::take(&mut self.path))),
        }
    }
}

impl Source {
    /// Makes the source of a file that is not a regular one. Directories, `/dev/null` and the like have no
    /// readiness to wait for, and are read like files.
    #[cfg(unix)]
    fn of_special(file: File) -> io::Result<Source> {
        Ok(match Stream::new(&file)? {
            Some(stream) => Source::Stream(stream),
            None => Source::File(Arc::new(file)),
        })
    }

    #[cfg(not(unix))]
    fn of_special(file: File) -> io::Result<Source> {
        Ok(Source::File(Arc::new(file)))
    }
}

#[cfg(unix)]
fn open_file(path: &Path) -> io::Result<File> {
    super::stream::open(path)
}

#[cfg(not(unix))]
fn open_file(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;
    use tokio::runtime::Builder;
    use tokio::task::{spawn_local, LocalSet};

    const BYTES: usize = 32 * 1024 * 1024;

    #[test]
    fn reading_what_is_cached_lets_other_tasks_run() {
        let name = format!("async-iterable-bridge-{}.txt", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, vec![b'x'; BYTES]).expect("the folder can be written to");
        let has_run = Rc::new(Cell::new(false));
        let other = has_run.clone();
        let file = super::super::File {
            path: path.clone(),
            base: None,
        };
        let task = async move {
            let (mut input, mut buffer) = Input::open(file).await.expect("it is there");
            spawn_local(async move { other.set(true) });
            while buffer.len() < BYTES && !has_run.get() {
                input.fill(&mut buffer).await.expect("it can be read");
            }
            std::fs::remove_file(path).expect("it is there");
            assert!(has_run.get(), "the whole file was read before");
        };
        let runtime = Builder::new_current_thread().build().expect("threads");
        LocalSet::new().block_on(&runtime, task);
    }
}
