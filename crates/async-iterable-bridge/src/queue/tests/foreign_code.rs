//! Code that the queue runs and did not write: what items and wakers do when they are dropped,
//! weighed or called.

use super::*;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Mutex, Weak};

/// An item that does something when it is weighed or dropped.
struct Scripted {
    on_weigh: Box<dyn Fn() + Send + Sync>,
    on_drop: Box<dyn Fn() + Send + Sync>,
}

impl Scripted {
    fn new(
        on_weigh: impl Fn() + Send + Sync + 'static,
        on_drop: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Scripted {
            on_weigh: Box::new(on_weigh),
            on_drop: Box::new(on_drop),
        }
    }

    fn harmless() -> Self {
        Scripted::new(|| {}, || {})
    }

    fn on_weigh(on_weigh: impl Fn() + Send + Sync + 'static) -> Self {
        Scripted::new(on_weigh, || {})
    }

    fn on_drop(on_drop: impl Fn() + Send + Sync + 'static) -> Self {
        Scripted::new(|| {}, on_drop)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

impl Item for Scripted {
    fn layout() -> Layout {
        Layout::array([])
    }

    fn bytes(&self) -> usize {
        (self.on_weigh)();
        1
    }

    fn encode(&self, _columns: &mut Columns<'_>) {}
}

/// How often somebody came back to the queue, which would hang if its lock were still held.
type Returns = Arc<AtomicUsize>;

fn come_back<T: Item>(queue: &Weak<Queue<T, Error>>, returns: &Returns) {
    if let Some(queue) = queue.upgrade() {
        queue.stats();
        returns.fetch_add(1, Ordering::SeqCst);
    }
}

/// An item whose drop comes back to the queue.
fn returning(stream: &Stream<Scripted>, returns: &Returns) -> Scripted {
    let (queue, returns) = (Arc::downgrade(&stream.queue), returns.clone());
    Scripted::on_drop(move || come_back(&queue, &returns))
}

#[test]
fn an_item_that_a_policy_drops_may_come_back_to_the_queue() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let returns = must_finish(move || {
            let stream = Stream::new(1, UNBOUNDED, overflow);
            let returns = Returns::default();
            for _ in 0..2 {
                let _ = stream.producer.try_send(returning(&stream, &returns));
            }
            returns.load(Ordering::SeqCst)
        });
        assert_eq!(returns, 1, "{overflow:?}");
    }
}

#[test]
fn items_of_a_batch_that_a_policy_drops_may_come_back_to_the_queue() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let returns = must_finish(move || {
            let stream = Stream::new(2, UNBOUNDED, overflow);
            let returns = Returns::default();
            let mut batch = (0..5).map(|_| returning(&stream, &returns)).collect();
            let _ = at_once(stream.producer.send_batch(&mut batch));
            returns.load(Ordering::SeqCst)
        });
        assert_eq!(returns, 3, "{overflow:?}");
    }
}

#[test]
fn a_cancelled_item_may_come_back_to_the_queue() {
    let returns = must_finish(|| {
        let stream = Stream::blocking(4);
        let returns = Returns::default();
        for _ in 0..3 {
            let _ = stream.producer.try_send(returning(&stream, &returns));
        }
        assert!(stream.queue.cancel());
        returns.load(Ordering::SeqCst)
    });
    assert_eq!(returns, 3);
}

#[test]
fn a_reason_that_is_not_needed_may_come_back_to_the_queue() {
    struct Reason(Weak<Queue<Parcel, Reason>>);
    impl Drop for Reason {
        fn drop(&mut self) {
            self.0.upgrade().expect("the test holds the queue").stats();
        }
    }

    must_finish(|| {
        let queue: Arc<Queue<Parcel, Reason>> = Arc::new(Queue::new(Limits {
            capacity: 1,
            max_bytes: 1,
            overflow: Overflow::Block,
        }));
        assert!(queue.fail(Reason(Arc::downgrade(&queue))));
        assert!(!queue.fail(Reason(Arc::downgrade(&queue))));
        assert!(queue.cancel());
    });
}

