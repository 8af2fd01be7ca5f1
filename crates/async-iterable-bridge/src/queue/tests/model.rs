//! Random sequences of operations, compared with a model that is too simple to be wrong. The file is long, because
//! both the model and the comparison cover every operation.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// The number of sequences.
const CASES: u32 = 400;

/// The number of operations in the longest sequence.
const LONGEST: usize = 60;

#[derive(Clone, Debug)]
enum Operation {
    /// Sends without waiting.
    TrySend(usize),
    /// Makes a future that sends items of these weights, and polls it.
    Send(Vec<usize>),
    /// Polls one of the futures that wait.
    Poll(usize),
    /// Drops one of them.
    GiveUp(usize),
    /// Makes a future that waits for the end, and polls it.
    WaitForEnd,
    Drain,
    Close,
    Fail,
    Cancel,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let weight = || 0..8_usize;
    let operation = prop_oneof![
        20 => weight().prop_map(Operation::TrySend),
        15 => vec(weight(), 0..8).prop_map(Operation::Send),
        15 => any::<usize>().prop_map(Operation::Poll),
        5 => any::<usize>().prop_map(Operation::GiveUp),
        5 => Just(Operation::WaitForEnd),
        30 => Just(Operation::Drain),
        1 => Just(Operation::Close),
        1 => Just(Operation::Fail),
        1 => Just(Operation::Cancel),
    ];
    vec(operation, 0..LONGEST)
}

fn limits() -> impl Strategy<Value = Limits> {
    let overflow = prop_oneof![
        3 => Just(Overflow::Block),
        1 => Just(Overflow::DropOldest),
        1 => Just(Overflow::DropNewest),
        1 => Just(Overflow::Error),
    ];
    (1..6_usize, 1..20_usize, overflow).prop_map(|(capacity, max_bytes, overflow)| Limits {
        capacity,
        max_bytes,
        overflow,
    })
}

/// The expected state of the queue.
struct Model {
    limits: Limits,
    items: VecDeque<Parcel>,
    pushed: u64,
    dropped: u64,
    producer_waits: u64,
    /// The number of times that the consumer was woken.
    wakes: usize,
    is_parked: bool,
    state: QueueState,
    /// Whether the consumer has seen the end.
    is_end_seen: bool,
}

impl Model {
    fn new(limits: Limits) -> Self {
        Model {
            limits,
            items: VecDeque::new(),
            pushed: 0,
            dropped: 0,
            producer_waits: 0,
            wakes: 0,
            is_parked: false,
            state: QueueState::Open,
            is_end_seen: false,
        }
    }

    fn bytes(&self) -> usize {
        self.items.iter().map(|item| item.bytes).sum()
    }

    fn has_capacity(&self, item: &Parcel) -> bool {
        let (items, bytes) = (self.items.len() + 1, self.bytes() + item.bytes);
        items == 1 || (items <= self.limits.capacity && bytes <= self.limits.max_bytes)
    }

    fn send(&mut self, item: Parcel) -> Result<(), SendError<Parcel>> {
        if self.state != QueueState::Open {
            return Err(SendError::Closed(item));
        }
        let is_taken = self.has_capacity(&item)
            || match self.limits.overflow {
                Overflow::Block | Overflow::Error => return Err(SendError::Full(item)),
                Overflow::DropNewest => false,
                Overflow::DropOldest => true,
            };
        self.pushed += 1;
        if !is_taken {
            self.dropped += 1;
            return Ok(());
        }
        while !self.has_capacity(&item) {
            self.items.pop_front();
            self.dropped += 1;
        }
        self.items.push_back(item);
        self.wake();
        Ok(())
    }

    /// Sends all items that it can; the others stay in `items`.
    fn send_all(&mut self, items: &mut VecDeque<Parcel>) -> Result<(), SendError<()>> {
        while let Some(item) = items.pop_front() {
            if let Err(refusal) = self.send(item) {
                return Err(refusal.map(|item| items.push_front(item)));
            }
        }
        Ok(())
    }

    fn wake(&mut self) {
        self.wakes += usize::from(self.is_parked);
        self.is_parked = false;
    }

