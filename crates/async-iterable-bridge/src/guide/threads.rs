//! The threads of a stream: where its code runs, whether it may block, and how it is stopped.
//!
//! | producer | runs on | may block |
//! |---|---|---|
//! | [`spawn`](crate::AsyncIterableBridge::spawn), [`from_iter`](crate::AsyncIterableBridge::from_iter), the answers of [`Handler::spawn`](crate::Handler::spawn) | a thread of its own, named `async-iterable-bridge` | yes |
//! | [`pull_iter`](crate::AsyncIterableBridge::pull_iter) | JavaScript's thread, while the consumer asks | no |
//! | [`spawn_task`](crate::AsyncIterableBridge::spawn_task), [`from_stream`](crate::AsyncIterableBridge::from_stream), [`from_future`](crate::AsyncIterableBridge::from_future), [`from_async_read`](crate::AsyncIterableBridge::from_async_read), [`generator`](crate::AsyncIterableBridge::generator), the answers of [`Handler::new`](crate::Handler::new) | a tokio runtime | no |
//! | [`bridge`](crate::bridge) | the thread of its [`Producer`](crate::Producer) | if that thread may |
//!
//! Items are encoded and dropped on the threads that send them: see [memory](super::memory).
//! Everything else of a stream runs on the JavaScript thread that it was returned to, the main thread or a
//! worker. The [`Producer`](crate::Producer) can go to any thread, and has three ways to send:
//!
//! | method | full queue | for |
//! |---|---|---|
//! | [`send`](crate::Producer::send) | waits, as a future | tasks, on any runtime |
//! | [`blocking_send`](crate::Producer::blocking_send) | puts the thread to sleep | threads of your own and `spawn_blocking` |
//! | [`try_send`](crate::Producer::try_send) | hands the item back | callbacks and JavaScript's own thread, which must never wait |
//!
//! # The runtime
//!
//! Tasks run on a multi-threaded tokio runtime of this crate, which starts with the first of them and lives
//! as long as the process: that of napi-rs goes away with the last environment. A `tokio::spawn` or a timer
//! in a task therefore works. To use a runtime of your own, give its handle to
//! [`Options::runtime`](crate::Options::runtime). When that runtime is shut down, it drops its tasks, and their
//! streams fail with the code `ERR_PRODUCER_TERMINATED`.
//!
//! The runtime has 64 threads for blocking calls. Use them for each call, not for a whole producer, so that
//! a producer that waits for its consumer holds none:
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//!
//! pub fn contents(paths: Vec<String>) -> AsyncIterableBridge<Vec<u8>> {
//!     AsyncIterableBridge::spawn_task(Options::new().capacity(4), |producer| async move {
//!         for path in paths {
//!             let read = tokio::task::spawn_blocking(move || std::fs::read(path));
//!             producer.send(read.await??).await?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # Stopping what blocks
//!
//! A task is dropped where it waits when the consumer leaves. A thread cannot be stopped from outside: it
//! observes the end with its next send. If it waits elsewhere, for example for a socket, unblock it in the callback of
//! [`on_closed`](crate::Producer::on_closed). If it can check for the end from time to time, use
//! a [`ClosedToken`](crate::ClosedToken):
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//! use std::time::Duration;
//!
//! pub fn readings(read: impl Fn() -> f64 + Send + 'static) -> AsyncIterableBridge<f64> {
//!     AsyncIterableBridge::spawn(Options::new(), move |producer| {
//!         let token = producer.closed_token();
//!         while !token.wait_timeout(Duration::from_secs(60)) {
//!             producer.blocking_send(read())?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! The callback of `on_closed` runs on the thread that ends the stream, which may be JavaScript's, so it must
//! not block.
//!
//! # Several producers
//!
//! Clones of a [`Producer`](crate::Producer) send to the same stream, each in its own order. The first
//! [`close`](crate::Producer::close) or [`fail`](crate::Producer::fail) ends it for all clones. If the stream should
//! end when all are done, drop them instead. Threads of a [`spawn`](crate::AsyncIterableBridge::spawn) can share its
//! producer:
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//! use std::thread;
//!
//! pub fn from_four_threads() -> AsyncIterableBridge<u32> {
//!     AsyncIterableBridge::spawn(Options::new(), |producer| {
//!         thread::scope(|scope| {
//!             for part in 0..4 {
//!                 let producer = &producer;
//!                 // A refusal means that the consumer has left.
//!                 scope.spawn(move || producer.blocking_send_all(part * 100..(part + 1) * 100).is_ok());
//!             }
//!         });
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # The process
//!
//! A pending `next()` of a stream that can still produce keeps the process alive, as a pending read of a file
//! does. A stream without a pending `next()` does not, whatever its producer does. When the process exits, or a
//! worker is terminated, its producers are cancelled as if their consumers had left. The exit does not wait for
//! their threads.
