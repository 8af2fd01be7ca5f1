//! The options of a stream: its bounds, and when it starts.

use crate::error::Error;
use crate::queue::{Limits, Overflow};
use crate::stream::runtime;
use crate::stream::signal::Signal;
use std::any::type_name;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// The time when a stream's producer starts to run.
///
/// ```
/// use async_iterable_bridge::{AsyncIterableBridge, Options, Start};
///
/// let options = Options::new().start(Start::Eager);
/// let stream = AsyncIterableBridge::from_iter(options, [1.0, 2.0]); // its thread runs already
/// # drop(stream);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// With the first `next()`, like a generator.
    #[default]
    Lazy,
    /// At once.
    Eager,
}

/// The bounds and behavior of one stream. The defaults are those of the npm package.
///
/// ```
/// use async_iterable_bridge::{Options, Overflow};
///
/// let options = Options::new().capacity(64).overflow(Overflow::DropOldest);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The most items. Never zero.
    capacity: usize,
    /// The most bytes. Never zero.
    max_bytes: usize,
    overflow: Overflow,
    time_slice: Duration,
    start: Start,
    runtime: Option<Handle>,
    kind: Option<&'static str>,
    signal: Option<Arc<Signal>>,
    /// The first option that is out of range.
    invalid: Option<OutOfRange>,
}

/// An option that is zero and must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfRange(&'static str);

impl OutOfRange {
    /// Returns the message, as Node words that of `ERR_OUT_OF_RANGE`.
    pub(crate) fn message(self) -> String {
        let name = self.0;
        format!("The value of \"{name}\" is out of range. It must be >= 1. Received 0")
    }

    pub(crate) fn limit() -> Self {
        OutOfRange("limit")
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            capacity: 1024,
            max_bytes: 16 * 1024 * 1024,
            overflow: Overflow::Block,
            time_slice: Duration::from_millis(5),
            start: Start::Lazy,
            runtime: None,
            kind: None,
            signal: None,
            invalid: None,
        }
    }
}

impl Options {
    /// Makes the defaults: 1024 items, 16 MiB, [`Overflow::Block`], 5 ms, [`Start::Lazy`].
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, stream) = bridge::<String>(Options::new());
    /// # drop((producer, stream));
    /// ```
    pub fn new() -> Self {
        Options::default()
    }

    /// Sets the most items that wait in the queue. `1` lets the producer be one item ahead.
    ///
    /// # Errors
    ///
    /// A stream with a capacity of zero does not start. JavaScript gets a `RangeError` with the code
    /// `ERR_OUT_OF_RANGE` from the function that returns it.
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new().capacity(2));
    /// let sent = (0..10).take_while(|number| producer.try_send(*number).is_ok());
    /// assert_eq!(sent.count(), 2);
    /// ```
    #[must_use]
    pub fn capacity(mut self, items: usize) -> Self {
        self.set(|options| &mut options.capacity, "capacity", items);
        self
    }

    /// Sets the most bytes that wait in the queue, by [`Item::bytes`](crate::Item::bytes). One item
    /// that is larger still passes, alone.
    ///
    /// # Errors
    ///
    /// As [`capacity`](Options::capacity), if it is zero.
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new().max_bytes(1024));
    /// assert!(producer.try_send(vec![0; 4096]).is_ok(), "the queue was empty");
    /// assert!(producer.try_send(vec![0; 1]).is_err());
    /// ```
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.set(|options| &mut options.max_bytes, "maxBytes", bytes);
        self
    }

    /// Sets an option that must not be zero. Otherwise keeps what it was, and the error.
    fn set(&mut self, option: fn(&mut Options) -> &mut usize, name: &'static str, value: usize) {
        match value {
            0 => self.invalid = self.invalid.or(Some(OutOfRange(name))),
            value => *option(self) = value,
        }
    }

    /// Returns the first option that was out of range.
    pub(crate) fn invalid(&self) -> Option<OutOfRange> {
        self.invalid
    }

    /// Sets the policy for an item that finds the queue full.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options, Overflow};
    ///
    /// let (producer, _stream) = bridge(Options::new().capacity(1).overflow(Overflow::DropOldest));
    /// assert!((0..10).all(|number| producer.try_send(number).is_ok()));
    /// ```
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Sets the time for which items are delivered before the event loop has its turn.
    ///
    /// ```
    /// use async_iterable_bridge::Options;
    /// use std::time::Duration;
    ///
    /// let options = Options::new().time_slice(Duration::from_millis(1));
    /// # drop(options);
    /// ```
    #[must_use]
    pub fn time_slice(mut self, time_slice: Duration) -> Self {
        self.time_slice = time_slice;
        self
    }

    /// Sets when the producer starts.
    ///
    /// ```
    /// use async_iterable_bridge::{Options, Start};
    ///
    /// let options = Options::new().start(Start::Eager);
    /// # drop(options);
    /// ```
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Sets the tokio runtime on which a producer that is a task runs. The default is a runtime of this crate,
    /// which outlives all environments. A runtime that is shut down drops its tasks, and their streams
    /// fail with the code `ERR_PRODUCER_TERMINATED`.
    ///
    /// ```
    /// use async_iterable_bridge::Options;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let options = Options::new().runtime(tokio::runtime::Handle::current());
    /// # drop(options);
    /// # }
    /// ```
    #[must_use]
    pub fn runtime(mut self, handle: Handle) -> Self {
        self.runtime = Some(handle);
        self
    }

    /// Sets the name of such streams for diagnostics: in the list of open streams, on
    /// diagnostics channels, and in spans. The default is the Rust type of their items.
    ///
    /// ```
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    ///
    /// let options = Options::new().kind("temperatures");
    /// let stream = AsyncIterableBridge::from_iter(options, [19.5, 20.0]);
    /// # drop(stream);
    /// ```
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Adds an error, if there is one and none before it.
    pub(crate) fn set_invalid(&mut self, invalid: Option<OutOfRange>) {
        self.invalid = self.invalid.or(invalid);
    }

    pub(crate) fn set_signal(&mut self, signal: Option<Arc<Signal>>) {
        self.signal = signal;
    }

    /// Returns the signal that aborts the stream.
    pub(crate) fn abort_signal(&self) -> Option<&Signal> {
        self.signal.as_deref()
    }

    pub(crate) fn kind_of<T>(&self) -> &'static str {
        self.kind.unwrap_or_else(type_name::<T>)
    }

    pub(crate) fn runtime_handle(&self) -> ChosenRuntime {
        ChosenRuntime(self.runtime.clone())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            capacity: self.capacity,
            max_bytes: self.max_bytes,
            overflow: self.overflow,
        }
    }

    pub(crate) fn time_slice_duration(&self) -> Duration {
        self.time_slice
    }

    pub(crate) fn time_slice_milliseconds(&self) -> f64 {
        self.time_slice.as_secs_f64() * 1e3
    }

    pub(crate) fn starts_eagerly(&self) -> bool {
        match self.start {
            Start::Eager => {
                let is_aborted = self
                    .signal
                    .as_ref()
                    .is_some_and(|signal| signal.was_aborted);
                self.invalid.is_none() && !is_aborted
            }
            Start::Lazy => false,
        }
    }
}

/// The runtime of [`Options::runtime`], or the crate's own, which starts only when it is needed.
pub(crate) struct ChosenRuntime(Option<Handle>);

impl ChosenRuntime {
    /// Returns the runtime's handle. Fails if the crate's own runtime cannot start now.
    pub(crate) fn get(self) -> Result<Handle, Error> {
        self.0.map_or_else(runtime::handle, Ok)
    }
}
