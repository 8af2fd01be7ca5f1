//! The usual answer to slow alternatives: an `async fn` that returns an array of items, which a few
//! lines of JavaScript unpack.

use crate::items::{Row12, Row4, Sample};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};

macro_rules! hand_batched {
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

            /// Returns at most `most` of the remaining items; none at the end.
            #[napi]
            pub async fn next_batch(&self, most: u32) -> napi::Result<Vec<$item>> {
                let start = self.index.fetch_add(most, Ordering::Relaxed);
                let end = self.items.min(start + most);
                Ok((start..end)
                    .map(|index| Sample::sample(index, self.size))
                    .collect())
            }
        }
    };
}

hand_batched!(HandBatchedNumbers, f64);
hand_batched!(HandBatchedStrings, String);
hand_batched!(HandBatchedBytes, Buffer);
hand_batched!(HandBatchedRows4, Row4);
hand_batched!(HandBatchedRows12, Row12);
