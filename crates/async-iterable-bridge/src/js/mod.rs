//! The only module that knows Node.
//!
//! - `scripts/iterator.js` is the contract: the class that JavaScript sees. `native-source.js` connects it to Rust, and
//!   `observers.js` to the observers of streams. All are evaluated once per environment.
//! - [`napi`] is Node-API behind safe types: all `unsafe` of the crate is there, and it knows nothing above it.
//! - [`wake_list`] has the streams that other threads wake, and the consumers that wait for it.
//! - [`native_stream`] is one stream in one environment, and [`requests`] one handler.
//! - [`scripts`] evaluates the scripts, and has the functions that they return.
//! - [`hub`] is the state that one environment owns: all of these, and the slab in which numbers cross;
//!   `hub/crossing.rs` passes a batch to JavaScript.
//! - [`exports`] has the functions that the scripts call, and [`conversions`] those by which napi-rs returns our types.
//! - [`listener`] is the other object that can be woken: a source that an addon has written in JavaScript.
//! - [`abort_signal`] is the signal that options carry, and [`napi_item`] the item that napi-rs converts.
//!
//! # How it ends
//!
//! An environment's cleanup hook closes its hub: the threadsafe function is closed under a lock, and all
//! streams are cancelled, so that no producer is left waiting. The hook is registered after the
//! threadsafe function was created, so Node runs it before that function goes away.

mod abort_signal;
mod conversions;
mod exports;
mod hub;
mod listener;
mod napi;
mod napi_item;
mod native_stream;
mod requests;
mod scripts;
mod wake_list;

pub use abort_signal::AbortSignal;
pub use conversions::Runtime;
pub use listener::Listener;
pub use napi_item::Napi;
