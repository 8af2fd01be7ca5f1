//! Ready-made producers.

mod lines;
mod range;
mod walk;

pub(crate) use lines::read_lines;
pub use lines::{Bytes, Line, Text};
pub(crate) use range::range;
pub use walk::WalkEntry;
pub(crate) use walk::{walk, Walk};
