//! Ready-made producers.

mod lines;
mod range;

pub(crate) use lines::read_lines;
pub use lines::{Bytes, Line, Text};
pub(crate) use range::range;
