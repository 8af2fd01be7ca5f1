//! The `AbortSignal` that a `#[napi]` function gets, and those that an environment keeps.

use super::napi::{Environment, Persistent, Value};
use crate::stream::signal::{Released, Signal};
use crate::Options;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, PoisonError};

/// An `AbortSignal` of JavaScript: an argument of a `#[napi]` function, or a field of an object, for
/// [`Options::signal`]. Its clones are the same signal, so one can abort many streams.
///
/// An argument that is no `AbortSignal` is a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
#[derive(Clone, Debug)]
pub struct AbortSignal(Arc<Signal>);

impl AbortSignal {
    /// Returns whether the signal was aborted when the function got it.
    ///
    /// ```
    /// use async_iterable_bridge::AbortSignal;
    /// use napi_derive::napi;
    ///
    /// #[napi]
    /// pub fn is_late(signal: AbortSignal) -> bool {
    ///     signal.was_aborted()
    /// }
    /// ```
    pub fn was_aborted(&self) -> bool {
        self.0.was_aborted
    }
}

impl Options {
    /// Sets the `AbortSignal` that ends the stream: if it aborts, the pending calls of `next()` reject with its reason,
    /// and the producer is cancelled. If it was aborted before the function got it, the producer never starts, also
    /// with [`Start::Eager`](crate::Start::Eager).
    ///
    /// A handler keeps its signal. If a listener of the signal refers to the handler, neither is collected while the
    /// environment lasts, unless [`close`](crate::Handler::close) is called and the handler is dropped.
    ///
    /// # Errors
    ///
    /// A signal belongs to the thread of its function. A stream that is returned on another one throws there.
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{AbortSignal, AsyncIterableBridge, Options};
    /// use napi_derive::napi;
    ///
    /// // for await (const number of numbers({ signal: AbortSignal.timeout(1000) })) ...
    /// #[napi(object, object_to_js = false)]
    /// pub struct NumbersOptions {
    ///     pub signal: Option<AbortSignal>,
    /// }
    ///
    /// #[napi]
    /// pub fn numbers(options: Option<NumbersOptions>) -> AsyncIterableBridge<f64> {
    ///     let signal = options.and_then(|options| options.signal);
    ///     AsyncIterableBridge::from_iter(Options::new().signal(signal), (0..).map(f64::from))
    /// }
    /// ```
    #[must_use]
    pub fn signal(mut self, signal: impl Into<Option<AbortSignal>>) -> Self {
        self.set_signal(signal.into().map(|AbortSignal(signal)| signal));
        self
    }
}

/// The signals that an environment keeps for as long as there are options that have them.
#[derive(Default)]
pub(super) struct Signals {
    kept: RefCell<BTreeMap<u64, Persistent>>,
    /// The numbers of the signals that no options have any more. Any thread may drop options.
    released: Released,
}

impl Signals {
    pub(super) fn keep(
        &self,
        environment: Environment,
        number: u64,
        signal: Value,
        was_aborted: bool,
    ) -> napi::Result<AbortSignal> {
        self.sweep(environment);
        let persistent = environment.persist(signal)?;
        self.kept.borrow_mut().insert(number, persistent);
        let signal = Signal::new(number, was_aborted, self.released.clone());
        Ok(AbortSignal(Arc::new(signal)))
    }

    /// Returns the signal's value. Fails on another thread than that of its environment.
    pub(super) fn value(&self, environment: Environment, signal: &Signal) -> napi::Result<Value> {
        let kept = self.kept.borrow();
        let signal = kept.get(&signal.number).ok_or_else(|| {
            napi::Error::from_reason("The AbortSignal of a stream belongs to another thread")
        })?;
        signal.value(environment)
    }

    /// Releases the signals that no options have any more.
    pub(super) fn sweep(&self, environment: Environment) {
        let released = {
            let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
            mem::take(&mut *released)
        };
        for number in released {
            if let Some(signal) = self.kept.borrow_mut().remove(&number) {
                signal.release(environment);
            }
        }
    }

    /// Releases all signals, before the environment goes away.
    pub(super) fn release(&self, environment: Environment) {
        for signal in self.kept.take().into_values() {
            signal.release(environment);
        }
    }
}
