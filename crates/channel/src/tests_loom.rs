//! The races of a channel, in every interleaving. A lost wake shows as a deadlock.

use super::registry::{self, Channel};
use super::*;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;
use std::task::{Wake, Waker};
use sync::lock;

/// The most preemptions in models with three threads or with long threads, which have too many interleavings to try
/// them all. According to loom's documentation, two or three preemptions catch most bugs.
const MAX_PREEMPTIONS: usize = 3;

/// The limits of most models: one item, from any number of senders.
const LIMITS: Limits = Limits {
    capacity: 1,
    max_bytes: 1000,
    senders: 1,
    tolerates_sender_loss: false,
};

const THREAD: f64 = 1.0;

fn model(run: impl Fn() + Sync + Send + 'static) {
    check(loom::model::Builder::new(), run);
}

fn bounded_model(run: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(MAX_PREEMPTIONS);
    check(builder, run);
}

/// Runs a model, and drops the channels of which it has not opened both ends.
fn check(builder: loom::model::Builder, run: impl Fn() + Sync + Send + 'static) {
    builder.check(move || {
        run();
        registry::clear();
    });
}

/// A waker whose wakes a thread can wait for.
#[derive(Default)]
struct Signal {
    is_woken: Mutex<bool>,
    woken: Condvar,
}

impl Signal {
    /// Waits for a wake since the last wait.
    fn wait(&self) {
        let mut is_woken = lock(&self.is_woken);
        while !*is_woken {
            is_woken = self.woken.wait(is_woken).unwrap();
        }
        *is_woken = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *lock(&self.is_woken) = true;
        self.woken.notify_one();
    }
}

/// An end that blocks its thread.
struct Blocking<E> {
    end: E,
    signal: Arc<Signal>,
}

impl<E> Blocking<E> {
    fn open(open: impl FnOnce(Waker) -> Option<E>) -> Self {
        let signal = Arc::new(Signal::default());
        let end = open(Waker::from(signal.clone())).expect("it is not open yet");
        Blocking { end, signal }
    }
}

fn channel(limits: Limits) -> Arc<Channel> {
    let id = Id::parse("channel:00112233-4455-6677-8899-aabbccddeeff").unwrap();
    let options = EndOptions {
        time_slice: 5.0,
        overflow: Overflow::Block,
    };
    Channel::create(id, limits, options, None);
    Channel::find(id).expect("it was created")
}

fn sender(channel: &Arc<Channel>) -> Blocking<SenderEnd> {
    Blocking::open(|waker| SenderEnd::open(channel.clone(), waker, Some(THREAD)))
}

fn receiver(channel: &Arc<Channel>) -> Blocking<ReceiverEnd> {
    Blocking::open(|waker| ReceiverEnd::open(channel.clone(), waker, THREAD))
}

fn batch(items: usize) -> Batch {
    Batch {
        items,
        head: vec![0; items],
        ..Batch::default()
    }
}

impl Blocking<SenderEnd> {
    /// Waits until capacity is granted. Returns `false` if the channel ends before that.
    fn wait(&self) -> bool {
        loop {
            match self.end.wait().result {
                CapacityWait::Ready => {}
                CapacityWait::Ended => return false,
                CapacityWait::Parked { .. } => self.signal.wait(),
            }
            match self.end.send_state() {
                SendState::Open(Capacity { items: 0, .. }) => {}
                SendState::Open(_) => return true,
                SendState::Closed | SendState::Stopped => return false,
            }
        }
    }

    fn push(&self, items: usize) -> bool {
        self.end.push(Some(batch(items)), Kept::default()).result
    }

    /// Pushes an item once there is capacity. Returns whether it was taken.
    fn send(&self) -> bool {
        self.wait() && self.push(1)
    }
}

impl Blocking<ReceiverEnd> {
    /// Drains once there is something.
    fn drain(&self) -> Result<usize, End> {
        loop {
            match self.end.drain(true).result {
                Drained::Batches(batches) => return Ok(batches.iter().map(Batch::unread).sum()),
                Drained::Nothing { .. } => self.signal.wait(),
                Drained::End(end) => return Err(end),
            }
        }
    }

    /// Drains until the end. Returns the number of items, and the end.
    fn drain_all(&self) -> (usize, End) {
        let mut drained = 0;
        loop {
            match self.drain() {
                Ok(items) => drained += items,
                Err(end) => return (drained, end),
            }
        }
    }
}

