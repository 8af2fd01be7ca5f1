//! Iterators that are pulled: they are advanced on JavaScript's thread, whenever the consumer has read all items.

use crate::error::Error;
use crate::item::Item;
use crate::queue::{drop_quietly, SendError};
use crate::stream::adapters::Taken;
use crate::stream::bridge::AsyncIterableBridge;
use crate::stream::options::Options;
use crate::stream::outcome::Outcome;
use crate::stream::producer::Producer;
use crate::stream::send_many::BATCH_BYTES;
use crate::stream::supervision::finish;
use futures_core::Stream;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio::task::unconstrained;

impl<T: Item> AsyncIterableBridge<T> {
    /// Makes a stream of the items of an iterator that never blocks, such as one over a `Vec` or a result set. It is
    /// pulled on JavaScript's thread whenever the consumer has read all items: up to the capacity, to 64 KiB, and to
    /// a quarter of the time slice. That takes no second core and no wake, which cost more than most such items.
    /// JavaScript waits meanwhile.
    ///
    /// The iterator is made and first advanced by the first `next()`. It is dropped when it has ended, failed, or the
    /// consumer has left. With [`Start::Eager`](crate::Start::Eager), which reads ahead, it runs as a task instead,
    /// like a `Stream` by [`from_stream`](AsyncIterableBridge::from_stream).
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    ///
    /// pub fn names(names: Vec<String>) -> AsyncIterableBridge<String> {
    ///     AsyncIterableBridge::pull_iter(Options::new(), names)
    /// }
    /// ```
    pub fn pull_iter<I>(options: Options, items: I) -> Self
    where
        I: IntoIterator + Send + 'static,
        I::IntoIter: Send + Unpin,
        I::Item: Outcome<Item = T>,
    {
        if options.starts_eagerly() {
            return Self::from_stream(options, Ready(items.into_iter()));
        }
        let mut pulled = Pulled {
            unread: Some(items),
            items: None,
            next: None,
            batch: VecDeque::new(),
            end: None,
            longest: options.time_slice_duration() / 4,
        };
        Self::pulled(options, move |producer| pulled.pull(producer))
    }
}

/// The `Stream` of an iterator, which is always ready.
struct Ready<I>(I);

impl<I: Iterator + Unpin> Stream for Ready<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

/// An iterator that is pulled.
struct Pulled<I: IntoIterator, T> {
    /// Present until the first pull.
    unread: Option<I>,
    items: Option<I::IntoIter>,
    /// An item that was too heavy for the previous batch.
    next: Option<T>,
    batch: VecDeque<T>,
    /// The end of the iterator, while the items before it are still to be sent.
    end: Option<thread::Result<Result<(), Error>>>,
    /// The longest time that a pull may take.
    longest: Duration,
}

impl<I, T> Pulled<I, T>
where
    I: IntoIterator,
    I::Item: Outcome<Item = T>,
    T: Item,
{
    /// The most items between two reads of the clock.
    const LONGEST_STRIDE: usize = 16;

    /// Sends the next batch, and ends the stream with the iterator. Returns whether there may be more.
    fn pull(&mut self, producer: &Producer<T>) -> bool {
        if self.batch.is_empty() && self.end.is_none() {
            self.end = match producer
                .supervised(|| catch_unwind(AssertUnwindSafe(|| self.fill(producer))))
            {
                Ok(Taken::Some) => None,
                Ok(Taken::All) => Some(Ok(Ok(()))),
                Ok(Taken::Failure(error)) => Some(Ok(Err(error))),
                Err(panic) => Some(Err(panic)),
            };
        }
        let sent = producer
            .supervised(|| catch_unwind(AssertUnwindSafe(|| send_now(producer, &mut self.batch))));
        match (sent, self.end.take()) {
            (Ok(Poll::Ready(Ok(()))), None) => return true,
            (Ok(Poll::Ready(Ok(()))), Some(end)) => finish(producer, end),
            // The items weigh more than before. The next pull sends the rest of them.
            (Ok(Poll::Pending | Poll::Ready(Err(SendError::Full(())))), end) => {
                self.end = end;
                return true;
            }
            (Ok(Poll::Ready(Err(_))), _) => {}
            (Err(panic), _) => finish(producer, Err(panic)),
        }
        drop_quietly(self.batch.drain(..));
        drop_quietly(self.items.take());
        false
    }

    fn fill(&mut self, producer: &Producer<T>) -> Taken {
        if let Some(unread) = self.unread.take() {
            self.items = Some(unread.into_iter());
        }
        let Some(items) = &mut self.items else {
            return Taken::All;
        };
        let (most, most_bytes) = (producer.capacity(), producer.max_bytes().min(BATCH_BYTES));
        let (start, mut look, mut bytes) = (Instant::now(), 1, 0_usize);
        while self.batch.len() < most {
            let item = match self.next.take() {
                Some(item) => item,
                None => match items.next().map(Outcome::into_result) {
                    Some(Ok(item)) => item,
                    Some(Err(error)) => return Taken::Failure(error),
                    None => return Taken::All,
                },
            };
            bytes = bytes.saturating_add(item.bytes());
            if bytes > most_bytes && !self.batch.is_empty() {
                self.next = Some(item);
                return Taken::Some;
            }
            self.batch.push_back(item);
            if self.batch.len() == look {
                if start.elapsed() > self.longest {
                    return Taken::Some;
                }
                look += look.min(Self::LONGEST_STRIDE);
            }
        }
        Taken::Some
    }
}

