//! The rules of a channel, without JavaScript.

use super::answers::{Answer, Condition, Drained, End, Waited};
use super::batch::Batch;
use super::peer::{Peer, Wakes};
use super::room::Room;
use super::state::{Limits, State};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread;

#[derive(Default)]
struct Calls(AtomicUsize);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Calls {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn peer() -> (Peer, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    (Peer::here(Waker::from(calls.clone())), calls)
}

fn foreign_peer() -> Peer {
    let here = thread::spawn(|| Peer::here(Waker::noop().clone()));
    here.join().expect("it does not panic")
}

fn limits() -> Limits {
    Limits {
        capacity: 4,
        max_bytes: 1000,
        senders: 1,
        lenient: false,
    }
}

fn state_of(limits: Limits) -> State {
    State::new(limits, None)
}

fn batch(items: usize, bytes: usize) -> Batch {
    Batch {
        items,
        head: vec![0; bytes],
        ..Batch::default()
    }
}

struct Pair {
    state: State,
    sender: usize,
    sender_calls: Arc<Calls>,
    receiver_calls: Arc<Calls>,
}

fn pair(limits: Limits) -> Pair {
    let mut state = state_of(limits);
    let (sender_peer, sender_calls) = peer();
    let (receiver_peer, receiver_calls) = peer();
    let (sender, wakes) = state.open_sender(sender_peer).expect("the first");
    let _ = wakes.call();
    let _ = state
        .open_receiver(receiver_peer, 0.0)
        .expect("the first")
        .call();
    Pair {
        state,
        sender,
        sender_calls,
        receiver_calls,
    }
}

fn call<R>((result, wakes): (R, Wakes)) -> R {
    let _ = wakes.call();
    result
}

fn taken(answer: Answer) -> usize {
    match answer {
        Answer::Taken(room) => room.items,
        Answer::Closed | Answer::Left => panic!("nothing is taken any more"),
    }
}

fn sizes(drained: &Drained) -> Vec<usize> {
    match drained {
        Drained::Batches(batches) => batches.iter().map(Batch::unread).collect(),
        Drained::Nothing { .. } | Drained::End(_) => Vec::new(),
    }
}

#[test]
fn batches_arrive_in_order_and_then_the_end() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(2, 10)), Room::default())
        .call();
    let _ = state
        .push(sender, Some(batch(1, 10)), Room::default())
        .call();
    assert!(call(state.finish(sender)));
    assert_eq!(sizes(&call(state.drain())), [2, 1]);
    assert_eq!(call(state.drain()), Drained::End(End::Closed));
    assert_eq!(call(state.drain()), Drained::End(End::Closed));
    assert_eq!(state.condition(), Condition::Closed);
}

#[test]
fn a_receiver_that_waits_is_woken_once_for_many_batches() {
    let Pair {
        mut state,
        sender,
        receiver_calls,
        ..
    } = pair(limits());
    state.park(false);
    for _ in 0..3 {
        let _ = state
            .push(sender, Some(batch(1, 1)), Room::default())
            .call();
    }
    assert_eq!(receiver_calls.take(), 1);
    assert_eq!(state.counters().wakes, 1);
}

#[test]
fn room_is_granted_once() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    assert_eq!(
        state.reserve(sender),
        Some(Room {
            items: 4,
            bytes: 1000
        })
    );
    assert_eq!(state.reserve(sender), Some(Room::default()));
    let _ = state
        .push(sender, Some(batch(1, 100)), Room::default())
        .call();
    assert_eq!(
        state.reserve(sender),
        Some(Room {
            items: 3,
            bytes: 900
        })
    );
}

#[test]
fn several_senders_together_keep_within_the_bounds() {
    let mut state = state_of(Limits {
        senders: 3,
        ..limits()
    });
    let mut open = || call(state.open_sender(peer().0).expect("one of three"));
    let senders = [open(), open(), open()];
    let granted: usize = (0..3)
        .flat_map(|_| senders)
        .map(|sender| state.reserve(sender).expect("it is open").items)
        .sum();
    assert_eq!(granted, 4);
}

#[test]
fn a_sender_that_gives_room_back_wakes_one_that_waits() {
    let mut state = state_of(Limits {
        senders: 2,
        capacity: 1,
        ..limits()
    });
    let (waiting, calls) = peer();
    let first = call(state.open_sender(peer().0).expect("the first"));
    let second = call(state.open_sender(waiting).expect("the second"));
    assert_eq!(state.reserve(first).expect("it is open").items, 1);
    assert_eq!(state.wait(second, false), Waited::Waits { hold: false });
    let _ = state.push(first, None, Room::default()).call();
    assert_eq!(calls.take(), 1);
    assert_eq!(taken(state.answer(second)), 1);
}

