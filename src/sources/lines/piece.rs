//! The pieces that a regular file is read by.

use std::fs::File;
use std::io::{self, Read};

/// The result of a read.
pub(super) struct Piece {
    pub(super) bytes: usize,
    pub(super) is_last: bool,
}

/// Appends `most` bytes, or all bytes that are left if they are fewer.
pub(super) fn read_piece(file: &File, buffer: &mut Vec<u8>, most: usize) -> io::Result<Piece> {
    let before = buffer.len();
    buffer.reserve(most);
    let read = file.take(most as u64).read_to_end(buffer);
    let bytes = buffer.len() - before;
    match read {
        // The bytes before the error are valid. The next read will meet the error again.
        Err(error) if bytes == 0 => Err(error),
        Err(_) => Ok(Piece {
            bytes,
            is_last: false,
        }),
        Ok(_) => Ok(Piece {
            bytes,
            is_last: bytes < most,
        }),
    }
}

/// Appends the part of the next piece that the system has in memory. No other thread is needed for it: to hand a
/// piece over and back takes longer than to copy it. Returns `None` if that part is empty. The next read will meet an
/// error again. It also checks the end, which some kernels report too early here (preadv2(2), "BUGS").
#[cfg(target_os = "linux")]
pub(super) fn read_cached_piece(file: &File, buffer: &mut Vec<u8>, most: usize) -> Option<Piece> {
    use rustix::io::{preadv2, ReadWriteFlags};
    const AT_CURSOR: u64 = u64::MAX;

    let before = buffer.len();
    buffer.resize(before + most, 0);
    let rest = &mut [io::IoSliceMut::new(&mut buffer[before..])];
    let bytes = preadv2(file, rest, AT_CURSOR, ReadWriteFlags::NOWAIT).unwrap_or(0);
    buffer.truncate(before + bytes);
    (bytes > 0).then_some(Piece {
        bytes,
        is_last: false,
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read_cached_piece(_: &File, _: &mut Vec<u8>, _: usize) -> Option<Piece> {
    None
}
