//! Random sequences of operations, compared with a model of a channel and of senders that keep the rules of
//! `lib/channel/sender.js`.

use super::super::options::Overflow;
use super::super::permits::PERMIT_LAPSE;
use super::super::results::{End, ReadyState};
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::mem;

/// The number of sequences.
const CASES: u32 = 1000;

/// The number of operations in the longest sequence.
const LONGEST: usize = 80;

/// The number of bytes at the head of a batch that number it.
const NUMBER_BYTES: usize = 4;

/// An operation. Those of a sender have an index among the open ones.
#[derive(Clone, Debug)]
enum Operation {
    OpenSender,
    OpenReceiver,
    /// Takes an item of this weight, by the overflow policy if there is no capacity.
    Take(usize, usize),
    /// Pushes what was taken, except for this many items, and keeps this many permits.
    Push(usize, usize, usize),
    /// Waits for capacity. The flag is whether all permits have lapsed.
    Wait(usize, bool),
    Accept(usize),
    Drain {
        parks: bool,
    },
    Close(usize),
    Fail(usize),
    Lose(usize),
    FailUnopened,
    CancelUnopened,
    Cancel,
    Abort,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let which = || any::<usize>();
    let operation = prop_oneof![
        4 => Just(Operation::OpenSender),
        3 => Just(Operation::OpenReceiver),
        40 => (which(), NUMBER_BYTES..12_usize).prop_map(|(which, weight)| Operation::Take(which, weight)),
        25 => (which(), 0..3_usize, 0..3_usize)
            .prop_map(|(which, held, permits)| Operation::Push(which, held, permits)),
        15 => (which(), any::<bool>()).prop_map(|(which, lapsed)| Operation::Wait(which, lapsed)),
        15 => which().prop_map(Operation::Accept),
        20 => any::<bool>().prop_map(|parks| Operation::Drain { parks }),
        1 => which().prop_map(Operation::Close),
        1 => which().prop_map(Operation::Fail),
        1 => which().prop_map(Operation::Lose),
        1 => Just(Operation::FailUnopened),
        1 => Just(Operation::CancelUnopened),
        1 => Just(Operation::Cancel),
        1 => Just(Operation::Abort),
    ];
    vec(operation, 0..LONGEST)
}

fn channels() -> impl Strategy<Value = (Limits, Overflow)> {
    let overflow = prop_oneof![
        3 => Just(Overflow::Block),
        1 => Just(Overflow::DropOldest),
        1 => Just(Overflow::DropNewest),
        1 => Just(Overflow::Error),
    ];
    (1..8_usize, 1..40_usize, 1..5_usize, any::<bool>(), overflow).prop_map(
        |(capacity, max_bytes, senders, tolerates_sender_loss, overflow)| {
            let limits = Limits {
                capacity,
                max_bytes,
                senders,
                tolerates_sender_loss,
            };
            (limits, overflow)
        },
    )
}

/// An item: its number in the whole channel, and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Item {
    number: u32,
    weight: usize,
}

fn weight_of(items: &[Item]) -> Capacity {
    Capacity {
        items: items.len(),
        bytes: items.iter().map(|item| item.weight).sum(),
    }
}

/// A batch in the model's buffer, whose first `skipped` items were evicted.
struct Pushed {
    items: Vec<Item>,
    skipped: usize,
    /// The part of it for which there was no reservation.
    excess: Capacity,
}

/// A sender, as it knows itself and as the channel knows it.
struct Sender {
    index: usize,
    calls: Arc<Calls>,
    /// Whether the operation must wake it.
    must_wake: bool,
    taken: Vec<Item>,
    /// The reservation, which lapsed permits are no part of.
    reserved: Capacity,
    permits: Capacity,
    granted: Capacity,
    /// The part of `reserved` that the sender has kept beyond what it had.
    excess: Capacity,
}

impl Sender {
    /// Returns the capacity that it may still fill.
    fn unfilled(&self) -> Capacity {
        self.reserved.without(weight_of(&self.taken))
    }
}

/// The end that the receiver gets.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Closed,
    Failed,
    Terminated,
}

enum Receiver {
    Unopened,
    Open {
        calls: Arc<Calls>,
        is_parked: bool,
        /// Whether the operation must wake it.
        must_wake: bool,
    },
    Gone,
}

