//! One stream in one environment: what `port.js` holds a handle of.
//!
//! It goes when JavaScript collects the handle, or when the environment goes away: then the hub
//! empties the [`Slot`] that both share, because Bun and Deno never finalize what a terminated
//! worker held.

use super::hub::Hub;
use crate::bridge::Stream;
use crate::error::Error;
use crate::item::{Columns, Item, Payload};
use crate::queue::{Drained, QueueState};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

/// What a drain brought to JavaScript.
pub(super) enum Outcome {
    /// The columns hold at least one item.
    Items,
    NothingYet,
    Ended,
    Failed(Error),
}

/// A stream of some type of item. Used on the JavaScript thread alone.
pub(super) trait Outlet {
    fn drain(&mut self, numbers: &mut [f64], buffer: &mut Vec<u8>) -> (Outcome, Crossing);

    /// The consumer has left, with so many items unread that had crossed.
    fn cancel(&mut self, unread: u64);

    /// Writes the counters, in the order of `stats()` in `port.js`.
    fn write_stats(&self, numbers: &mut [f64]);
}

/// How the columns were filled.
#[derive(Clone, Copy)]
pub(super) struct Crossing {
    pub(super) count: usize,
    pub(super) payload: Payload,
}

impl Crossing {
    const NONE: Crossing = Crossing {
        count: 0,
        payload: Payload::None,
    };
}

/// A place for an outlet, which is empty once the environment has gone away.
pub(super) struct Slot(RefCell<Option<Box<dyn Outlet>>>);

impl Slot {
    pub(super) fn with<R>(&self, using: impl FnOnce(&mut dyn Outlet) -> R) -> Option<R> {
        let mut outlet = self.0.borrow_mut();
        outlet.as_mut().map(|outlet| using(outlet.as_mut()))
    }

    /// Drops the outlet, which cancels its stream.
    pub(super) fn empty(&self) {
        let outlet = self.0.take();
        drop(outlet);
    }
}

pub(super) struct StreamOutlet<T: Item> {
    stream: Stream<T>,
    /// Drained from the queue, and still to cross.
    staged: VecDeque<T>,
    waker: Waker,
    hub: Rc<Hub>,
    key: usize,
    parked: bool,
}

impl<T: Item> StreamOutlet<T> {
    /// Puts the outlet of a stream into a slot that the hub knows.
    pub(super) fn install(stream: Stream<T>, hub: Rc<Hub>, number: u64) -> Rc<Slot> {
        Rc::new_cyclic(|slot| {
            let outlet = StreamOutlet {
                stream,
                staged: VecDeque::new(),
                waker: hub.waker(number),
                key: hub.watch(slot.clone()),
                hub,
                parked: false,
            };
            Slot(RefCell::new(Some(Box::new(outlet))))
        })
    }

    fn unpark(&mut self) {
        if self.parked {
            self.parked = false;
            self.hub.count_unparked();
        }
    }

    fn park(&mut self) {
        self.parked = true;
        self.hub.count_parked();
        // An idle stream keeps no memory for the bursts of its past.
        self.staged = VecDeque::new();
    }
}

impl<T: Item> Outlet for StreamOutlet<T> {
    fn drain(&mut self, numbers: &mut [f64], buffer: &mut Vec<u8>) -> (Outcome, Crossing) {
        self.unpark();
        if self.staged.is_empty() {
            let outcome = match self.stream.drain(&mut self.staged, &self.waker) {
                Drained::Items => Outcome::Items,
                Drained::Parked => {
                    self.park();
                    Outcome::NothingYet
                }
                Drained::Closed => Outcome::Ended,
                Drained::Failed(error) => Outcome::Failed(error),
            };
            match outcome {
                Outcome::Items => {}
                Outcome::NothingYet | Outcome::Ended | Outcome::Failed(_) => {
                    return (outcome, Crossing::NONE);
                }
            }
        }
        let mut columns = Columns::new(numbers, buffer);
        T::encode(&mut self.staged, &mut columns);
        let crossing = Crossing {
            count: columns.count(),
            payload: columns.payload(),
        };
        (Outcome::Items, crossing)
    }

    fn cancel(&mut self, unread: u64) {
        self.unpark();
        let staged = std::mem::take(&mut self.staged);
        self.stream
            .queue()
            .record_dropped(unread + staged.len() as u64);
        self.stream.cancel();
    }

    fn write_stats(&self, numbers: &mut [f64]) {
        let stats = self.stream.stats();
        let state = match stats.state {
            QueueState::Open if !self.stream.is_started() => 0.0,
            QueueState::Open => 1.0,
            QueueState::Closed => 2.0,
            QueueState::Failed => 3.0,
            QueueState::Cancelled => 4.0,
        };
        let counters = [
            stats.pushed as f64,
            stats.dropped as f64,
            stats.skipped as f64,
            stats.buffered as f64,
            stats.buffered_bytes as f64,
            self.stream.queue().limits().capacity as f64,
            stats.wakes as f64,
            stats.producer_waits as f64,
            state,
        ];
        numbers[..counters.len()].copy_from_slice(&counters);
    }
}

impl<T: Item> Drop for StreamOutlet<T> {
    fn drop(&mut self) {
        self.unpark();
        self.hub.unwatch(self.key);
    }
}
