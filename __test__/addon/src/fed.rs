//! Streams together with the handles that feed them, item by item: a class for each type of item,
//! because `#[napi]` exports no generics.

use crate::{options, TestOptions};
use async_iterable_bridge::{bridge, AsyncIterableBridge, Error, Producer, Row, SendError};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use std::thread;

/// Defines a class whose stream carries `$item`, which JavaScript gives as `$given`. `$told` turns an item that is
/// handed back into text.
macro_rules! fed {
    ($(#[$documentation:meta])* $class:ident, $given:ident => $item:ty, $told:expr) => {
        $(#[$documentation])*
        #[napi]
        pub struct $class {
            producer: Option<Producer<$item>>,
            stream: Option<AsyncIterableBridge<$item>>,
        }

        #[napi]
        impl $class {
            #[napi(constructor)]
            pub fn new(given: Option<TestOptions>) -> napi::Result<Self> {
                let (producer, stream) = bridge(options(given)?);
                Ok($class {
                    producer: Some(producer),
                    stream: Some(stream),
                })
            }

            /// Returns the stream. May be called once.
            #[napi]
            pub fn stream(&mut self) -> napi::Result<AsyncIterableBridge<$item>> {
                self.stream
                    .take()
                    .ok_or_else(|| napi::Error::from_reason("the stream is taken"))
            }

            fn producer(&self) -> napi::Result<&Producer<$item>> {
                self.producer
                    .as_ref()
                    .ok_or_else(|| napi::Error::from_reason("the producer is dropped"))
            }

            /// Returns `sent`, or `full` or `closed` with the item that was handed back.
            #[napi]
            pub fn push(&self, item: $given) -> napi::Result<String> {
                Ok(match self.producer()?.try_send(item.into()) {
                    Ok(()) => "sent".into(),
                    Err(SendError::Full(item)) => format!("full {}", $told(item)),
                    Err(SendError::Closed(item)) => format!("closed {}", $told(item)),
                })
            }

            /// Sends from a thread of its own, which waits for room.
            #[napi]
            pub fn push_from_thread(&self, items: Vec<$given>) -> napi::Result<()> {
                let producer = self.producer()?.clone();
                let items: Vec<$item> = items.into_iter().map(Into::into).collect();
                thread::spawn(move || producer.blocking_send_all(items));
                Ok(())
            }

            #[napi]
            pub fn close(&self) -> napi::Result<bool> {
                Ok(self.producer()?.close())
            }

            #[napi]
            pub fn fail(&self, message: String, code: String) -> napi::Result<bool> {
                Ok(self.producer()?.fail(Error::new(message).with_code(code)))
            }

            #[napi]
            pub fn is_closed(&self) -> napi::Result<bool> {
                Ok(self.producer()?.is_closed())
            }

            #[napi]
            pub fn drop_producer(&mut self) {
                self.producer = None;
            }
        }
    };
}

fed! {
    /// A stream of strings together with the handle that feeds it.
    Fed, String => String, |item| item
}

fed! {
    /// [`Fed`] with numbers.
    FedNumbers, f64 => f64, |item: f64| item.to_string()
}

fed! {
    /// [`Fed`] with bytes, which JavaScript gives and gets as `Buffer`s.
    FedBytes, Buffer => Vec<u8>, |item: Vec<u8>| format!("{item:?}")
}

/// A text and its bytes.
#[derive(Row)]
pub struct Measured {
    text: String,
    bytes: Vec<u8>,
    length: u32,
}

impl From<String> for Measured {
    fn from(text: String) -> Self {
        Measured {
            bytes: text.clone().into_bytes(),
            length: text.len() as u32,
            text,
        }
    }
}

fed! {
    /// [`Fed`] with rows. JavaScript gives each row as its text.
    FedRows, String => Measured, |item: Measured| item.text
}