/// A channel and its model, side by side.
struct Comparison {
    state: State,
    limits: Limits,
    overflow: Overflow,
    senders: Vec<Sender>,
    receiver: Receiver,
    /// The indexes of the senders that wait for capacity.
    waiters: VecDeque<usize>,
    buffer: VecDeque<Pushed>,
    /// The items of each batch, by its number.
    batches: Vec<Vec<Item>>,
    opened: usize,
    closed: usize,
    next_item: u32,
    /// The end behind the buffer, until the receiver has got it.
    ending: Option<Ending>,
    is_open: bool,
    ready_state: ReadyState,
    pushed: u64,
    dropped: u64,
    delivered: u64,
    wakes: u64,
    waits: u64,
    /// Whether an eviction has freed capacity that nothing has granted since.
    has_evicted: bool,
}

impl Comparison {
    fn new(limits: Limits, overflow: Overflow) -> Self {
        Comparison {
            state: channel(limits),
            limits,
            overflow,
            senders: Vec::new(),
            receiver: Receiver::Unopened,
            waiters: VecDeque::new(),
            buffer: VecDeque::new(),
            batches: Vec::new(),
            opened: 0,
            closed: 0,
            next_item: 0,
            ending: None,
            is_open: true,
            ready_state: ReadyState::Idle,
            pushed: 0,
            dropped: 0,
            delivered: 0,
            wakes: 0,
            waits: 0,
            has_evicted: false,
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::OpenSender => self.open_sender(),
            Operation::OpenReceiver => self.open_receiver(),
            Operation::Take(which, weight) => {
                self.with_sender(which, |this, at| this.take(at, weight))
            }
            Operation::Push(which, held, permits) => {
                self.with_sender(which, |this, at| this.push(at, held, permits));
            }
            Operation::Wait(which, lapsed) => {
                self.with_sender(which, |this, at| this.wait(at, lapsed))
            }
            Operation::Accept(which) => self.with_sender(which, Self::accept),
            Operation::Drain { parks } => self.drain(parks),
            Operation::Close(which) => self.with_sender(which, Self::close),
            Operation::Fail(which) => self.with_sender(which, |this, at| {
                let sender = this.remove(at);
                let is_first = this.end(Ending::Failed, ReadyState::Failed);
                let failed = called(this.state.fail_sender(sender.index, reason()));
                assert_eq!(failed, is_first);
            }),
            Operation::Lose(which) => self.with_sender(which, |this, at| {
                let sender = this.remove(at);
                let is_first = !this.limits.tolerates_sender_loss
                    && this.end(Ending::Terminated, ReadyState::Failed);
                assert_eq!(called(this.state.lose_sender(sender.index)), is_first);
            }),
            Operation::FailUnopened => {
                let is_first = self.opened == 0 && self.end(Ending::Terminated, ReadyState::Failed);
                assert_eq!(called(self.state.fail_unopened(None)), is_first);
            }
            Operation::CancelUnopened => {
                let is_first = matches!(self.receiver, Receiver::Unopened) && self.cancel();
                assert_eq!(called(self.state.cancel_unopened()), is_first);
            }
            Operation::Cancel => {
                if matches!(self.receiver, Receiver::Open { .. }) {
                    let is_first = self.cancel();
                    assert_eq!(called(self.state.cancel(0)), is_first);
                }
            }
            Operation::Abort => {
                let is_first = self.is_open;
                if is_first {
                    self.drop_buffered();
                    self.end(Ending::Failed, ReadyState::Cancelled);
                }
                assert_eq!(called(self.state.abort(reason())), is_first);
            }
        }
        self.compare();
    }

    fn with_sender(&mut self, which: usize, act: impl FnOnce(&mut Self, usize)) {
        if !self.senders.is_empty() {
            act(self, which % self.senders.len());
        }
    }

    fn open_sender(&mut self) {
        let (peer, calls) = peer();
        let opened = self.state.open_sender(peer, None);
        assert_eq!(opened.is_some(), self.opened < self.limits.senders);
        let Some((index, wakes)) = opened else {
            return;
        };
        wakes.wake_all();
        self.opened += 1;
        self.senders.push(Sender {
            index,
            calls,
            must_wake: false,
            taken: Vec::new(),
            reserved: Capacity::default(),
            permits: Capacity::default(),
            granted: Capacity::default(),
            excess: Capacity::default(),
        });
    }

