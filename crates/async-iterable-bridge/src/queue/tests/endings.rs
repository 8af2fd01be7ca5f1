//! Close, fail, cancel.

use super::*;
use crate::Napi;

type End = fn(&Stream) -> bool;

const CLOSE: End = |stream| stream.producer.close();
const FAIL: End = |stream| stream.producer.fail(Error::new("a reason"));
const CANCEL: End = |stream| stream.queue.cancel();

const ENDS: [(End, QueueState); 3] = [
    (CLOSE, QueueState::Closed),
    (FAIL, QueueState::Failed),
    (CANCEL, QueueState::Cancelled),
];

#[test]
fn only_the_call_that_ends_it_returns_true() {
    for (end, state) in ENDS {
        let stream = Stream::blocking(4);
        assert_eq!(stream.queue.stats().state, QueueState::Open);
        assert!(!stream.producer.is_closed());
        assert!(end(&stream));
        assert!(stream.producer.is_closed());
        assert!(!end(&stream));
        assert!(!CLOSE(&stream));
        assert!(!FAIL(&stream));
        assert_eq!(stream.queue.stats().state, state);
    }
}

#[test]
fn a_consumer_may_leave_until_it_has_seen_the_end() {
    for (end, state) in [ENDS[0], ENDS[1]] {
        let stream = Stream::blocking(4);
        stream.fill([0]);
        end(&stream);
        assert!(CANCEL(&stream));
        assert_eq!(stream.queue.stats().state, QueueState::Cancelled);
        assert_eq!(stream.drain(), Found::Closed);

        let stream = Stream::blocking(4);
        end(&stream);
        stream.drain();
        assert!(!CANCEL(&stream));
        assert_eq!(stream.queue.stats().state, state);
    }
}

#[test]
fn after_a_close_come_the_items_and_then_the_end_for_ever() {
    let stream = Stream::blocking(4);
    stream.fill(0..2);
    stream.producer.close();
    assert_eq!(stream.drain(), Found::Items(vec![0, 1]));
    for _ in 0..3 {
        assert_eq!(stream.drain(), Found::Closed);
    }
}

#[test]
fn after_a_failure_come_the_items_then_its_reason_once_and_then_the_end_for_ever() {
    let stream = Stream::blocking(4);
    stream.fill(0..2);
    FAIL(&stream);
    stream.producer.fail(Error::new("a later reason"));
    assert_eq!(stream.drain(), Found::Items(vec![0, 1]));
    assert_eq!(stream.drain(), Found::Failed("a reason".into()));
    for _ in 0..3 {
        assert_eq!(stream.drain(), Found::Closed);
    }
    assert_eq!(stream.queue.stats().state, QueueState::Failed);
}

#[test]
fn every_send_after_an_end_hands_its_items_back() {
    for (end, _) in ENDS {
        let stream = Stream::blocking(4);
        end(&stream);
        let closed = || Err(SendError::Closed(parcel(7)));
        assert_eq!(stream.producer.try_send(parcel(7)), closed());
        assert_eq!(stream.producer.blocking_send(parcel(7)), closed());
        assert_eq!(at_once(stream.producer.send(parcel(7))), closed());

        let items = || (0..3).map(parcel);
        let refused = Err(SendError::Closed(items().collect()));
        assert_eq!(at_once(stream.producer.send_all(items())), refused);
        assert_eq!(stream.producer.blocking_send_all(items()), refused);
        let mut batch = items().collect();
        let refused = at_once(stream.producer.send_batch(&mut batch));
        assert_eq!(refused, Err(SendError::Closed(())));
        assert_eq!(numbers(batch), [0, 1, 2]);
        assert_eq!(stream.counts(), (0, 0, 0));
    }
}

#[test]
fn a_full_queue_that_has_ended_is_closed_rather_than_full() {
    for overflow in [
        Overflow::Block,
        Overflow::DropOldest,
        Overflow::DropNewest,
        Overflow::Error,
    ] {
        let stream = Stream::new(1, UNBOUNDED, overflow);
        stream.fill([0]);
        stream.producer.close();
        assert_eq!(
            stream.producer.try_send(parcel(1)),
            Err(SendError::Closed(parcel(1)))
        );
        assert_eq!(stream.drain(), Found::Items(vec![0]));
    }
}

#[test]
fn cancelling_drops_the_buffer_at_once() {
    let stream = Stream::blocking(4);
    let witness = Arc::new(());
    for _ in 0..3 {
        let item = Napi::weighing(witness.clone(), 10);
        assert!(stream.producer.try_send(item).is_ok());
    }
    assert_eq!(Arc::strong_count(&witness), 4);
    assert_eq!(stream.queue.stats().buffered_bytes, 30);
    assert!(stream.queue.cancel());
    assert_eq!(Arc::strong_count(&witness), 1);
    assert_eq!(stream.counts(), (3, 3, 0));
    assert_eq!(stream.queue.stats().buffered_bytes, 0);
}

#[test]
fn an_end_wakes_the_parked_consumer_once() {
    for end in [CLOSE, FAIL] {
        let stream = Stream::blocking(4);
        stream.park();
        end(&stream);
        end(&stream);
        assert_eq!(stream.wakes.count(), 1);
        assert_eq!(stream.queue.stats().wakes, 1);
    }
}

#[test]
fn a_consumer_that_leaves_is_not_woken() {
    let stream = Stream::blocking(4);
    stream.park();
    CANCEL(&stream);
    assert_eq!(stream.wakes.count(), 0);
    assert_eq!(stream.queue.stats().wakes, 0);
    assert_eq!(
        Arc::strong_count(&stream.wakes),
        2,
        "the queue keeps its waker"
    );
}

#[test]
fn an_end_wakes_waiting_senders_and_hands_their_items_back() {
    for (end, _) in ENDS {
        let stream = Stream::blocking(1);
        stream.fill([0]);
        let mut sending = Task::waiting(stream.producer.send(parcel(1)));
        let blocked = {
            let producer = stream.producer.clone();
            thread::spawn(move || producer.blocking_send(parcel(2)))
        };
        wait_until(|| stream.queue.stats().producer_waits == 2);
        end(&stream);
        assert!(sending.is_woken());
        assert_eq!(
            sending.poll(),
            Poll::Ready(Err(SendError::Closed(parcel(1))))
        );
        let refused = must_finish(move || blocked.join().unwrap());
        assert_eq!(refused, Err(SendError::Closed(parcel(2))));
    }
}

#[test]
fn a_waiter_for_the_end_is_woken_by_each_kind_of_end() {
    for (end, _) in ENDS {
        let stream = Stream::blocking(1);
        let mut first = Task::waiting(stream.producer.closed());
        let mut second = Task::waiting(stream.producer.closed());
        stream.fill([0]);
        stream.drain();
        assert!(!first.is_woken());
        end(&stream);
        for closed in [&mut first, &mut second] {
            assert_eq!(closed.wakes.count(), 1);
            assert!(closed.poll().is_ready());
        }
        at_once(stream.producer.closed());
    }
}

#[test]
fn the_last_producer_to_be_dropped_closes() {
    let stream: Stream = Stream::blocking(4);
    let clone = stream.producer.clone();
    let Stream {
        queue, producer, ..
    } = stream;
    drop(producer);
    assert!(!queue.is_closed());
    drop(clone);
    assert_eq!(queue.stats().state, QueueState::Closed);
}