    fn drain(&mut self) -> Found {
        if !self.items.is_empty() {
            return Found::Items(numbers(self.items.drain(..)));
        }
        match self.state {
            QueueState::Open => {
                self.is_parked = true;
                Found::Parked
            }
            QueueState::Failed if !self.is_end_seen => {
                self.is_end_seen = true;
                Found::Failed("a reason".into())
            }
            QueueState::Closed | QueueState::Failed | QueueState::Cancelled => {
                self.is_end_seen = true;
                Found::Closed
            }
        }
    }

    fn end(&mut self, state: QueueState) -> bool {
        if self.state != QueueState::Open {
            return false;
        }
        self.state = state;
        self.wake();
        true
    }

    fn cancel(&mut self) -> bool {
        if self.is_end_seen || self.state == QueueState::Cancelled {
            return false;
        }
        self.state = QueueState::Cancelled;
        self.is_parked = false;
        self.dropped += self.items.len() as u64;
        self.items.clear();
        true
    }
}

/// The result of a batch send, and the items that it leaves unsent.
type Sent = (Result<(), SendError<()>>, VecDeque<Parcel>);

/// A future that sends a batch, and its state in the model.
struct Sending {
    task: Task<'static, Sent>,
    unsent: VecDeque<Parcel>,
    /// Its place in the order of the senders that have waited for capacity.
    place: Option<usize>,
    /// Whether it waits for capacity and was not notified.
    is_listed: bool,
    wakes: usize,
}

struct Notified {
    place: Option<usize>,
    /// Whether there has been a drain since the notification.
    is_late: bool,
}

/// The queue and its model, side by side.
struct Comparison {
    stream: Stream,
    model: Model,
    next_number: u32,
    sending: Vec<Sending>,
    places: usize,
    /// The sender that was notified and has not returned.
    notified: Option<Notified>,
    waiting_for_end: Vec<Task<'static, ()>>,
}

impl Comparison {
    fn new(limits: Limits) -> Self {
        Comparison {
            stream: Stream::new(limits.capacity, limits.max_bytes, limits.overflow),
            model: Model::new(limits),
            next_number: 0,
            sending: Vec::new(),
            places: 0,
            notified: None,
            waiting_for_end: Vec::new(),
        }
    }

