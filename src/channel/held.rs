//! The ends that the environments of this thread hold, each by the number of its listener.
//!
//! An end is removed when it has ended, when the object that listens to it is garbage-collected, or when its
//! environment goes away. Its number then names nothing, as numbers are never used again. A function that gets
//! such a number answers as for an end whose channel is over.

use async_iterable_bridge::Listener;
use async_iterable_bridge_channel::{ReceiverEnd, SenderEnd};
use napi::bindgen_prelude::Object;
use napi::Env;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::Waker;
use std::thread::LocalKey;

/// An end and its listener.
pub struct Open<E> {
    pub end: E,
    pub listener: Listener,
}

/// The open ends of one kind. A thread that ends without its environment's cleanup does not drop them, because their
/// drop would look for other thread-locals.
pub struct Ends<E>(ManuallyDrop<RefCell<BTreeMap<u64, Open<E>>>>);

impl<E> Ends<E> {
    const fn new() -> Self {
        Ends(ManuallyDrop::new(RefCell::new(BTreeMap::new())))
    }
}

thread_local! {
    static SENDERS: Ends<SenderEnd> = const { Ends::new() };
    static RECEIVERS: Ends<ReceiverEnd> = const { Ends::new() };
}

/// An end of a channel that JavaScript holds by a number.
pub trait Held: Sized + 'static {
    fn ends() -> &'static LocalKey<Ends<Self>>;

    /// Opens an end to which this object listens, and returns its number, or `None` if the channel refuses it.
    /// Without an object the end lasts until it has ended, or its environment goes away.
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
        let Some(end) = open(listener.waker()) else {
            return Ok(None);
        };
        key.set(key_of(number));
        if let Some(key) = key.get() {
            let open = Open { end, listener };
            Self::ends().with(|ends| ends.0.borrow_mut().insert(key, open));
        }
        Ok(Some(number))
    }

    /// Calls `using` with the end of this number. Returns `None` if it has gone. `using` must not call JavaScript.
    fn with<R>(number: f64, using: impl FnOnce(&Open<Self>) -> R) -> Option<R> {
        let key = key_of(number)?;
        Self::ends().with(|ends| ends.0.borrow().get(&key).map(using))
    }

    /// Removes the end of this number, and returns it.
    fn take(number: f64) -> Option<Self> {
        let Open { end, listener } = key_of(number).and_then(remove::<Self>)?;
        listener.hold(false);
        Some(end)
    }
}

impl Held for SenderEnd {
    fn ends() -> &'static LocalKey<Ends<Self>> {
        &SENDERS
    }
}

impl Held for ReceiverEnd {
    fn ends() -> &'static LocalKey<Ends<Self>> {
        &RECEIVERS
    }
}

/// Removes an end, which the caller drops: the other ends must not be borrowed during that drop.
fn remove<E: Held>(key: u64) -> Option<Open<E>> {
    E::ends().with(|ends| ends.0.borrow_mut().remove(&key))
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
