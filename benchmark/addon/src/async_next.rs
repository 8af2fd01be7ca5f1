//! A `#[napi]` class with an `async fn next`, which a few lines of JavaScript make iterable.

use crate::items::{Row12, Row4, Sample};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};

macro_rules! async_next {
    ($class:ident, $item:ty) => {
        #[napi]
        pub struct $class {
            index: AtomicU32,
            items: u32,
            size: u32,
        }

        #[napi]
        impl $class {
            #[napi(constructor)]
            pub fn new(items: u32, size: u32) -> Self {
                $class {
                    index: AtomicU32::new(0),
                    items,
                    size,
                }
            }

            /// Returns the next item, or null at the end.
            #[napi]
            pub async fn next(&self) -> napi::Result<Option<$item>> {
                let index = self.index.fetch_add(1, Ordering::Relaxed);
                Ok((index < self.items).then(|| Sample::sample(index, self.size)))
            }
        }
    };
}

async_next!(AsyncNextNumbers, f64);
async_next!(AsyncNextStrings, String);
async_next!(AsyncNextBytes, Buffer);
async_next!(AsyncNextRows4, Row4);
async_next!(AsyncNextRows12, Row12);