    fn item(&mut self, bytes: usize) -> Parcel {
        self.next_number += 1;
        weighing(self.next_number, bytes)
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::TrySend(bytes) => {
                let item = self.item(bytes);
                let sent = self.stream.producer.try_send(item.clone());
                assert_eq!(sent, self.model.send(item));
                if sent.is_ok() {
                    self.notify_sender();
                }
            }
            Operation::Send(weights) => {
                let items: VecDeque<_> =
                    weights.into_iter().map(|bytes| self.item(bytes)).collect();
                let (producer, mut batch) = (self.stream.producer.clone(), items.clone());
                let task = Task::new(async move {
                    let sent = producer.send_batch(&mut batch).await;
                    (sent, batch)
                });
                self.sending.push(Sending {
                    task,
                    unsent: items,
                    place: None,
                    is_listed: false,
                    wakes: 0,
                });
                self.poll(self.sending.len() - 1);
            }
            Operation::Poll(which) => {
                if !self.sending.is_empty() {
                    self.poll(which % self.sending.len());
                }
            }
            Operation::GiveUp(which) => {
                if !self.sending.is_empty() {
                    let sending = self.sending.swap_remove(which % self.sending.len());
                    self.stop_waiting(sending.place);
                }
            }
            Operation::WaitForEnd => {
                let producer = self.stream.producer.clone();
                let mut task = Task::new(async move { producer.closed().await });
                let has_ended = self.model.state != QueueState::Open;
                assert_eq!(task.poll().is_ready(), has_ended);
                if !has_ended {
                    self.waiting_for_end.push(task);
                }
            }
            Operation::Drain => {
                let found = self.model.drain();
                if matches!(found, Found::Items(_)) {
                    match &mut self.notified {
                        Some(notified) if !notified.is_late => notified.is_late = true,
                        Some(_) | None => self.notify_next(),
                    }
                } else if found == Found::Parked {
                    self.notify_next();
                }
                assert_eq!(self.stream.drain(), found);
            }
            Operation::Close => {
                let is_first = self.model.end(QueueState::Closed);
                assert_eq!(self.stream.producer.close(), is_first);
                self.after_end(is_first);
            }
            Operation::Fail => {
                let is_first = self.model.end(QueueState::Failed);
                let reason = Error::new("a reason");
                assert_eq!(self.stream.producer.fail(reason), is_first);
                self.after_end(is_first);
            }
            Operation::Cancel => {
                let was_open = self.model.state == QueueState::Open;
                assert_eq!(self.stream.queue.cancel(), self.model.cancel());
                self.after_end(was_open);
            }
        }
        self.compare();
    }

    fn poll(&mut self, which: usize) {
        let sending = &mut self.sending[which];
        let polled = sending.task.poll();
        let before = sending.unsent.len();
        let sent = self.model.send_all(&mut sending.unsent);
        let (place, is_sending) = (sending.place, sending.unsent.len() < before);
        self.acknowledge(place);
        if is_sending {
            self.notify_sender();
        }
        if sent == Err(SendError::Full(())) && self.model.limits.overflow == Overflow::Block {
            assert!(polled.is_pending());
            let sending = &mut self.sending[which];
            sending.place.get_or_insert_with(|| {
                self.places += 1;
                self.places
            });
            self.model.producer_waits += u64::from(!sending.is_listed);
            sending.is_listed = true;
            return;
        }
        let sending = self.sending.swap_remove(which);
        self.stop_waiting(place);
        assert_eq!(polled, Poll::Ready((sent, sending.unsent)));
    }

    /// Notes that a sender has returned. Returns whether it was notified.
    fn acknowledge(&mut self, place: Option<usize>) -> bool {
        let notified = self.notified.as_ref();
        let was_notified = notified.is_some_and(|notified| notified.place == place);
        if was_notified {
            self.notified = None;
        }
        was_notified
    }

    fn stop_waiting(&mut self, place: Option<usize>) {
        if self.acknowledge(place) {
            self.notify_sender();
        }
    }

    fn notify_sender(&mut self) {
        if self.notified.is_none() && self.model.has_capacity(&weighing(0, 0)) {
            self.notify_next();
        }
    }

    /// Notifies the sender that has waited for the longest time.
    fn notify_next(&mut self) {
        let listed = self.sending.iter_mut().filter(|sending| sending.is_listed);
        if let Some(sending) = listed.min_by_key(|sending| sending.place) {
            sending.is_listed = false;
            sending.wakes += 1;
            self.notified = Some(Notified {
                place: sending.place,
                is_late: false,
            });
        }
    }

    fn wake_senders(&mut self) {
        self.notified = None;
        for sending in &mut self.sending {
            sending.wakes += usize::from(sending.is_listed);
            sending.is_listed = false;
        }
    }

    fn after_end(&mut self, is_first: bool) {
        if is_first {
            self.wake_senders();
            for mut task in self.waiting_for_end.drain(..) {
                assert_eq!(task.wakes.count(), 1);
                assert!(task.poll().is_ready());
            }
        }
    }

    fn compare(&self) {
        let (stats, model) = (self.stream.queue.stats(), &self.model);
        assert_eq!(stats.pushed, model.pushed);
        assert_eq!(stats.dropped, model.dropped);
        assert_eq!(stats.buffered, model.items.len());
        assert_eq!(stats.buffered_bytes, model.bytes());
        assert_eq!(stats.producer_waits, model.producer_waits);
        assert_eq!(stats.state, model.state);
        assert_eq!(stats.wakes, model.wakes as u64);
        assert_eq!(self.stream.wakes.count(), model.wakes);
        for sending in &self.sending {
            assert_eq!(sending.task.wakes.count(), sending.wakes);
        }
        for waiting_for_end in &self.waiting_for_end {
            assert!(!waiting_for_end.is_woken());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        limits in limits(),
        operations in operations(),
    ) {
        let mut comparison = Comparison::new(limits);
        for operation in operations {
            comparison.apply(operation);
        }
    }
}
