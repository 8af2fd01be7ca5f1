//! The memory of a stream: its amount, its lifetime, and the thread that drops it.
//!
//! # In Rust
//!
//! | what | how much | until |
//! |---|---|---|
//! | the queue | [`capacity`](crate::Options::capacity) items, [`max_bytes`](crate::Options::max_bytes) | it is drained |
//! | the memory of batches that have crossed | up to four batches | a tenth of a second of waiting |
//! | the buffer in which a sending thread encodes | one batch, for all its streams together | the thread ends |
//! | the buffers with which an environment crosses | some 64 KiB each of numbers and bytes, for all its streams together | the environment ends |
//! | a stream that is open and idle | some 2 KB, with its JavaScript object | it is forgotten |
//!
//! A send encodes its item on the sending thread, and drops it before it returns. The queue holds only encoded
//! items, so no other thread reads or drops an item. A waiting send holds both the item, to hand it back if the
//! stream ends, and its encoded form. When a stream has been idle for a tenth of a second, it gives back the
//! memory of its last burst.
//!
//! When the consumer leaves, JavaScript's thread drops the buffered items. That runs code of yours
//! only for a value in [`Napi`](crate::Napi). The unsent items of a
//! [`from_iter`](crate::AsyncIterableBridge::from_iter) or a future are dropped with their iterator, on its thread.
//!
//! [`max_bytes`](crate::Options::max_bytes) bounds the sum of [`Item::bytes`](crate::Item::bytes). The types of this
//! crate count the bytes that cross, not the memory that Rust allocates. A type of your own that holds much memory
//! that does not cross can return a larger number:
//!
//! ```
//! use async_iterable_bridge::{Columns, Item, Layout};
//! use std::sync::Arc;
//!
//! /// A name in JavaScript, and memory that is free again when it has arrived there.
//! struct Lent {
//!     name: String,
//!     memory: Arc<[u8]>,
//! }
//!
//! impl Item for Lent {
//!     fn layout() -> Layout {
//!         String::layout()
//!     }
//!
//!     fn bytes(&self) -> usize {
//!         Item::bytes(&self.name) + self.memory.len()
//!     }
//!
//!     fn encode(&self, columns: &mut Columns<'_>) {
//!         self.name.encode(columns);
//!     }
//! }
//! ```
//!
//! # In JavaScript
//!
//! The strings of a batch are parts of one string, and its small Buffers parts of one `ArrayBuffer`: a piece
//! of 64 KiB at most, which lives as long as any of them. A program that keeps one short string of many
//! megabytes can copy it, for instance with `Buffer.from(text).toString()`, and a Buffer with
//! `Buffer.from(buffer)`. A Buffer of 16 KiB or more has memory of its own. Only such a Buffer can be
//! transferred to a worker; cloning a Buffer that shares a piece copies the whole piece.
//!
//! Numbers and rows share nothing. A stream keeps a batch that has crossed until it has given the last item,
//! so a consumer that pauses in the middle holds the rest of the batch.
//!
//! A stream that is forgotten without an end is cancelled when it is collected.
//! [`live_handles`](crate::live_handles) counts the native objects that are alive, for tests.
