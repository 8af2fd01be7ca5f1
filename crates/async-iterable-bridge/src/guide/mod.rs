//! A guide to how the parts of a stream work together, which the pages of single items do not cover.

pub mod backpressure;
pub mod endings;
pub mod memory;
pub mod threads;
pub mod types;
