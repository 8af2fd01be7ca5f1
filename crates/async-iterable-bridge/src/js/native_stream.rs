//! One stream in one environment. The hub owns it, and `native-source.js` identifies it by a number.
//!
//! It is dropped when JavaScript has collected the source, or when the environment goes away.

use super::wake_list::Parking;
use crate::error::Error;
use crate::item::{Batch, Reads};
use crate::queue::{Carried, Drained, QueueState, QueueStats};
use crate::stream::bridge::Stream;
use crate::stream::open_streams::{JsThread, Listed};
use std::any::TypeId;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

/// The next result for JavaScript.
pub(super) enum Staged {
    /// A batch.
    Items,
    NothingYet,
    Ended,
    Failed(Error),
}

/// A stream of some type of item. Used on the JavaScript thread only.
pub(super) trait AnyStream {
    /// Starts the producer, unless it was started.
    fn start(&mut self);

    /// Drains the queue, unless an earlier drain has left items or an error.
    fn stage(&mut self) -> Staged;

    /// Returns the staged batch. There must be one.
    fn batch(&mut self) -> &mut Batch;

    /// Records that this number of items of the batch has crossed.
    fn advance(&mut self, items: usize);

    fn item_type(&self) -> ItemType;

    /// Ends the stream at an item that cannot cross, and cancels its producer. The error is staged next.
    fn fail(&mut self, error: Error);

    /// Cancels the producer, because the consumer has left. It has not read `unread` items that had crossed.
    fn cancel(&mut self, unread: u64);

    /// Frees the memory that is kept for the next burst, if the consumer still waits.
    fn shrink(&mut self);

    /// Writes the counters.
    fn write_stats(&self, numbers: &mut [f64]);

    /// Returns the name of [`Options::kind`](crate::Options::kind).
    fn kind(&self) -> &'static str;
}

/// A type of item, and the columns that it reads.
#[derive(Clone, Copy)]
pub(super) struct ItemType {
    pub(super) id: TypeId,
    pub(super) reads: Reads,
}

pub(super) struct NativeStream {
    stream: Stream,
    /// The batches that were drained from the queue.
    staged: VecDeque<Batch>,
    /// Batches that have crossed, for the queue to use again.
    emptied: Vec<Batch>,
    /// The reason why an item could not cross, until it is staged.
    failure: Option<Error>,
    item_type: ItemType,
    waker: Waker,
    parking: Rc<Parking>,
    number: u64,
    parked: bool,
    kind: &'static str,
    /// The entry on the list of open streams, until the consumer has seen the end or has left.
    listed: Option<Listed>,
    /// Whether the hub will call [`AnyStream::shrink`].
    is_grown: bool,
}

impl NativeStream {
    pub(super) fn new(
        stream: Stream,
        kind: &'static str,
        thread: JsThread,
        parking: Rc<Parking>,
        number: u64,
        item_type: ItemType,
    ) -> Self {
        let queue = Arc::downgrade(stream.queue());
        let listed = Listed::new(kind, thread, queue);
        if stream.is_started() {
            listed.start();
        }
        NativeStream {
            stream,
            staged: VecDeque::new(),
            emptied: Vec::new(),
            failure: None,
            item_type,
            waker: parking.waker(number),
            parking,
            number,
            parked: false,
            kind,
            listed: Some(listed),
            is_grown: false,
        }
    }

    fn unpark(&mut self) {
        if self.parked {
            self.parked = false;
            self.parking.count_unparked();
        }
    }

    fn park(&mut self) {
        self.parked = true;
        self.parking.count_parked();
        if !self.is_grown {
            self.is_grown = true;
            self.parking.shrink_later(self.number);
        }
    }

    /// Drops the staged batches, and the emptied ones.
    fn forget_staged(&mut self) {
        self.staged = VecDeque::new();
        self.emptied = Vec::new();
    }
}

impl AnyStream for NativeStream {
    fn start(&mut self) {
        if !self.stream.is_started() {
            self.stream.start();
            if let Some(listed) = &self.listed {
                listed.start();
            }
        }
    }

    fn stage(&mut self) -> Staged {
        self.unpark();
        if let Some(error) = self.failure.take() {
            return Staged::Failed(error);
        }
        if self.staged.is_empty() {
            self.start();
            let drained = self
                .stream
                .drain(&mut self.staged, &mut self.emptied, &self.waker);
            match drained {
                Drained::Items => self.emptied.clear(),
                Drained::Parked => {
                    self.park();
                    return Staged::NothingYet;
                }
                Drained::Closed => {
                    self.listed = None;
                    self.forget_staged();
                    return Staged::Ended;
                }
                Drained::Failed(error) => {
                    self.listed = None;
                    self.forget_staged();
                    return Staged::Failed(error);
                }
            }
        }
        Staged::Items
    }

    fn batch(&mut self) -> &mut Batch {
        self.staged.front_mut().expect("a batch is staged")
    }

    fn advance(&mut self, items: usize) {
        let batch = self.batch();
        batch.skip(items);
        if batch.count() > 0 {
            return;
        }
        batch.clear();
        self.emptied.extend(self.staged.pop_front());
    }

    fn item_type(&self) -> ItemType {
        self.item_type
    }

    fn fail(&mut self, error: Error) {
        self.cancel(0);
        self.failure = Some(error);
    }

    fn cancel(&mut self, unread: u64) {
        self.unpark();
        self.listed = None;
        let left: usize = self.staged.iter().map(Batch::count).sum();
        self.stream.queue().record_dropped(unread + left as u64);
        self.forget_staged();
        self.stream.cancel();
    }

    fn shrink(&mut self) {
        self.is_grown = false;
        if self.parked {
            self.forget_staged();
            self.stream.queue().release();
        }
    }

    fn write_stats(&self, numbers: &mut [f64]) {
        let capacity = self.stream.queue().limits().capacity;
        let counters = counters(capacity, self.stream.stats(), self.stream.is_started());
        numbers[..counters.len()].copy_from_slice(&counters);
    }

    fn kind(&self) -> &'static str {
        self.kind
    }
}

/// Returns the counters, in the order of `statsOf()` in `native-source.js`.
pub(super) fn counters(capacity: usize, stats: QueueStats, is_started: bool) -> [f64; 9] {
    let state = match stats.state {
        QueueState::Open if !is_started => 0.0,
        QueueState::Open => 1.0,
        QueueState::Closed => 2.0,
        QueueState::Failed => 3.0,
        QueueState::Cancelled => 4.0,
    };
    [
        stats.pushed as f64,
        stats.dropped as f64,
        stats.skipped as f64,
        stats.buffered as f64,
        stats.buffered_bytes as f64,
        capacity as f64,
        stats.wakes as f64,
        stats.producer_waits as f64,
        state,
    ]
}

impl Drop for NativeStream {
    fn drop(&mut self) {
        self.unpark();
    }
}
