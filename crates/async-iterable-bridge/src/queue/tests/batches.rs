//! Sending many items at once.

use super::*;

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
fn a_batch_fills_the_room_that_is_left() {
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
fn a_batch_refused_for_want_of_room_keeps_the_rest() {
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
fn a_blocking_batch_waits_for_room_as_often_as_it_needs() {
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
