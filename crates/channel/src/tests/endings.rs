//! The ends of a channel, and the senders and receivers that they wake.

use super::super::results::{End, ReadyState};
use super::*;

const ANY_NUMBER: Limits = Limits {
    senders: usize::MAX,
    tolerates_sender_loss: true,
    ..LIMITS
};

#[test]
fn batches_arrive_in_order_and_then_the_end() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(2, 10));
    push(&mut state, sender, batch(1, 10));
    assert!(called(state.close_sender(sender)));
    assert_eq!(drain_sizes(&mut state), [2, 1]);
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
    assert_eq!(state.stats().ready_state, ReadyState::Closed);
}

#[test]
fn a_channel_ends_with_the_last_of_its_senders() {
    let mut state = channel_of(2);
    let (first, _) = open_sender(&mut state);
    assert!(!called(state.close_sender(first)));
    let (second, _) = open_sender(&mut state);
    assert!(called(state.close_sender(second)));
    assert!(state.open_sender(peer().0, Some(THREAD)).is_none());
}

#[test]
fn a_failure_comes_after_what_is_buffered_and_stops_the_other_senders() {
    let mut state = channel_of(2);
    let (failing, _) = open_sender(&mut state);
    let (other, calls) = open_sender(&mut state);
    push(&mut state, other, batch(1, 1));
    assert!(called(state.fail_sender(failing, batch(1, 7))));
    assert_eq!(calls.take(), 1);
    assert_eq!(state.send_state(other), SendState::Stopped);
    assert_eq!(state.reserve(other), None);
    assert_eq!(wait(&mut state, other), CapacityWait::Ended);
    assert!(!called(state.lose_sender(other)));
    assert_eq!(drain_sizes(&mut state), [1]);
    assert_eq!(
        drain(&mut state),
        Drained::End(End::Failed(Box::new(batch(1, 7))))
    );
    assert_eq!(drain(&mut state), Drained::End(End::Closed));
}

#[test]
fn a_receiver_that_drains_the_end_wakes_the_senders_of_its_thread() {
    let mut state = channel_of(2);
    open_receiver(&mut state);
    let (_, calls) = open_sender(&mut state);
    let going = open_sender_of(&mut state, foreign_peer());
    assert!(called(state.lose_sender(going)));
    calls.take();
    let (drained, wakes) = state.drain();
    assert_eq!(drained, Drained::End(End::Terminated));
    assert!(wakes.wake_all(), "it is on this very thread");
    assert_eq!(calls.take(), 1);
}

#[test]
fn a_sender_that_is_lost_fails_the_channel() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(1, 1));
    assert!(called(state.lose_sender(sender)));
    assert_eq!(drain_sizes(&mut state), [1]);
    assert_eq!(drain(&mut state), Drained::End(End::Terminated));
    assert_eq!(state.stats().ready_state, ReadyState::Failed);
}

#[test]
fn a_channel_that_tolerates_the_loss_of_senders_stays_open() {
    let Pair {
        mut state, sender, ..
    } = pair(ANY_NUMBER);
    assert!(!called(state.lose_sender(sender)));
    let (another, _) = open_sender(&mut state);
    assert!(state.reserve(another).is_some());
}

#[test]
fn a_tolerant_channel_without_a_receiver_ends_with_its_last_sender() {
    let mut state = channel(ANY_NUMBER);
    let [one, other] = open_senders(&mut state);
    push(&mut state, one, batch(1, 1));
    called(state.close_sender(one));
    assert!(!state.is_receiver_gone());
    assert_eq!(state.stats().buffered.items, 1);
    called(state.lose_sender(other));
    assert!(state.is_receiver_gone());
    assert_eq!(state.stats().buffered, Capacity::default());
    let (late, _) = open_sender(&mut state);
    assert_eq!(state.send_state(late), SendState::Stopped);
    assert!(state.open_receiver(peer().0, 0.0).is_none());
}

#[test]
fn a_channel_fails_without_the_sender_of_a_thread_that_has_ended() {
    const ANOTHER: f64 = THREAD + 1.0;
    let mut state = channel_of(2);
    open_receiver(&mut state);
    open_sender(&mut state);
    assert!(
        !called(state.fail_unopened(Some(THREAD))),
        "its sender was there"
    );
    assert!(!called(state.fail_unopened(None)));
    assert!(called(state.fail_unopened(Some(ANOTHER))));
    assert_eq!(drain(&mut state), Drained::End(End::Terminated));

    let mut state = channel_of(1);
    open_sender(&mut state);
    assert!(
        !called(state.fail_unopened(Some(ANOTHER))),
        "there is no other"
    );
}

#[test]
fn a_channel_is_cancelled_without_its_receiver() {
    let mut state = channel(LIMITS);
    let (sender, calls) = open_sender(&mut state);
    push(&mut state, sender, batch(1, 1));
    assert!(called(state.cancel_unopened()));
    assert!(!called(state.cancel_unopened()));
    assert_eq!(
        (calls.take(), state.send_state(sender)),
        (1, SendState::Stopped)
    );
    assert_eq!(state.stats().buffered, Capacity::default());

    let Pair { mut state, .. } = pair(LIMITS);
    assert!(!called(state.cancel_unopened()), "it is there");
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
    assert_eq!(state.send_state(sender), SendState::Stopped);
    assert_eq!(state.stats().counters.dropped, 5);
    push(&mut state, sender, batch(1, 1));
    assert_eq!(state.stats().buffered, Capacity::default());
    assert_eq!(state.stats().ready_state, ReadyState::Cancelled);
}

#[test]
fn an_abort_drops_what_is_buffered_and_delivers_its_reason() {
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
    assert_eq!(state.stats().ready_state, ReadyState::Cancelled);
}

#[test]
fn a_batch_that_comes_before_a_failure_is_read_is_delivered_and_none_after_an_abort() {
    let mut state = channel_of(2);
    open_receiver(&mut state);
    let [failing, other] = open_senders(&mut state);
    called(state.fail_sender(failing, batch(1, 9)));
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
