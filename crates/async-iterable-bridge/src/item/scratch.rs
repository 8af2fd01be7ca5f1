//! Where a sending thread encodes, before it takes the queue's lock.

use super::{Batch, Columns, Item, Reads};
use crate::queue::Carried;
use std::cell::Cell;

/// The most items whose weights a scratch keeps memory for.
const MOST_WEIGHTS: usize = 1024;

thread_local! {
    /// The scratch of this thread, unless it is in use.
    static KEPT: Cell<Option<Box<Encoded>>> = const { Cell::new(None) };
}

/// Encoded items that were not sent yet.
#[derive(Default)]
pub(crate) struct Encoded {
    pub(crate) batch: Batch,
    /// The weight of all.
    pub(crate) bytes: usize,
    /// The weight of each, where the queue has to know it.
    pub(crate) weights: Vec<usize>,
}

/// Encoded items, in memory that goes back to the thread. An `encode` that sends takes another scratch.
pub(crate) struct Scratch(Option<Box<Encoded>>);

impl Scratch {
    pub(crate) fn take() -> Self {
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        Scratch(Some(kept.unwrap_or_default()))
    }

    /// Returns what is encoded.
    pub(crate) fn encoded(&mut self) -> &mut Encoded {
        self.0.get_or_insert_default()
    }

    /// Encodes one item, with its weight.
    pub(crate) fn encode_one<T: Item>(&mut self, item: &T, reads: Reads) {
        let encoded = self.encoded();
        encoded.bytes = item.bytes();
        let count = Columns::new(&mut encoded.batch, reads).encode(std::slice::from_ref(item));
        assert_finished(count, 1);
    }

    /// Encodes items from the front, as many as fit: the first always, and others until there are `most`, or they
    /// weigh more than `most_bytes`. Keeps the weight of each if `keeps_weights`. Returns how many it encoded.
    pub(crate) fn encode_fitting<T: Item>(
        &mut self,
        items: &[T],
        reads: Reads,
        most: usize,
        most_bytes: usize,
        keeps_weights: bool,
    ) -> usize {
        let encoded = self.encoded();
        encoded.weights.clear();
        let mut fitting = 0;
        let mut bytes = 0_usize;
        for item in items.iter().take(most) {
            let weight = item.bytes();
            let sum = bytes.saturating_add(weight);
            if fitting > 0 && sum > most_bytes {
                break;
            }
            bytes = sum;
            fitting += 1;
            if keeps_weights {
                encoded.weights.push(weight);
            }
        }
        let count = Columns::new(&mut encoded.batch, reads).encode(&items[..fitting]);
        assert_finished(count, fitting);
        if count < fitting {
            encoded.weights.truncate(count);
            let weights = items[..count].iter().map(Item::bytes);
            bytes = weights.fold(0, usize::saturating_add);
        }
        encoded.bytes = bytes;
        count
    }

    /// Drops what is encoded, so that something else can be.
    pub(crate) fn clear(&mut self) {
        self.encoded().batch.clear();
    }
}

fn assert_finished(count: usize, given: usize) {
    assert!(
        (1..=given).contains(&count),
        "`encode_batch` has finished {count} items of {given}"
    );
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Some(mut encoded) = self.0.take() else {
            return;
        };
        encoded.batch.clear();
        encoded.weights.clear();
        encoded.weights.shrink_to(MOST_WEIGHTS);
        // A thread that ends keeps nothing.
        let _ = KEPT.try_with(|kept| kept.set(Some(encoded)));
    }
}

impl Columns<'_> {
    /// Encodes items from the front. Returns how many it finished.
    pub(crate) fn encode<T: Item>(&mut self, items: &[T]) -> usize {
        T::encode_batch(items, self);
        let batch = self.batch();
        batch.stands_alone = !T::JOINS;
        batch.count()
    }
}
