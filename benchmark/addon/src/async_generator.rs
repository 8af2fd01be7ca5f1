//! napi-rs' own async iterators: a class with `#[napi(async_iterator)]`.

use crate::items::{Row12, Row4, Sample};
use napi::bindgen_prelude::{AsyncGenerator, Buffer};
use napi_derive::napi;
use std::future::Future;

macro_rules! async_generator {
    ($class:ident, $item:ty) => {
        #[napi(async_iterator)]
        pub struct $class {
            index: u32,
            items: u32,
            size: u32,
        }

        #[napi]
        impl $class {
            #[napi(constructor)]
            pub fn new(items: u32, size: u32) -> Self {
                $class {
                    index: 0,
                    items,
                    size,
                }
            }
        }

        #[napi]
        impl AsyncGenerator for $class {
            type Yield = $item;
            type Next = ();
            type Return = ();

            fn next(
                &mut self,
                _: Option<()>,
            ) -> impl Future<Output = napi::Result<Option<$item>>> + Send + 'static {
                let (index, size) = (self.index, self.size);
                let is_over = index == self.items;
                self.index += u32::from(!is_over);
                async move { Ok((!is_over).then(|| Sample::sample(index, size))) }
            }
        }
    };
}

async_generator!(AsyncGeneratorNumbers, f64);
async_generator!(AsyncGeneratorStrings, String);
async_generator!(AsyncGeneratorBytes, Buffer);
async_generator!(AsyncGeneratorRows4, Row4);
async_generator!(AsyncGeneratorRows12, Row12);
