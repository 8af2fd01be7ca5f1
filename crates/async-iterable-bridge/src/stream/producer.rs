//! The sending half of a stream. Half of this file is documentation, mostly examples.

use crate::error::Error;
use crate::item::{reads_of, Batch, Item, Reads, Scratch, Single, PIECE};
use crate::queue::{block_on, Load, Overflow, Queue, Room, SendError, Ticket, WaitsFor};
use crate::stream::closed::{ClosedGuard, ClosedToken};
use crate::stream::live::{Live, PRODUCERS};
use crate::stream::trace::Trace;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::mem;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::{Arc, OnceLock};
use std::thread;
use tokio::task::coop::consume_budget;

/// The most items that [`Producer::send_all`] or a `Stream` collects before it sends them together.
pub(crate) const BATCH: usize = 256;

/// The weight at which a portion is complete, even with few items.
pub(crate) const BATCH_BYTES: usize = PIECE;

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
    shared: Arc<Shared>,
    items: PhantomData<fn(T)>,
}

/// The address of the producer whose panics on this thread are reported by its caller; 0 stands for none.
#[derive(Clone, Copy)]
struct Supervised {
    producer: usize,
    has_panicked: bool,
}

thread_local! {
    static SUPERVISED: Cell<Supervised> = const {
        Cell::new(Supervised {
            producer: 0,
            has_panicked: false,
        })
    };
}

