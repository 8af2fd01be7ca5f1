//! Channels between the threads of a process: what the npm package's addon shares between its environments.
//!
//! A [`Channel`] carries [batches](Batch) from its senders, in any threads, to its one receiver. This crate knows
//! neither Node nor how a batch is encoded. It holds bytes, bounds and wakers.

#![forbid(unsafe_code)]

mod batch;
mod blocks;
mod buffer;
mod capacity;
mod ends;
mod id;
mod observer;
mod options;
mod peer;
mod permits;
mod registry;
mod results;
mod state;
mod sync;
#[cfg(all(test, not(bridge_loom)))]
mod tests;
#[cfg(all(test, bridge_loom))]
mod tests_loom;
mod waker_thread;

pub use batch::{Batch, Text};
pub use blocks::{copy_chunks, recycle};
pub use capacity::{Capacity, Kept, Limits};
pub use ends::{ReceiverEnd, SenderEnd};
pub use id::Id;
pub use observer::{Observer, Outcome};
pub use options::{EndOptions, Overflow};
pub use registry::{count, join, leave, Channel, OpenChannel};
pub use results::{CapacityWait, Counters, Drained, End, ReadyState, SendState, Stats, Woken};
