//! The sending half of a stream. Much of this file is documentation, mostly examples. Sending many items together is in
//! `send_many.rs`.

use crate::error::Error;
use crate::item::{reads_of, Batch, Item, Reads, Single};
use crate::queue::{block_on, Load, Overflow, Queue, SendError, Ticket, WaitsFor};
use crate::stream::closed::{ClosedGuard, ClosedToken};
use crate::stream::live::{Live, PRODUCERS};
use crate::stream::registration::Registration;
use crate::stream::trace::Trace;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::task::coop::consume_budget;

/// Sends items to the JavaScript consumer of one stream. Clones send to the same stream.
///
/// # How it ends
///
/// The stream ends normally with [`close`](Producer::close) or when the last clone is dropped.
/// It ends with an error with [`fail`](Producer::fail) or when a thread panics while it holds a clone.
/// It is cancelled when the consumer leaves. From then on every send hands its item back in
/// [`SendError::Closed`].
///
/// # Example
///
/// ```no_run
/// use async_iterable_bridge::{bridge, AsyncIterableBridge, Options};
///
/// // Returned from a `#[napi]` function, this is an async iterable of 0, 1 and 2.
/// fn count() -> AsyncIterableBridge<f64> {
///     let (producer, stream) = bridge(Options::new());
///     std::thread::spawn(move || {
///         for number in 0..3 {
///             if producer.blocking_send(f64::from(number)).is_err() {
///                 break; // the consumer has left
///             }
///         }
///     });
///     stream
/// }
/// ```
pub struct Producer<T: Item> {
    pub(super) shared: Arc<Shared>,
    items: PhantomData<fn(T)>,
}

/// The state that the clones of one producer share. It is dropped with the last of them.
pub(super) struct Shared {
    pub(super) queue: Arc<Queue<Batch, Error>>,
    /// The columns that the layout of the items reads; set by the first send.
    reads: OnceLock<Reads>,
    pub(super) trace: Trace,
    _live: Live,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl<T: Item> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Producer {
            shared: self.shared.clone(),
            items: PhantomData,
        }
    }
}

impl<T: Item> Producer<T> {
    pub(crate) fn new(queue: Arc<Queue<Batch, Error>>, trace: Trace) -> Self {
        Producer {
            shared: Arc::new(Shared {
                queue,
                reads: OnceLock::new(),
                trace,
                _live: Live::new(&PRODUCERS),
            }),
            items: PhantomData,
        }
    }

    pub(super) fn queue(&self) -> &Queue<Batch, Error> {
        &self.shared.queue
    }

    pub(super) fn reads(&self) -> Reads {
        *self.shared.reads.get_or_init(reads_of::<T>)
    }

    /// Sends an item, and waits for room without a time limit. A task that never has to wait still
    /// lets others run from time to time, as with tokio's own channels.
    ///
    /// Dropping the future before it is ready drops the item unsent.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] once the stream has ended; [`SendError::Full`] only with
    /// [`Overflow::Error`](crate::Overflow::Error). Both hand the item back.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    ///
    /// AsyncIterableBridge::spawn_task(Options::new(), |producer| async move {
    ///     producer.send("one").await?;
    ///     producer.send("two").await?;
    ///     Ok(())
    /// });
    /// ```
    pub async fn send(&self, mut item: T) -> Result<(), SendError<T>> {
        consume_budget().await;
        let mut single = Single::new(&mut item, self.reads());
        let sent = match self.queue().try_push(&mut single) {
            Err(SendError::Full(())) if self.waits_for_capacity() => {
                self.push(&mut single, &mut self.send_registration()).await
            }
            sent => sent,
        };
        drop(single);
        sent.map_err(|refusal| refusal.map(|()| item))
    }

