//! The only module that knows Node.
//!
//! - `scripts/iterator.js` is the contract: the class that JavaScript sees. `native-source.js` connects it to Rust, and
//!   `observers.js` to the observers of streams. All are evaluated once per environment.
//! - [`hub`] is the state that one environment owns: one threadsafe function, those scripts, and the slab in
//!   which numbers cross.
//! - [`wake_list`] is the part of the hub that other threads may use: the streams to wake, and the notifier.
//! - [`native_stream`] is one stream in one environment, as the scripts use it.
//! - [`listener`] is the other object that the notifier can wake: a source that an addon has written in JavaScript.
//! - [`napi_item`] is the item that napi-rs converts.
//! - [`napi`] calls Node-API. All `unsafe` of the crate is there. `handler.js` is the object that
//!   makes requests; it is evaluated with the first handler of an environment.
//!
//! # How it ends
//!
//! An environment's cleanup hook closes its hub: the notifier is closed under a lock, and all
//! streams are cancelled, so that no producer is left waiting. The hook is registered after the
//! threadsafe function was created, so Node runs it before that function goes away.

mod hub;
mod listener;
mod napi;
mod napi_item;
mod native_stream;
mod wake_list;

pub(crate) use self::napi::Deferred;
pub use self::napi::Runtime;
pub use listener::Listener;
pub use napi_item::Napi;