/// Asserts that each pushed item was delivered, or counted as dropped.
fn assert_accounted(receiver: &ReceiverEnd, delivered: usize) {
    let Stats {
        counters, buffered, ..
    } = receiver.stats();
    assert_eq!(
        counters.pushed,
        counters.dropped + (delivered + buffered.items) as u64
    );
}

#[test]
fn a_push_wakes_a_receiver_that_parks() {
    model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let sending = thread::spawn(move || sender(&channel).push(1));
        assert_eq!(receiver.drain(), Ok(1));
        assert!(sending.join().unwrap());
        assert!(receiver.end.stats().counters.wakes <= 1);
    });
}

#[test]
fn a_push_wakes_a_receiver_that_has_parked_after_a_look() {
    model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let sending = thread::spawn(move || sender(&channel).push(1));
        while receiver.end.drain(false).result == (Drained::Nothing { hold: false }) {
            if receiver.end.park().is_some() {
                receiver.signal.wait();
            }
        }
        assert!(sending.join().unwrap());
    });
}

#[test]
fn a_close_wakes_a_receiver_that_parks() {
    model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let closing = thread::spawn(move || sender(&channel).end.close().result);
        assert_eq!(receiver.drain(), Err(End::Closed));
        assert!(closing.join().unwrap());
    });
}

#[test]
fn a_sender_that_is_lost_wakes_a_receiver_that_parks() {
    model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let sending = thread::spawn(move || sender(&channel).push(1));
        assert_eq!(receiver.drain_all(), (1, End::Terminated));
        sending.join().unwrap();
    });
}

#[test]
fn a_drain_grants_capacity_to_a_sender_that_waits() {
    bounded_model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let sending = thread::spawn(move || {
            let sender = sender(&channel);
            assert!(sender.push(1));
            assert!(sender.send());
            sender.end.close();
        });
        assert_eq!(receiver.drain_all(), (2, End::Closed));
        sending.join().unwrap();
    });
}

#[test]
fn a_receiver_that_leaves_wakes_a_sender_that_waits() {
    model(|| {
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let sender = sender(&channel);
        assert!(sender.push(1));
        let sending = thread::spawn(move || sender.send());
        drop(receiver);
        assert!(!sending.join().unwrap());
    });
}

#[test]
fn a_receiver_that_is_never_opened_wakes_a_sender_that_waits() {
    model(|| {
        let channel = channel(LIMITS);
        let sender = sender(&channel);
        assert!(sender.push(1));
        let sending = thread::spawn(move || sender.send());
        assert!(channel.cancel_unopened().result);
        assert!(!sending.join().unwrap());
    });
}

#[test]
fn an_abort_wakes_both_ends() {
    bounded_model(|| {
        let channel = channel(LIMITS);
        let sender = sender(&channel);
        assert_eq!(sender.end.reserve().unwrap().items, 1);
        let receiver = receiver(&channel);
        let receiving = thread::spawn(move || receiver.drain());
        let sending = thread::spawn(move || {
            sender.end.push(
                None,
                Kept {
                    held: Capacity { items: 1, bytes: 1 },
                    ..Kept::default()
                },
            );
            sender.wait()
        });
        assert!(channel.abort(batch(1)).result);
        assert_eq!(
            receiving.join().unwrap(),
            Err(End::Failed(Box::new(batch(1))))
        );
        assert!(!sending.join().unwrap());
    });
}

#[test]
fn capacity_of_a_sender_that_goes_is_granted_to_the_next() {
    bounded_model(|| {
        let channel = channel(Limits {
            senders: usize::MAX,
            tolerates_sender_loss: true,
            ..LIMITS
        });
        let receiver = receiver(&channel);
        let going = sender(&channel);
        let staying = sender(&channel);
        assert!(going.push(1));
        let leaving = thread::spawn(move || {
            // It leaves without the capacity, while it waits, or with a grant.
            going.end.wait();
        });
        let sending = thread::spawn(move || staying.send());
        assert_eq!(receiver.drain(), Ok(1));
        assert_eq!(receiver.drain(), Ok(1));
        assert!(sending.join().unwrap());
        leaving.join().unwrap();
    });
}

#[test]
fn a_sender_that_gives_capacity_back_wakes_one_that_waits() {
    model(|| {
        let channel = channel(Limits {
            senders: 2,
            ..LIMITS
        });
        let (first, second) = (sender(&channel), sender(&channel));
        assert_eq!(first.end.reserve().unwrap().items, 1);
        let waiting = thread::spawn(move || second.wait());
        first.end.push(None, Kept::default());
        assert!(waiting.join().unwrap());
        drop(first);
    });
}

