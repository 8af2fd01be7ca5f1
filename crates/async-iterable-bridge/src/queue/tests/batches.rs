//! Sending many items at once.

use super::*;
use crate::item::{Reads, Scratch};

fn batch(numbers: impl IntoIterator<Item = u32>) -> VecDeque<Parcel> {
    numbers.into_iter().map(parcel).collect()
}

#[test]
fn a_batch_that_fits_is_sent_at_once() {
    let stream = Stream::blocking(8);
    let mut items = batch(0..3);
    assert!(at_once(stream.producer.send_batch(&mut items)).is_ok());
    assert!(items.is_empty());
    items.extend(batch(3..8));
    assert!(at_once(stream.producer.send_batch(&mut items)).is_ok());
    assert_eq!(stream.counts(), (8, 0, 8));
    assert_eq!(stream.queue.stats().buffered_bytes, 8);
    assert_eq!(stream.drain(), Found::Items((0..8).collect()));
}

#[test]
fn a_batch_wakes_the_consumer_once() {
    let stream = Stream::blocking(100);
    stream.park();
    assert!(at_once(stream.producer.send_all((0..100).map(parcel))).is_ok());
    assert_eq!(stream.wakes.count(), 1);
    assert_eq!(stream.queue.stats().wakes, 1);
}

#[test]
fn a_batch_larger_than_the_capacity_goes_in_portions() {
    let stream = Stream::blocking(3);
    let mut items = batch(0..8);
    let mut sending = Task::waiting(stream.producer.send_batch(&mut items));
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2]));
    assert!(sending.is_woken());
    assert!(sending.poll().is_pending());
    assert_eq!(stream.drain(), Found::Items(vec![3, 4, 5]));
    assert!(matches!(sending.poll(), Poll::Ready(Ok(()))));
    assert_eq!(stream.drain(), Found::Items(vec![6, 7]));
}

#[test]
fn a_batch_fills_the_capacity_that_is_left() {
    let stream = Stream::blocking(4);
    stream.fill(0..3);
    let mut items = batch(3..6);
    let _sending = Task::waiting(stream.producer.send_batch(&mut items));
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2, 3]));
}

#[test]
fn an_item_of_a_batch_that_is_larger_than_the_bound_passes_alone() {
    let stream = Stream::new(100, 10, Overflow::Block);
    let mut items = VecDeque::from([weighing(0, 1), weighing(1, 11), weighing(2, 1)]);
    let mut sending = Task::waiting(stream.producer.send_batch(&mut items));
    for number in 0..2 {
        assert_eq!(stream.drain(), Found::Items(vec![number]));
        let is_last = number == 1;
        assert_eq!(sending.poll().is_ready(), is_last);
    }
    assert_eq!(stream.drain(), Found::Items(vec![2]));
}

#[test]
fn a_batch_refused_for_lack_of_capacity_keeps_the_rest() {
    let stream = Stream::new(3, UNBOUNDED, Overflow::Error);
    let mut items = batch(0..5);
    let refused = at_once(stream.producer.send_batch(&mut items));
    assert_eq!(refused, Err(SendError::Full(())));
    assert_eq!(numbers(items), [3, 4]);
    assert_eq!(stream.counts(), (3, 0, 3));
}

#[test]
fn a_batch_cut_off_by_the_end_keeps_the_rest() {
    let stream = Stream::blocking(3);
    let mut items = batch(0..5);
    let mut sending = Task::waiting(stream.producer.send_batch(&mut items));
    stream.queue.cancel();
    assert!(sending.is_woken());
    assert_eq!(sending.poll(), Poll::Ready(Err(SendError::Closed(()))));
    drop(sending);
    assert_eq!(numbers(items), [3, 4]);
}

#[test]
fn drop_oldest_keeps_the_end_of_a_batch() {
    let stream = Stream::new(3, UNBOUNDED, Overflow::DropOldest);
    stream.fill([100]);
    assert!(at_once(stream.producer.send_batch(&mut batch(0..5))).is_ok());
    assert_eq!(stream.counts(), (6, 3, 3));
    assert_eq!(stream.drain(), Found::Items(vec![2, 3, 4]));
}

#[test]
fn drop_newest_keeps_the_beginning_of_a_batch() {
    let stream = Stream::new(3, UNBOUNDED, Overflow::DropNewest);
    stream.fill([100]);
    assert!(at_once(stream.producer.send_batch(&mut batch(0..5))).is_ok());
    assert_eq!(stream.counts(), (6, 3, 3));
    assert_eq!(stream.drain(), Found::Items(vec![100, 0, 1]));
}

