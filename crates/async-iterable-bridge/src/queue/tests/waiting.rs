//! Wakes: their receivers, their causes and their number.

use super::*;

#[test]
fn a_burst_wakes_the_parked_consumer_once() {
    let stream = Stream::blocking(100);
    stream.park();
    for burst in 1..=3 {
        stream.fill(0..10);
        assert_eq!(stream.wakes.count(), burst);
        assert_eq!(stream.queue.stats().wakes, burst as u64);
        stream.drain();
        stream.park();
    }
}

#[test]
fn a_consumer_that_is_not_parked_is_not_woken() {
    let stream = Stream::blocking(100);
    stream.fill(0..10);
    stream.drain();
    stream.fill(0..10);
    stream.producer.close();
    assert_eq!(stream.wakes.count(), 0);
}

#[test]
fn a_refused_or_dropped_send_does_not_wake_the_consumer() {
    let stream = Stream::new(1, UNBOUNDED, Overflow::DropNewest);
    stream.park();
    stream.fill(0..2);
    assert_eq!(stream.wakes.count(), 1);
    stream.producer.close();
    assert!(stream.producer.try_send(parcel(2)).is_err());
    assert_eq!(stream.wakes.count(), 1);
}

#[test]
fn a_consumer_that_parks_again_is_woken_by_its_latest_waker() {
    let stream = Stream::blocking(1);
    stream.park();
    let (latest, waker) = WakeCounter::new();
    assert!(matches!(stream.drain_with(&waker).0, Drained::Parked));
    stream.fill([0]);
    assert_eq!((stream.wakes.count(), latest.count()), (0, 1));
}

#[test]
fn a_drain_that_frees_capacity_notifies_one_waiter() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let mut first = Task::waiting(stream.producer.send(parcel(1)));
    let mut second = Task::waiting(stream.producer.send(parcel(2)));
    assert!(!first.is_woken());
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    assert!(first.is_woken() && !second.is_woken());
    assert_eq!(first.poll(), Poll::Ready(Ok(())));
    assert!(!second.is_woken(), "the capacity is taken");
    assert_eq!(stream.drain(), Found::Items(vec![1]));
    assert_eq!(second.poll(), Poll::Ready(Ok(())));
    assert_eq!(stream.queue.stats().producer_waits, 2);
}

#[test]
fn a_notified_sender_notifies_the_next_while_there_is_capacity() {
    let stream = Stream::blocking(3);
    stream.fill(0..3);
    let mut waiting: Vec<_> = (3..8)
        .map(|number| Task::waiting(stream.producer.send(parcel(number))))
        .collect();
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2]));
    for notified in 0..3 {
        assert!(waiting[notified].is_woken());
        assert!(!waiting[notified + 1].is_woken());
        assert_eq!(waiting[notified].poll(), Poll::Ready(Ok(())));
    }
    assert!(!waiting[3].is_woken(), "the capacity is taken");
    assert_eq!(stream.drain(), Found::Items(vec![3, 4, 5]));
    assert!(waiting[3].is_woken() && !waiting[4].is_woken());
}

#[test]
fn a_notified_sender_that_never_returns_delays_the_next_for_two_drains() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let stuck = Task::waiting(stream.producer.send(parcel(1)));
    let next = Task::waiting(stream.producer.send(parcel(2)));
    stream.drain();
    assert!(stuck.is_woken());
    for is_late in [false, true] {
        stream.fill([3]);
        stream.drain();
        assert_eq!(next.is_woken(), is_late);
    }
}

#[test]
fn a_future_that_sends_before_it_is_notified_does_not_delay_the_next() {
    let stream = Stream::blocking(2);
    stream.fill(0..2);
    let notified = Task::waiting(stream.producer.send(parcel(2)));
    let mut early = Task::waiting(stream.producer.send(parcel(3)));
    let next = Task::waiting(stream.producer.send(parcel(4)));
    stream.drain();
    drop(notified);
    assert_eq!(early.poll(), Poll::Ready(Ok(())));
    assert!(next.is_woken());
}

#[test]
fn a_drain_that_finds_nothing_frees_no_capacity() {
    let stream: Stream = Stream::blocking(1);
    let closed = Task::waiting(stream.producer.closed());
    stream.park();
    assert!(!closed.is_woken());
}

#[test]
fn a_blocked_thread_continues_when_there_is_capacity() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let producer = stream.producer.clone();
    let blocked = thread::spawn(move || producer.blocking_send(parcel(1)));
    wait_until(|| stream.queue.stats().producer_waits == 1);
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    assert_eq!(must_finish(move || blocked.join().unwrap()), Ok(()));
    assert_eq!(stream.drain(), Found::Items(vec![1]));
}

#[test]
fn a_future_that_is_polled_again_waits_once_and_with_its_latest_waker() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let mut sending = Task::waiting(stream.producer.send(parcel(1)));
    let mut closed = Task::waiting(stream.producer.closed());
    let (latest, waker) = WakeCounter::new();
    for _ in 0..2 {
        assert!(sending.poll_with(&waker).is_pending());
        assert!(closed.poll_with(&waker).is_pending());
    }
    assert_eq!(stream.queue.stats().producer_waits, 1);
    stream.drain();
    assert_eq!(latest.count(), 1);
    stream.queue.cancel();
    assert_eq!(latest.count(), 2);
    assert!(!sending.is_woken() && !closed.is_woken());
}

