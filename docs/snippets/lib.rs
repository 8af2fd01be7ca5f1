//! The Rust snippets of the documents, compiled by `cargo test` as doctests. Each is a module of its own first,
//! because rustdoc puts a snippet into a function, where the parts of a `#[napi]` class do not find each other.

#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/snippets.md"))]
pub struct Snippets;
