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
mod handler;
mod item;
mod js;
mod live;
mod options;
mod outcome;
mod producer;
mod queue;
mod runtime;
mod spawn;
mod sync;

pub use bridge::{bridge, AsyncIterableBridge};
pub use closed::{ClosedGuard, ClosedToken};
pub use error::{Error, Property};
pub use generator::Yielder;
pub use handler::Handler;
pub use item::{Columns, Item, Layout};
pub use js::{Napi, Runtime};
pub use live::{live_handles, LiveHandles};
pub use options::{Options, Start};
pub use outcome::Outcome;
pub use producer::Producer;
pub use queue::{Overflow, SendError};
