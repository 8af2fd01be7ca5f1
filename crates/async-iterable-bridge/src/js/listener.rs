//! The objects of an environment, besides streams of this crate, that other threads can wake.

use super::hub::{take_number, Hub};
use super::napi::{closing, Environment, Value};
use napi::bindgen_prelude::Object;
use std::cell::Cell;
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::Waker;

/// An object of an environment that other threads can wake: for sources of streams that an addon writes
/// itself, in JavaScript. It shares the one threadsafe function that the environment has for all streams.
///
/// JavaScript passes the object to `runtime().listen(number, object)`, or Rust passes it to
/// [`listen`](Listener::listen). It is held weakly. After a call of the [`waker`](Listener::waker), its method
/// `wake()` is called: once for any number of wakes that came before. `wake()` must not throw. See
/// [`Runtime`](crate::Runtime).
///
/// ```no_run
/// use async_iterable_bridge::Listener;
/// use napi::Env;
/// use napi_derive::napi;
///
/// /// Calls `wake()` of what listens to this number, from another thread.
/// #[napi]
/// pub fn wake_later(env: &Env) -> napi::Result<f64> {
///     let listener = Listener::new(env, || println!("the environment goes away"))?;
///     let waker = listener.waker();
///     std::thread::spawn(move || waker.wake());
///     Ok(listener.number())
/// }
/// ```
pub struct Listener {
    hub: Weak<Hub>,
    waker: Waker,
    number: u64,
    holds: Cell<bool>,
}

impl Listener {
    /// Makes a listener that has no object yet.
    ///
    /// `on_close` is called once, on the environment's thread, when the environment goes away or JavaScript has
    /// collected the object, unless the listener was dropped before. If the environment goes away, `on_close` must
    /// not use JavaScript.
    ///
    /// # Errors
    ///
    /// Fails when the environment is already going away.
    pub fn new(env: &napi::Env, on_close: impl FnOnce() + 'static) -> napi::Result<Self> {
        let hub = Hub::of(Environment::of(env))?;
        let number = take_number();
        hub.on_close(number, Box::new(on_close));
        Ok(Listener {
            waker: hub.parking().waker(number),
            number,
            hub: Rc::downgrade(&hub),
            holds: Cell::new(false),
        })
    }

    /// Sets the object of the listener, as `runtime().listen(number, object)` does. After an error it has none.
    ///
    /// # Errors
    ///
    /// Fails when JavaScript throws, such as a stack overflow, or when the environment has gone away.
    ///
    /// ```no_run
    /// use async_iterable_bridge::Listener;
    /// use napi::bindgen_prelude::Object;
    /// use napi::Env;
    /// use napi_derive::napi;
    ///
    /// /// A number that is not used again in this process: what JavaScript can name the object by.
    /// #[napi]
    /// pub fn hear(env: &Env, object: Object<'_>) -> napi::Result<f64> {
    ///     let listener = Listener::new(env, || println!("JavaScript has forgotten the object"))?;
    ///     listener.listen(object)?;
    ///     Ok(listener.number())
    /// }
    /// ```
    pub fn listen(&self, object: Object<'_>) -> napi::Result<()> {
        let hub = self.hub.upgrade().ok_or_else(closing)?;
        hub.listen(self.number, Value::of(&object))
    }

    /// Returns the number that JavaScript passes to `listen`. No other listener or stream of the process ever has the
    /// same number.
    pub fn number(&self) -> f64 {
        self.number as f64
    }

    /// Returns a waker that wakes the object, from any thread. It does nothing once the environment has gone away.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Sets whether the listener holds the process alive, as a waiting consumer does. At first it does not.
    pub fn hold(&self, holds: bool) {
        if let (true, Some(hub)) = (self.count(holds), self.hub.upgrade()) {
            hub.hold();
        }
    }

    /// Stores the setting. Returns whether it has changed.
    fn count(&self, holds: bool) -> bool {
        if self.holds.replace(holds) == holds {
            return false;
        }
        if let Some(hub) = self.hub.upgrade() {
            if holds {
                hub.parking().count_parked();
            } else {
                hub.parking().count_unparked();
            }
        }
        true
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Listener");
        shown.field("number", &self.number).finish_non_exhaustive()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A finalizer may drop it, and must not call Node-API. The next drain calls it instead.
        self.count(false);
        if let Some(hub) = self.hub.upgrade() {
            hub.forget_close(self.number);
        }
    }
}