#[test]
fn a_dropped_future_leaves_no_waker_behind() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let (counter, waker) = WakeCounter::new();
    let mut sending = Task::new(stream.producer.send(parcel(1)));
    let mut closed = Task::new(stream.producer.closed());
    for _ in 0..2 {
        assert!(sending.poll_with(&waker).is_pending());
        assert!(closed.poll_with(&waker).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&counter), 3);
    drop(sending);
    assert_eq!(Arc::strong_count(&counter), 2);
    drop(closed);
    assert_eq!(Arc::strong_count(&counter), 1);
    stream.queue.cancel();
    assert_eq!(counter.count(), 0);
}

#[test]
fn a_dropped_future_does_not_consume_the_wake_of_another() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let early = Task::waiting(stream.producer.send(parcel(1)));
    let mut patient = Task::waiting(stream.producer.send(parcel(2)));
    let late = Task::waiting(stream.producer.send(parcel(3)));
    drop(early);
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    drop(late); // woken, and gives the capacity up
    assert!(patient.is_woken());
    assert_eq!(patient.poll(), Poll::Ready(Ok(())));
    assert_eq!(stream.drain(), Found::Items(vec![2]));
}

#[test]
fn a_future_dropped_after_its_wake_does_not_deregister_another() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let woken = Task::waiting(stream.producer.send(parcel(1)));
    stream.drain();
    stream.fill([2]);
    let waiting = Task::waiting(stream.producer.send(parcel(3)));
    drop(woken);
    stream.drain();
    assert!(waiting.is_woken());
}

#[test]
fn waiters_that_register_and_deregister_need_no_more_memory() {
    let mut waiters = waiters::Waiters::default();
    for _ in 0..1000 {
        let mut ticket = Ticket::default();
        waiters.register(&mut ticket, Waker::noop());
        waiters.deregister(&mut ticket);
    }
    assert_eq!(waiters.take().count(), 0);
}

#[test]
fn the_memory_of_batches_is_reused_until_a_parked_consumer_releases_it() {
    let stream = Stream::blocking(5000);
    let (mut batches, mut emptied) = (VecDeque::new(), Vec::new());
    let mut memories = Vec::new();
    for _ in 0..6 {
        stream.fill(0..5000);
        stream
            .queue
            .drain(&mut batches, &mut emptied, &stream.waker);
        assert!(emptied.is_empty());
        for mut batch in batches.drain(..) {
            memories.push(batch.numbers.as_ptr());
            batch.clear();
            emptied.push(batch);
        }
    }
    memories.sort_unstable();
    memories.dedup();
    assert!(memories.len() <= 4, "{memories:?}");
    stream
        .queue
        .drain(&mut batches, &mut emptied, &stream.waker);
    assert!(emptied.is_empty());
    stream.queue.release();
    stream.fill([0]);
    stream.fill(1..50);
    stream
        .queue
        .drain(&mut batches, &mut emptied, &stream.waker);
    // The thread has kept only the memory of its last send.
    assert!(batches.len() == 1);
}

#[test]
fn free_items_are_the_capacity_minus_the_buffered_items() {
    let stream = Stream::blocking(3);
    assert_eq!(at_once(stream.producer.free_items()), Ok(3));
    stream.fill([0]);
    assert_eq!(at_once(stream.producer.free_items()), Ok(2));
    stream.fill([1, 2]);
    let mut free = Task::waiting(stream.producer.free_items());
    stream.drain();
    assert!(free.is_woken());
    assert_eq!(free.poll(), Poll::Ready(Ok(3)));
    stream.producer.close();
    assert_eq!(
        at_once(stream.producer.free_items()),
        Err(SendError::Closed(()))
    );
}

#[test]
fn a_waiter_that_does_not_use_its_capacity_notifies_the_next() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let mut free = Task::waiting(stream.producer.free_items());
    let sending = Task::waiting(stream.producer.send(parcel(1)));
    stream.drain();
    assert_eq!(free.poll(), Poll::Ready(Ok(1)));
    assert!(sending.is_woken());
}

#[test]
fn there_is_demand_when_the_consumer_parks() {
    let stream: Stream = Stream::blocking(10);
    let mut demand = Task::waiting(stream.producer.wait_for_demand());
    stream.fill([0]);
    stream.drain();
    assert!(!demand.is_woken(), "it may not want another one");
    stream.park();
    assert_eq!(demand.poll(), Poll::Ready(()));
    assert_eq!(at_once(stream.producer.wait_for_demand()), ());
}

#[test]
fn a_consumer_that_has_left_makes_no_demand() {
    let stream: Stream = Stream::blocking(10);
    let mut demand = Task::waiting(stream.producer.wait_for_demand());
    stream.queue.cancel();
    assert!(!demand.is_woken());
    assert!(demand.poll().is_pending());
}

#[test]
fn a_parking_consumer_notifies_the_next_sender_if_the_notified_one_does_not_return() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let stuck = Task::waiting(stream.producer.send(parcel(1)));
    let next = Task::waiting(stream.producer.send(parcel(2)));
    let last = Task::waiting(stream.producer.send(parcel(3)));
    stream.drain();
    assert!(stuck.is_woken() && !next.is_woken());
    stream.park();
    assert!(next.is_woken() && !last.is_woken());
    stream.queue.release();
    assert!(last.is_woken());
}
