//! The item for values that have no columns.

use super::napi::{Environment, Value};
use crate::item::{Columns, Deferred, Item, Layout};
use napi::bindgen_prelude::Buffer;
use napi::bindgen_prelude::ToNapiValue;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// An item that napi-rs converts, value by value. A conversion takes 0.1 to 8 µs, where columns
/// take 0.03 to 0.2 µs. For values that cannot be split into columns, or are not worth it.
///
/// If a conversion fails, the stream delivers the items before it, and fails. A conversion must not
/// use a stream.
///
/// ```
/// use async_iterable_bridge::{bridge, Napi, Options};
/// use napi::bindgen_prelude::Object;
///
/// let (producer, stream) = bridge::<Napi<Vec<Vec<String>>>>(Options::new());
/// producer.try_send(Napi::new(vec![vec!["nested".into()]])).expect("there is room");
/// ```
pub struct Napi<T> {
    /// Shared with the batch that the item is encoded into, so that a refused item still has its value.
    value: Arc<Mutex<Option<T>>>,
    bytes: usize,
}

impl<T: 'static> Napi<T> {
    /// Makes an item of a value that napi-rs converts. Its weight is the size of its type, without the memory that it
    /// points to. The weight of a `Buffer` also has the bytes that it contains.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Napi, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// producer.try_send(Napi::new(true)).expect("there is room");
    /// ```
    pub fn new(value: T) -> Self {
        let buffer = (&value as &dyn Any).downcast_ref::<Buffer>();
        let contained = buffer.map_or(0, |buffer| buffer.len());
        Napi::weighing(value, size_of::<T>() + contained)
    }

    /// Makes an item with this weight in bytes against [`Options::max_bytes`](crate::Options::max_bytes).
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Napi, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// let (text, bytes) = ("a long text".to_owned(), 11);
    /// producer.try_send(Napi::weighing(text, bytes)).expect("there is room");
    /// ```
    pub fn weighing(value: T, bytes: usize) -> Self {
        Napi {
            value: Arc::new(Mutex::new(Some(value))),
            bytes,
        }
    }
}

impl<T: 'static> From<T> for Napi<T> {
    fn from(value: T) -> Self {
        Napi::new(value)
    }
}

impl<T> fmt::Debug for Napi<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Napi(..)")
    }
}

/// The conversion of a value in an environment, and its result.
pub(super) struct Conversion {
    environment: Environment,
    converted: napi::Result<Value>,
}

impl Conversion {
    /// Converts a value of a batch.
    pub(super) fn of(environment: Environment, value: &dyn Deferred) -> napi::Result<Value> {
        let mut conversion = Conversion {
            environment,
            converted: environment.undefined(),
        };
        value.convert(&mut conversion);
        conversion.converted
    }
}

impl<T: ToNapiValue + Send> Deferred for Mutex<Option<T>> {
    fn convert(&self, conversion: &mut dyn Any) {
        let conversion: &mut Conversion = conversion
            .downcast_mut()
            .expect("the hub converts with a `Conversion`");
        let value = self.lock().unwrap_or_else(PoisonError::into_inner).take();
        conversion.converted = value
            .ok_or_else(|| napi::Error::from_reason("A value crosses once"))
            .and_then(|value| conversion.environment.convert(value));
    }
}

impl<T: ToNapiValue + Send + 'static> Item for Napi<T> {
    fn layout() -> Layout {
        Layout::value()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.value(self.value.clone(), self.bytes);
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::{bridge, Options, SendError};

    #[test]
    fn a_refused_item_still_has_its_value() {
        let (producer, stream) = bridge(Options::new().capacity(1));
        assert!(producer.try_send(Napi::new(1)).is_ok());
        let Err(SendError::Full(item)) = producer.try_send(Napi::new(2)) else {
            panic!("there is no room");
        };
        assert_eq!(*item.value.lock().unwrap(), Some(2));
        drop(stream);
        let Err(SendError::Closed(item)) = producer.try_send(item) else {
            panic!("the stream has ended");
        };
        assert_eq!(*item.value.lock().unwrap(), Some(2));
        assert_eq!(Arc::strong_count(&item.value), 1);
    }

    #[test]
    fn an_item_weighs_what_it_is_said_to() {
        assert_eq!(Item::bytes(&Napi::new(0_u32)), 4);
        assert_eq!(Item::bytes(&Napi::weighing(0_u32, 100)), 100);
        let buffer = Napi::new(Buffer::from(vec![0; 1000]));
        assert_eq!(Item::bytes(&buffer), 1000 + size_of::<Buffer>());
    }
}