/// A waker that comes back to the queue when it is called, and when it is dropped.
#[derive(Clone)]
struct ReturningWaker {
    queue: Weak<Queue<Parcel, Error>>,
    returns: Returns,
}

impl Wake for ReturningWaker {
    fn wake(self: Arc<Self>) {
        come_back(&self.queue, &self.returns);
    }
}

impl Drop for ReturningWaker {
    fn drop(&mut self) {
        come_back(&self.queue, &self.returns);
    }
}

/// Runs a test with a maker of such wakers. Returns how often they came back.
fn with_returning_wakers(run: impl FnOnce(&Stream, &dyn Fn() -> Waker) + Send + 'static) -> usize {
    must_finish(|| {
        let stream = Stream::blocking(1);
        let returns = Returns::default();
        let waker = ReturningWaker {
            queue: Arc::downgrade(&stream.queue),
            returns: returns.clone(),
        };
        run(&stream, &|| Waker::from(Arc::new(waker.clone())));
        returns.load(Ordering::SeqCst)
    })
}

#[test]
fn a_waker_may_come_back_to_the_queue_when_it_is_called() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.queue.drain(&mut VecDeque::new(), &waker());
        stream.fill([0]);
    });
    assert_eq!(returns, 2, "the consumer's, called and dropped");

    let returns = with_returning_wakers(|stream, waker| {
        stream.fill([0]);
        let mut sending = Task::new(stream.producer.send(parcel(1)));
        let mut closed = Task::new(stream.producer.closed());
        assert!(sending.poll_with(&waker()).is_pending());
        assert!(closed.poll_with(&waker()).is_pending());
        stream.drain();
        stream.queue.close();
    });
    assert_eq!(returns, 4, "two producers', called and dropped");
}

#[test]
fn a_waker_may_come_back_to_the_queue_when_it_is_replaced() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.queue.drain(&mut VecDeque::new(), &waker());
        stream.park();
        stream.fill([0]);
        let mut sending = Task::new(stream.producer.send(parcel(1)));
        let mut closed = Task::new(stream.producer.closed());
        assert!(sending.poll_with(&waker()).is_pending());
        assert!(closed.poll_with(&waker()).is_pending());
        assert!(sending.poll_with(Waker::noop()).is_pending());
        assert!(closed.poll_with(Waker::noop()).is_pending());
    });
    assert_eq!(returns, 3, "the consumer's and two producers'");
}

#[test]
fn a_waker_may_come_back_to_the_queue_when_it_is_forgotten() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.queue.drain(&mut VecDeque::new(), &waker());
        stream.queue.cancel();
    });
    assert_eq!(returns, 1, "the consumer's");

    let returns = with_returning_wakers(|stream, waker| {
        stream.fill([0]);
        let mut sending = Task::new(stream.producer.send(parcel(1)));
        let mut closed = Task::new(stream.producer.closed());
        assert!(sending.poll_with(&waker()).is_pending());
        assert!(closed.poll_with(&waker()).is_pending());
    });
    assert_eq!(returns, 2, "the producers'");
}

