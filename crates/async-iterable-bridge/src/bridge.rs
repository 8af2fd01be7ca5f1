//! A stream before JavaScript has it, and the ways to make one.

use crate::error::Error;
use crate::item::Item;
use crate::live::{Live, STREAMS};
use crate::options::Options;
use crate::producer::Producer;
use crate::queue::{Drained, Queue, QueueStats};
use crate::runtime;
use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;

type Starter = Box<dyn FnOnce() + Send>;

/// A stream on its way to JavaScript. Returned from a `#[napi]` function, it becomes an object
/// that implements `AsyncIterableIterator<T>`. Dropped before that, it cancels its producer.
pub struct AsyncIterableBridge<T: Item> {
    pub(crate) stream: Stream<T>,
    pub(crate) options: Options,
}

/// A stream and the producer that feeds it, from wherever it likes: threads, tasks, callbacks.
///
/// The producer runs already, so [`Start`](crate::Start) has nothing to say here.
pub fn bridge<T: Item>(options: Options) -> (Producer<T>, AsyncIterableBridge<T>) {
    let queue = Arc::new(Queue::new(options.limits()));
    let producer = Producer::new(queue.clone());
    let stream = Stream {
        queue,
        starter: None,
        started: false,
        _live: Live::new(&STREAMS),
    };
    (producer, AsyncIterableBridge { stream, options })
}

impl<T: Item> AsyncIterableBridge<T> {
    /// A stream whose producer has a thread of its own, and may block it.
    ///
    /// The thread starts with the first `next()`. The stream ends when `produce` returns: normally,
    /// or with its error. A `?` on a send ends it quietly when the consumer has left.
    pub fn spawn<F>(options: Options, produce: F) -> Self
    where
        F: FnOnce(Producer<T>) -> Result<(), Error> + Send + 'static,
    {
        Self::lazy(options, move |producer| {
            let supervisor = producer.clone();
            let watched = producer.clone();
            let thread = thread::Builder::new().name("async-iterable-bridge".into());
            let spawned = thread.spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| produce(producer)));
                finish(&supervisor, outcome);
            });
            if let Err(error) = spawned {
                watched.fail(error);
            }
        })
    }

    /// A stream whose producer is a task on the crate's tokio runtime. It must not block; while it
    /// waits for room it costs nothing but memory.
    ///
    /// The task starts with the first `next()`, and is dropped at its next wait once the stream has
    /// ended, be it that the consumer leaves or that a clone of the producer closes or fails it.
    pub fn spawn_task<F, R>(options: Options, produce: F) -> Self
    where
        F: FnOnce(Producer<T>) -> R + Send + 'static,
        R: Future<Output = Result<(), Error>> + Send,
    {
        Self::lazy(options, move |producer| {
            let supervisor = producer.clone();
            runtime::handle().spawn(async move {
                let outcome = {
                    // In a block of its own, so that a panic of `produce` itself is caught below as well.
                    let mut produced = pin!(async move { produce(producer).await });
                    let mut closed = pin!(supervisor.closed());
                    poll_fn(|context| {
                        let poll = AssertUnwindSafe(|| produced.as_mut().poll(context));
                        match catch_unwind(poll) {
                            Ok(Poll::Ready(result)) => return Poll::Ready(Ok(result)),
                            Ok(Poll::Pending) => {}
                            Err(panic) => return Poll::Ready(Err(panic)),
                        }
                        closed.as_mut().poll(context).map(|()| Ok(Ok(())))
                    })
                    .await
                };
                finish(&supervisor, outcome);
            });
        })
    }

    fn lazy(options: Options, start: impl FnOnce(Producer<T>) + Send + 'static) -> Self {
        let (producer, mut bridge) = bridge(options);
        producer.supervise();
        bridge.stream.starter = Some(Box::new(move || start(producer)));
        if options.starts_eagerly() {
            bridge.stream.start();
        }
        bridge
    }
}

/// Ends the stream as its producer's function ended.
fn finish<T: Item>(producer: &Producer<T>, outcome: thread::Result<Result<(), Error>>) {
    match outcome {
        Ok(Ok(())) => producer.close(),
        Ok(Err(error)) if error.is_closed() => producer.close(),
        Ok(Err(error)) => producer.fail(error),
        Err(panic) => producer.fail(Error::panicked(panic.as_ref())),
    };
}

/// The consumer's half of a queue, and what starts its producer.
pub(crate) struct Stream<T: Item> {
    queue: Arc<Queue<T, Error>>,
    /// What is still to be called to set the producer going.
    starter: Option<Starter>,
    started: bool,
    _live: Live,
}

impl<T: Item> Stream<T> {
    fn start(&mut self) {
        self.started = true;
        if let Some(starter) = self.starter.take() {
            starter();
        }
    }

    pub(crate) fn queue(&self) -> &Arc<Queue<T, Error>> {
        &self.queue
    }

    pub(crate) fn is_started(&self) -> bool {
        self.started
    }

    /// As [`Queue::drain`]; the first call starts the producer.
    pub(crate) fn drain(&mut self, into: &mut VecDeque<T>, waker: &Waker) -> Drained<Error> {
        if !self.started {
            self.start();
        }
        self.queue.drain(into, waker)
    }

    pub(crate) fn cancel(&mut self) -> bool {
        let cancelled = self.queue.cancel();
        self.starter = None;
        cancelled
    }

    pub(crate) fn stats(&self) -> QueueStats {
        self.queue.stats()
    }
}

impl<T: Item> Drop for Stream<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}
