//! Rust threads push, JavaScript says `for await`, and nothing in between is slow, unbounded or undefined.
//!
//! For authors of Node-API addons by [napi-rs](https://napi.rs). A function that returns an
//! [`AsyncIterableBridge`] gives JavaScript an object that behaves as an `async function*` does; Rust feeds
//! it from a thread, a task, an iterator, a `Stream` or callbacks. In between are a queue that is bounded in
//! items and bytes, one wake of the JavaScript thread for whatever waits, and batches that cross as columns,
//! so an item costs little more than `for await` itself.
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//! use napi_derive::napi;
//!
//! #[napi]
//! pub fn squares(count: u32) -> AsyncIterableBridge<f64> {
//!     AsyncIterableBridge::spawn(Options::new(), move |producer| {
//!         for number in 0..count {
//!             producer.blocking_send(f64::from(number).powi(2))?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! ```js
//! for await (const square of addon.squares(1_000_000)) {
//!   if (square > 100) break; // stops the thread
//! }
//! ```
//!
//! # Making a stream
//!
//! | made by | its producer is | runs on |
//! |---|---|---|
//! | [`AsyncIterableBridge::spawn`] | a function that may block | a thread of its own |
//! | [`AsyncIterableBridge::spawn_task`] | a future | tokio |
//! | [`AsyncIterableBridge::from_iter`] | an iterator, also of `Result`s | a thread of its own |
//! | [`AsyncIterableBridge::pull_iter`] | an iterator that never blocks | JavaScript's thread |
//! | [`AsyncIterableBridge::from_stream`] | a `Stream`, also of `Result`s | tokio |
//! | [`AsyncIterableBridge::generator`] | a future that goes from yield to yield as the consumer asks | tokio |
//! | [`bridge`] | whatever holds the [`Producer`] | wherever that is |
//!
//! A [`Handler`] makes one for each request of JavaScript.
//!
//! All but the last start with the first `next()`, unless [`Start::Eager`] says otherwise. What a stream can
//! carry is listed at [`Item`]: numbers, text, bytes, structs, and whatever napi-rs can convert.
//!
//! # The guide
//!
//! | page | what it answers |
//! |---|---|
//! | [endings](guide::endings) | how a stream ends, what each side sees of it, and what an error becomes |
//! | [backpressure](guide::backpressure) | how far a producer can be ahead, and what happens then |
//! | [threads](guide::threads) | what runs where, what may block, and how it is stopped |
//! | [memory](guide::memory) | what is kept, for how long, and who drops it |
//! | [types](guide::types) | how the `.d.ts` of an addon gets the type of a stream right |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `derive` | `#[derive(Row)]`: structs and enums as items |
//! | `bytes` | `Bytes` of the crate bytes as items |
//! | `serde_json` | `serde_json::Value` as items |
//! | `tracing` | a span `stream` of the crate tracing for each, with its [kind](Options::kind) and capacity. Its producer runs in it, and there are events for `start`, `first item`, `wait for room` and `end`, with how it ended. Levels DEBUG and, for the waits, TRACE |
//!
//! None is on by default.
//!
//! # What it needs
//!
//! Rust 1.88, which is what napi 3 needs, and Node-API 9: Node 20.17 or later, Bun and Deno. The iterator
//! that JavaScript sees is a part of this crate, so the addon's users need no npm package. The addon itself
//! needs napi, napi-derive, and `napi_build::setup()` in its build script; for `async fn` with `#[napi]`, napi's
//! feature `async`; for timers and sockets in its producers, a dependency of its own on tokio.

#![deny(missing_docs)]
#![deny(unsafe_code)]

/// Makes a struct or an enum an item: a plain object, or a string, in JavaScript.
///
/// A struct has named fields, all of which are items themselves. Its object has them in the same order,
/// under camelCase names, and all objects of one type have one hidden class, made by an object literal.
/// An enum has variants without fields; its string is the camelCase name of the variant. `#[row(rename =
/// "...")]` gives a field or a variant another name.
///
/// ```
/// use async_iterable_bridge::{bridge, Options, Row};
///
/// // { id: 1, fullName: 'Ada', role: 'administrator', address: null }
/// #[derive(Row)]
/// struct Person {
///     id: u32,
///     full_name: String,
///     #[row(rename = "role")]
///     kind: Kind,
///     address: Option<Address>,
/// }
///
/// #[derive(Row)]
/// enum Kind {
///     Administrator,
///     User,
/// }
///
/// #[derive(Row)]
/// struct Address {
///     street: String,
/// }
///
/// let (producer, stream) = bridge::<Person>(Options::new());
/// let ada = Person { id: 1, full_name: "Ada".into(), kind: Kind::Administrator, address: None };
/// producer.try_send(ada).expect("there is room");
/// ```
///
/// A field whose type is no item is an error that names the field's type, and says what to do:
///
/// ```compile_fail,E0277
/// # use async_iterable_bridge::Row;
/// #[derive(Row)]
/// struct Connection {
///     socket: std::net::TcpStream, // cannot be an item of a stream, or a part of one
/// }
/// ```
#[cfg(feature = "derive")]
pub use async_iterable_bridge_derive::Row;

mod adapters;
mod bridge;
mod closed;
mod error;
mod generator;
pub mod guide;
mod handler;
mod item;
mod js;
mod live;
mod open_streams;
mod options;
mod outcome;
mod producer;
mod queue;
mod runtime;
mod spawn;
mod sync;
mod trace;

pub use bridge::{bridge, AsyncIterableBridge};
pub use closed::{ClosedGuard, ClosedToken};
pub use error::{Error, Property};
pub use generator::Yielder;
pub use handler::Handler;
pub use item::{Columns, Item, Layout};
pub use js::{Listener, Napi, Runtime};
pub use live::{live_handles, LiveHandles};
pub use options::{Options, Start};
pub use outcome::Outcome;
pub use producer::Producer;
pub use queue::{Overflow, SendError};

/// Compiles what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