/// Runs something that panics, without a message on the terminal.
fn panics(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

fn panic_quietly() {
    std::panic::resume_unwind(Box::new("planned"));
}

#[test]
fn an_item_that_panics_when_it_is_weighed_is_not_sent_and_harms_nobody() {
    let stream = Stream::blocking(4);
    let bomb = || Scripted::on_weigh(panic_quietly);
    assert!(panics(|| drop(stream.producer.try_send(bomb()))));
    assert!(panics(|| drop(at_once(stream.producer.send(bomb())))));
    assert!(panics(|| drop(at_once(stream.producer.send_all([bomb()])))));
    assert_eq!(stream.counts(), (0, 0, 0));
    assert!(stream.producer.try_send(Scripted::harmless()).is_ok());
    assert_eq!(stream.counts(), (1, 0, 1));
}

#[test]
fn a_panic_in_the_middle_of_a_batch_leaves_the_rest_in_it() {
    for overflow in [Overflow::Block, Overflow::DropOldest] {
        let stream = Stream::new(1, UNBOUNDED, overflow);
        let mut batch = VecDeque::from([
            Scripted::harmless(),
            Scripted::harmless(),
            Scripted::on_weigh(panic_quietly),
            Scripted::harmless(),
        ]);
        let mut sent = 0;
        let mut ticket = Ticket::default();
        let mut context = Context::from_waker(Waker::noop());
        while !panics(|| {
            let _ = stream
                .queue
                .poll_push_all(&mut batch, &mut ticket, &mut context);
        }) {
            let mut items = VecDeque::new();
            stream.queue.drain(&mut items, Waker::noop());
            sent += items.len();
        }
        assert_eq!(batch.len(), 2, "{overflow:?}");
        let (pushed, dropped, buffered) = stream.counts();
        assert_eq!(pushed, 2, "{overflow:?}");
        assert_eq!(dropped as usize + sent + buffered, 2, "{overflow:?}");
    }
}

#[test]
fn a_panic_in_the_middle_of_a_batch_still_wakes_the_consumer_for_what_was_sent() {
    let stream = Stream::new(1, UNBOUNDED, Overflow::DropOldest);
    stream.park();
    let mut batch = VecDeque::from([Scripted::harmless(), Scripted::on_weigh(panic_quietly)]);
    assert!(panics(|| {
        let _ = at_once(stream.producer.send_batch(&mut batch));
    }));
    assert_eq!(stream.counts(), (1, 0, 1));
    assert_eq!(stream.wakes.count(), 1);
}

#[test]
fn an_item_that_panics_when_it_is_dropped_is_nobodys_business() {
    let bomb = || Scripted::on_drop(panic_quietly);

    let stream = Stream::blocking(1);
    assert!(stream.producer.try_send(bomb()).is_ok());
    let mut sending = Task::waiting(stream.producer.send(Scripted::harmless()));
    assert!(stream.queue.cancel());
    assert!(sending.is_woken());
    assert!(matches!(
        sending.poll(),
        Poll::Ready(Err(SendError::Closed(_)))
    ));

    let stream = Stream::new(1, UNBOUNDED, Overflow::DropOldest);
    stream.park();
    let mut batch = VecDeque::from([bomb(), Scripted::harmless()]);
    assert!(at_once(stream.producer.send_batch(&mut batch)).is_ok());
    assert_eq!(stream.wakes.count(), 1);
    assert_eq!(stream.counts(), (2, 1, 1));
}

#[test]
fn an_item_that_grows_heavier_while_it_is_buffered_upsets_no_count() {
    struct Growing(Arc<Mutex<usize>>);
    impl Item for Growing {
        fn layout() -> Layout {
            Layout::array([])
        }
        fn bytes(&self) -> usize {
            *self.0.lock().unwrap()
        }
        fn encode(&self, _columns: &mut Columns<'_>) {}
    }

    let stream = Stream::new(2, UNBOUNDED, Overflow::DropOldest);
    let weight = Arc::new(Mutex::new(1));
    for bytes in [1, 10, 100, 1000] {
        *weight.lock().unwrap() = bytes;
        assert!(stream.producer.try_send(Growing(weight.clone())).is_ok());
    }
    assert_eq!(stream.counts(), (4, 2, 2));
    let mut items = VecDeque::new();
    stream.queue.drain(&mut items, &stream.waker);
    assert_eq!(stream.queue.stats().buffered_bytes, 0);
}

#[test]
fn a_waker_that_panics_costs_no_other_its_wake() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("a bomb"));
        }
    }
    let stream: Stream = Stream::blocking(1);
    let mut bomb = Task::new(stream.producer.closed());
    assert!(bomb.poll_with(&Waker::from(Arc::new(Bomb))).is_pending());
    let watching = Task::waiting(stream.producer.closed());
    let closing = std::panic::AssertUnwindSafe(|| stream.producer.close());
    assert!(std::panic::catch_unwind(closing).is_err());
    assert!(watching.is_woken());
}
