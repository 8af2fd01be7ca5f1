//! Rust threads push, JavaScript says `for await`, and nothing in between is slow, unbounded or
//! undefined.
//!
//! A stream is made with [`bridge`] or [`AsyncIterableBridge::spawn`] and returned from a
//! `#[napi]` function. JavaScript gets an object that implements `Symbol.asyncIterator`; Rust keeps
//! a [`Producer`]. In between are a queue that is bounded in items and bytes, one coalesced wake
//! of the JavaScript thread, and batches that cross as columns.
//!
//! ```no_run
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//!
//! // With #[napi]: `for await (const number of squares(10)) …`
//! pub fn squares(count: u32) -> AsyncIterableBridge<f64> {
//!     AsyncIterableBridge::spawn(Options::new(), move |producer| {
//!         for number in 0..count {
//!             producer.blocking_send(f64::from(number * number))?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```

#![deny(missing_docs)]
#![deny(unsafe_code)]

mod bridge;
mod error;
mod item;
mod js;
mod live;
mod options;
mod producer;
mod queue;
mod runtime;
mod sync;

pub use bridge::{bridge, AsyncIterableBridge, Ended};
pub use error::Error;
pub use item::{Columns, Item};
pub use js::Runtime;
pub use live::{live_handles, LiveHandles};
pub use options::{Options, Start};
pub use producer::Producer;
pub use queue::{Overflow, SendError};
