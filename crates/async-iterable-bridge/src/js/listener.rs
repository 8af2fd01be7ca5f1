//! What other threads can wake in an environment, besides a stream of this crate.

use super::ffi::{closing, Environment, Value};
use super::hub::{take_number, Hub};
use napi::bindgen_prelude::Object;
use std::cell::Cell;
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::Waker;

/// An object of an environment that other threads can wake: for ports of streams that an addon writes
/// itself, in JavaScript. It shares the one threadsafe function that the environment has for all streams.
///
/// JavaScript gives the object to `runtime().listen(number, object)`, or Rust to [`listen`](Listener::listen). It is
/// held weakly, and its method `wake()` is called after the [`waker`](Listener::waker) was: once for any number of
/// wakes that came before. It must not throw. See [`Runtime`](crate::Runtime).
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
    /// `on_close` is called on the environment's thread, once, when the environment goes away or JavaScript has
    /// forgotten the object; unless the listener was dropped before. In the first case nothing of JavaScript may be
    /// used then.
    ///
    /// # Errors
    ///
    /// When the environment is going away already.
    pub fn new(env: &napi::Env, on_close: impl FnOnce() + 'static) -> napi::Result<Self> {
        let hub = Hub::of(Environment::of(env))?;
        let number = take_number();
        hub.on_close(number, Box::new(on_close));
        Ok(Listener {
            waker: hub.waker(number),
            number,
            hub: Rc::downgrade(&hub),
            holds: Cell::new(false),
        })
    }

    /// Gives the listener its object, as `runtime().listen(number, object)` does. After an error it has none.
    ///
    /// # Errors
    ///
    /// What JavaScript throws, such as a stack overflow, or when the environment has gone away.
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

    /// Returns what JavaScript passes to `listen`. No other listener or stream of the process ever has the same number.
    pub fn number(&self) -> f64 {
        self.number as f64
    }

    /// Wakes the object, from any thread. It does nothing once the environment has gone away.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Sets whether the process is held alive, as it is by a consumer that waits. At first it is not.
    pub fn hold(&self, holds: bool) {
        if let (true, Some(hub)) = (self.count(holds), self.hub.upgrade()) {
            hub.hold();
        }
    }

    /// Notes the setting. Returns whether that is a change.
    fn count(&self, holds: bool) -> bool {
        if self.holds.replace(holds) == holds {
            return false;
        }
        if let Some(hub) = self.hub.upgrade() {
            if holds {
                hub.count_parked();
            } else {
                hub.count_unparked();
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
        // It may be dropped by a finalizer, which may not call Node-API: the next drain does.
        self.count(false);
        if let Some(hub) = self.hub.upgrade() {
            hub.forget_close(self.number);
        }
    }
}
