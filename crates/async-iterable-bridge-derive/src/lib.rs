//! `#[derive(Row)]` of the crate `async-iterable-bridge`, which exports it.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod fields;
mod name;
mod options;
mod row;

use proc_macro::TokenStream;
use syn::{parse_macro_input, DeriveInput};

/// Makes a struct or an enum an item of streams: a plain object or a string in JavaScript. The crate
/// `async-iterable-bridge`, which exports it, documents it.
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    row::expand(input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
