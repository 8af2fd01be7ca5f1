//! The queue, driven through its own operations and through the [`Producer`] that wraps them.
//!
//! Every test has a [`Stream`]: a queue, a producer, and a consumer whose waker counts.

mod batches;
mod endings;
mod foreign_code;
mod model;
mod overflow;
mod spinning;
mod stress;
mod waiting;

use super::*;
use crate::error::Error;
use crate::item::{Batch, Columns, Item, Layout};
use crate::stream::producer::Producer;
use crate::stream::trace::Trace;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time that a test waits for an event. After it, the test fails as a hang.
const PATIENCE: Duration = Duration::from_secs(20);

const UNBOUNDED: usize = usize::MAX;

/// An item with a weight.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parcel {
    number: u32,
    bytes: usize,
}

impl Item for Parcel {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(self.number));
    }
}

fn parcel(number: u32) -> Parcel {
    weighing(number, 1)
}

fn weighing(number: u32, bytes: usize) -> Parcel {
    Parcel { number, bytes }
}

fn numbers(parcels: impl IntoIterator<Item = Parcel>) -> Vec<u32> {
    parcels.into_iter().map(|parcel| parcel.number).collect()
}

/// Returns the numbers that JavaScript gets of parcels.
fn received(batches: impl IntoIterator<Item = Batch>) -> Vec<u32> {
    let delivered = |batch: Batch| {
        assert_eq!(batch.numbers.len(), batch.encoded);
        batch.numbers.into_iter().skip(batch.skipped)
    };
    let numbers = batches.into_iter().flat_map(delivered);
    numbers.map(|number| number as u32).collect()
}

/// A waker that counts its calls.
#[derive(Default)]
struct WakeCounter(AtomicUsize);

impl WakeCounter {
    fn new() -> (Arc<WakeCounter>, Waker) {
        let counter = Arc::new(WakeCounter::default());
        (counter.clone(), Waker::from(counter))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for WakeCounter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The result of a drain, as a consumer gets it.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Items(Vec<u32>),
    Parked,
    Closed,
    Failed(String),
}

struct Stream<T: Item = Parcel> {
    queue: Arc<Queue<Batch, Error>>,
    producer: Producer<T>,
    /// The number of times that the consumer was woken.
    wakes: Arc<WakeCounter>,
    waker: Waker,
}

impl<T: Item> Stream<T> {
    fn new(capacity: usize, max_bytes: usize, overflow: Overflow) -> Self {
        let queue = Arc::new(Queue::new(Limits {
            capacity,
            max_bytes,
            overflow,
        }));
        let (wakes, waker) = WakeCounter::new();
        Stream {
            producer: Producer::new(queue.clone(), Trace::new("test", capacity)),
            queue,
            wakes,
            waker,
        }
    }

    /// Makes a stream whose senders wait, bounded in items alone.
    fn blocking(capacity: usize) -> Self {
        Stream::new(capacity, UNBOUNDED, Overflow::Block)
    }

    /// Drains with a waker.
    fn drain_with(&self, waker: &Waker) -> (Drained<Error>, VecDeque<Batch>) {
        let mut batches = VecDeque::new();
        let drained = self.queue.drain(&mut batches, &mut Vec::new(), waker);
        (drained, batches)
    }

    fn park(&self) {
        assert!(matches!(self.drain_with(&self.waker).0, Drained::Parked));
    }

    /// Returns the counts of pushed, dropped and buffered items.
    fn counts(&self) -> (u64, u64, usize) {
        let stats = self.queue.stats();
        (stats.pushed, stats.dropped, stats.buffered)
    }
}

impl Stream {
    fn drain(&self) -> Found {
        let (drained, batches) = self.drain_with(&self.waker);
        match drained {
            Drained::Items => Found::Items(received(batches)),
            Drained::Parked => Found::Parked,
            Drained::Closed => Found::Closed,
            Drained::Failed(error) => Found::Failed(error.message().to_owned()),
        }
    }

    fn fill(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            self.producer
                .try_send(parcel(number))
                .expect("has capacity");
        }
    }
}

/// A future that a test polls by hand, and the number of its wakes.
struct Task<'a, R> {
    future: Pin<Box<dyn Future<Output = R> + 'a>>,
    wakes: Arc<WakeCounter>,
    waker: Waker,
}

impl<'a, R> Task<'a, R> {
    fn new(future: impl Future<Output = R> + 'a) -> Self {
        let (wakes, waker) = WakeCounter::new();
        Task {
            future: Box::pin(future),
            wakes,
            waker,
        }
    }

    /// Polls a future once, and asserts that it has to wait.
    fn waiting(future: impl Future<Output = R> + 'a) -> Self {
        let mut task = Task::new(future);
        assert!(task.poll().is_pending(), "did not wait");
        task
    }

    fn poll(&mut self) -> Poll<R> {
        let waker = self.waker.clone();
        self.poll_with(&waker)
    }

    fn poll_with(&mut self, waker: &Waker) -> Poll<R> {
        self.future.as_mut().poll(&mut Context::from_waker(waker))
    }

    fn is_woken(&self) -> bool {
        self.wakes.count() > 0
    }
}

/// Returns the result of a future that has no reason to wait.
fn at_once<R>(future: impl Future<Output = R>) -> R {
    match Task::new(future).poll() {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Runs a function that might hang on a thread of its own, and fails if it does.
fn must_finish<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, finished) = channel();
    let thread = thread::spawn(move || done.send(run()));
    match finished.recv_timeout(PATIENCE) {
        Ok(output) => output,
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!("a thread that ends without a panic has sent"),
        },
    }
}

/// Waits for a condition that another thread brings about.
fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it never happens");
        thread::yield_now();
    }
}