#[test]
fn room_goes_to_those_that_wait_in_the_order_in_which_they_came() {
    let mut state = state_of(Limits {
        senders: 3,
        capacity: 1,
        ..limits()
    });
    let _ = state
        .open_receiver(peer().0, 0.0)
        .expect("the first")
        .call();
    let mut open = || call(state.open_sender(peer().0).expect("one of three"));
    let [greedy, second, third] = [open(), open(), open()];
    let _ = state
        .push(greedy, Some(batch(1, 1)), Room::default())
        .call();
    for sender in [second, third, second] {
        assert_eq!(state.wait(sender, false), Waited::Waits { hold: false });
    }
    for next in [second, third] {
        call(state.drain());
        assert_eq!(state.reserve(greedy), Some(Room::default()));
        assert_eq!(taken(state.answer(next)), 1);
        let _ = state.push(next, Some(batch(1, 1)), Room::default()).call();
    }
    assert_eq!(state.counters().waits, 2);
}

#[test]
fn room_of_a_sender_that_goes_or_does_not_use_it_goes_to_the_next() {
    let mut state = state_of(Limits {
        senders: 4,
        capacity: 1,
        lenient: true,
        ..limits()
    });
    let mut open = || call(state.open_sender(peer().0).expect("one of four"));
    let senders = [open(), open(), open(), open()];
    let [first, second, third, fourth] = senders;
    assert_eq!(state.wait(first, false), Waited::Room);
    for sender in [second, third, fourth] {
        assert_eq!(state.wait(sender, false), Waited::Waits { hold: false });
    }
    // It has not heard of its room, and keeps it.
    let _ = state.push(first, None, Room::default()).call();
    assert_eq!(taken(state.answer(second)), 0);
    assert_eq!(taken(state.answer(first)), 1);
    let _ = state.push(first, None, Room::default()).call();
    call(state.terminate(second));
    assert_eq!(taken(state.answer(third)), 1);
    call(state.finish(third));
    assert_eq!(taken(state.answer(fourth)), 1);
}

#[test]
fn what_a_sender_has_taken_and_sends_later_takes_room() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    assert_eq!(state.reserve(sender).expect("it is open").items, 4);
    let _ = state.push(sender, None, Room { items: 3, bytes: 0 }).call();
    assert_eq!(state.reserve(sender).expect("it is open").items, 1);
    let _ = state
        .push(sender, Some(batch(3, 3)), Room::default())
        .call();
    assert_eq!(state.reserve(sender).expect("it is open").items, 1);
}

#[test]
fn a_drain_wakes_the_senders_that_wait() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(4, 4)), Room::default())
        .call();
    assert_eq!(state.wait(sender, false), Waited::Waits { hold: false });
    call(state.drain());
    assert_eq!(sender_calls.take(), 1);
    assert_eq!(state.counters().waits, 1);
}

#[test]
fn one_batch_that_is_larger_than_the_bound_passes_alone() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(1, 5000)), Room::default())
        .call();
    assert_eq!(state.reserve(sender), Some(Room::default()));
    call(state.drain());
    assert_eq!(
        state.reserve(sender),
        Some(Room {
            items: 4,
            bytes: 1000
        })
    );
}

#[test]
fn the_oldest_items_can_be_dropped() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(3, 30)), Room::default())
        .call();
    let _ = state
        .push(sender, Some(batch(1, 10)), Room::default())
        .call();
    assert!(state.evict());
    assert_eq!(
        state.buffered(),
        Room {
            items: 3,
            bytes: 30
        }
    );
    assert!(state.evict() && state.evict() && state.evict());
    assert_eq!(state.buffered(), Room::default());
    assert!(!state.evict());
    assert_eq!(state.counters().dropped, 4);
}

#[test]
fn a_channel_ends_with_the_last_of_its_senders() {
    let mut state = state_of(Limits {
        senders: 2,
        ..limits()
    });
    let first = call(state.open_sender(peer().0).expect("the first"));
    assert!(!call(state.finish(first)));
    let second = call(state.open_sender(peer().0).expect("the second"));
    assert!(call(state.finish(second)));
    assert!(state.open_sender(peer().0).is_none());
}

#[test]
fn a_failure_comes_after_what_is_buffered_and_stops_the_other_senders() {
    let mut state = state_of(Limits {
        senders: 2,
        ..limits()
    });
    let (other, calls) = peer();
    let failing = call(state.open_sender(peer().0).expect("the first"));
    let other = call(state.open_sender(other).expect("the second"));
    let _ = state.push(other, Some(batch(1, 1)), Room::default()).call();
    assert!(call(state.fail(failing, batch(1, 7))));
    assert_eq!(calls.take(), 1);
    assert_eq!(state.answer(other), Answer::Left);
    assert_eq!(state.reserve(other), None);
    assert_eq!(state.wait(other, true), Waited::Over);
    assert!(!call(state.terminate(other)));
    assert_eq!(sizes(&call(state.drain())), [1]);
    assert_eq!(call(state.drain()), Drained::End(End::Failed(batch(1, 7))));
    assert_eq!(call(state.drain()), Drained::End(End::Closed));
}

