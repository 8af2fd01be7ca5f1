//! A stream before it is returned to JavaScript.

use crate::error::Error;
use crate::item::{Batch, Item};
use crate::queue::{drop_quietly, Drained, Queue, QueueStats};
use crate::stream::live::{Live, STREAMS};
use crate::stream::options::Options;
use crate::stream::producer::Producer;
use crate::stream::trace::Trace;
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

type Starter = Box<dyn FnOnce() + Send>;

/// Sends a batch, or ends the stream. Returns whether there may be more.
type Puller = Box<dyn FnMut() -> bool + Send>;

/// A stream on its way to JavaScript. Returned from a `#[napi]` function or method, also in a `Result`,
/// from an `async fn` or as a field of an object (`#[napi(object, object_from_js = false)]`), it becomes an
/// object that implements `AsyncIterableIterator<T>`. Dropped before that, it cancels its producer.
///
/// | made by | its producer is |
/// |---|---|
/// | [`bridge`] | any code that holds the [`Producer`] |
/// | [`spawn`](AsyncIterableBridge::spawn) | a function with a thread of its own, which may block |
/// | [`spawn_task`](AsyncIterableBridge::spawn_task) | a future on a tokio runtime |
/// | [`from_iter`](AsyncIterableBridge::from_iter) | an iterator, on a thread of its own |
/// | [`pull_iter`](AsyncIterableBridge::pull_iter) | an iterator that never blocks, on JavaScript's thread |
/// | [`from_stream`](AsyncIterableBridge::from_stream) | a `Stream`, on a tokio runtime |
/// | [`from_future`](AsyncIterableBridge::from_future) | a future that opens a `Stream` |
/// | [`from_async_read`](AsyncIterableBridge::from_async_read) | an `AsyncRead`, of bytes |
/// | [`empty`](AsyncIterableBridge::empty) | none: the stream has no items |
/// | [`generator`](AsyncIterableBridge::generator) | a future that goes from `yield` to `yield` as the consumer asks |
///
/// ```no_run
/// use async_iterable_bridge::{AsyncIterableBridge, Options};
///
/// // With #[napi], in JavaScript: for await (const word of words()) ...
/// pub fn words() -> AsyncIterableBridge<&'static str> {
///     AsyncIterableBridge::from_iter(Options::new(), ["one", "two", "three"])
/// }
/// ```
pub struct AsyncIterableBridge<T: Item> {
    pub(crate) stream: Stream,
    pub(crate) options: Options,
    items: PhantomData<fn() -> T>,
}

/// Makes a stream and the producer that feeds it, from threads, tasks or callbacks.
///
/// The caller runs the producer, so [`Start`](crate::Start) has no effect here.
///
/// ```
/// use async_iterable_bridge::{bridge, Options};
///
/// let (producer, stream) = bridge(Options::new());
/// std::thread::spawn(move || producer.blocking_send("from a thread"));
/// # drop(stream);
/// ```
pub fn bridge<T: Item>(options: Options) -> (Producer<T>, AsyncIterableBridge<T>) {
    let limits = options.limits();
    let queue = Arc::new(Queue::new(limits));
    let trace = Trace::new(options.kind_of::<T>(), limits.capacity);
    let producer = Producer::new(queue.clone(), trace.clone());
    let stream = Stream {
        queue,
        starter: Mutex::new(None),
        puller: Mutex::new(None),
        started: false,
        trace,
        _live: Live::new(&STREAMS),
    };
    let bridge = AsyncIterableBridge {
        stream,
        options,
        items: PhantomData,
    };
    (producer, bridge)
}

impl<T: Item> AsyncIterableBridge<T> {
    /// Makes a stream and calls `start` with its producer at the first `next()`, or at once, if the options
    /// say so. `start` must report a panic of the producer.
    pub(crate) fn lazy(options: Options, start: impl FnOnce(Producer<T>) + Send + 'static) -> Self {
        let (producer, mut bridge) = bridge(options);
        *get_mut(&mut bridge.stream.starter) = Some(Box::new(move || start(producer)));
        if bridge.options.starts_eagerly() {
            bridge.stream.start();
        }
        bridge
    }

    /// Makes a stream that calls `pull` for items whenever the consumer has read all items.
    pub(crate) fn pulled(
        options: Options,
        mut pull: impl FnMut(&Producer<T>) -> bool + Send + 'static,
    ) -> Self {
        let (producer, mut bridge) = bridge(options);
        *get_mut(&mut bridge.stream.puller) = Some(Box::new(move || pull(&producer)));
        bridge
    }
}

impl<T: Item> fmt::Debug for AsyncIterableBridge<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AsyncIterableBridge")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Returns the value of a mutex that only makes a type `Sync`: it is never locked.
fn get_mut<T>(mutex: &mut Mutex<T>) -> &mut T {
    mutex.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// The consumer's half of a queue, and the call that starts its producer.
pub(crate) struct Stream {
    queue: Arc<Queue<Batch, Error>>,
    /// The call that starts the producer; absent once it was made.
    starter: Mutex<Option<Starter>>,
    /// The call that fills the empty queue, on the thread that drains.
    puller: Mutex<Option<Puller>>,
    started: bool,
    trace: Trace,
    _live: Live,
}

impl Stream {
    /// Starts the producer, if it was not started before.
    pub(crate) fn start(&mut self) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        self.trace.started();
        if let Some(starter) = get_mut(&mut self.starter).take() {
            starter();
        }
    }

    /// Fills the queue, if the stream is pulled. The queue is empty, because each drain takes all items of a pull.
    fn pull(&mut self) {
        let puller = get_mut(&mut self.puller);
        if let Some(pull) = puller {
            if !pull() {
                *puller = None;
            }
        }
    }

    pub(crate) fn queue(&self) -> &Arc<Queue<Batch, Error>> {
        &self.queue
    }

    pub(crate) fn is_started(&self) -> bool {
        self.started
    }

    /// Drains the queue, as [`Queue::drain`] does; the first call starts the producer.
    pub(crate) fn drain(
        &mut self,
        into: &mut VecDeque<Batch>,
        emptied: &mut Vec<Batch>,
        waker: &Waker,
    ) -> Drained<Error> {
        self.start();
        self.pull();
        let drained = self.queue.drain(into, emptied, waker);
        #[cfg(feature = "tracing")]
        self.trace.drained(&drained);
        drained
    }

    pub(crate) fn cancel(&mut self) -> bool {
        let cancelled = self.queue.cancel();
        *get_mut(&mut self.starter) = None;
        drop_quietly(get_mut(&mut self.puller).take());
        if cancelled {
            self.trace.cancelled();
        }
        cancelled
    }

    pub(crate) fn stats(&self) -> QueueStats {
        self.queue.stats()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.cancel();
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::{ClosedToken, Handler, Yielder};

    #[test]
    fn types_that_an_async_fn_holds_can_move_to_another_thread() {
        fn is_send<T: Send>() {}
        fn is_shared<T: Send + Sync>() {}
        is_shared::<AsyncIterableBridge<String>>();
        is_send::<Yielder<String>>();
        is_shared::<Producer<String>>();
        is_shared::<ClosedToken>();
        is_shared::<Handler<String, f64>>();
        is_shared::<Error>();
    }
}
