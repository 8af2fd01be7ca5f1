//! Code of the program that the queue runs: that of items which are dropped, weighed or encoded, and that of wakers
//! which are dropped or called.

use super::*;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Weak;

type Action = Box<dyn Fn() + Send>;

/// An item that does something when it is weighed, encoded or dropped.
struct Scripted {
    on_weigh: Action,
    on_encode: Action,
    on_drop: Action,
}

impl Scripted {
    fn harmless() -> Self {
        Scripted {
            on_weigh: Box::new(|| {}),
            on_encode: Box::new(|| {}),
            on_drop: Box::new(|| {}),
        }
    }

    fn on_weigh(mut self, action: impl Fn() + Send + 'static) -> Self {
        self.on_weigh = Box::new(action);
        self
    }

    fn on_encode(mut self, action: impl Fn() + Send + 'static) -> Self {
        self.on_encode = Box::new(action);
        self
    }

    fn on_drop(mut self, action: impl Fn() + Send + 'static) -> Self {
        self.on_drop = Box::new(action);
        self
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

impl Item for Scripted {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        (self.on_weigh)();
        1
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(7.0);
        (self.on_encode)();
    }
}

/// The number of calls from foreign code into the queue. Such a call would hang if the queue's lock were still held.
type Returns = Arc<AtomicUsize>;

fn use_queue(queue: &Weak<Queue<Batch, Error>>, returns: &Returns) {
    if let Some(queue) = queue.upgrade() {
        queue.stats();
        returns.fetch_add(1, Ordering::SeqCst);
    }
}

/// Makes an item that uses the queue whenever it is weighed, encoded or dropped.
fn returning(stream: &Stream<Scripted>, returns: &Returns) -> Scripted {
    let action = || {
        let (queue, returns) = (Arc::downgrade(&stream.queue), returns.clone());
        move || use_queue(&queue, &returns)
    };
    Scripted::harmless()
        .on_weigh(action())
        .on_encode(action())
        .on_drop(action())
}

#[test]
fn an_item_may_use_the_queue_in_every_case() {
    let policies = [
        Overflow::Block,
        Overflow::DropOldest,
        Overflow::DropNewest,
        Overflow::Error,
    ];
    for overflow in policies {
        must_finish(move || {
            let stream = Stream::new(2, UNBOUNDED, overflow);
            let returns = Returns::default();
            for _ in 0..3 {
                let _ = stream.producer.try_send(returning(&stream, &returns));
            }
            stream.drain_with(&stream.waker);
            let mut batch = (0..2).map(|_| returning(&stream, &returns)).collect();
            assert!(at_once(stream.producer.send_batch(&mut batch)).is_ok());
            assert!(stream.queue.cancel());
            assert!(returns.load(Ordering::SeqCst) >= 5 * 3, "{overflow:?}");
        });
    }
}

#[test]
fn an_item_is_dropped_by_its_sender_before_the_send_returns() {
    let stream = Stream::blocking(4);
    let dropped = Arc::new(AtomicUsize::new(0));
    let item = || {
        let dropped = dropped.clone();
        Scripted::harmless().on_drop(move || {
            dropped.fetch_add(1, Ordering::SeqCst);
        })
    };
    assert!(stream.producer.try_send(item()).is_ok());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    let mut batch = VecDeque::from([item(), item()]);
    assert!(at_once(stream.producer.send_batch(&mut batch)).is_ok());
    assert_eq!(dropped.load(Ordering::SeqCst), 3);
    assert_eq!(stream.counts(), (3, 0, 3));
}

#[test]
fn an_item_may_send_on_its_own_stream_while_it_is_encoded_and_dropped() {
    must_finish(|| {
        let stream: Stream<Scripted> = Stream::blocking(10);
        let send = || {
            let producer = stream.producer.clone();
            move || assert!(producer.try_send(Scripted::harmless()).is_ok())
        };
        let item = Scripted::harmless().on_encode(send()).on_drop(send());
        assert!(stream.producer.try_send(item).is_ok());
        assert_eq!(stream.counts(), (3, 0, 3));
        let (_, batches) = stream.drain_with(&stream.waker);
        assert_eq!(received(batches), [7, 7, 7]);
    });
}

#[test]
fn an_item_that_ends_its_stream_while_it_is_encoded_is_refused() {
    must_finish(|| {
        let stream: Stream<Scripted> = Stream::blocking(10);
        let producer = stream.producer.clone();
        let item = Scripted::harmless().on_encode(move || assert!(producer.close()));
        let sent = stream.producer.try_send(item);
        assert!(matches!(sent, Err(SendError::Closed(_))));
        assert_eq!(stream.counts(), (0, 0, 0));
    });
}

#[test]
fn a_slow_encoding_does_not_delay_other_senders() {
    let stream: Stream<Scripted> = Stream::blocking(10);
    let (begun, waits_for_begin) = channel();
    let (sent, waits_for_sent) = channel::<()>();
    let item = Scripted::harmless().on_encode(move || {
        begun.send(()).expect("the test waits");
        waits_for_sent.recv().expect("the test sends");
    });
    let producer = stream.producer.clone();
    let sending = thread::spawn(move || producer.blocking_send(item).is_ok());
    waits_for_begin.recv_timeout(PATIENCE).expect("it encodes");
    assert!(stream.producer.try_send(Scripted::harmless()).is_ok());
    assert_eq!(stream.counts(), (1, 0, 1));
    sent.send(()).expect("it waits");
    assert!(must_finish(move || sending.join().unwrap()));
    assert_eq!(stream.counts(), (2, 0, 2));
}

#[test]
fn a_send_that_waits_encodes_once() {
    let stream: Stream<Scripted> = Stream::blocking(1);
    assert!(stream.producer.try_send(Scripted::harmless()).is_ok());
    let encoded = Arc::new(AtomicUsize::new(0));
    let counted = encoded.clone();
    let item = Scripted::harmless().on_encode(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut sending = Task::waiting(stream.producer.send(item));
    assert!(sending.poll().is_pending());
    stream.drain_with(&stream.waker);
    assert!(sending.poll().is_ready());
    assert_eq!(encoded.load(Ordering::SeqCst), 1);
}

#[test]
fn a_reason_that_is_not_needed_may_use_the_queue() {
    struct Reason(Weak<Queue<Batch, Reason>>);
    impl Drop for Reason {
        fn drop(&mut self) {
            self.0.upgrade().expect("the test holds the queue").stats();
        }
    }

    must_finish(|| {
        let queue: Arc<Queue<Batch, Reason>> = Arc::new(Queue::new(Limits {
            capacity: 1,
            max_bytes: 1,
            overflow: Overflow::Block,
        }));
        assert!(queue.fail(Reason(Arc::downgrade(&queue))));
        assert!(!queue.fail(Reason(Arc::downgrade(&queue))));
        assert!(queue.cancel());
    });
}

/// A waker that uses the queue when it is called, and when it is dropped.
#[derive(Clone)]
struct ReturningWaker {
    queue: Weak<Queue<Batch, Error>>,
    returns: Returns,
}

impl Wake for ReturningWaker {
    fn wake(self: Arc<Self>) {
        use_queue(&self.queue, &self.returns);
    }
}

impl Drop for ReturningWaker {
    fn drop(&mut self) {
        use_queue(&self.queue, &self.returns);
    }
}

/// Runs a test with a maker of such wakers. Returns the number of times that they used the queue.
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
fn a_waker_may_use_the_queue_when_it_is_called() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.drain_with(&waker());
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
fn a_waker_may_use_the_queue_when_it_is_replaced() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.drain_with(&waker());
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
fn a_waker_may_use_the_queue_when_it_is_deregistered() {
    let returns = with_returning_wakers(|stream, waker| {
        stream.drain_with(&waker());
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

/// Runs a function that may panic, without a message on the terminal. Returns whether it panicked.
fn panics(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

fn panic_quietly() {
    std::panic::resume_unwind(Box::new("planned"));
}

#[test]
fn an_item_that_panics_when_it_is_weighed_or_encoded_is_not_sent_and_affects_no_other() {
    let bombs: [fn() -> Scripted; 2] = [
        || Scripted::harmless().on_weigh(panic_quietly),
        || Scripted::harmless().on_encode(panic_quietly),
    ];
    for bomb in bombs {
        let stream = Stream::blocking(4);
        assert!(panics(|| drop(stream.producer.try_send(bomb()))));
        assert!(panics(|| drop(stream.producer.blocking_send(bomb()))));
        assert!(panics(|| drop(at_once(stream.producer.send(bomb())))));
        assert!(panics(|| drop(at_once(stream.producer.send_all([bomb()])))));
        let mut batch = VecDeque::from([Scripted::harmless(), bomb()]);
        assert!(panics(|| drop(at_once(
            stream.producer.send_batch(&mut batch)
        ))));
        assert_eq!(batch.len(), 1);
        assert_eq!(stream.counts(), (1, 0, 1));
        assert!(panics(|| drop(at_once(
            stream.producer.send_all([Scripted::harmless(), bomb()])
        ))));
        assert!(stream.producer.try_send(Scripted::harmless()).is_ok());
        assert_eq!(stream.counts(), (3, 0, 3));
        assert_eq!(received(stream.drain_with(&stream.waker).1), [7, 7, 7]);
    }
}

#[test]
fn an_iterator_that_panics_loses_nothing_that_it_has_given() {
    let stream = Stream::blocking(4);
    let items = (0..4).map(|number| match number {
        2 => std::panic::resume_unwind(Box::new("planned")),
        number => parcel(number),
    });
    assert!(panics(|| drop(at_once(stream.producer.send_all(items)))));
    assert_eq!(stream.drain(), Found::Items(vec![0, 1]));
}

#[test]
fn a_panic_in_encoding_fails_the_stream_of_a_producer_that_unwinds_after_the_items_before() {
    let stream = Stream::<Scripted>::blocking(4);
    assert!(stream.producer.try_send(Scripted::harmless()).is_ok());
    let producer = stream.producer.clone();
    let sending = thread::spawn(move || {
        let _ = producer.blocking_send(Scripted::harmless().on_encode(panic_quietly));
    });
    assert!(must_finish(move || sending.join().is_err()));
    let (drained, batches) = stream.drain_with(&stream.waker);
    assert!(matches!(drained, Drained::Items));
    assert_eq!(received(batches), [7]);
    match stream.drain_with(&stream.waker).0 {
        Drained::Failed(error) => assert_eq!(error.code(), Some("ERR_PRODUCER_PANICKED")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_item_that_panics_when_it_is_dropped_was_sent() {
    let bomb = || Scripted::harmless().on_drop(panic_quietly);
    let stream = Stream::blocking(2);
    assert!(panics(|| drop(stream.producer.try_send(bomb()))));
    assert_eq!(stream.counts(), (1, 0, 1));
    let mut batch = VecDeque::from([bomb()]);
    assert!(panics(|| drop(at_once(
        stream.producer.send_batch(&mut batch)
    ))));
    assert_eq!(stream.counts(), (2, 0, 2));
}

#[test]
fn a_panic_in_a_waker_does_not_prevent_other_wakes() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("a bomb"));
        }
    }
    let stream: Stream = Stream::blocking(1);
    let mut bomb = Task::new(stream.producer.closed());
    assert!(bomb.poll_with(&Waker::from(Arc::new(Bomb))).is_pending());
    let spinning = Task::waiting(stream.producer.closed());
    let closing = std::panic::AssertUnwindSafe(|| stream.producer.close());
    assert!(std::panic::catch_unwind(closing).is_err());
    assert!(spinning.is_woken());
}