    fn open_receiver(&mut self) {
        let (peer, calls) = peer();
        let wakes = self.state.open_receiver(peer, 0.0);
        assert_eq!(wakes.is_some(), matches!(self.receiver, Receiver::Unopened));
        if let Some(wakes) = wakes {
            wakes.wake_all();
            self.receiver = Receiver::Open {
                calls,
                is_parked: false,
                must_wake: false,
            };
        }
    }

    fn take(&mut self, at: usize, weight: usize) {
        let index = self.senders[at].index;
        let mut can_take = self.senders[at].unfilled().fits_an_item();
        if !can_take {
            can_take = self.reserve(at);
        }
        if !can_take && self.is_open {
            can_take = match self.overflow {
                Overflow::Block => true,
                Overflow::Error => false,
                Overflow::DropNewest => {
                    self.state.count_dropped(1);
                    self.pushed += 1;
                    self.dropped += 1;
                    false
                }
                Overflow::DropOldest => {
                    // The items of this sender are the oldest if the channel is empty.
                    self.push(at, 0, 0);
                    self.reserve_evicting(at, index)
                }
            };
        }
        if can_take {
            let number = self.next_item;
            self.next_item += 1;
            self.senders[at].taken.push(Item { number, weight });
        }
    }

    /// Reserves a share. Returns whether the sender can take an item.
    fn reserve(&mut self, at: usize) -> bool {
        let reserved = self.state.reserve(self.senders[at].index);
        let share = self.share();
        assert_eq!(reserved, self.is_open.then_some(share));
        if self.is_open {
            self.senders[at].reserved += share;
        }
        self.is_open && self.senders[at].unfilled().fits_an_item()
    }

    fn reserve_evicting(&mut self, at: usize, index: usize) -> bool {
        let reserved = self.state.reserve_evicting(index);
        while !self.share().fits_an_item() {
            let Some(oldest) = self.buffer.front_mut() else {
                break;
            };
            oldest.skipped += 1;
            self.dropped += 1;
            self.has_evicted = true;
            if oldest.skipped == oldest.items.len() {
                self.buffer.pop_front();
            }
        }
        let share = self.share();
        assert_eq!(reserved, self.is_open.then_some(share));
        self.senders[at].reserved += share;
        self.senders[at].unfilled().fits_an_item()
    }

    fn push(&mut self, at: usize, held: usize, permits: usize) {
        let sender = &mut self.senders[at];
        let unfilled = sender.unfilled();
        let split = sender.taken.len().saturating_sub(held);
        let held = sender.taken.split_off(split);
        let items = mem::replace(&mut sender.taken, held);
        let held = weight_of(&sender.taken);
        // Permits are a part of the capacity that was not filled.
        let permits = unfilled.min(Capacity {
            items: permits,
            bytes: usize::MAX,
        });
        let permits = if permits.fits_an_item() {
            permits
        } else {
            Capacity::default()
        };
        let pushed = weight_of(&items);
        let excess = (pushed + held + permits).without(sender.reserved) + sender.excess;
        sender.reserved = held + permits;
        sender.permits = permits;
        sender.excess = excess.min(held);
        let batch = (!items.is_empty()).then(|| {
            let number = (self.batches.len() as u32).to_le_bytes();
            let mut head = number.to_vec();
            head.resize(pushed.bytes, 0);
            Batch {
                items: items.len(),
                head,
                ..Batch::default()
            }
        });
        let is_read =
            self.is_open || (self.ending.is_some() && self.ready_state == ReadyState::Failed);
        let kept = Kept { held, permits };
        assert_eq!(
            called(self.state.push(self.senders[at].index, batch, kept)),
            is_read
        );
        if !items.is_empty() {
            self.pushed += items.len() as u64;
            self.batches.push(items.clone());
            if is_read {
                self.buffer.push_back(Pushed {
                    items,
                    skipped: 0,
                    excess,
                });
                self.wake_receiver();
            } else {
                self.dropped += items.len() as u64;
            }
        }
        self.grant();
    }

