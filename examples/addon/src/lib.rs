//! Three streams of an addon: its log, frames from sockets, and rows of a database.

#![deny(unsafe_code)]

mod frames;
mod logs;
mod rows;
