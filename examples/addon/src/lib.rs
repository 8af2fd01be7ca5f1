//! Three streams of an addon: its log, frames from sockets, rows of a database.

#![deny(unsafe_code)]

mod frames;
mod logs;
mod rows;