    fn wait(&mut self, at: usize, lapsed: bool) {
        let now = Instant::now()
            + if lapsed {
                PERMIT_LAPSE
            } else {
                Default::default()
            };
        let index = self.senders[at].index;
        let found = called(self.state.wait(index, false, now));
        if !self.is_open {
            assert_eq!(found, CapacityWait::Ended);
            return;
        }
        let mut has_lapsed = false;
        if lapsed {
            for sender in &mut self.senders {
                let permits = mem::take(&mut sender.permits);
                has_lapsed |= permits != Capacity::default();
                sender.reserved -= permits;
            }
        }
        if has_lapsed {
            self.grant();
        }
        if self.waiters.is_empty() {
            let share = self.share();
            self.senders[at].granted += share;
        }
        if self.senders[at].granted != Capacity::default() {
            assert_eq!(found, CapacityWait::Ready);
            return;
        }
        assert!(matches!(found, CapacityWait::Parked { .. }), "{found:?}");
        if !self.waiters.contains(&index) {
            self.waiters.push_back(index);
            self.waits += 1;
        }
    }

    fn accept(&mut self, at: usize) {
        let sender = &mut self.senders[at];
        let found = self.state.send_state(sender.index);
        if self.is_open {
            let granted = mem::take(&mut sender.granted);
            sender.reserved += granted;
            assert_eq!(found, SendState::Open(granted));
        } else if self.ready_state == ReadyState::Closed {
            assert_eq!(found, SendState::Closed);
        } else {
            assert_eq!(found, SendState::Stopped);
        }
    }

    fn drain(&mut self, parks: bool) {
        let Receiver::Open { is_parked, .. } = &mut self.receiver else {
            return;
        };
        *is_parked = false;
        if self.ready_state == ReadyState::Idle {
            self.ready_state = ReadyState::Open;
        }
        match drain(&mut self.state) {
            Drained::Batches(batches) => {
                let found: Vec<_> = batches
                    .iter()
                    .flat_map(|batch| self.items_of(batch))
                    .collect();
                let expected = self.buffer.drain(..);
                let expected = expected.flat_map(|pushed| pushed.items[pushed.skipped..].to_vec());
                let expected: Vec<_> = expected.collect();
                assert_eq!(found, expected);
                assert!(!found.is_empty());
                self.delivered += found.len() as u64;
                self.grant();
            }
            Drained::Nothing { .. } => {
                assert!(self.is_open && self.buffer.is_empty());
                let parked = parks && self.state.park(false).is_some();
                assert_eq!(parked, parks);
                if let Receiver::Open { is_parked, .. } = &mut self.receiver {
                    *is_parked = parks;
                }
            }
            Drained::End(end) => {
                assert!(!self.is_open && self.buffer.is_empty());
                let ending = self.ending.take();
                if ending.is_some() {
                    self.wake_all_senders();
                }
                let expected = match ending {
                    Some(Ending::Closed) | None => End::Closed,
                    Some(Ending::Failed) => End::Failed(Box::new(reason())),
                    Some(Ending::Terminated) => End::Terminated,
                };
                assert_eq!(end, expected);
            }
        }
    }

    fn items_of(&self, batch: &Batch) -> Vec<Item> {
        let number = batch.head[..NUMBER_BYTES].try_into().expect("four bytes");
        let items = &self.batches[u32::from_le_bytes(number) as usize];
        items[batch.skipped..].to_vec()
    }

    fn close(&mut self, at: usize) {
        let sender = self.remove(at);
        self.closed += 1;
        let is_last = self.closed == self.limits.senders;
        let is_first = is_last && self.end(Ending::Closed, ReadyState::Closed);
        assert_eq!(called(self.state.close_sender(sender.index)), is_first);
    }

    /// Removes a sender, whose items that it has not pushed are lost with it.
    fn remove(&mut self, at: usize) -> Sender {
        let sender = self.senders.remove(at);
        self.waiters.retain(|waiter| *waiter != sender.index);
        // A parked receiver checks again whether an answer can still come, which is no wake by an item.
        self.grant();
        let is_tolerant = self.limits.tolerates_sender_loss;
        if is_tolerant && self.senders.is_empty() && matches!(self.receiver, Receiver::Unopened) {
            self.cancel();
        }
        sender
    }

    /// Ends the channel behind what is buffered. Returns whether it was open.
    fn end(&mut self, ending: Ending, ready_state: ReadyState) -> bool {
        if !self.is_open {
            return false;
        }
        self.is_open = false;
        self.ending = Some(ending);
        self.ready_state = ready_state;
        self.wake_receiver();
        self.wake_all_senders();
        true
    }

