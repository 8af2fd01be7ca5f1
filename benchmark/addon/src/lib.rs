//! The same items by every way from Rust to `for await`. Each peer is written as its users would
//! write it. It makes its items where it passes them on, so that only the ways themselves are
//! compared.
//!
//! A function or class is named for its way and its items, such as `asyncGeneratorRows4`. It takes
//! the number of items, and the size of each item unless the item's type gives it.

#![deny(unsafe_code)]

pub mod async_generator;
pub mod async_next;
pub mod clock;
pub mod hand_batched;
pub mod idle;
pub mod items;
pub mod ours;
pub mod readable_stream;
pub mod threadsafe_function;
