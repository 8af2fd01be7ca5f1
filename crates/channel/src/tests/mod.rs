//! The rules of a channel, without JavaScript.

mod endings;
mod model;
mod permits;
mod waking;

use super::batch::Batch;
use super::capacity::{Capacity, Kept, Limits};
use super::peer::{Peer, Wakes};
use super::results::{CapacityWait, Drained, SendState};
use super::state::State;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread;
use std::time::Instant;

const LIMITS: Limits = Limits {
    capacity: 4,
    max_bytes: 1000,
    senders: 1,
    tolerates_sender_loss: false,
};

/// The number that JavaScript gives the thread of the senders.
const THREAD: f64 = 1.0;

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

/// Returns a peer on this thread, and the calls of its waker.
fn peer() -> (Peer, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    (Peer::on_this_thread(Waker::from(calls.clone())), calls)
}

fn foreign_peer() -> Peer {
    let here = thread::spawn(|| Peer::on_this_thread(Waker::noop().clone()));
    here.join().expect("it does not panic")
}

/// A channel with one end of each kind.
struct Pair {
    state: State,
    sender: usize,
    sender_calls: Arc<Calls>,
    receiver_calls: Arc<Calls>,
}

fn pair(limits: Limits) -> Pair {
    let mut state = channel(limits);
    let (sender, sender_calls) = open_sender(&mut state);
    let receiver_calls = open_receiver(&mut state);
    Pair {
        state,
        sender,
        sender_calls,
        receiver_calls,
    }
}

/// Returns a channel without opened ends.
fn channel(limits: Limits) -> State {
    State::new(limits, None)
}

fn channel_of(senders: usize) -> State {
    channel(Limits { senders, ..LIMITS })
}

fn open_sender(state: &mut State) -> (usize, Arc<Calls>) {
    let (peer, calls) = peer();
    (open_sender_of(state, peer), calls)
}

fn open_sender_of(state: &mut State, peer: Peer) -> usize {
    let opened = state.open_sender(peer, Some(THREAD));
    called(opened.expect("one more may be opened"))
}

fn open_senders<const COUNT: usize>(state: &mut State) -> [usize; COUNT] {
    [(); COUNT].map(|()| open_sender(state).0)
}

fn open_receiver(state: &mut State) -> Arc<Calls> {
    let (peer, calls) = peer();
    let wakes = state.open_receiver(peer, 0.0);
    wakes.expect("it has not been opened").wake_all();
    calls
}

fn batch(items: usize, bytes: usize) -> Batch {
    Batch {
        items,
        head: vec![0; bytes],
        ..Batch::default()
    }
}

/// Pushes a batch, and keeps no capacity.
fn push(state: &mut State, sender: usize, batch: Batch) {
    called(state.push(sender, Some(batch), Kept::default()));
}

fn give_back(state: &mut State, sender: usize) {
    give_back_except(state, sender, Capacity::default());
}

fn give_back_except(state: &mut State, sender: usize, held: Capacity) {
    let permits = Capacity::default();
    keep(state, sender, Kept { held, permits });
}

fn keep(state: &mut State, sender: usize, kept: Kept) {
    called(state.push(sender, None, kept));
}

/// Waits for capacity, while no other environment could open the receiver.
fn wait(state: &mut State, sender: usize) -> CapacityWait {
    called(state.wait(sender, false, Instant::now()))
}

fn assert_waits(state: &mut State, sender: usize) {
    assert_eq!(wait(state, sender), CapacityWait::Parked { hold: false });
}

/// Accepts the granted capacity, and returns its number of items.
fn granted(state: &mut State, sender: usize) -> usize {
    match state.send_state(sender) {
        SendState::Open(granted) => granted.items,
        SendState::Closed | SendState::Stopped => panic!("nothing is taken any more"),
    }
}

fn drain(state: &mut State) -> Drained {
    called(state.drain())
}

/// Drains, and returns the sizes of the batches.
fn drain_sizes(state: &mut State) -> Vec<usize> {
    match drain(state) {
        Drained::Batches(batches) => batches.iter().map(Batch::unread).collect(),
        Drained::Nothing { .. } | Drained::End(_) => Vec::new(),
    }
}

fn called<R>((result, wakes): (R, Wakes)) -> R {
    wakes.wake_all();
    result
}
