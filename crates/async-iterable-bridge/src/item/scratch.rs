//! The memory in which a sending thread encodes, before it takes the queue's lock.

use super::{Batch, Columns, Item, Reads, LARGE};
use crate::queue::{Batches, Carried, Load};
use std::any::Any;
use std::cell::Cell;
use std::mem;

/// The most weights that a scratch keeps memory for.
const MOST_WEIGHTS: usize = 1024;

thread_local! {
    /// The scratch of this thread, unless it is in use.
    static KEPT: Cell<Option<Box<Encoded>>> = const { Cell::new(None) };
}

/// Encoded items that were not sent yet.
#[derive(Default)]
pub(crate) struct Encoded {
    pub(crate) batch: Batch,
    /// The weight of all items together.
    pub(crate) bytes: usize,
    /// The weight of each item, if the queue needs it.
    pub(crate) weights: Vec<usize>,
    /// The number of items that were weighed, until they are encoded.
    weighed: usize,
    /// Whether the batch holds the bytes of an item that still exists.
    borrows: bool,
}

/// Encoded items, in memory that is returned to the thread. An `encode` that sends takes another scratch.
pub(crate) struct Scratch(Option<Box<Encoded>>);

impl Scratch {
    pub(crate) fn take() -> Self {
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        Scratch(Some(kept.unwrap_or_default()))
    }

    /// Returns the encoded items.
    pub(crate) fn encoded(&mut self) -> &mut Encoded {
        self.0.get_or_insert_default()
    }

    /// Encodes one item, without its weight. May take the item's bytes until they are
    /// [given back](Scratch::give_back).
    pub(crate) fn encode_one<T: Item>(&mut self, item: &mut T, reads: Reads) {
        let encoded = self.encoded();
        if encoded.borrow_large(item) {
            return;
        }
        let count = Columns::new(&mut encoded.batch, reads).encode(std::slice::from_ref(item));
        assert_finished(count, 1);
    }

    /// Encodes items from the front that fit: always the first, and others until there are `most`, or they
    /// weigh more than `most_bytes`. Keeps the weight of each if `keeps_weights`. Returns the number of items that it
    /// encoded. May take the bytes of the first until they are [given back](Scratch::give_back).
    pub(crate) fn encode_fitting<T: Item>(
        &mut self,
        items: &mut [T],
        reads: Reads,
        most: usize,
        most_bytes: usize,
        keeps_weights: bool,
    ) -> usize {
        let encoded = self.encoded();
        encoded.weights.clear();
        if items
            .first_mut()
            .is_some_and(|first| encoded.borrow_large(first))
        {
            encoded.weights.push(encoded.bytes);
            return 1;
        }
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
            encoded.weighed = fitting;
            if keeps_weights {
                encoded.weights.push(weight);
            }
        }
        encoded.weighed = 0;
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

    /// Gives an item its bytes back, if it was encoded without a copy. Once the batch was sent, the item gets other
    /// memory, which the caller drops with it.
    pub(crate) fn give_back<T: Item>(&mut self, item: &mut T) {
        let encoded = self.encoded();
        if mem::take(&mut encoded.borrows) {
            if let Some(bytes) = whole_bytes(item) {
                mem::swap(bytes, &mut encoded.batch.bytes);
                encoded.batch.clear();
            }
        }
    }

    /// Drops the encoded items, so that others can be encoded.
    pub(crate) fn clear(&mut self) {
        self.encoded().batch.clear();
    }
}

impl Load<Batch> for Encoded {
    fn count(&self) -> usize {
        self.batch.count()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn weights(&self) -> &[usize] {
        &self.weights
    }

    fn put(&mut self, batches: &mut Batches<Batch>) {
        batches.append(&mut self.batch);
    }
}

/// Returns the bytes of an item that consists only of bytes.
fn whole_bytes<T: Item>(item: &mut T) -> Option<&mut Vec<u8>> {
    (item as &mut dyn Any).downcast_mut()
}

impl Encoded {
    /// Returns the number of items before the one whose code has panicked.
    pub(crate) fn sound_items(&self) -> usize {
        self.weighed.max(self.batch.count())
    }

    /// Encodes an item of many bytes by taking its memory. Returns whether it did.
    fn borrow_large<T: Item>(&mut self, item: &mut T) -> bool {
        let Some(bytes) = whole_bytes(item).filter(|bytes| bytes.len() >= LARGE) else {
            return false;
        };
        self.bytes = bytes.len();
        self.batch.numbers.push(bytes.len() as f64);
        mem::swap(bytes, &mut self.batch.bytes);
        self.batch.byte_values = 1;
        self.batch.encoded = 1;
        self.borrows = true;
        true
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
        encoded.borrows = false;
        encoded.weighed = 0;
        encoded.weights.clear();
        encoded.weights.shrink_to(MOST_WEIGHTS);
        // A thread that is ending keeps no scratch.
        let _ = KEPT.try_with(|kept| kept.set(Some(encoded)));
    }
}

impl Columns<'_> {
    /// Encodes items from the front. Returns the number of items that it finished.
    pub(crate) fn encode<T: Item>(&mut self, items: &[T]) -> usize {
        T::encode_batch(items, self);
        let batch = self.batch();
        batch.stands_alone = !T::JOINS;
        batch.count()
    }
}
