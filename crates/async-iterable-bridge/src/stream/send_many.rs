//! Sending many items together: they are encoded without a lock, in portions for which there is capacity, and each
//! portion crosses at once.

use crate::item::{Item, Scratch, PIECE};
use crate::queue::{block_on, FreeCapacity, Queue, SendError, Ticket};
use crate::stream::producer::Producer;
use std::collections::VecDeque;
use std::mem;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::task::Context;
use std::thread;
use tokio::task::coop::consume_budget;

/// The most items that [`Producer::send_all`] or a `Stream` collects before it sends them together.
pub(crate) const BATCH: usize = 256;

/// The weight at which a portion is complete, even with few items.
pub(crate) const BATCH_BYTES: usize = PIECE;

impl<T: Item> Producer<T> {
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
        let mut registration = self.send_registration();
        let mut portion = Portion::new(batch);
        while let Some(first) = portion.items.front() {
            let first = first.bytes();
            let poll = |queue: &Queue<_, _>, ticket: &mut Ticket, context: &mut Context<'_>| {
                queue.poll_free_capacity(first, ticket, context)
            };
            let free = self.wait_for_capacity(&mut registration, poll).await?;
            if free.items == 0 {
                portion.items.pop_front();
                continue;
            }
            let encoded = self.encode_portion(&mut portion, free);
            let sent = self
                .push(portion.scratch.encoded(), &mut registration)
                .await;
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

    /// Encodes the items that there is capacity for. If one panics, sends the items before it.
    fn encode_portion(&self, portion: &mut Portion<'_, T>, free: FreeCapacity) -> usize {
        let encoding = catch_unwind(AssertUnwindSafe(|| {
            portion.scratch.encode_fitting(
                portion.items.as_mut_slices().0,
                self.reads(),
                free.items,
                free.bytes,
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

    /// Sends items that there was capacity for just before.
    fn send_without_waiting(&self, items: impl Iterator<Item = T>) {
        for item in items {
            // A thread that panics must not wait for capacity.
            let _ = self.try_send(item);
        }
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
