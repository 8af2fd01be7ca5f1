//! napi-rs' `ReadableStream`, made of a Rust stream.

use crate::items::{samples, Row12, Row4};
use napi::bindgen_prelude::{BufferSlice, ReadableStream};
use napi::Env;
use napi_derive::napi;

macro_rules! readable_stream {
    ($name:ident, $item:ty) => {
        #[napi]
        pub fn $name(env: &Env, items: u32, size: u32) -> napi::Result<ReadableStream<'_, $item>> {
            ReadableStream::new(env, tokio_stream::iter(samples(items, size).map(Ok)))
        }
    };
}

readable_stream!(readable_stream_numbers, f64);
readable_stream!(readable_stream_strings, String);
readable_stream!(readable_stream_rows4, Row4);
readable_stream!(readable_stream_rows12, Row12);

/// Returns the byte stream that napi-rs has for bytes.
#[napi]
pub fn readable_stream_bytes(
    env: &Env,
    items: u32,
    size: u32,
) -> napi::Result<ReadableStream<'_, BufferSlice<'_>>> {
    let items = samples::<Vec<u8>>(items, size).map(Ok);
    ReadableStream::create_with_stream_bytes(env, tokio_stream::iter(items))
}
