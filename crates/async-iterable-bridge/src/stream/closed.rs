//! Notification of a stream's end for producers that do not send.

use crate::error::Error;
use crate::item::Batch;
use crate::queue::{block_on_timeout, Queue, WaitsFor};
use crate::stream::registration::Registration;
use crate::sync::{lock, Mutex};
use std::fmt;
use std::future::poll_fn;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

/// Reports whether a stream has ended, without being one of its producers: a stream ends when its last producer
/// is dropped, even if tokens remain. Made by [`Producer::closed_token`](crate::Producer::closed_token).
///
/// ```
/// use async_iterable_bridge::{bridge, Options};
/// use std::time::Duration;
///
/// let (producer, stream) = bridge::<f64>(Options::new());
/// let token = producer.closed_token();
/// let polling = std::thread::spawn(move || {
///     // A device that has to be asked, every 10 ms.
///     while !token.wait_timeout(Duration::from_millis(10)) {}
/// });
/// drop(stream);
/// polling.join().unwrap();
/// ```
#[derive(Clone)]
pub struct ClosedToken(Arc<Queue<Batch, Error>>);

impl ClosedToken {
    pub(crate) fn new(queue: Arc<Queue<Batch, Error>>) -> Self {
        ClosedToken(queue)
    }

    /// Returns whether the stream has ended. A consumer that leaves also ends it.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, stream) = bridge::<f64>(Options::new());
    /// let token = producer.closed_token();
    /// assert!(!token.is_closed());
    /// drop(stream);
    /// assert!(token.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until the stream has ended.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, _stream) = bridge::<f64>(Options::new());
    /// let token = producer.closed_token();
    /// let watching = tokio::spawn(async move { token.closed().await });
    /// drop(producer);
    /// watching.await.unwrap();
    /// # }
    /// ```
    pub async fn closed(&self) {
        let mut registration = Registration::new(&*self.0, WaitsFor::End);
        poll_fn(|context| registration.poll(|queue, ticket| queue.poll_closed(ticket, context)))
            .await;
    }

    /// Blocks until the stream has ended, but not for longer than `timeout`. Returns `true` if it has ended. Not
    /// for async code.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    /// use std::time::Duration;
    ///
    /// let (producer, stream) = bridge::<f64>(Options::new());
    /// let token = producer.closed_token();
    /// assert!(!token.wait_timeout(Duration::from_millis(1)));
    /// drop(stream);
    /// assert!(token.wait_timeout(Duration::MAX));
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        block_on_timeout(self.closed(), timeout).is_some()
    }

    pub(crate) fn on_closed(&self, callback: impl FnOnce() + Send + 'static) -> ClosedGuard {
        let callback = Arc::new(Callback(Mutex::new(Some(Box::new(callback)))));
        let waker = Waker::from(callback.clone());
        let mut context = Context::from_waker(&waker);
        let mut registration = Registration::new(self.0.clone(), WaitsFor::End);
        let polled = registration.poll(|queue, ticket| queue.poll_closed(ticket, &mut context));
        if polled.is_ready() {
            waker.wake();
        }
        ClosedGuard {
            callback,
            _registration: registration,
        }
    }
}

impl fmt::Debug for ClosedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClosedToken")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// Keeps a callback of [`Producer::on_closed`](crate::Producer::on_closed) registered. If the guard is dropped
/// before the stream has ended, the callback is dropped uncalled.
///
/// ```
/// use async_iterable_bridge::{bridge, Options};
///
/// let (producer, stream) = bridge::<f64>(Options::new());
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let guard = producer.on_closed(move || sender.send("the consumer has left").unwrap());
/// drop(stream);
/// assert_eq!(receiver.recv().unwrap(), "the consumer has left");
/// # drop(guard);
/// ```
#[must_use = "the callback is dropped with its guard"]
pub struct ClosedGuard {
    callback: Arc<Callback>,
    _registration: Registration<Arc<Queue<Batch, Error>>>,
}

impl Drop for ClosedGuard {
    fn drop(&mut self) {
        drop(self.callback.take());
    }
}

impl fmt::Debug for ClosedGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClosedGuard(..)")
    }
}

struct Callback(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Callback {
    fn take(&self) -> Option<Box<dyn FnOnce() + Send>> {
        lock(&self.0).take()
    }
}

impl Wake for Callback {
    fn wake(self: Arc<Self>) {
        if let Some(callback) = self.take() {
            // The panic must not unwind into the caller that ends the stream. The panic hook has reported it.
            let _ = catch_unwind(AssertUnwindSafe(callback));
        }
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use crate::{bridge, Options};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    fn counter() -> (Arc<AtomicUsize>, impl FnOnce() + Send + 'static) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        (calls, move || {
            counted.fetch_add(1, Ordering::SeqCst);
        })
    }

    #[test]
    fn a_token_keeps_no_stream_open() {
        let (producer, _stream) = bridge::<f64>(Options::new());
        let token = producer.closed_token();
        assert!(!token.wait_timeout(Duration::from_millis(1)));
        drop(producer);
        assert!(token.is_closed());
    }

    #[test]
    fn a_thread_that_waits_is_woken_by_the_end() {
        let (producer, stream) = bridge::<f64>(Options::new());
        let token = producer.closed_token();
        let waiting = thread::spawn(move || token.wait_timeout(Duration::MAX));
        drop(stream);
        assert!(waiting.join().unwrap());
    }

    #[tokio::test]
    async fn a_task_that_waits_is_woken_by_the_end() {
        let (producer, stream) = bridge::<f64>(Options::new());
        let token = producer.closed_token();
        let waiting = tokio::spawn(async move { token.closed().await });
        drop(stream);
        waiting.await.unwrap();
    }

    #[test]
    fn a_callback_is_called_once_by_the_end() {
        let (producer, stream) = bridge::<f64>(Options::new());
        let (calls, callback) = counter();
        let guard = producer.on_closed(callback);
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        drop(stream);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        drop(guard);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_callback_for_a_stream_that_has_ended_is_called_at_once() {
        let (producer, stream) = bridge::<f64>(Options::new());
        drop(stream);
        let (calls, callback) = counter();
        let _guard = producer.on_closed(callback);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_callback_whose_guard_is_dropped_is_never_called() {
        let (producer, stream) = bridge::<f64>(Options::new());
        let (calls, callback) = counter();
        drop(producer.on_closed(callback));
        drop(stream);
        assert_eq!(calls.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_panic_in_a_callback_does_not_reach_the_caller_that_ends_the_stream() {
        let (producer, stream) = bridge::<f64>(Options::new());
        let _guard = producer.on_closed(|| std::panic::resume_unwind(Box::new("a bomb")));
        drop(stream);
        assert!(producer.is_closed());
    }
}
