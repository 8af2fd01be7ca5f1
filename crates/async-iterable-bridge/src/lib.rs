//! Rust threads push, JavaScript says `for await`, and nothing in between is slow, unbounded or undefined.
//!
//! This crate is for authors of Node-API addons with [napi-rs](https://napi.rs). A function that returns an
//! [`AsyncIterableBridge`] gives JavaScript an object that behaves like that of an `async function*`. Rust feeds
//! it from a thread, a task, an iterator, a `Stream` or callbacks. A queue between them is bounded in
//! items and bytes. One wake of the JavaScript thread serves all waiting items, and batches cross as columns,
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
//! | [`AsyncIterableBridge::from_future`] | a future that opens a `Stream` | tokio |
//! | [`AsyncIterableBridge::from_async_read`](AsyncIterableBridge#method.from_async_read) | an `AsyncRead`, of bytes | tokio |
//! | [`AsyncIterableBridge::generator`] | a future that goes from yield to yield as the consumer asks | tokio |
//! | [`bridge`] | any code that holds the [`Producer`] | the thread of that code |
//!
//! A [`Handler`] makes a stream for each request of JavaScript.
//!
//! All but the last start with the first `next()`, or at once with [`Start::Eager`]. [`Item`] lists the types that
//! a stream can carry: numbers, text, bytes, structs, and anything that napi-rs can convert.
//!
//! # The guide
//!
//! | page | subject |
//! |---|---|
//! | [endings](guide::endings) | the ends of a stream, as each side sees them, and the conversion of errors |
//! | [backpressure](guide::backpressure) | the distance that a producer can be ahead, and the policies at that limit |
//! | [threads](guide::threads) | where code runs, whether it may block, and how it is stopped |
//! | [memory](guide::memory) | the amount and lifetime of memory, and the thread that drops it |
//! | [types](guide::types) | the type of a stream in the `.d.ts` of an addon |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `derive` | `#[derive(Row)]`: structs and enums as items |
//! | `bytes` | `Bytes` of the crate bytes as items |
//! | `serde_json` | `serde_json::Value` as items |
//! | `tracing` | a span `stream` of the crate tracing for each stream, with its [kind](Options::kind) and capacity. Its producer runs in the span. There are events for `start`, `first item`, `wait for room` and `end`, which has the state of the stream. Their level is DEBUG, and TRACE for the waits |
//!
//! None is on by default.
//!
//! # What it needs
//!
//! This crate needs Rust 1.88, as napi 3 does, and Node-API 9: Node 20.17 or later, Bun and Deno. The iterator
//! that JavaScript sees is a part of this crate, so the addon's users need no npm package. The addon itself
//! needs napi, napi-derive, and `napi_build::setup()` in its build script. For `async fn` with `#[napi]` it needs
//! napi's feature `async`. For timers and sockets in its producers it needs a dependency of its own on tokio.

#![deny(missing_docs)]
#![deny(unsafe_code)]

/// Makes a struct or an enum an item: a plain object, or a string, in JavaScript.
///
/// A struct has named fields, and each field is an item itself. The object has them in the same order,
/// under camelCase names. All objects of one type have one hidden class, made by an object literal.
///
/// An enum without fields becomes a string: the camelCase name of the variant. If a variant has fields, all variants
/// become objects: the property `type` has the name of the variant, and the fields follow. Such fields have names.
///
/// | option | of | meaning |
/// |---|---|---|
/// | `rename = "..."` | a field, a variant | its name in JavaScript |
/// | `rename_all = "..."` | a struct, a variant | the case of its fields' names, as serde names it: `snake_case`, `PascalCase`, `kebab-case` ... |
/// | `rename_all = "..."` | an enum | the case of its variants' names |
/// | `tag = "..."` | an enum | the property that names the variant, instead of `type`; all variants become objects |
/// | `number` | a field that is an integer of 64 or more bits, or an `Option` or `Vec` of them | a `number` instead of a `bigint`, rounded beyond 2^53; a `Float64Array` of a `Vec` |
/// | `skip` | a field | does not cross |
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
/// ```
/// use async_iterable_bridge::{AsyncIterableBridge, Options, Row};
/// use std::path::PathBuf;
///
/// // { type: 'file', path: '/etc/hosts', size: 220 } or { type: 'failed', message: '...' }
/// #[derive(Row)]
/// enum Entry {
///     File {
///         path: PathBuf,
///         #[row(number)]
///         size: u64,
///     },
///     Failed { message: String },
/// }
///
/// let entry = Entry::File { path: "/etc/hosts".into(), size: 220 };
/// let stream = AsyncIterableBridge::from_iter(Options::new(), [entry]);
/// # drop(stream);
/// # let _ = Entry::Failed { message: String::new() };
/// ```
///
/// A type cannot contain itself, also not in a `Box` or `Vec`: the JavaScript that reads it would have no end.
///
/// A field whose type is no item is an error. It names the field's type, and the ways to make it an item:
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

mod error;
pub mod guide;
mod item;
mod js;
mod queue;
mod stream;
mod sync;

pub use error::{Error, Property};
#[doc(hidden)]
pub use item::RowNumber;
pub use item::{Columns, Item, Layout};
pub use js::{AbortSignal, Listener, Napi, Runtime};
pub use queue::{Overflow, SendError};
pub use stream::{
    bridge, live_handles, AsyncIterableBridge, ClosedGuard, ClosedToken, Handler, LiveHandles,
    Options, Outcome, Producer, Start, Yielder,
};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
