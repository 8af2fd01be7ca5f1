//! The item for everything that has no columns.

use super::ffi::Deferred;
use crate::item::{Columns, Item, Layout};
use napi::bindgen_prelude::ToNapiValue;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// An item that napi-rs converts, value by value and at its price: 0.1 to 8 µs each, where columns
/// take 0.03 to 0.2 µs. For what cannot be taken apart, or is not worth it.
///
/// A conversion that fails, fails the stream, after the items before it. It must not use a stream.
///
/// ```
/// use async_iterable_bridge::{bridge, Napi, Options};
/// use napi::bindgen_prelude::Object;
///
/// let (producer, stream) = bridge::<Napi<Vec<Vec<String>>>>(Options::new());
/// producer.try_send(Napi::new(vec![vec!["nested".into()]])).expect("there is room");
/// ```
pub struct Napi<T>(Mutex<Option<T>>);

impl<T> Napi<T> {
    /// An item of what `value` is converted to.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Napi, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// producer.try_send(Napi::new(true)).expect("there is room");
    /// ```
    pub fn new(value: T) -> Self {
        Napi(Mutex::new(Some(value)))
    }
}

impl<T> From<T> for Napi<T> {
    fn from(value: T) -> Self {
        Napi::new(value)
    }
}

impl<T> fmt::Debug for Napi<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Napi(..)")
    }
}

impl<T: ToNapiValue + Send + 'static> Item for Napi<T> {
    fn layout() -> Layout {
        Layout::value()
    }

    /// What it weighs in Rust, without what it points to.
    fn bytes(&self) -> usize {
        size_of::<T>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let value = value.expect("an item crosses once");
        columns.value(Deferred::new(value));
    }
}
