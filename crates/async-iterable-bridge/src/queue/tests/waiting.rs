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
fn a_send_that_is_refused_or_dropped_wakes_nobody() {
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
fn the_drain_that_makes_room_calls_one_who_waits_for_it() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let mut first = Task::waiting(stream.producer.send(parcel(1)));
    let mut second = Task::waiting(stream.producer.send(parcel(2)));
    assert!(!first.is_woken());
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    assert!(first.is_woken() && !second.is_woken());
    assert_eq!(first.poll(), Poll::Ready(Ok(())));
    assert!(!second.is_woken(), "the room is taken");
    assert_eq!(stream.drain(), Found::Items(vec![1]));
    assert_eq!(second.poll(), Poll::Ready(Ok(())));
    assert_eq!(stream.queue.stats().producer_waits, 2);
}

#[test]
fn whoever_was_called_has_the_next_one_called_while_there_is_room() {
    let stream = Stream::blocking(3);
    stream.fill(0..3);
    let mut waiting: Vec<_> = (3..8)
        .map(|number| Task::waiting(stream.producer.send(parcel(number))))
        .collect();
    assert_eq!(stream.drain(), Found::Items(vec![0, 1, 2]));
    for called in 0..3 {
        assert!(waiting[called].is_woken());
        assert!(!waiting[called + 1].is_woken());
        assert_eq!(waiting[called].poll(), Poll::Ready(Ok(())));
    }
    assert!(!waiting[3].is_woken(), "the room is taken");
    assert_eq!(stream.drain(), Found::Items(vec![3, 4, 5]));
    assert!(waiting[3].is_woken() && !waiting[4].is_woken());
}

#[test]
fn a_sender_that_was_called_and_never_comes_keeps_others_waiting_for_two_drains() {
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
fn a_future_that_sends_before_it_is_called_keeps_nobody_waiting() {
    let stream = Stream::blocking(2);
    stream.fill(0..2);
    let called = Task::waiting(stream.producer.send(parcel(2)));
    let mut early = Task::waiting(stream.producer.send(parcel(3)));
    let next = Task::waiting(stream.producer.send(parcel(4)));
    stream.drain();
    drop(called);
    assert_eq!(early.poll(), Poll::Ready(Ok(())));
    assert!(next.is_woken());
}

#[test]
fn a_drain_that_finds_nothing_makes_no_room() {
    let stream: Stream = Stream::blocking(1);
    let closed = Task::waiting(stream.producer.closed());
    stream.park();
    assert!(!closed.is_woken());
}

#[test]
fn a_blocked_thread_goes_on_when_there_is_room() {
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
fn a_dropped_future_takes_no_wake_from_others() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let early = Task::waiting(stream.producer.send(parcel(1)));
    let mut patient = Task::waiting(stream.producer.send(parcel(2)));
    let late = Task::waiting(stream.producer.send(parcel(3)));
    drop(early);
    assert_eq!(stream.drain(), Found::Items(vec![0]));
    drop(late); // woken, and gives the room up
    assert!(patient.is_woken());
    assert_eq!(patient.poll(), Poll::Ready(Ok(())));
    assert_eq!(stream.drain(), Found::Items(vec![2]));
}

#[test]
fn a_future_dropped_after_its_wake_leaves_the_place_of_others_alone() {
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
fn waiters_who_come_and_go_need_no_more_memory() {
    let mut waiters = waiters::Waiters::default();
    for _ in 0..1000 {
        let mut ticket = Ticket::default();
        waiters.register(&mut ticket, Waker::noop());
        waiters.deregister(&mut ticket);
    }
    assert_eq!(waiters.take().count(), 0);
}

#[test]
fn the_memory_of_batches_goes_round_until_a_parked_consumer_releases_it() {
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
fn there_is_room_for_what_the_capacity_leaves() {
    let stream = Stream::blocking(3);
    assert_eq!(at_once(stream.producer.free_items()), Ok(3));
    stream.fill([0]);
    assert_eq!(at_once(stream.producer.free_items()), Ok(2));
    stream.fill([1, 2]);
    let mut room = Task::waiting(stream.producer.free_items());
    stream.drain();
    assert!(room.is_woken());
    assert_eq!(room.poll(), Poll::Ready(Ok(3)));
    stream.producer.close();
    assert_eq!(
        at_once(stream.producer.free_items()),
        Err(SendError::Closed(()))
    );
}

#[test]
fn whoever_finds_room_and_does_not_use_it_has_the_next_one_called() {
    let stream = Stream::blocking(1);
    stream.fill([0]);
    let mut room = Task::waiting(stream.producer.free_items());
    let sending = Task::waiting(stream.producer.send(parcel(1)));
    stream.drain();
    assert_eq!(room.poll(), Poll::Ready(Ok(1)));
    assert!(sending.is_woken());
}

#[test]
fn a_producer_is_asked_when_the_consumer_parks() {
    let stream: Stream = Stream::blocking(10);
    let mut asked = Task::waiting(stream.producer.demand());
    stream.fill([0]);
    stream.drain();
    assert!(!asked.is_woken(), "it may not want another one");
    stream.park();
    assert_eq!(asked.poll(), Poll::Ready(()));
    assert_eq!(at_once(stream.producer.demand()), ());
}

#[test]
fn a_producer_is_not_asked_by_a_consumer_that_has_left() {
    let stream: Stream = Stream::blocking(10);
    let mut asked = Task::waiting(stream.producer.demand());
    stream.queue.cancel();
    assert!(!asked.is_woken());
    assert!(asked.poll().is_pending());
}

#[test]
fn a_consumer_that_parks_has_the_next_sender_called_instead_of_one_that_does_not_come() {
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
