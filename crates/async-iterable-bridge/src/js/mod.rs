//! The only room that knows Node.
//!
//! - `iterator.js` is the contract: the class that JavaScript sees. `port.js` connects it to Rust, and
//!   `observers.js` to whoever looks at streams. All are evaluated once per environment.
//! - [`hub`] is what one environment owns: one threadsafe function, those scripts, and the slab in
//!   which numbers cross.
//! - [`doorbell`] is the hub's part that other threads may touch: whom to wake, and the bell.
//! - [`outlet`] is one stream in one environment, as the scripts use it.
//! - [`listener`] is what else the bell can wake: a port that an addon has written in JavaScript.
//! - [`napi_item`] is the item that napi-rs converts.
//! - [`ffi`] speaks to Node-API. All `unsafe` of the crate is there. `handler.js` is the object that
//!   makes requests; it is evaluated with the first handler of an environment.
//!
//! # How it ends
//!
//! An environment's cleanup hook closes its hub: the bell falls silent under a lock, and all
//! streams are cancelled, so that no producer is left waiting. The hook is registered after the
//! threadsafe function was created, so Node runs it before that function goes away.

mod doorbell;
mod ffi;
mod hub;
mod listener;
mod napi_item;
mod outlet;

pub(crate) use ffi::Deferred;
pub use ffi::Runtime;
pub use listener::Listener;
pub use napi_item::Napi;
