//! What the pages of single items do not say: how the parts of a stream work together.

pub mod backpressure;
pub mod endings;
pub mod memory;
pub mod threads;
pub mod types;