    /// Sends an item like [`send`](Producer::send), and blocks the thread while it waits. Not for async code.
    ///
    /// # Errors
    ///
    /// As for [`send`](Producer::send).
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    /// use std::thread;
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// let sending = thread::spawn(move || producer.blocking_send("from a thread"));
    /// assert_eq!(sending.join().unwrap(), Ok(()));
    /// ```
    pub fn blocking_send(&self, mut item: T) -> Result<(), SendError<T>> {
        let mut single = Single::new(&mut item, self.reads());
        let sent = match self.queue().try_push(&mut single) {
            Err(SendError::Full(())) if self.waits_for_capacity() => {
                block_on(self.push(&mut single, &mut self.send_registration()))
            }
            sent => sent,
        };
        drop(single);
        sent.map_err(|refusal| refusal.map(|()| item))
    }

    /// Sends an item if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`SendError::Full`] without room, [`SendError::Closed`] once the stream has ended. Both
    /// hand the item back.
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options, SendError};
    ///
    /// let (producer, _stream) = bridge(Options::new().capacity(1));
    /// assert_eq!(producer.try_send("first"), Ok(()));
    /// assert_eq!(producer.try_send("second"), Err(SendError::Full("second")));
    /// ```
    pub fn try_send(&self, mut item: T) -> Result<(), SendError<T>> {
        let sent = self
            .queue()
            .try_push(&mut Single::new(&mut item, self.reads()));
        sent.map_err(|refusal| refusal.map(|()| item))
    }

    pub(crate) fn capacity(&self) -> usize {
        self.queue().limits().capacity
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.queue().limits().max_bytes
    }

    /// Ends the stream normally, after the buffered items. Returns `true` only for the call that ended it.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, _stream) = bridge::<f64>(Options::new());
    /// let clone = producer.clone();
    /// assert!(clone.close());
    /// assert!(!producer.close());
    /// ```
    pub fn close(&self) -> bool {
        self.queue().close()
    }

    /// Ends the stream with an error, after the buffered items. Returns `true` only for the call that ended
    /// it.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Error, Options};
    ///
    /// let (producer, _stream) = bridge::<f64>(Options::new());
    /// assert!(producer.fail(Error::new("the sensor is gone").with_code("ERR_NO_SENSOR")));
    /// assert!(!producer.fail("too late"));
    /// ```
    pub fn fail(&self, error: impl Into<Error>) -> bool {
        self.queue().fail(error.into())
    }

    /// Returns whether the stream has ended. Then it refuses every send.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, stream) = bridge::<f64>(Options::new());
    /// assert!(!producer.is_closed());
    /// drop(stream);
    /// assert!(producer.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.queue().is_closed()
    }

    /// Waits until the stream has ended: the consumer has left, or a clone has closed or failed it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, stream) = bridge::<f64>(Options::new());
    /// let watching = tokio::spawn(async move { producer.closed().await });
    /// drop(stream);
    /// watching.await.unwrap();
    /// # }
    /// ```
    pub async fn closed(&self) {
        let mut registration = Registration::new(self.queue(), WaitsFor::End);
        poll_fn(|context| registration.poll(|queue, ticket| queue.poll_closed(ticket, context)))
            .await;
    }

    /// Returns a token that reports the end without keeping the stream open, for loops that block elsewhere.
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
    pub fn closed_token(&self) -> ClosedToken {
        ClosedToken::new(self.shared.queue.clone())
    }

    /// Calls `callback` once the stream has ended, on the thread that ends it, or here, if the stream has ended
    /// already. The callback must not block. Only the panic hook reports a panic in it.
    ///
    /// It can interrupt a producer that blocks, if the interruption also keeps the producer from blocking again: for
    /// example the shutdown of its socket. An interruption of only the running call, such as that of a database query,
    /// comes too early if the stream ends before the call. In that case, check a [token](Producer::closed_token)
    /// repeatedly instead.
    ///
    /// Dropping the returned guard drops the callback uncalled.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// use std::io::{BufRead, BufReader};
    /// use std::net::{Shutdown, TcpStream};
    ///
    /// pub fn lines(socket: TcpStream) -> AsyncIterableBridge<String> {
    ///     AsyncIterableBridge::spawn(Options::new(), move |producer| {
    ///         let reader = BufReader::new(socket.try_clone()?);
    ///         let _guard = producer.on_closed(move || drop(socket.shutdown(Shutdown::Both)));
    ///         for line in reader.lines() {
    ///             producer.blocking_send(line?)?;
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn on_closed(&self, callback: impl FnOnce() + Send + 'static) -> ClosedGuard {
        self.closed_token().on_closed(callback)
    }

    /// Counts items that this producer had to skip, such as unreadable files, in the
    /// stream's statistics.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    /// use std::fs;
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// for path in ["Cargo.toml", "missing.txt"] {
    ///     match fs::read(path) {
    ///         Ok(contents) => producer.try_send(contents).unwrap(),
    ///         Err(_) => producer.record_skipped(1), // `stats.skipped` in JavaScript
    ///     }
    /// }
    /// ```
    pub fn record_skipped(&self, items: u64) {
        self.queue().record_skipped(items);
    }

    /// Returns whether a send without capacity waits for it.
    fn waits_for_capacity(&self) -> bool {
        self.queue().limits().overflow == Overflow::Block
    }

    /// Sends items as soon as there is capacity.
    pub(super) async fn push(
        &self,
        load: &mut impl Load<Batch>,
        registration: &mut Registration<&Queue<Batch, Error>>,
    ) -> Result<(), SendError<()>> {
        let push = |queue: &Queue<_, _>, ticket: &mut Ticket, context: &mut Context<'_>| {
            queue.poll_push(load, ticket, context)
        };
        self.wait_for_capacity(registration, push).await
    }

    /// Makes a registration for [`wait_for_capacity`](Producer::wait_for_capacity).
    pub(super) fn send_registration(&self) -> Registration<&Queue<Batch, Error>> {
        Registration::new(self.queue(), WaitsFor::Capacity)
    }

    /// Polls until there is capacity, and reports it when the wait begins.
    pub(super) async fn wait_for_capacity<R>(
        &self,
        registration: &mut Registration<&Queue<Batch, Error>>,
        mut poll: impl FnMut(&Queue<Batch, Error>, &mut Ticket, &mut Context<'_>) -> Poll<R>,
    ) -> R {
        poll_fn(|context| {
            let was_waiting = registration.is_waiting();
            let polled = registration.poll(|queue, ticket| poll(queue, ticket, context));
            if registration.is_waiting() && !was_waiting {
                self.shared.trace.waits_for_capacity();
            }
            polled
        })
        .await
    }

    /// Waits until there is capacity. Returns the number of items that there is capacity for, at least one.
    pub(crate) async fn free_items(&self) -> Result<usize, SendError<()>> {
        self.wait_for_capacity(&mut self.send_registration(), Queue::poll_free_items)
            .await
    }

    /// Waits until the consumer has taken everything and asks for more. Never ready after the end.
    pub(crate) async fn wait_for_demand(&self) {
        let mut registration = Registration::new(self.queue(), WaitsFor::Demand);
        poll_fn(|context| registration.poll(|queue, ticket| queue.poll_demand(ticket, context)))
            .await;
    }
}

impl<T: Item> fmt::Debug for Producer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Producer")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use crate::{bridge, Options, Overflow};

    #[tokio::test]
    async fn a_task_that_always_finds_capacity_lets_others_run() {
        let (producer, stream) = bridge(Options::new().overflow(Overflow::DropNewest));
        let sending = tokio::spawn(async move { while producer.send(1.0).await.is_ok() {} });
        // This task runs after the other one, on the same thread.
        tokio::spawn(async move { drop(stream) })
            .await
            .expect("the drop of a stream does not panic");
        sending.await.expect("sending does not panic");
    }
}