    /// Ends the channel for the receiver. Returns whether it was open.
    fn cancel(&mut self) -> bool {
        self.receiver = Receiver::Gone;
        let was_open = self.is_open;
        if was_open || self.ending.is_some() {
            self.drop_buffered();
            self.is_open = false;
            self.ending = None;
            self.ready_state = ReadyState::Cancelled;
            self.wake_all_senders();
        }
        was_open
    }

    fn wake_all_senders(&mut self) {
        self.waiters.clear();
        for sender in &mut self.senders {
            sender.must_wake = true;
        }
    }

    fn drop_buffered(&mut self) {
        self.dropped += self.buffered().items as u64;
        self.buffer.clear();
    }

    fn wake_receiver(&mut self) {
        if let Receiver::Open {
            is_parked,
            must_wake,
            ..
        } = &mut self.receiver
        {
            *must_wake = mem::take(is_parked);
            self.wakes += u64::from(*must_wake);
        }
    }

    /// Grants capacity to the senders that wait.
    fn grant(&mut self) {
        self.has_evicted = false;
        while self.is_open && self.share().fits_an_item() {
            let Some(index) = self.waiters.pop_front() else {
                return;
            };
            let share = self.share();
            let sender = self.senders.iter_mut().find(|sender| sender.index == index);
            let sender = sender.expect("it waits");
            sender.granted += share;
            sender.must_wake = true;
        }
    }

    fn buffered(&self) -> Capacity {
        self.buffer.iter().fold(Capacity::default(), |sum, pushed| {
            let (items, all) = (pushed.items.len(), weight_of(&pushed.items));
            let unread = items - pushed.skipped;
            let bytes = all.bytes * unread / items;
            sum + Capacity {
                items: unread,
                bytes,
            }
        })
    }

    fn reserved(&self) -> Capacity {
        let reservations = self.senders.iter();
        reservations.fold(Capacity::default(), |sum, sender| {
            sum + sender.reserved + sender.granted
        })
    }

    /// Returns the share of one sender of the free capacity.
    fn share(&self) -> Capacity {
        let bounds = self.limits.bounds();
        let free = bounds.without(self.buffered() + self.reserved());
        let share = free.min(bounds.share_of(self.senders.len().max(1)));
        if share.fits_an_item() {
            share
        } else {
            Capacity::default()
        }
    }

    fn compare(&mut self) {
        let stats = self.state.stats();
        assert_eq!(stats.ready_state, self.ready_state);
        assert_eq!(stats.buffered, self.buffered());
        let counters = stats.counters;
        assert_eq!(
            (counters.pushed, counters.dropped),
            (self.pushed, self.dropped)
        );
        assert_eq!(
            counters.pushed,
            self.delivered + counters.dropped + stats.buffered.items as u64
        );
        assert_eq!((counters.wakes, counters.waits), (self.wakes, self.waits));
        assert_eq!(self.state.is_open(), self.is_open);
        self.assert_within_bounds();
        self.assert_none_waits_in_vain();
    }

    /// Asserts that capacity is exceeded only by what was taken beyond a reservation.
    fn assert_within_bounds(&self) {
        let excess = self.buffer.iter().map(|pushed| pushed.excess);
        let excess = excess.chain(self.senders.iter().map(|sender| sender.excess));
        let most = excess.fold(self.limits.bounds(), |sum, excess| sum + excess);
        let used = self.buffered() + self.reserved();
        assert!(
            used.items <= most.items && used.bytes <= most.bytes,
            "{used:?} > {most:?}"
        );
    }

    /// Asserts that no sender waits while there is capacity, and that those that do not wait any more were woken.
    fn assert_none_waits_in_vain(&mut self) {
        if !self.has_evicted {
            assert!(self.waiters.is_empty() || !self.share().fits_an_item());
        }
        for sender in &mut self.senders {
            let must_wake = mem::take(&mut sender.must_wake);
            assert!(sender.calls.take() > 0 || !must_wake);
        }
        if let Receiver::Open {
            calls, must_wake, ..
        } = &mut self.receiver
        {
            let must_wake = mem::take(must_wake);
            assert!(calls.take() > 0 || !must_wake);
        }
    }
}

fn reason() -> Batch {
    batch(1, 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        (limits, overflow) in channels(),
        operations in operations(),
    ) {
        let mut comparison = Comparison::new(limits, overflow);
        for operation in operations {
            comparison.apply(operation);
        }
    }
}
