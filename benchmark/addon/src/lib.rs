//! The same items by every way there is from Rust to `for await`. Each peer is written as its users
//! would write it, and makes its items where it hands them over, so that nothing but the way itself
//! is compared.
//!
//! A function or class is named for the way and the items, such as `asyncGeneratorRows4`, and takes
//! how many items there are, and how large each is where that is not in its type.

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
