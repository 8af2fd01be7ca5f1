//! How a channel ends, and who hears of it.

use super::super::results::{Condition, End};
use super::*;

const ANY_NUMBER: Limits = Limits {
    senders: usize::MAX,
    lenient: true,
    ..LIMITS
};

#[test]
fn batches_arrive_in_order_and_then_the_end() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(2, 10));
    push(&mut state, sender, batch(1, 10));
    assert!(called(state.finish(sender)));
    assert_eq!(drain_sizes(&mut state), [2, 1]);
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
    assert_eq!(state.stats().condition, Condition::Closed);
}

#[test]
fn a_channel_ends_with_the_last_of_its_senders() {
    let mut state = channel_of(2);
    let (first, _) = open_sender(&mut state);
    assert!(!called(state.finish(first)));
    let (second, _) = open_sender(&mut state);
    assert!(called(state.finish(second)));
    assert!(state.open_sender(peer().0, Some(THREAD)).is_none());
}

#[test]
fn a_failure_comes_after_what_is_buffered_and_stops_the_other_senders() {
    let mut state = channel_of(2);
    let (failing, _) = open_sender(&mut state);
    let (other, calls) = open_sender(&mut state);
    push(&mut state, other, batch(1, 1));
    assert!(called(state.fail(failing, batch(1, 7))));
    assert_eq!(calls.take(), 1);
    assert_eq!(state.answer(other), Answer::Left);
    assert_eq!(state.reserve(other), None);
    assert_eq!(wait(&mut state, other), Waited::Over);
    assert!(!called(state.terminate(other)));
    assert_eq!(drain_sizes(&mut state), [1]);
    assert_eq!(
        drain(&mut state),
        Drained::End(End::Failed(Box::new(batch(1, 7))))
    );
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
}

#[test]
fn a_receiver_that_hears_of_the_end_sees_to_it_that_the_senders_do() {
    let mut state = channel_of(2);
    open_receiver(&mut state);
    let (_, calls) = open_sender(&mut state);
    let going = open_sender_of(&mut state, foreign_peer());
    assert!(called(state.terminate(going)));
    calls.take();
    let (drained, wakes) = state.drain();
    assert_eq!(drained, Drained::End(End::Terminated));
    assert!(wakes.wake_all(), "it is on this very thread");
    assert_eq!(calls.take(), 1);
}

#[test]
fn a_sender_that_goes_without_a_word_fails_the_channel() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(1, 1));
    assert!(called(state.terminate(sender)));
    assert_eq!(drain_sizes(&mut state), [1]);
    assert_eq!(drain(&mut state), Drained::End(End::Terminated));
    assert_eq!(state.stats().condition, Condition::Failed);
}

#[test]
fn where_senders_may_go_the_channel_stays() {
    let Pair {
        mut state, sender, ..
    } = pair(ANY_NUMBER);
    assert!(!called(state.terminate(sender)));
    let (another, _) = open_sender(&mut state);
    assert!(state.reserve(another).is_some());
}

#[test]
fn a_lenient_channel_without_a_receiver_goes_with_its_last_sender() {
    let mut state = channel(ANY_NUMBER);
    let [one, other] = open_senders(&mut state);
    push(&mut state, one, batch(1, 1));
    called(state.finish(one));
    assert!(!state.is_left());
    assert_eq!(state.stats().buffered.items, 1);
    called(state.terminate(other));
    assert!(state.is_left());
    assert_eq!(state.stats().buffered, Room::default());
    let (late, _) = open_sender(&mut state);
    assert_eq!(state.answer(late), Answer::Left);
    assert!(state.open_receiver(peer().0, 0.0).is_none());
}

#[test]
fn a_channel_fails_without_the_sender_of_a_thread_that_has_ended() {
    const ANOTHER: f64 = THREAD + 1.0;
    let mut state = channel_of(2);
    open_receiver(&mut state);
    open_sender(&mut state);
    assert!(!called(state.abandon(Some(THREAD))), "its sender was there");
    assert!(!called(state.abandon(None)));
    assert!(called(state.abandon(Some(ANOTHER))));
    assert_eq!(drain(&mut state), Drained::End(End::Terminated));

    let mut state = channel_of(1);
    open_sender(&mut state);
    assert!(!called(state.abandon(Some(ANOTHER))), "there is no other");
}

#[test]
fn a_channel_is_cancelled_without_its_receiver() {
    let mut state = channel(LIMITS);
    let (sender, calls) = open_sender(&mut state);
    push(&mut state, sender, batch(1, 1));
    assert!(called(state.abandon_receiver()));
    assert!(!called(state.abandon_receiver()));
    assert_eq!((calls.take(), state.answer(sender)), (1, Answer::Left));
    assert_eq!(state.stats().buffered, Room::default());

    let Pair { mut state, .. } = pair(LIMITS);
    assert!(!called(state.abandon_receiver()), "it is there");
}

#[test]
fn a_receiver_that_leaves_stops_the_senders_and_drops_what_is_buffered() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(2, 2));
    assert!(called(state.cancel(3)));
    assert!(!called(state.cancel(0)));
    assert_eq!(sender_calls.take(), 1);
    assert_eq!(state.answer(sender), Answer::Left);
    assert_eq!(state.stats().counters.dropped, 5);
    push(&mut state, sender, batch(1, 1));
    assert_eq!(state.stats().buffered, Room::default());
    assert_eq!(state.stats().condition, Condition::Cancelled);
}

#[test]
fn an_abort_tells_its_reason_first() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        receiver_calls,
    } = pair(LIMITS);
    state.park(false);
    push(&mut state, sender, batch(2, 2));
    assert!(called(state.abort(batch(1, 9))));
    assert_eq!((sender_calls.take(), receiver_calls.take()), (1, 1));
    assert_eq!(
        drain(&mut state),
        Drained::End(End::Failed(Box::new(batch(1, 9))))
    );
    assert_eq!(state.stats().condition, Condition::Cancelled);
}

#[test]
fn a_batch_that_comes_before_a_failure_is_read_is_delivered_and_none_after_an_abort() {
    let mut state = channel_of(2);
    open_receiver(&mut state);
    let [failing, other] = open_senders(&mut state);
    called(state.fail(failing, batch(1, 9)));
    assert!(called(state.push(
        other,
        Some(batch(2, 2)),
        Kept::default()
    )));
    assert_eq!(drain_sizes(&mut state), [2]);
    assert!(matches!(drain(&mut state), Drained::End(End::Failed(_))));
    assert!(!called(state.push(
        other,
        Some(batch(2, 2)),
        Kept::default()
    )));
    assert_eq!(state.stats().counters.dropped, 2);

    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    called(state.abort(batch(1, 9)));
    assert!(!called(state.push(
        sender,
        Some(batch(2, 2)),
        Kept::default()
    )));
    assert!(matches!(drain(&mut state), Drained::End(End::Failed(_))));
}