#[test]
fn an_iterator_is_not_advanced_beyond_what_fits() {
    let stream = Stream::blocking(4);
    let taken = AtomicUsize::new(0);
    let items = (0..100).map(|number| {
        taken.fetch_add(1, Ordering::Relaxed);
        parcel(number)
    });
    let mut sending = Task::waiting(stream.producer.send_all(items));
    assert!(taken.load(Ordering::Relaxed) <= 8);
    stream.drain();
    assert!(sending.poll().is_pending());
    assert!(taken.load(Ordering::Relaxed) <= 12);
}

#[test]
fn a_blocking_batch_waits_for_capacity_as_often_as_it_needs() {
    let stream = Stream::blocking(2);
    let producer = stream.producer.clone();
    let sending = thread::spawn(move || producer.blocking_send_all((0..9).map(parcel)));
    let mut received = Vec::new();
    wait_until(|| {
        if let Found::Items(items) = stream.drain() {
            assert!(items.len() <= 2);
            received.extend(items);
        }
        received.len() == 9
    });
    assert_eq!(received, Vec::from_iter(0..9));
    assert_eq!(sending.join().unwrap(), Ok(()));
}

#[test]
fn an_empty_batch_is_sent_even_to_an_ended_stream() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    assert!(at_once(stream.producer.send_batch(&mut batch([]))).is_ok());
    stream.queue.close();
    assert!(at_once(stream.producer.send_batch(&mut batch([]))).is_ok());
    assert!(at_once(stream.producer.send_all([])).is_ok());
}

/// An item of a type whose batches begin with the number of their items.
struct Headed(f64);

impl Item for Headed {
    const JOINS: bool = false;

    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        8
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(self.0);
    }

    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        assert!(!items.is_empty());
        let items = &items[..items.len().min(3)];
        columns.number(items.len() as f64);
        for item in items {
            item.encode(columns);
            columns.finish_item();
        }
    }
}

#[test]
fn batches_with_a_head_are_never_joined() {
    let stream: Stream<Headed> = Stream::blocking(100);
    let mut items = (0..5).map(f64::from).map(Headed).collect();
    assert!(at_once(stream.producer.send_batch(&mut items)).is_ok());
    for number in [5.0, 6.0] {
        assert!(stream.producer.try_send(Headed(number)).is_ok());
    }
    assert_eq!(stream.counts(), (7, 0, 7));
    let (_, batches) = stream.drain_with(&stream.waker);
    let numbers: Vec<_> = batches.into_iter().map(|batch| batch.numbers).collect();
    let expected: [&[f64]; 4] = [
        &[3.0, 0.0, 1.0, 2.0],
        &[2.0, 3.0, 4.0],
        &[1.0, 5.0],
        &[1.0, 6.0],
    ];
    assert_eq!(numbers, expected);
}

#[test]
fn items_that_are_sent_one_by_one_cross_together() {
    let stream = Stream::blocking(100);
    stream.fill(0..10);
    let (_, batches) = stream.drain_with(&stream.waker);
    assert_eq!(batches.len(), 1);
    assert_eq!(received(batches), Vec::from_iter(0..10));
}

#[test]
fn drop_oldest_skips_items_across_batches() {
    let stream: Stream<Headed> = Stream::new(4, UNBOUNDED, Overflow::DropOldest);
    let mut items = (0..4).map(f64::from).map(Headed).collect();
    assert!(at_once(stream.producer.send_batch(&mut items)).is_ok());
    for number in [4.0, 5.0] {
        assert!(stream.producer.try_send(Headed(number)).is_ok());
    }
    let left = |batches: VecDeque<Batch>| -> Vec<_> {
        let left = batches.iter().map(|batch| (batch.encoded, batch.skipped));
        left.collect()
    };
    assert_eq!(stream.counts(), (6, 2, 4));
    let (_, batches) = stream.drain_with(&stream.waker);
    assert_eq!(left(batches), [(3, 2), (1, 0), (1, 0), (1, 0)]);
    let mut items = (0..9).map(f64::from).map(Headed).collect();
    assert!(at_once(stream.producer.send_batch(&mut items)).is_ok());
    assert_eq!(stream.counts(), (15, 7, 4));
    let (_, batches) = stream.drain_with(&stream.waker);
    assert_eq!(left(batches), [(3, 2), (3, 0)]);
}

/// An item that is `Send` alone.
struct Unshared(std::cell::Cell<u32>);

impl Item for Unshared {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        8
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(self.0.get()));
    }
}

