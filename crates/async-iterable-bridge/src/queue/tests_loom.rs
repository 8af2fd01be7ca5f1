//! The queue's races, in every interleaving. A wake that is lost shows as a deadlock.

use super::*;
use crate::error::Error;
use crate::item::{Batch, Columns, Item, Layout};
use crate::stream::producer::Producer;
use crate::stream::trace::Trace;
use loom::model;
use loom::thread;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

#[derive(Debug, PartialEq)]
struct Parcel(u8);

impl Item for Parcel {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        1
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(self.0));
    }
}

/// The most preemptions with three threads, which have too many interleavings to try them all. According to
/// loom's documentation, two or three preemptions catch most bugs; this number takes seconds.
const PREEMPTIONS_OF_THREE: usize = 4;

fn model_of_three(run: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS_OF_THREE);
    builder.check(run);
}

type Shared = Arc<Queue<Batch, Error>>;

fn queue(capacity: usize) -> (Producer<Parcel>, Shared) {
    let queue = Arc::new(Queue::new(Limits {
        capacity,
        max_bytes: usize::MAX,
        overflow: Overflow::Block,
    }));
    (
        Producer::new(queue.clone(), Trace::new("test", capacity)),
        queue,
    )
}

/// Drains until the end, and blocks whenever the queue parks it.
fn consume(queue: &Shared) -> Result<Vec<u8>, Error> {
    let mut consumed = Vec::new();
    let (mut batches, mut emptied) = (VecDeque::new(), Vec::new());
    block_on(poll_fn(|context| loop {
        match queue.drain(&mut batches, &mut emptied, context.waker()) {
            Drained::Items => {
                consumed.extend(numbers(&batches));
                // The next drain gives the batches back to the senders.
                batches.iter_mut().for_each(Batch::clear);
                emptied.extend(batches.drain(..));
            }
            Drained::Parked => return Poll::Pending,
            Drained::Closed => return Poll::Ready(Ok(())),
            Drained::Failed(error) => return Poll::Ready(Err(error)),
        }
    }))?;
    Ok(consumed)
}

/// Drains until it finds items.
fn consume_once(queue: &Shared) -> Vec<u8> {
    let mut batch = VecDeque::new();
    block_on(poll_fn(|context| {
        match queue.drain(&mut batch, &mut Vec::new(), context.waker()) {
            Drained::Items => Poll::Ready(()),
            Drained::Parked => Poll::Pending,
            Drained::Closed | Drained::Failed(_) => panic!("no producer ends it"),
        }
    }));
    numbers(&batch).collect()
}

fn numbers(batches: &VecDeque<Batch>) -> impl Iterator<Item = u8> + '_ {
    let numbers = batches.iter().flat_map(|batch| &batch.numbers);
    numbers.map(|number| *number as u8)
}

#[test]
fn a_send_reaches_a_consumer_that_parks() {
    model(|| {
        let (producer, queue) = queue(1);
        let sender = thread::spawn({
            let producer = producer.clone();
            move || producer.try_send(Parcel(1))
        });
        assert_eq!(consume_once(&queue), [1]);
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert!(queue.stats().wakes <= 1);
    });
}

#[test]
fn a_burst_wakes_a_consumer_that_parks_at_most_once_for_each_park() {
    model(|| {
        let (producer, queue) = queue(2);
        let sender = thread::spawn(move || {
            let _ = producer.try_send(Parcel(1));
            let _ = producer.try_send(Parcel(2));
        });
        assert_eq!(consume(&queue).unwrap(), [1, 2]);
        sender.join().unwrap();
        assert!(queue.stats().wakes <= 3, "two items and the end");
    });
}

#[test]
fn a_close_reaches_a_consumer_that_parks() {
    model(|| {
        let (producer, queue) = queue(1);
        let closer = thread::spawn(move || producer.close());
        assert_eq!(consume(&queue).unwrap(), []);
        assert!(closer.join().unwrap());
    });
}

#[test]
fn a_failure_reaches_a_consumer_that_parks_after_the_item() {
    model(|| {
        let (producer, queue) = queue(1);
        let failing = thread::spawn(move || {
            producer.try_send(Parcel(1)).unwrap();
            producer.fail(Error::new("a reason"))
        });
        assert_eq!(consume_once(&queue), [1]);
        assert_eq!(consume(&queue).unwrap_err().message(), "a reason");
        assert!(failing.join().unwrap());
    });
}

#[test]
fn one_of_two_simultaneous_ends_wins() {
    model(|| {
        let (producer, queue) = queue(1);
        let closer = thread::spawn({
            let producer = producer.clone();
            move || producer.close()
        });
        let has_failed = producer.fail(Error::new("a reason"));
        let has_closed = closer.join().unwrap();
        assert!(has_closed != has_failed);
        assert_eq!(consume(&queue).is_err(), has_failed);
    });
}

#[test]
fn a_cancel_wakes_a_blocked_sender() {
    model(|| {
        let (producer, queue) = queue(1);
        producer.try_send(Parcel(1)).unwrap();
        let sender = thread::spawn(move || producer.blocking_send(Parcel(2)));
        assert!(queue.cancel());
        assert_eq!(sender.join().unwrap(), Err(SendError::Closed(Parcel(2))));
        assert_eq!(queue.stats().buffered, 0);
    });
}

