//! Many threads at once.

use super::*;

const PRODUCERS: u32 = 8;

/// The number of items of each producer.
const ITEMS: u32 = 2_000;

/// The capacity. It is small, so that producers and the consumer wait for each other all the time.
const CAPACITY: usize = 16;

/// Returns numbers from which a test can derive the producer, and the place of the item in its order.
fn numbers_of(producer: u32) -> impl Iterator<Item = u32> {
    (0..ITEMS).map(move |index| producer * ITEMS + index)
}

/// Runs producers on threads of their own, and a consumer that blocks whenever it is parked.
/// Every item must arrive once, and the items of one producer in their order.
fn deliver(overflow_bytes: usize, send: impl Fn(Producer<Parcel>, u32) + Send + Clone + 'static) {
    let Stream {
        queue, producer, ..
    } = Stream::new(CAPACITY, overflow_bytes, Overflow::Block);
    for number in 0..PRODUCERS {
        let (producer, send) = (producer.clone(), send.clone());
        thread::spawn(move || send(producer, number));
    }
    drop(producer);

    let consumed = queue.clone();
    let mut next: Vec<u32> = must_finish(move || {
        let mut next = vec![0; PRODUCERS as usize];
        let mut items = VecDeque::new();
        block_on(std::future::poll_fn(|context| loop {
            match consumed.drain(&mut items, &mut Vec::new(), context.waker()) {
                Drained::Items => {
                    let numbers = received(items.drain(..));
                    assert!(numbers.len() <= CAPACITY);
                    for number in numbers {
                        let index = &mut next[(number / ITEMS) as usize];
                        assert_eq!(number % ITEMS, *index);
                        *index += 1;
                    }
                }
                Drained::Parked => return Poll::Pending,
                Drained::Closed => return Poll::Ready(()),
                Drained::Failed(error) => panic!("{error}"),
            }
        }));
        next
    });
    next.dedup();
    assert_eq!(next, [ITEMS]);
    let stats = queue.stats();
    assert_eq!(stats.pushed, u64::from(PRODUCERS * ITEMS));
    assert_eq!((stats.dropped, stats.buffered), (0, 0));
}

#[test]
fn blocking_sends_of_many_threads_all_arrive_in_order() {
    deliver(UNBOUNDED, |producer, number| {
        for number in numbers_of(number) {
            producer.blocking_send(parcel(number)).unwrap();
        }
    });
}

#[test]
fn batches_of_many_threads_all_arrive_in_order() {
    deliver(UNBOUNDED, |producer, number| {
        let items = numbers_of(number).map(parcel);
        producer.blocking_send_all(items).unwrap();
    });
}

#[test]
fn items_of_all_weights_from_many_threads_all_arrive_in_order() {
    deliver(10, |producer, number| {
        for number in numbers_of(number) {
            let bytes = number as usize % 13;
            producer.blocking_send(weighing(number, bytes)).unwrap();
        }
    });
}

#[test]
fn futures_that_are_dropped_and_retried_lose_nothing() {
    deliver(UNBOUNDED, |producer, number| {
        for number in numbers_of(number) {
            let given_up = Task::new(producer.send(parcel(number))).poll();
            match given_up {
                Poll::Ready(sent) => sent.unwrap(),
                Poll::Pending => producer.blocking_send(parcel(number)).unwrap(),
            }
        }
    });
}

#[test]
fn a_consumer_that_leaves_wakes_every_thread() {
    for _ in 0..20 {
        let stream = Stream::blocking(CAPACITY);
        let threads: Vec<_> = (0..PRODUCERS)
            .map(|number| {
                let producer = stream.producer.clone();
                thread::spawn(move || {
                    (0..).find_map(|_| producer.blocking_send(parcel(number)).err())
                })
            })
            .collect();
        wait_until(|| stream.queue.stats().producer_waits >= u64::from(PRODUCERS));
        stream.drain();
        assert!(stream.queue.cancel());
        must_finish(move || {
            for thread in threads {
                let refused = thread.join().unwrap();
                assert!(matches!(refused, Some(SendError::Closed(_))));
            }
        });
        assert_eq!(stream.queue.stats().buffered, 0);
    }
}
