//! Which ends are woken, and which threads are held until then.

use super::*;

#[test]
fn a_parked_receiver_is_woken_once_for_many_batches() {
    let Pair {
        mut state,
        sender,
        receiver_calls,
        ..
    } = pair(LIMITS);
    state.park(false);
    for _ in 0..3 {
        push(&mut state, sender, batch(1, 1));
    }
    assert_eq!(receiver_calls.take(), 1);
    assert_eq!(state.stats().counters.wakes, 1);
}

#[test]
fn a_sender_that_gives_capacity_back_wakes_one_that_waits() {
    let mut state = channel(Limits {
        senders: 2,
        capacity: 1,
        ..LIMITS
    });
    let (first, _) = open_sender(&mut state);
    let (second, calls) = open_sender(&mut state);
    assert_eq!(state.reserve(first).expect("it is open").items, 1);
    // The other sender gives it back at the end of its turn, whichever thread that is in.
    assert_eq!(
        wait(&mut state, second),
        CapacityWait::Parked { hold: true }
    );
    give_back(&mut state, first);
    assert_eq!(calls.take(), 1);
    assert_eq!(granted(&mut state, second), 1);
}

#[test]
fn a_drain_wakes_the_senders_that_wait() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(4, 4));
    assert_waits(&mut state, sender);
    drain(&mut state);
    assert_eq!(sender_calls.take(), 1);
    assert_eq!(state.stats().counters.waits, 1);
}

#[test]
fn a_thread_is_held_only_while_another_can_answer() {
    let mut state = channel_of(2);
    open_receiver(&mut state);
    let holds = |state: &mut State, others| state.park(others) == Some(true);
    assert!(!holds(&mut state, false), "no one else could send");
    assert!(
        holds(&mut state, true),
        "another environment could open a sender"
    );
    open_sender(&mut state);
    assert!(
        !holds(&mut state, false),
        "the sender is on this very thread"
    );
    let elsewhere = open_sender_of(&mut state, foreign_peer());
    assert!(holds(&mut state, false), "the sender is on another thread");
    called(state.close_sender(elsewhere));
    assert!(
        !holds(&mut state, true),
        "all senders were opened, and one is left, here"
    );
}

#[test]
fn a_parked_receiver_is_woken_when_a_sender_goes() {
    let mut state = channel_of(2);
    let calls = open_receiver(&mut state);
    open_sender(&mut state);
    let elsewhere = open_sender_of(&mut state, foreign_peer());
    assert_eq!(state.park(false), Some(true));
    assert!(!called(state.close_sender(elsewhere)));
    assert_eq!(calls.take(), 1);
    assert_eq!(state.park(false), Some(false));
}
