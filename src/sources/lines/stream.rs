//! Files that may have nothing to read *yet*: FIFOs, sockets, terminals.
//!
//! The runtime's driver watches them, so waiting for any number of them takes no thread. Such a
//! file ends when its last writer has closed it.

use super::piece::Piece;
use rustix::buffer::spare_capacity;
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::{retry_on_intr, Errno};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tokio::net::unix::pipe::Receiver;

/// Opens a file without waiting for a FIFO's writer. For regular files the flag means nothing.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path);
    match opened {
        Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
            standard_stream(path)?.ok_or(error)
        }
        opened => opened,
    }
}

/// Duplicates the standard stream that a path names. A socket cannot be opened by its name in `/dev` or `/proc`, and
/// Node gives its children sockets for standard streams. A duplicate shares its flags with other processes, so they
/// are not changed.
fn standard_stream(path: &Path) -> io::Result<Option<File>> {
    let duplicate = match path.to_str() {
        Some("/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") => {
            io::stdin().as_fd().try_clone_to_owned()?
        }
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => {
            io::stdout().as_fd().try_clone_to_owned()?
        }
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => {
            io::stderr().as_fd().try_clone_to_owned()?
        }
        _ => return Ok(None),
    };
    Ok(Some(File::from(duplicate)))
}

/// A watched file. tokio's `Receiver` watches any kind of descriptor, if it is made without a check.
pub(super) struct Stream(Receiver);

impl Stream {
    /// Watches a file. Returns `None` if the file is of a kind that cannot be watched.
    pub(super) fn new(file: &File) -> io::Result<Option<Self>> {
        match Receiver::from_file_unchecked(file.try_clone()?) {
            Ok(watched) => Ok(Some(Stream(watched))),
            Err(error) => match Errno::from_io_error(&error) {
                // Linux returns the one, the BSDs the other.
                Some(Errno::PERM | Errno::INVAL) => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Waits until there are bytes to read, and appends them.
    pub(super) async fn read(&self, buffer: &mut Vec<u8>, most: usize) -> io::Result<Piece> {
        buffer.reserve(most);
        loop {
            self.0.readable().await?;
            match self.0.try_io(|| read_if_ready(self.0.as_fd(), buffer)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    let bytes = read?;
                    return Ok(Piece {
                        bytes,
                        is_last: bytes == 0,
                    });
                }
            }
        }
    }
}

/// Reads the bytes that are there. It polls first: so a descriptor whose reads block is safe to read, and a FIFO that
/// has not had a writer yet differs from one that has lost its last writer, although both read as the end.
fn read_if_ready(file: BorrowedFd<'_>, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let read = retry_on_intr(|| {
        if is_ready(file)? {
            rustix::io::read(file, spare_capacity(buffer))
        } else {
            Err(Errno::WOULDBLOCK)
        }
    });
    Ok(read?)
}

fn is_ready(file: BorrowedFd<'_>) -> rustix::io::Result<bool> {
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut asked = [PollFd::from_borrowed_fd(file, PollFlags::IN)];
    Ok(poll(&mut asked, Some(&at_once))? > 0)
}