/// The state that the clones of one producer share. It is dropped with the last of them.
struct Shared {
    queue: Arc<Queue<Batch, Error>>,
    /// The columns that the layout of the items reads; set by the first send.
    reads: OnceLock<Reads>,
    trace: Trace,
    _live: Live,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl<T: Item> Drop for Producer<T> {
    fn drop(&mut self) {
        if thread::panicking() && !self.note_panic() {
            self.fail_by_panic();
        }
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

    /// Runs a function that catches its panics, which the caller then reports, with their message. If another panic,
    /// caught elsewhere, drops a clone meanwhile, the stream fails afterwards.
    pub(crate) fn supervised<R>(
        &self,
        run: impl FnOnce() -> thread::Result<R>,
    ) -> thread::Result<R> {
        let outer = SUPERVISED.replace(Supervised {
            producer: self.address(),
            has_panicked: false,
        });
        let result = self.shared.trace.in_span(run);
        let inner = SUPERVISED.replace(outer);
        if inner.has_panicked && result.is_ok() {
            self.fail_by_panic();
        }
        result
    }

    /// Notes a panic, if this producer is [`supervised`](Producer::supervised) on this thread. Returns whether it is.
    fn note_panic(&self) -> bool {
        let noted = SUPERVISED.try_with(|supervised| {
            let is_this = supervised.get().producer == self.address();
            if is_this {
                supervised.set(Supervised {
                    has_panicked: true,
                    ..supervised.get()
                });
            }
            is_this
        });
        noted.unwrap_or(false)
    }

    fn fail_by_panic(&self) {
        self.fail(Error::panicked_in_thread(thread::current().name()));
    }

    /// Returns the same address for all clones.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }

    fn queue(&self) -> &Queue<Batch, Error> {
        &self.shared.queue
    }

    fn reads(&self) -> Reads {
        *self.shared.reads.get_or_init(reads_of::<T>)
    }

    /// Sends items as soon as there is room.
    async fn push(
        &self,
        load: &mut impl Load<Batch>,
        waiting: &mut Waiting<'_>,
    ) -> Result<(), SendError<()>> {
        poll_fn(|context| waiting.poll(|queue, ticket| queue.poll_push(load, ticket, context)))
            .await
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
            Err(SendError::Full(())) if self.waits_for_room() => {
                let mut waiting = Waiting::new(&self.shared, WaitsFor::Room);
                self.push(&mut single, &mut waiting).await
            }
            sent => sent,
        };
        drop(single);
        sent.map_err(|refusal| refusal.map(|()| item))
    }

    /// Returns whether a send without room waits for it.
    fn waits_for_room(&self) -> bool {
        self.queue().limits().overflow == Overflow::Block
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
            Err(SendError::Full(())) if self.waits_for_room() => {
                let mut waiting = Waiting::new(&self.shared, WaitsFor::Room);
                block_on(self.push(&mut single, &mut waiting))
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

    /// Sends all items of an iterator, many at a time: two locks and at most one wake for each
    /// portion. The iterator is advanced only while there is room for the items that it has given.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] once the stream has ended, or [`SendError::Full`] with
    /// [`Overflow::Error`](crate::Overflow::Error), with the items that were taken from the
    /// iterator and not sent.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, stream) = bridge(Options::new());
    /// producer.send_all([1.0, 2.0, 3.0]).await.unwrap();
    ///
    /// drop(stream);
    /// let refusal = producer.send_all([4.0, 5.0]).await.unwrap_err();
    /// assert_eq!(refusal.into_inner(), [4.0, 5.0]);
    /// # }
    /// ```
    pub async fn send_all(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<(), SendError<VecDeque<T>>> {
        let mut items = items.into_iter();
        let portion = BATCH.min(self.queue().limits().capacity);
        let mut collected = Collected::new(self);
        collected
            .items
            .reserve(portion.min(items.size_hint().0.max(1)));
        loop {
            let mut bytes = 0;
            while collected.items.len() < portion && bytes < BATCH_BYTES {
                let Some(item) = items.next() else { break };
                bytes = item.bytes().saturating_add(bytes);
                collected.items.push_back(item);
            }
            if collected.items.is_empty() {
                return Ok(());
            }
            if let Err(refusal) = collected.send().await {
                return Err(refusal.map(|()| mem::take(&mut collected.items)));
            }
        }
    }

    /// Sends the items in `batch`, which is empty afterwards. This is the cheapest way to send many items: they
    /// are encoded together, and their producer can fill the same memory again.
    ///
    /// # Errors
    ///
    /// As for [`send`](Producer::send); items that were not sent stay in `batch`.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use async_iterable_bridge::{bridge, Options};
    /// use std::collections::VecDeque;
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// let mut batch = VecDeque::new();
    /// for part in ["a b", "c d e"] {
    ///     batch.extend(part.split(' '));
    ///     producer.send_batch(&mut batch).await.unwrap();
    ///     assert!(batch.is_empty());
    /// }
    /// # }
    /// ```
    pub async fn send_batch(&self, batch: &mut VecDeque<T>) -> Result<(), SendError<()>> {
        consume_budget().await;
        let mut waiting = Waiting::new(&self.shared, WaitsFor::Room);
        let mut portion = Portion::new(batch);
        while let Some(first) = portion.items.front() {
            let first = first.bytes();
            let room = poll_fn(|context| {
                waiting.poll(|queue, ticket| queue.poll_portion(first, ticket, context))
            });
            let room = room.await?;
            if room.items == 0 {
                portion.items.pop_front();
                continue;
            }
            let encoded = self.encode_portion(&mut portion, room);
            let sent = self.push(portion.scratch.encoded(), &mut waiting).await;
            portion.give_back();
            match sent {
                Ok(()) => drop(portion.items.drain(..encoded)),
                // Another producer was faster.
                Err(SendError::Full(())) => {}
                Err(closed) => return Err(closed),
            }
        }
        Ok(())
    }

    /// Encodes the items that there is room for. If one panics, sends the items before it.
    fn encode_portion(&self, portion: &mut Portion<'_, T>, room: Room) -> usize {
        let encoding = catch_unwind(AssertUnwindSafe(|| {
            portion.scratch.encode_fitting(
                portion.items.as_mut_slices().0,
                self.reads(),
                room.items,
                room.bytes,
                self.queue().needs_weights(),
            )
        }));
        encoding.unwrap_or_else(|panic| {
            let sound = portion.scratch.encoded().sound_items();
            portion.give_back();
            self.send_without_waiting(portion.items.drain(..sound));
            resume_unwind(panic)
        })
    }

    /// Sends items that there was room for just before.
    fn send_without_waiting(&self, items: impl Iterator<Item = T>) {
        for item in items {
            // A thread that panics must not wait for room.
            let _ = self.try_send(item);
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.queue().limits().capacity
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.queue().limits().max_bytes
    }

    /// Sends a batch like [`send_batch`](Producer::send_batch), and blocks the thread while it waits. Not for async
    /// code.
    ///
    /// # Errors
    ///
    /// As for [`send_batch`](Producer::send_batch).
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options, SendError};
    /// use std::collections::VecDeque;
    ///
    /// let (producer, stream) = bridge(Options::new());
    /// let mut batch = VecDeque::from([1.0, 2.0]);
    /// assert_eq!(producer.blocking_send_batch(&mut batch), Ok(()));
    ///
    /// drop(stream);
    /// batch.push_back(3.0);
    /// assert_eq!(producer.blocking_send_batch(&mut batch), Err(SendError::Closed(())));
    /// assert_eq!(batch, [3.0]);
    /// ```
    pub fn blocking_send_batch(&self, batch: &mut VecDeque<T>) -> Result<(), SendError<()>> {
        block_on(self.send_batch(batch))
    }

    /// Sends items like [`send_all`](Producer::send_all), and blocks the thread while it waits. Not for async code.
    ///
    /// # Errors
    ///
    /// As for [`send_all`](Producer::send_all).
    ///
    /// # Example
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Options};
    ///
    /// let (producer, _stream) = bridge(Options::new());
    /// assert!(producer.blocking_send_all((0..100).map(f64::from)).is_ok());
    /// ```
    pub fn blocking_send_all(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<(), SendError<VecDeque<T>>> {
        block_on(self.send_all(items))
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
        let mut waiting = Waiting::new(&self.shared, WaitsFor::End);
        poll_fn(|context| waiting.poll(|queue, ticket| queue.poll_closed(ticket, context))).await;
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

    /// Waits until there is room. Returns the number of items that there is room for, at least one.
    pub(crate) async fn room(&self) -> Result<usize, SendError<()>> {
        let mut waiting = Waiting::new(&self.shared, WaitsFor::Room);
        poll_fn(|context| waiting.poll(|queue, ticket| queue.poll_room(ticket, context))).await
    }

    /// Waits until the consumer has taken everything and asks for more. Never ready after the end.
    pub(crate) async fn asked(&self) {
        let mut waiting = Waiting::new(&self.shared, WaitsFor::Demand);
        poll_fn(|context| waiting.poll(|queue, ticket| queue.poll_demand(ticket, context))).await;
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
}

impl<T: Item> fmt::Debug for Producer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Producer")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// Items that an iterator or a `Stream` has given, and that were not sent yet. If the source panics, they are still
/// sent.
pub(crate) struct Collected<'a, T: Item> {
    producer: &'a Producer<T>,
    pub(crate) items: VecDeque<T>,
    is_sending: bool,
}

impl<'a, T: Item> Collected<'a, T> {
    pub(crate) fn new(producer: &'a Producer<T>) -> Self {
        Collected {
            producer,
            items: VecDeque::new(),
            is_sending: false,
        }
    }

    /// Sends all collected items.
    pub(crate) async fn send(&mut self) -> Result<(), SendError<()>> {
        self.is_sending = true;
        let sent = self.producer.send_batch(&mut self.items).await;
        self.is_sending = false;
        sent
    }
}

impl<T: Item> Drop for Collected<'_, T> {
    fn drop(&mut self) {
        // If the send of the batch panics, it has already sent the items before.
        if thread::panicking() && !self.is_sending {
            // A second panic would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                self.producer.send_without_waiting(self.items.drain(..));
            }));
        }
    }
}

/// Items to send. The first ones are encoded, until they were sent.
struct Portion<'a, T: Item> {
    items: &'a mut VecDeque<T>,
    scratch: Scratch,
}