#[test]
fn a_receiver_that_hears_of_the_end_sees_to_it_that_the_senders_do() {
    let mut state = state_of(Limits {
        senders: 2,
        ..limits()
    });
    let (waiting, calls) = peer();
    let _ = state
        .open_receiver(peer().0, 0.0)
        .expect("the first")
        .call();
    call(state.open_sender(waiting).expect("the first"));
    let going = call(state.open_sender(foreign_peer()).expect("the second"));
    assert!(call(state.terminate(going)));
    calls.take();
    let (drained, wakes) = state.drain();
    assert_eq!(drained, Drained::End(End::Terminated));
    assert!(wakes.call(), "it is on this very thread");
    assert_eq!(calls.take(), 1);
}

#[test]
fn a_sender_that_goes_without_a_word_fails_the_channel() {
    let Pair {
        mut state, sender, ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(1, 1)), Room::default())
        .call();
    assert!(call(state.terminate(sender)));
    assert_eq!(sizes(&call(state.drain())), [1]);
    assert_eq!(call(state.drain()), Drained::End(End::Terminated));
    assert_eq!(state.condition(), Condition::Failed);
}

#[test]
fn where_senders_may_go_the_channel_stays() {
    let Pair {
        mut state, sender, ..
    } = pair(Limits {
        senders: usize::MAX,
        lenient: true,
        ..limits()
    });
    assert!(!call(state.terminate(sender)));
    let another = call(state.open_sender(peer().0).expect("any number"));
    assert!(state.reserve(another).is_some());
}

#[test]
fn a_lenient_channel_without_a_receiver_goes_with_its_last_sender() {
    let mut state = state_of(Limits {
        senders: usize::MAX,
        lenient: true,
        ..limits()
    });
    let one = call(state.open_sender(peer().0).expect("any number"));
    let other = call(state.open_sender(peer().0).expect("any number"));
    let _ = state.push(one, Some(batch(1, 1)), Room::default()).call();
    call(state.finish(one));
    assert!(!state.is_left());
    assert_eq!(state.buffered().items, 1);
    call(state.terminate(other));
    assert!(state.is_left());
    assert_eq!(state.buffered(), Room::default());
    let late = call(state.open_sender(peer().0).expect("any number"));
    assert_eq!(state.answer(late), Answer::Left);
    assert!(state.open_receiver(peer().0, 0.0).is_none());
}

#[test]
fn a_receiver_that_leaves_stops_the_senders_and_drops_what_is_buffered() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        ..
    } = pair(limits());
    let _ = state
        .push(sender, Some(batch(2, 2)), Room::default())
        .call();
    assert!(call(state.cancel(3)));
    assert!(!call(state.cancel(0)));
    assert_eq!(sender_calls.take(), 1);
    assert_eq!(state.answer(sender), Answer::Left);
    assert_eq!(state.counters().dropped, 5);
    let _ = state
        .push(sender, Some(batch(1, 1)), Room::default())
        .call();
    assert_eq!(state.buffered(), Room::default());
    assert_eq!(state.condition(), Condition::Cancelled);
}

#[test]
fn an_abort_tells_its_reason_first() {
    let Pair {
        mut state,
        sender,
        sender_calls,
        receiver_calls,
    } = pair(limits());
    state.park(false);
    let _ = state
        .push(sender, Some(batch(2, 2)), Room::default())
        .call();
    assert!(call(state.abort(batch(1, 9))));
    assert_eq!((sender_calls.take(), receiver_calls.take()), (1, 1));
    assert_eq!(call(state.drain()), Drained::End(End::Failed(batch(1, 9))));
    assert_eq!(state.condition(), Condition::Cancelled);
}

#[test]
fn a_thread_is_held_only_while_another_can_answer() {
    let mut state = state_of(Limits {
        senders: 2,
        ..limits()
    });
    let _ = state
        .open_receiver(peer().0, 0.0)
        .expect("the first")
        .call();
    let holds = |state: &mut State, others| state.park(others) == Some(true);
    assert!(!holds(&mut state, false), "nobody could send");
    assert!(
        holds(&mut state, true),
        "another environment could open a sender"
    );
    call(state.open_sender(peer().0).expect("the first"));
    assert!(
        !holds(&mut state, false),
        "the sender is on this very thread"
    );
    let elsewhere = call(state.open_sender(foreign_peer()).expect("the second"));
    assert!(holds(&mut state, false), "the sender is on another thread");
    call(state.finish(elsewhere));
    assert!(
        !holds(&mut state, true),
        "all senders were opened, and one is left, here"
    );
}

#[test]
fn a_receiver_that_waits_hears_of_senders_that_go() {
    let mut state = state_of(Limits {
        senders: 2,
        ..limits()
    });
    let (receiver, calls) = peer();
    let _ = state
        .open_receiver(receiver, 0.0)
        .expect("the first")
        .call();
    call(state.open_sender(peer().0).expect("the first"));
    let elsewhere = call(state.open_sender(foreign_peer()).expect("the second"));
    assert_eq!(state.park(false), Some(true));
    assert!(!call(state.finish(elsewhere)));
    assert_eq!(calls.take(), 1);
    assert_eq!(state.park(false), Some(false));
}
