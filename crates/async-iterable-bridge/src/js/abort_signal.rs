//! The `AbortSignal` that a `#[napi]` function gets.

use super::hub::Hub;
use super::napi::{Environment, Value};
use crate::stream::signal::Signal;
use crate::Options;
use std::sync::Arc;

/// An `AbortSignal` of JavaScript: an argument of a `#[napi]` function, or a field of an object, for
/// [`Options::signal`]. Its clones are the same signal, so one can abort many streams.
///
/// An argument that is no `AbortSignal` is a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
#[derive(Clone, Debug)]
pub struct AbortSignal(Arc<Signal>);

impl AbortSignal {
    /// Takes a value of JavaScript.
    pub(super) fn of(environment: Environment, value: Value) -> napi::Result<Self> {
        Ok(AbortSignal(Hub::of(environment)?.keep_signal(value)?))
    }

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