impl<'a, T: Item> Portion<'a, T> {
    fn new(items: &'a mut VecDeque<T>) -> Self {
        Portion {
            items,
            scratch: Scratch::take(),
        }
    }

    /// Ends the use of the scratch for the first items.
    fn give_back(&mut self) {
        if let Some(first) = self.items.front_mut() {
            self.scratch.give_back(first);
        }
        self.scratch.clear();
    }
}

/// Gives unsent items back whole, also if the future is dropped.
impl<T: Item> Drop for Portion<'_, T> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// A wait for a queue. It gives its place up when its future is dropped.
struct Waiting<'a> {
    shared: &'a Shared,
    list: WaitsFor,
    ticket: Ticket,
}

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared, list: WaitsFor) -> Self {
        Waiting {
            shared,
            list,
            ticket: Ticket::default(),
        }
    }

    fn poll<R>(&mut self, poll: impl FnOnce(&Queue<Batch, Error>, &mut Ticket) -> R) -> R {
        let has_waited = self.ticket.is_filled();
        let polled = poll(&self.shared.queue, &mut self.ticket);
        match self.list {
            WaitsFor::Room if self.ticket.is_filled() && !has_waited => {
                self.shared.trace.waits_for_room();
            }
            WaitsFor::Room | WaitsFor::Demand | WaitsFor::End => {}
        }
        polled
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.ticket.is_filled() {
            self.shared.queue.forget(&mut self.ticket, self.list);
        }
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use crate::{bridge, Options, Overflow};

    #[tokio::test]
    async fn a_task_that_always_finds_room_lets_others_run() {
        let (producer, stream) = bridge(Options::new().overflow(Overflow::DropNewest));
        let sending = tokio::spawn(async move { while producer.send(1.0).await.is_ok() {} });
        // This task runs after the other one, on the same thread.
        tokio::spawn(async move { drop(stream) })
            .await
            .expect("the drop of a stream does not panic");
        sending.await.expect("sending does not panic");
    }
}
