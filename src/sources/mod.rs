//! Ready-made producers.

mod range;

pub(crate) use range::range;