/// Sends the items of a batch that the queue has capacity for. Leaves the rest in the batch if it is not ready.
fn send_now<T: Item>(
    producer: &Producer<T>,
    batch: &mut VecDeque<T>,
) -> Poll<Result<(), SendError<()>>> {
    let sending = pin!(unconstrained(producer.send_batch(batch)));
    sending.poll(&mut Context::from_waker(Waker::noop()))
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::queue::Drained;
    use crate::{Columns, Layout, Start};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Drains a stream to its end. Returns the sizes of its batches, its items, and the code of its failure.
    fn drain_all<T: Item>(
        mut bridge: AsyncIterableBridge<T>,
    ) -> (Vec<usize>, Vec<f64>, Option<String>) {
        let (mut batches, mut sizes, mut received) = (VecDeque::new(), Vec::new(), Vec::new());
        loop {
            let waker = Waker::noop();
            let drained = bridge.stream.drain(&mut batches, &mut Vec::new(), waker);
            match drained {
                Drained::Items => {
                    let before = received.len();
                    received.extend(batches.drain(..).flat_map(|batch| batch.numbers));
                    sizes.push(received.len() - before);
                }
                Drained::Parked => panic!("what is pulled never waits"),
                Drained::Closed => return (sizes, received, None),
                Drained::Failed(error) => {
                    return (sizes, received, error.code().map(String::from));
                }
            }
        }
    }

    #[test]
    fn pulled_batches_respect_the_capacity_and_the_bytes() {
        let numbers = || (0..10).map(f64::from);
        let sizes_within = |options| drain_all(AsyncIterableBridge::pull_iter(options, numbers()));
        let all: Vec<_> = numbers().collect();
        for (options, sizes) in [
            (Options::new().capacity(4), vec![4, 4, 2]),
            (Options::new().max_bytes(24), vec![3, 3, 3, 1]),
            (Options::new().max_bytes(1), vec![1; 10]),
            (
                Options::new()
                    .overflow(crate::Overflow::DropOldest)
                    .capacity(5),
                vec![5, 5],
            ),
        ] {
            assert_eq!(sizes_within(options), (sizes, all.clone(), None));
        }
    }

    /// An item that weighs more each time it is weighed.
    struct Growing(AtomicUsize);

    impl Item for Growing {
        fn layout() -> Layout {
            f64::layout()
        }

        fn encode(&self, columns: &mut Columns<'_>) {
            columns.number(1.0);
        }

        fn bytes(&self) -> usize {
            self.0.fetch_add(1, Ordering::Relaxed)
        }
    }

    #[test]
    fn pulled_items_arrive_even_if_they_become_heavier() {
        for overflow in [crate::Overflow::Block, crate::Overflow::Error] {
            let items = (0..9).map(|_| Growing(AtomicUsize::new(1)));
            let options = Options::new().max_bytes(8).overflow(overflow);
            let (sizes, received, code) = drain_all(AsyncIterableBridge::pull_iter(options, items));
            assert_eq!((received.len(), code), (9, None));
            assert!(sizes.len() > 2);
        }
    }

    #[test]
    fn a_pulled_stream_fails_after_the_items_before_the_failure() {
        let numbers = (0..5).map(|number| match number {
            3 => Err("an error"),
            number => Ok(f64::from(number)),
        });
        let (_, received, code) =
            drain_all(AsyncIterableBridge::pull_iter(Options::new(), numbers));
        assert_eq!(received, [0.0, 1.0, 2.0]);
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_FAILED"));

        let numbers = (0..5).map(|number| match number {
            3 => std::panic::resume_unwind(Box::new("a bomb")),
            number => f64::from(number),
        });
        let (_, received, code) =
            drain_all(AsyncIterableBridge::pull_iter(Options::new(), numbers));
        assert_eq!(received, [0.0, 1.0, 2.0]);
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
    }

    #[test]
    fn a_slow_iterator_is_pulled_for_a_part_of_the_time_slice() {
        let numbers = (0..3).map(|number| {
            std::thread::sleep(Duration::from_millis(2));
            f64::from(number)
        });
        let options = Options::new().time_slice(Duration::from_millis(4));
        let (sizes, ..) = drain_all(AsyncIterableBridge::pull_iter(options, numbers));
        assert_eq!(sizes, [1, 1, 1]);
    }

    #[test]
    fn a_cancelled_stream_drops_its_iterator() {
        let alive = std::sync::Arc::new(());
        let held = alive.clone();
        let numbers = (0..).map(move |number: i32| {
            let _held = &held;
            f64::from(number)
        });
        let mut bridge = AsyncIterableBridge::pull_iter(Options::new(), numbers);
        let waker = Waker::noop();
        bridge
            .stream
            .drain(&mut VecDeque::new(), &mut Vec::new(), waker);
        assert!(bridge.stream.cancel());
        assert_eq!(std::sync::Arc::strong_count(&alive), 1);
    }

    #[test]
    fn an_eager_stream_reads_its_iterator_ahead() {
        let (has_run, running) = std::sync::mpsc::channel();
        let numbers = (0..1).map(move |number| {
            has_run.send(()).expect("the test waits");
            f64::from(number)
        });
        let bridge = AsyncIterableBridge::pull_iter(Options::new().start(Start::Eager), numbers);
        running.recv().expect("it runs without a consumer");
        drop(bridge);
    }
}
