//! The ends of a stream, as each side sees them, and the conversion of errors.
//!
//! A stream ends once, in one of three ways. Only the first end counts, and later calls have no effect:
//! [`close`](crate::Producer::close) and [`fail`](crate::Producer::fail) return `true` only for the call that
//! ended the stream.
//!
//! | end | by | JavaScript sees | `stats.state` |
//! |---|---|---|---|
//! | **close** | [`close`](crate::Producer::close), the drop of the last [`Producer`](crate::Producer), a function or future that returns `Ok` | the buffered items, then `done` forever | `'closed'` |
//! | **fail** | [`fail`](crate::Producer::fail), a function or future that returns an error, a panic | the buffered items, then one rejection, then `done` forever | `'failed'` |
//! | **cancel** | the consumer: `break`, `return()`, a throw in the loop's body, an `AbortSignal` (see [`Options::signal`](crate::Options::signal)), an iterator that is forgotten, an environment that goes away | no buffered items, which are dropped; `done` forever, after a rejection with the signal's reason if a signal cancelled it | `'cancelled'` |
//!
//! # What the producer sees
//!
//! After any end every send is refused with [`SendError::Closed`](crate::SendError::Closed), which holds the
//! unsent items. A send that waits for room is refused at once. So the usual producer needs no code for
//! cancellation: a `?` on its sends ends it. That error is not reported, because the stream has ended already. The
//! refusal of *another* stream, whose consumer has left, is an error like any other (`ERR_STREAM_CLOSED`).
//!
//! ```
//! use async_iterable_bridge::{bridge, Options, SendError};
//!
//! let (producer, stream) = bridge(Options::new());
//! producer.try_send("buffered").unwrap();
//! drop(stream); // as a consumer that leaves
//!
//! assert!(producer.is_closed());
//! assert!(!producer.close(), "it was cancelled before");
//! match producer.try_send("late") {
//!     Err(SendError::Closed(item)) => assert_eq!(item, "late"),
//!     other => unreachable!("{other:?}"),
//! }
//! ```
//!
//! A producer that seldom sends can observe the end by [`closed`](crate::Producer::closed), which a task
//! awaits, [`on_closed`](crate::Producer::on_closed), which calls a function, or a
//! [`ClosedToken`](crate::ClosedToken), which a loop checks: see [threads](super::threads). A future of
//! [`spawn_task`](crate::AsyncIterableBridge::spawn_task),
//! [`from_stream`](crate::AsyncIterableBridge::from_stream), `from_future`, `from_async_read` or
//! [`generator`](crate::AsyncIterableBridge::generator) is dropped where it waits. `break` does not wait
//! until the producer has stopped.
//!
//! # Drops
//!
//! The last [`Producer`](crate::Producer) of a stream closes it when it is dropped. A clone that is kept
//! somewhere keeps the stream open; a [`ClosedToken`](crate::ClosedToken) does not. An
//! [`AsyncIterableBridge`](crate::AsyncIterableBridge) that is dropped before it is returned to JavaScript cancels
//! its producer. A lazy stream whose consumer never asks for an item never starts its producer.
//!
//! # Panics
//!
//! A panic never reaches JavaScript's thread. It fails the stream, after the items sent before, with `code:
//! 'ERR_PRODUCER_PANICKED'`. If the crate called the producer, the message contains that of the panic. If a thread
//! of yours unwinds while it holds a [`Producer`](crate::Producer), the message contains the name of the thread. With
//! `panic = "abort"` the process ends, as always.
//!
//! # Errors
//!
//! A stream fails with an [`Error`](crate::Error), made by `?` or `into()` of any error or text.
//! JavaScript gets an `Error` with
//!
//! | property | what it is |
//! |---|---|
//! | `message` | the text of the error; for an error of the operating system, Node's words |
//! | `code` | the code of [`with_code`](crate::Error::with_code), else `ENOENT` and the like, the status of a `napi::Error`, or `ERR_PRODUCER_FAILED`; [`Error::new`](crate::Error::new) has none |
//! | `cause` | [`source`](std::error::Error::source), with its own cause and so on, or the error of [`with_cause`](crate::Error::with_cause) |
//! | `errno`, `syscall`, `path`, `dest` | as Node has them; the last three by [`system`](crate::Error::system) and [`with_dest`](crate::Error::with_dest) |
//! | any other | the value of [`with_property`](crate::Error::with_property) |
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Error, Options};
//! use std::fs::File;
//! use std::io::{BufRead, BufReader};
//!
//! pub fn amounts(path: String) -> AsyncIterableBridge<f64> {
//!     AsyncIterableBridge::spawn(Options::new(), move |producer| {
//!         // { code: 'ENOENT', errno: -2, syscall: 'open', path }
//!         let file = File::open(&path).map_err(|error| Error::system(error, "open", &*path))?;
//!         for (line, text) in (1_u32..).zip(BufReader::new(file).lines()) {
//!             // { code: 'ERR_BAD_AMOUNT', line, cause: [Error: invalid float literal] }
//!             let amount = text?.parse().map_err(|error: std::num::ParseFloatError| {
//!                 Error::new("not an amount")
//!                     .with_code("ERR_BAD_AMOUNT")
//!                     .with_property("line", line)
//!                     .with_cause(error)
//!             })?;
//!             producer.blocking_send(amount)?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! A failure ends its stream. If an error should not end it, such as that of one file among many, send it as an
//! item, or count it by [`record_skipped`](crate::Producer::record_skipped).