#[test]
fn an_environment_that_leaves_wakes_a_receiver_that_waits_for_its_sender() {
    model(|| {
        join();
        join();
        let receiver = receiver(&channel(LIMITS));
        let leaving = thread::spawn(leave);
        while receiver.end.park().expect("nothing arrives") {
            receiver.signal.wait();
        }
        leaving.join().unwrap();
    });
}

#[test]
fn an_environment_that_leaves_wakes_a_sender_that_waits_for_its_receiver() {
    model(|| {
        join();
        join();
        let sender = sender(&channel(LIMITS));
        assert!(sender.push(1));
        let leaving = thread::spawn(leave);
        while sender.end.wait().result == (CapacityWait::Parked { hold: true }) {
            sender.signal.wait();
        }
        leaving.join().unwrap();
    });
}

#[test]
fn an_environment_that_leaves_without_its_sender_fails_or_releases_the_receiver() {
    bounded_model(|| {
        join();
        join();
        let channel = channel(LIMITS);
        let receiver = receiver(&channel);
        let failing = thread::spawn(move || channel.fail_unopened(None).result);
        let leaving = thread::spawn(leave);
        assert_eq!(receiver.drain(), Err(End::Terminated));
        assert!(failing.join().unwrap());
        leaving.join().unwrap();
    });
}

#[test]
fn a_cancel_and_a_push_agree_on_what_was_taken() {
    model(|| {
        let channel = channel(LIMITS);
        let (sender, receiver) = (sender(&channel), receiver(&channel));
        let sending = thread::spawn(move || (sender.push(1), sender));
        assert!(receiver.end.cancel(0).result);
        let (_is_taken, _sender) = sending.join().unwrap();
        assert_accounted(&receiver.end, 0);
        let stats = receiver.end.stats();
        assert_eq!((stats.counters.dropped, stats.buffered.items), (1, 0));
    });
}

#[test]
fn an_abort_and_a_push_agree_on_what_was_taken() {
    model(|| {
        let channel = channel(LIMITS);
        let (sender, receiver) = (sender(&channel), receiver(&channel));
        let sending = thread::spawn(move || (sender.push(1), sender));
        assert!(channel.abort(batch(1)).result);
        let (_is_taken, _sender) = sending.join().unwrap();
        let (drained, end) = receiver.drain_all();
        assert_eq!((drained, end), (0, End::Failed(Box::new(batch(1)))));
        assert_accounted(&receiver.end, drained);
        assert_eq!(receiver.end.stats().counters.dropped, 1);
    });
}

#[test]
fn a_failure_and_a_push_of_another_sender_agree_on_what_is_delivered() {
    bounded_model(|| {
        let channel = channel(Limits {
            senders: 2,
            ..LIMITS
        });
        let (failing, pushing) = (sender(&channel), sender(&channel));
        let receiver = receiver(&channel);
        let sending = thread::spawn(move || (pushing.push(1), pushing));
        let failing = thread::spawn(move || failing.end.fail(batch(1)).result);
        let (drained, end) = receiver.drain_all();
        assert_eq!(end, End::Failed(Box::new(batch(1))));
        let (is_taken, _pushing) = sending.join().unwrap();
        assert!(failing.join().unwrap());
        assert_eq!(drained, usize::from(is_taken));
        assert_accounted(&receiver.end, drained);
    });
}

#[test]
fn of_two_ends_at_once_one_is_the_end() {
    model(|| {
        let channel = channel(LIMITS);
        let (sender, receiver) = (sender(&channel), receiver(&channel));
        let closing = thread::spawn(move || sender.end.close().result);
        let has_aborted = channel.abort(batch(1)).result;
        assert!(closing.join().unwrap() != has_aborted);
        let (_, end) = receiver.drain_all();
        assert_eq!(end != End::Closed, has_aborted);
    });
}

#[test]
fn a_channel_goes_with_the_last_of_its_ends() {
    model(|| {
        let channel = channel(LIMITS);
        let opening = thread::spawn({
            let channel = channel.clone();
            move || drop(sender(&channel))
        });
        drop(receiver(&channel));
        drop(channel);
        opening.join().unwrap();
        assert_eq!(count(), 0);
        let id = Id::parse("channel:00112233-4455-6677-8899-aabbccddeeff").unwrap();
        assert!(Channel::find(id).is_none());
    });
}
