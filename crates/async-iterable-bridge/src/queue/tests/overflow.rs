//! The bounds, and the overflow policies.

use super::*;

#[test]
fn holds_as_many_items_as_its_capacity() {
    let stream = Stream::blocking(3);
    stream.fill(0..3);
    assert_eq!(
        stream.producer.try_send(parcel(3)),
        Err(SendError::Full(parcel(3)))
    );
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2]));
    assert_eq!(stream.producer.try_send(parcel(3)), Ok(()));
}

#[test]
fn holds_as_many_bytes_as_its_bound() {
    let stream = Stream::new(100, 10, Overflow::Block);
    assert_eq!(stream.producer.try_send(weighing(0, 6)), Ok(()));
    assert_eq!(
        stream.producer.try_send(weighing(1, 5)),
        Err(SendError::Full(weighing(1, 5)))
    );
    assert_eq!(stream.producer.try_send(weighing(2, 4)), Ok(()));
    assert_eq!(stream.queue.stats().buffered_bytes, 10);
    assert_eq!(stream.producer.try_send(weighing(3, 0)), Ok(()));
    assert_eq!(stream.drain(), Found::Items(vec![0, 2, 3]));
    assert_eq!(stream.queue.stats().buffered_bytes, 0);
}

#[test]
fn an_item_larger_than_the_bound_passes_alone() {
    let stream = Stream::new(100, 10, Overflow::Block);
    stream.fill([0]);
    assert!(stream.producer.try_send(weighing(1, 11)).is_err());
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    assert_eq!(stream.producer.try_send(weighing(1, 11)), Ok(()));
    assert_eq!(
        stream.producer.try_send(weighing(2, 0)),
        Err(SendError::Full(weighing(2, 0)))
    );
    assert_eq!(stream.drain(), Found::Items(vec![1]));
}

#[test]
fn weights_beyond_all_bounds_do_not_overflow() {
    let stream = Stream::new(100, 10, Overflow::DropOldest);
    for number in 0..3 {
        let heavy = weighing(number, usize::MAX);
        assert_eq!(stream.producer.try_send(heavy), Ok(()));
    }
    let mut batch = VecDeque::from([weighing(3, usize::MAX), weighing(4, usize::MAX)]);
    assert!(at_once(stream.producer.send_batch(&mut batch)).is_ok());
    assert_eq!(stream.queue.stats().buffered_bytes, usize::MAX);
    assert_eq!(stream.producer.try_send(weighing(5, 1)), Ok(()));
    assert_eq!(stream.drain(), Found::Items(vec![5]));
}

#[test]
fn drop_oldest_keeps_the_latest_items() {
    let stream = Stream::new(3, UNBOUNDED, Overflow::DropOldest);
    stream.fill(0..5);
    assert_eq!(stream.counts(), (5, 2, 3));
    assert_eq!(stream.drain(), Found::Items(vec![2, 3, 4]));
    assert_eq!(stream.counts(), (5, 2, 0));
}

#[test]
fn drop_oldest_drops_only_as_many_as_needed() {
    let stream = Stream::new(100, 10, Overflow::DropOldest);
    for (number, bytes) in [(0, 4), (1, 3), (2, 3)] {
        assert_eq!(stream.producer.try_send(weighing(number, bytes)), Ok(()));
    }
    assert_eq!(stream.producer.try_send(weighing(3, 5)), Ok(()));
    assert_eq!(stream.counts(), (4, 2, 2));
    assert_eq!(stream.queue.stats().buffered_bytes, 8);
    assert_eq!(stream.drain(), Found::Items(vec![2, 3]));
}

#[test]
fn drop_oldest_gives_an_item_larger_than_the_bound_the_whole_queue() {
    let stream = Stream::new(100, 10, Overflow::DropOldest);
    stream.fill(0..4);
    assert_eq!(stream.producer.try_send(weighing(4, 11)), Ok(()));
    assert_eq!(stream.counts(), (5, 4, 1));
    assert_eq!(stream.producer.try_send(weighing(5, 1)), Ok(()));
    assert_eq!(stream.drain(), Found::Items(vec![5]));
}

#[test]
fn drop_newest_keeps_the_earliest_items() {
    let stream = Stream::new(3, UNBOUNDED, Overflow::DropNewest);
    stream.fill(0..5);
    assert_eq!(stream.counts(), (5, 2, 3));
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2]));
    stream.fill([5]);
    assert_eq!(stream.counts(), (6, 2, 1));
}

#[test]
fn drop_newest_takes_a_lighter_item_after_it_dropped_a_heavy_one() {
    let stream = Stream::new(100, 10, Overflow::DropNewest);
    for (number, bytes) in [(0, 8), (1, 3), (2, 2)] {
        assert_eq!(stream.producer.try_send(weighing(number, bytes)), Ok(()));
    }
    assert_eq!(stream.counts(), (3, 1, 2));
    assert_eq!(stream.drain(), Found::Items(vec![0, 2]));
}

#[test]
fn error_refuses_and_hands_the_item_back() {
    let stream = Stream::new(1, UNBOUNDED, Overflow::Error);
    stream.fill([0]);
    let full = || Err(SendError::Full(parcel(1)));
    assert_eq!(stream.producer.try_send(parcel(1)), full());
    assert_eq!(at_once(stream.producer.send(parcel(1))), full());
    assert_eq!(stream.producer.blocking_send(parcel(1)), full());
    assert_eq!(stream.counts(), (1, 0, 1));
    assert_eq!(stream.drain(), Found::Items(vec![0]));
}

#[test]
fn only_the_policy_block_makes_a_sender_wait() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest, Overflow::Error] {
        let stream = Stream::new(1, UNBOUNDED, overflow);
        stream.fill([0]);
        let _ = at_once(stream.producer.send(parcel(1)));
        let _ = at_once(stream.producer.send_all((2..5).map(parcel)));
        assert_eq!(stream.queue.stats().producer_waits, 0, "{overflow:?}");
    }
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let _waiting = Task::waiting(stream.producer.send(parcel(1)));
    assert_eq!(stream.queue.stats().producer_waits, 1);
}

#[test]
fn items_that_are_skipped_or_left_unread_are_counted() {
    let stream = Stream::blocking(4);
    stream.fill(0..4);
    stream.drain();
    stream.queue.record_dropped(3);
    stream.producer.record_skipped(2);
    assert_eq!(stream.counts(), (4, 3, 0));
    assert_eq!(stream.queue.stats().skipped, 2);
}