#[test]
fn a_cancel_wakes_an_async_sender_and_a_waiter_for_the_end() {
    model(|| {
        let (producer, queue) = queue(1);
        producer.try_send(Parcel(1)).unwrap();
        let waiter = thread::spawn({
            let producer = producer.clone();
            move || block_on(producer.closed())
        });
        let sender = thread::spawn(move || block_on(producer.send(Parcel(2))));
        assert!(queue.cancel());
        assert_eq!(sender.join().unwrap(), Err(SendError::Closed(Parcel(2))));
        waiter.join().unwrap();
    });
}

#[test]
fn a_cancel_and_a_send_agree_on_which_came_first() {
    model(|| {
        let (producer, queue) = queue(1);
        let sender = thread::spawn(move || producer.blocking_send(Parcel(1)));
        assert!(queue.cancel());
        let is_sent = sender.join().unwrap().is_ok();
        let stats = queue.stats();
        assert_eq!(stats.pushed, u64::from(is_sent));
        assert_eq!(stats.dropped, u64::from(is_sent));
        assert_eq!(stats.buffered, 0);
    });
}

#[test]
fn a_drain_wakes_a_sender_that_found_no_capacity() {
    model(|| {
        let (producer, queue) = queue(1);
        let sender = thread::spawn(move || {
            producer.blocking_send(Parcel(1)).unwrap();
            producer.blocking_send(Parcel(2)).unwrap();
        });
        assert_eq!(consume(&queue).unwrap(), [1, 2]);
        sender.join().unwrap();
    });
}

#[test]
fn two_senders_get_all_their_items_through_a_capacity_of_one() {
    model_of_three(|| {
        let (producer, queue) = queue(1);
        let senders = [1, 2].map(|item| {
            let producer = producer.clone();
            thread::spawn(move || producer.blocking_send(Parcel(item)).unwrap())
        });
        drop(producer);
        let mut consumed = consume(&queue).unwrap();
        consumed.sort_unstable();
        assert_eq!(consumed, [1, 2]);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn one_drain_wakes_all_senders_that_it_frees_capacity_for() {
    model_of_three(|| {
        let (producer, queue) = queue(2);
        for item in [1, 2] {
            producer.try_send(Parcel(item)).unwrap();
        }
        let senders = [3, 4].map(|item| {
            let producer = producer.clone();
            thread::spawn(move || producer.blocking_send(Parcel(item)).unwrap())
        });
        assert_eq!(consume_once(&queue), [1, 2]);
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(queue.stats().buffered, 2);
    });
}

#[test]
fn a_batch_arrives_in_portions_and_in_order() {
    model(|| {
        let (producer, queue) = queue(2);
        let sender = thread::spawn(move || {
            let mut batch = VecDeque::from([1, 2, 3].map(Parcel));
            block_on(producer.send_batch(&mut batch)).unwrap();
        });
        assert_eq!(consume(&queue).unwrap(), [1, 2, 3]);
        sender.join().unwrap();
    });
}

/// Polls a future once, and gives it up if it has to wait.
fn try_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn a_dropped_send_does_not_consume_the_wake_of_another() {
    model_of_three(|| {
        let (producer, queue) = queue(1);
        producer.try_send(Parcel(1)).unwrap();
        let fickle = thread::spawn({
            let producer = producer.clone();
            move || try_once(producer.send(Parcel(2))).is_some()
        });
        let patient = thread::spawn(move || producer.blocking_send(Parcel(3)).unwrap());
        let mut consumed = consume(&queue).unwrap();
        consumed.sort_unstable();
        patient.join().unwrap();
        let expected: &[u8] = match fickle.join().unwrap() {
            true => &[1, 2, 3],
            false => &[1, 3],
        };
        assert_eq!(consumed, expected);
    });
}

#[test]
fn a_consumer_that_parks_wakes_a_producer_that_waits_for_demand() {
    model(|| {
        let (producer, queue) = queue(1);
        let generator = thread::spawn(move || {
            for item in [1, 2] {
                block_on(producer.send(Parcel(item))).unwrap();
                block_on(producer.wait_for_demand());
            }
        });
        assert_eq!(consume(&queue).unwrap(), [1, 2]);
        generator.join().unwrap();
    });
}

#[test]
fn the_last_of_two_producers_to_be_dropped_ends_the_stream() {
    model(|| {
        let (producer, queue) = queue(1);
        let clone = producer.clone();
        let first = thread::spawn(move || drop(clone));
        let second = thread::spawn(move || drop(producer));
        assert_eq!(consume(&queue).unwrap(), []);
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// Tests the checker itself: a consumer that looks in one critical section and parks in another one loses
/// the wake of an item that is sent in between.
#[test]
#[should_panic(expected = "deadlock")]
fn loom_sees_a_planted_lost_wake() {
    model(|| {
        let sent_and_parked = Arc::new(Mutex::new((false, None::<Waker>)));
        let producer = sent_and_parked.clone();
        thread::spawn(move || {
            let parked = {
                let mut state = lock(&producer);
                state.0 = true;
                state.1.take()
            };
            if let Some(waker) = parked {
                waker.wake();
            }
        });
        block_on(poll_fn(|context| {
            if lock(&sent_and_parked).0 {
                return Poll::Ready(());
            }
            lock(&sent_and_parked).1 = Some(context.waker().clone());
            Poll::Pending
        }));
    });
}
