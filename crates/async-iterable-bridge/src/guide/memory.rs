//! What is kept, for how long, and who drops it.
//!
//! # In Rust
//!
//! | what | how much | until |
//! |---|---|---|
//! | the queue | [`capacity`](crate::Options::capacity) items, [`max_bytes`](crate::Options::max_bytes) | it is drained |
//! | the memory of batches that have crossed | up to four batches | a tenth of a second of waiting |
//! | what a sending thread encodes into | one batch, for all its streams together | the thread ends |
//! | what an environment needs to cross | some 64 KiB each of numbers and bytes, for all its streams together | the environment ends |
//! | a stream that is open and idle | some 2 KB, with its JavaScript object | it is forgotten |
//!
//! A send encodes its item on the thread that sends, and drops it before it returns. The queue holds what is
//! encoded, so no item is dropped by another thread, and none is read there. A waiting send holds both the
//! item, to hand it back if the stream ends, and what is encoded of it. When a stream has been idle for a
//! tenth of a second, it gives back the memory of its last burst.
//!
//! What was still buffered when the consumer left goes then, on JavaScript's thread; that runs code of yours
//! only for a value in [`Napi`](crate::Napi). The items of a [`from_iter`](crate::AsyncIterableBridge::from_iter)
//! or a future that were not sent go with their iterator, on its thread.
//!
//! [`Item::bytes`](crate::Item::bytes) decides what [`max_bytes`](crate::Options::max_bytes) bounds, and the
//! types of this crate count what crosses, not what Rust allocates. A type of your own that holds much that
//! does not cross can say more:
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
//! `Buffer.from(buffer)`. A Buffer from 16 KiB on has memory of its own. Only such a Buffer can be
//! transferred to a worker; cloning one that shares a piece copies the whole piece.
//!
//! Numbers and rows share nothing. A batch that has crossed is kept by its stream until its last item has
//! been given, so a consumer that pauses in the middle holds the rest of it.
//!
//! A stream that is forgotten without an end is cancelled when it is collected.
//! [`live_handles`](crate::live_handles) counts what is alive, for tests.
