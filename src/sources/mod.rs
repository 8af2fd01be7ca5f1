//! Ready-made producers.

mod blocking;
mod lines;
mod range;
mod walk;

pub(crate) use lines::{read_lines, File};
pub use lines::{Bytes, Line, Text};
pub(crate) use range::range;
pub(crate) use walk::{walk, Restriction, Walk};
pub use walk::{WalkEntry, WalkEntryWithStat};
