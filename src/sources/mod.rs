//! Ready-made producers.

mod blocking;
mod lines;
mod range;
mod walk;

pub(crate) use lines::read_lines;
pub use lines::{Bytes, Line, Text};
pub(crate) use range::range;
pub(crate) use walk::{walk, Walk};
pub use walk::{WalkEntry, WalkEntryWithStat};
