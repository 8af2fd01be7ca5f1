//! The values that the environments of this thread hold for JavaScript, each by the number of its listener: the ends of
//! channels, and permissions.
//!
//! A value is removed when it has ended, when the object that listens to it is garbage-collected, or when its
//! environment goes away. Its number then names nothing, as numbers are never used again.

use async_iterable_bridge::Listener;
use napi::bindgen_prelude::Object;
use napi::Env;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::Waker;
use std::thread::LocalKey;

/// A held value and its listener.
pub struct Entry<V> {
    pub value: V,
    pub listener: Listener,
}

/// The held values of one kind. A thread that ends without its environment's cleanup does not drop them, because their
/// drop would look for other thread-locals.
pub struct Values<V>(ManuallyDrop<RefCell<BTreeMap<u64, Entry<V>>>>);

impl<V> Values<V> {
    pub const fn new() -> Self {
        Values(ManuallyDrop::new(RefCell::new(BTreeMap::new())))
    }
}

/// Declares where the values of a type are held.
macro_rules! hold {
    ($type:ty) => {
        impl $crate::held::Held for $type {
            fn values() -> &'static std::thread::LocalKey<$crate::held::Values<Self>> {
                thread_local! {
                    static VALUES: $crate::held::Values<$type> = const { $crate::held::Values::new() };
                }
                &VALUES
            }
        }
    };
}
pub(crate) use hold;

/// A value that JavaScript holds by a number.
pub trait Held: Sized + 'static {
    fn values() -> &'static LocalKey<Values<Self>>;

    /// Holds the value that `open` makes, to which this object listens, and returns its number, or `None` if `open`
    /// returns none. Without an object the value is held until it is taken, or its environment goes away.
    fn hold(
        env: &Env,
        object: Option<Object<'_>>,
        open: impl FnOnce(Waker) -> Option<Self>,
    ) -> napi::Result<Option<f64>> {
        let key = Rc::new(Cell::new(None));
        let closing = key.clone();
        let listener = Listener::new(env, move || {
            drop(closing.get().and_then(remove::<Self>));
        })?;
        if let Some(object) = object {
            listener.listen(object)?;
        }
        let number = listener.number();
        let Some(value) = open(listener.waker()) else {
            return Ok(None);
        };
        key.set(key_of(number));
        if let Some(key) = key.get() {
            let entry = Entry { value, listener };
            Self::values().with(|values| values.0.borrow_mut().insert(key, entry));
        }
        Ok(Some(number))
    }

    /// Calls `using` with the value of this number. Returns `None` if it has gone. `using` must not call JavaScript.
    fn with<R>(number: f64, using: impl FnOnce(&Entry<Self>) -> R) -> Option<R> {
        let key = key_of(number)?;
        Self::values().with(|values| values.0.borrow().get(&key).map(using))
    }

    /// Removes the value of this number, and returns it.
    fn take(number: f64) -> Option<Self> {
        let Entry { value, listener } = key_of(number).and_then(remove::<Self>)?;
        listener.hold(false);
        Some(value)
    }
}

/// Removes a value, which the caller drops: the other values must not be borrowed during that drop.
fn remove<V: Held>(key: u64) -> Option<Entry<V>> {
    V::values().with(|values| values.0.borrow_mut().remove(&key))
}

/// Returns the key of a number as JavaScript has passed it, if it can be one.
fn key_of(number: f64) -> Option<u64> {
    let key = number as u64;
    (key as f64 == number).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn only_whole_numbers_are_keys() {
        assert_eq!(key_of(0.0), Some(0));
        assert_eq!(key_of(9_007_199_254_740_992.0), Some(1 << 53));
        for number in [-1.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(key_of(number), None);
        }
    }
}
