//! Reused memory for chunks. Memory that one thread allocates and another frees would go back to the system, and
//! the page faults of new memory cost more than the copies.

use super::batch::Batch;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The greatest length of a chunk of small items (`CHUNK_BYTES` in `lib/codec/layout.js`).
const BLOCK_BYTES: usize = 64 * 1024;

/// The number of blocks that are kept for the whole process: 4 MiB.
const MOST_BLOCKS: usize = 64;

static BLOCKS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Copies chunks, into kept blocks where a chunk fills at least half of one.
pub fn copy_chunks<'a>(chunks: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    if chunks.len() == 0 {
        return Vec::new();
    }
    let mut blocks = take(chunks.len());
    chunks
        .map(|chunk| {
            if !(BLOCK_BYTES / 2..=BLOCK_BYTES).contains(&chunk.len()) {
                return chunk.to_vec();
            }
            let block = blocks.pop();
            let mut block = block.unwrap_or_else(|| Vec::with_capacity(BLOCK_BYTES));
            block.extend_from_slice(chunk);
            block
        })
        .collect()
}

/// Keeps the blocks of a batch that has crossed.
pub fn recycle(batch: Batch) {
    if batch.chunks.is_empty() {
        return;
    }
    let mut kept = lock();
    for mut chunk in batch.chunks {
        if chunk.capacity() == BLOCK_BYTES && kept.len() < MOST_BLOCKS {
            chunk.clear();
            kept.push(chunk);
        }
    }
}

fn take(most: usize) -> Vec<Vec<u8>> {
    let mut kept = lock();
    let rest = kept.len().saturating_sub(most);
    kept.split_off(rest)
}

fn lock() -> MutexGuard<'static, Vec<Vec<u8>>> {
    BLOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_used_again_and_holds_only_what_is_new() {
        let first = copy_chunks([&[1; BLOCK_BYTES][..]].into_iter());
        let memory = first[0].as_ptr();
        recycle(Batch {
            chunks: first,
            ..Batch::default()
        });
        let second = copy_chunks([&[2; BLOCK_BYTES - 1][..], &[3; 5][..]].into_iter());
        assert_eq!(second[0], [2; BLOCK_BYTES - 1]);
        assert_eq!(second[0].as_ptr(), memory);
        assert_eq!(second[1], [3; 5]);
    }
}
