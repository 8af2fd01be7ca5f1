//! The distance that a producer can be ahead of its consumer, and the policies at that limit.
//!
//! Items wait in a queue. It is full when it has [`capacity`](crate::Options::capacity) items (1024 by
//! default) or [`max_bytes`](crate::Options::max_bytes) (16 MiB by default), whichever comes first.
//! [`Item::bytes`](crate::Item::bytes) returns the bytes of an item. An item that is larger than the bound passes
//! when the queue is empty.
//!
//! The stream's [`Overflow`](crate::Overflow) is the policy for an item that finds the queue full:
//!
//! | policy | a full queue |
//! |---|---|
//! | [`Block`](crate::Overflow::Block) | `send` and `blocking_send` wait; `try_send` hands the item back |
//! | [`DropOldest`](crate::Overflow::DropOldest) | takes it, and drops the items that have waited longest |
//! | [`DropNewest`](crate::Overflow::DropNewest) | drops it; the send succeeds |
//! | [`Error`](crate::Overflow::Error) | every kind of send hands it back in [`SendError::Full`](crate::SendError::Full) |
//!
//! `stats.dropped` counts the dropped items.
//!
//! ```
//! use async_iterable_bridge::{bridge, Options, Overflow, SendError};
//!
//! let (producer, _stream) = bridge(Options::new().capacity(2));
//! producer.try_send(1.0).unwrap();
//! producer.try_send(2.0).unwrap();
//! assert_eq!(producer.try_send(3.0), Err(SendError::Full(3.0)));
//!
//! // A reading is worthless once there is a newer one.
//! let (sensor, _readings) = bridge(Options::new().capacity(1).overflow(Overflow::DropOldest));
//! for reading in 0..10 {
//!     sensor.try_send(reading).unwrap();
//! }
//! ```
//!
//! # Waiting for room
//!
//! A task that waits costs nothing but memory, and a thread that waits sleeps. If the consumer usually drains
//! again within 0.4 ms, a sender first spins, for a millisecond at most, because a sleep and a wake
//! cost as much as a hundred items.
//!
//! # Reading ahead
//!
//! JavaScript drains the queue a batch at a time and gives the items of the batch one by one. The queue has
//! room again as soon as it is drained. So a producer can be ahead by the queue and by one batch: up to twice
//! the capacity. A capacity of 1 keeps it at most one item ahead. For a producer that must not run ahead at all,
//! use a [`generator`](crate::AsyncIterableBridge::generator), which continues only when the consumer asks for
//! more.
//!
//! No items are read ahead before the first `next()`, unless the stream is [eager](crate::Start::Eager) or was
//! made by [`bridge`](crate::bridge).
//!
//! # Sending many
//!
//! A batch that crosses holds the items that wait in the queue, up to 8,191 numbers or 64 KiB of text or bytes. It
//! needs no help from the producer. But each send takes the lock of the queue.
//! [`send_all`](crate::Producer::send_all) takes it twice for up to 256 items, and
//! [`send_batch`](crate::Producer::send_batch) takes it twice for a whole batch, if there is room. Both help most
//! when several threads send to one stream.
//!
//! ```
//! use async_iterable_bridge::{AsyncIterableBridge, Options};
//! use std::collections::VecDeque;
//!
//! pub fn words(text: &'static str) -> AsyncIterableBridge<String> {
//!     AsyncIterableBridge::spawn(Options::new(), move |producer| {
//!         let mut batch = VecDeque::new();
//!         for line in text.lines() {
//!             batch.extend(line.split_whitespace().map(String::from));
//!             producer.blocking_send_batch(&mut batch)?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # The event loop
//!
//! Items that have crossed never need the event loop, so `for await` over a fast stream would keep timers and
//! sockets from running. After a [`time_slice`](crate::Options::time_slice) of uninterrupted delivery (5 ms by
//! default), the stream gives the event loop a turn.