#[test]
fn an_item_need_not_be_sync() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let stream: Stream<Unshared> = Stream::blocking(3);
    let item = |number| Unshared(std::cell::Cell::new(number));
    assert!(at_once(is_send(stream.producer.send(item(0)))).is_ok());
    let mut batch = VecDeque::from([item(1), item(2)]);
    assert!(at_once(is_send(stream.producer.send_batch(&mut batch))).is_ok());
    assert_eq!(received(stream.drain_with(&stream.waker).1), [0, 1, 2]);
}

/// An item whose memory the batch takes, with its address.
fn large(first: u8) -> (Vec<u8>, *const u8) {
    let mut bytes = vec![0; 64 * 1024];
    bytes[0] = first;
    let address = bytes.as_ptr();
    (bytes, address)
}

#[test]
fn large_bytes_are_sent_without_a_copy() {
    let stream = Stream::<Vec<u8>>::blocking(8);
    let (first, first_address) = large(1);
    assert_eq!(stream.producer.try_send(first), Ok(()));
    let (second, second_address) = large(2);
    let mut items = VecDeque::from([second, vec![3]]);
    assert_eq!(at_once(stream.producer.send_batch(&mut items)), Ok(()));
    let batches = stream.drain_with(&stream.waker).1;
    let addresses: Vec<_> = batches.iter().map(|batch| batch.bytes.as_ptr()).collect();
    assert_eq!(addresses[..2], [first_address, second_address]);
    let firsts: Vec<_> = batches.iter().map(|batch| batch.bytes[0]).collect();
    assert_eq!(firsts, [1, 2, 3]);
    let lengths: Vec<_> = batches.iter().flat_map(|batch| &batch.numbers).collect();
    assert_eq!(lengths, [&65536.0, &65536.0, &1.0]);
}

#[test]
fn large_bytes_that_are_refused_are_handed_back() {
    let stream = Stream::<Vec<u8>>::blocking(1);
    stream.producer.try_send(vec![0]).unwrap();
    let is_whole = |bytes: &Vec<u8>, first| bytes.len() == 64 * 1024 && bytes[0] == first;
    let Err(SendError::Full(refused)) = stream.producer.try_send(large(1).0) else {
        panic!("there is no capacity");
    };
    assert!(is_whole(&refused, 1));
    let mut items = VecDeque::from([large(2).0, large(3).0]);
    // A future that is dropped while it waits also leaves them whole.
    drop(Task::waiting(stream.producer.send_batch(&mut items)));
    let mut sending = Task::waiting(stream.producer.send_batch(&mut items));
    stream.queue.cancel();
    assert_eq!(sending.poll(), Poll::Ready(Err(SendError::Closed(()))));
    drop(sending);
    assert!(is_whole(&items[0], 2) && is_whole(&items[1], 3));
    let Err(SendError::Closed(refused)) = stream.producer.blocking_send(large(4).0) else {
        panic!("the stream has ended");
    };
    assert!(is_whole(&refused, 4));
}

#[test]
fn large_bytes_that_wait_for_capacity_are_sent_when_there_is_some() {
    let stream = Stream::<Vec<u8>>::new(8, 100 * 1024, Overflow::Block);
    let mut items: VecDeque<_> = (0..3).map(|first| large(first).0).collect();
    let mut sending = Task::waiting(stream.producer.send_batch(&mut items));
    let mut firsts = Vec::new();
    for is_last in [false, true, true] {
        let batches = stream.drain_with(&stream.waker).1;
        firsts.extend(batches.iter().map(|batch| batch.bytes[0]));
        if firsts.len() < 3 {
            assert_eq!(sending.poll().is_ready(), is_last);
        }
    }
    assert_eq!(firsts, [0, 1, 2]);
}

#[test]
fn a_batch_takes_the_capacity_that_another_producer_left_while_it_was_encoded() {
    let stream = Stream::blocking(4);
    let mut scratch = Scratch::take();
    scratch.encode_fitting(&mut [1.0, 2.0, 3.0], Reads::default(), 3, 24, false);
    let mut ticket = Ticket::default();
    let mut context = Context::from_waker(Waker::noop());
    let free = stream
        .queue
        .poll_free_capacity(1, &mut ticket, &mut context);
    assert!(free.is_ready());
    stream.fill(0..2);
    let pushed = stream
        .queue
        .poll_push(scratch.encoded(), &mut ticket, &mut context);
    assert_eq!(pushed, Poll::Ready(Err(SendError::Full(()))));
    stream.fill(2..4);
    let pushed = stream
        .queue
        .poll_push(scratch.encoded(), &mut ticket, &mut context);
    assert_eq!(pushed, Poll::Pending);
    stream.queue.deregister(&mut ticket, WaitsFor::Capacity);
}
