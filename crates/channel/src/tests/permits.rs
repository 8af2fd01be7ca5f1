//! The capacity of each sender.

use super::super::permits::PERMIT_LAPSE;
use super::*;

fn capacity(items: usize, bytes: usize) -> Capacity {
    Capacity { items, bytes }
}

#[test]
fn capacity_is_reserved_once() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    assert_eq!(state.reserve(sender), Some(capacity(4, 1000)));
    assert_eq!(state.reserve(sender), Some(Capacity::default()));
    push(&mut state, sender, batch(1, 100));
    assert_eq!(state.reserve(sender), Some(capacity(3, 900)));
}

#[test]
fn several_senders_together_keep_within_the_bounds() {
    let mut state = channel_of(3);
    let senders: [usize; 3] = open_senders(&mut state);
    let reserved: usize = (0..3)
        .flat_map(|_| senders)
        .map(|sender| state.reserve(sender).expect("it is open").items)
        .sum();
    assert_eq!(reserved, 4);
}

#[test]
fn waiting_senders_are_granted_capacity_in_order() {
    let mut state = channel(Limits {
        senders: 3,
        capacity: 1,
        ..LIMITS
    });
    open_receiver(&mut state);
    let [greedy, second, third] = open_senders(&mut state);
    push(&mut state, greedy, batch(1, 1));
    for sender in [second, third, second] {
        assert_waits(&mut state, sender);
    }
    for next in [second, third] {
        drain(&mut state);
        assert_eq!(state.reserve(greedy), Some(Capacity::default()));
        assert_eq!(granted(&mut state, next), 1);
        push(&mut state, next, batch(1, 1));
    }
    assert_eq!(state.stats().counters.waits, 2);
}

#[test]
fn capacity_that_a_sender_leaves_or_gives_back_goes_to_the_next() {
    let mut state = channel(Limits {
        senders: 4,
        capacity: 1,
        tolerates_sender_loss: true,
        ..LIMITS
    });
    let [first, second, third, fourth] = open_senders(&mut state);
    assert_eq!(wait(&mut state, first), CapacityWait::Ready);
    for sender in [second, third, fourth] {
        assert_waits(&mut state, sender);
    }
    // It has not accepted its grant, and keeps it.
    give_back(&mut state, first);
    assert_eq!(granted(&mut state, second), 0);
    assert_eq!(granted(&mut state, first), 1);
    give_back(&mut state, first);
    called(state.lose_sender(second));
    assert_eq!(granted(&mut state, third), 1);
    called(state.close_sender(third));
    assert_eq!(granted(&mut state, fourth), 1);
}

#[test]
fn items_that_a_sender_sends_later_use_capacity() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    assert_eq!(state.reserve(sender).expect("it is open").items, 4);
    give_back_except(&mut state, sender, capacity(3, 0));
    assert_eq!(state.reserve(sender).expect("it is open").items, 1);
    push(&mut state, sender, batch(3, 3));
    assert_eq!(state.reserve(sender).expect("it is open").items, 1);
}

#[test]
fn items_beyond_a_reservation_use_capacity() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    give_back_except(&mut state, sender, capacity(2, 5000));
    assert_eq!(state.reserve(sender), Some(Capacity::default()));
    give_back(&mut state, sender);
    assert_eq!(state.reserve(sender), Some(capacity(4, 1000)));
}

#[test]
fn a_permit_is_kept_until_it_lapses_while_another_sender_waits() {
    let mut state = channel(Limits {
        senders: 2,
        capacity: 1,
        ..LIMITS
    });
    let [idle, other] = open_senders(&mut state);
    let permits = state.reserve(idle).expect("it is open");
    let now = Instant::now();
    let held = Capacity::default();
    keep(&mut state, idle, Kept { held, permits });
    assert_eq!(
        called(state.wait(other, false, now)),
        CapacityWait::Parked { hold: true }
    );
    let later = Instant::now() + PERMIT_LAPSE;
    assert_eq!(called(state.wait(other, false, later)), CapacityWait::Ready);
    assert_eq!(granted(&mut state, other), 1);
    // It has not observed the lapse, and uses the permit all the same.
    push(&mut state, idle, batch(1, 1));
    assert_eq!(state.stats().buffered.items, 1);
    give_back(&mut state, other);
    assert_eq!(state.reserve(other), Some(Capacity::default()));
}

#[test]
fn one_batch_that_is_larger_than_the_bound_passes_alone() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(1, 5000));
    assert_eq!(state.reserve(sender), Some(Capacity::default()));
    drain(&mut state);
    assert_eq!(state.reserve(sender), Some(capacity(4, 1000)));
}

#[test]
fn the_oldest_items_can_be_dropped() {
    let Pair {
        mut state, sender, ..
    } = pair(LIMITS);
    push(&mut state, sender, batch(3, 30));
    push(&mut state, sender, batch(1, 10));
    assert!(state.evict());
    assert_eq!(state.stats().buffered, capacity(3, 30));
    assert!(state.evict() && state.evict() && state.evict());
    assert_eq!(state.stats().buffered, Capacity::default());
    assert!(!state.evict());
    assert_eq!(state.stats().counters.dropped, 4);
}
