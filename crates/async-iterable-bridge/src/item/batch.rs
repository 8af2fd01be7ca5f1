//! Encoded items on their way to JavaScript, and an item that is sent alone, which is written into the open batch.

use super::columns::{LARGE, PIECE, SLAB_NUMBERS};
use super::{Columns, Item, Reads, Scratch};
use crate::queue::{Batches, Carried, Load};
use std::any::Any;
use std::slice;
use std::sync::Arc;

/// The largest weight of an item that is written under the queue's lock. A longer copy would delay other threads.
const LONGEST_WRITE: usize = 4096;

/// The largest batch that is copied to the end of another one, under the queue's lock.
const LONGEST_COPY: usize = 16 * 1024;

/// The most bytes of text, or of bytes, for which an empty batch keeps its memory.
const MOST_KEPT: usize = 1024 * 1024;

/// Items that were encoded together, or joined. A batch contains no object of the sender, except the values that only
/// napi-rs can convert.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) numbers: Vec<f64>,
    pub(crate) text: Vec<u8>,
    /// Whether the text contains more than ASCII.
    pub(crate) is_beyond_ascii: bool,
    pub(crate) bytes: Vec<u8>,
    /// The number of JavaScript values that share the bytes.
    pub(crate) byte_values: usize,
    pub(crate) values: Values,
    /// The number of items, including skipped ones.
    pub(crate) encoded: usize,
    /// The number of items at the front that the consumer does not get.
    pub(crate) skipped: usize,
    /// Whether the batch must stay as it was encoded.
    pub(crate) stands_alone: bool,
}

/// A value that is converted on JavaScript's thread, once. A batch only carries it.
pub(crate) trait Deferred: Send + Sync {
    /// Converts the value by what the caller passes, which also takes the result.
    fn convert(&self, conversion: &mut dyn Any);
}

/// Values that napi-rs converts on JavaScript's thread.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) deferred: Vec<Arc<dyn Deferred>>,
    /// For each item, the number of values when it was complete.
    pub(crate) ends: Vec<usize>,
    /// The sum of their weights.
    pub(crate) bytes: usize,
}

impl Batch {
    /// Drops the contents of the batch, and keeps its memory, up to a bound.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.text.clear();
        self.bytes.clear();
        if self.numbers.capacity() > 2 * SLAB_NUMBERS {
            self.numbers.shrink_to(SLAB_NUMBERS);
        }
        if self.text.capacity() > MOST_KEPT {
            self.text.shrink_to(PIECE);
        }
        if self.bytes.capacity() > MOST_KEPT {
            self.bytes.shrink_to(PIECE);
        }
        self.values.deferred.clear();
        self.values.ends.clear();
        self.values.bytes = 0;
        self.is_beyond_ascii = false;
        self.byte_values = 0;
        self.encoded = 0;
        self.skipped = 0;
        self.stands_alone = false;
    }

    /// Returns whether the batch is one item whose bytes have an `ArrayBuffer` of their own.
    pub(crate) fn is_large(&self) -> bool {
        self.encoded == 1 && self.bytes.len() >= LARGE
    }

    /// Returns the number of bytes that `append` would copy from this batch.
    fn length(&self) -> usize {
        size_of_val(&*self.numbers) + self.text.len() + self.bytes.len()
    }
}

impl Carried for Batch {
    fn count(&self) -> usize {
        self.encoded - self.skipped
    }

    fn can_append(&self, other: &Self) -> bool {
        // One more number gives the place where the bytes begin.
        self.numbers.len() + other.numbers.len() < SLAB_NUMBERS
            && self.text.len() + other.text.len() <= PIECE
            && self.bytes.len() + other.bytes.len() <= PIECE
            && self.values.bytes.saturating_add(other.values.bytes) <= PIECE
            && self.encoded + other.encoded <= SLAB_NUMBERS
            && !(self.stands_alone || other.stands_alone)
            && !(self.is_large() || other.is_large())
            && other.length() <= LONGEST_COPY
    }

    fn append(&mut self, other: &mut Self) {
        self.numbers.append(&mut other.numbers);
        self.text.append(&mut other.text);
        self.bytes.append(&mut other.bytes);
        if !other.values.ends.is_empty() {
            let before = self.values.deferred.len();
            self.values.deferred.append(&mut other.values.deferred);
            let ends = other.values.ends.drain(..).map(|end| before + end);
            self.values.ends.extend(ends);
            self.values.bytes += other.values.bytes;
        }
        self.is_beyond_ascii |= other.is_beyond_ascii;
        self.byte_values += other.byte_values;
        self.encoded += other.encoded;
        other.clear();
    }

    fn skip(&mut self, items: usize) {
        self.skipped += items;
    }
}

/// One item. If its encoding runs no code of the program, it is written into the queue's own batch, under the lock.
/// Otherwise it is encoded before, in the memory of the thread.
pub(crate) struct Single<'a, T: Item> {
    item: &'a mut T,
    bytes: usize,
    reads: Reads,
    scratch: Option<Scratch>,
}

impl<'a, T: Item> Single<'a, T> {
    pub(crate) fn new(item: &'a mut T, reads: Reads) -> Self {
        let bytes = item.bytes();
        let mut single = Single {
            item,
            bytes,
            reads,
            scratch: None,
        };
        if !T::IS_PLAIN || bytes > LONGEST_WRITE {
            let mut scratch = Scratch::take();
            scratch.encode_one(single.item, reads);
            single.scratch = Some(scratch);
        }
        single
    }
}

impl<T: Item> Load<Batch> for Single<'_, T> {
    fn count(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn weights(&self) -> &[usize] {
        slice::from_ref(&self.bytes)
    }

    fn put(&mut self, batches: &mut Batches<Batch>) {
        if let Some(scratch) = &mut self.scratch {
            scratch.encoded().put(batches);
            return;
        }
        batches.write(|batch| {
            let before = batch.encoded;
            if before < SLAB_NUMBERS {
                T::encode_batch(
                    slice::from_ref(&*self.item),
                    &mut Columns::new(batch, self.reads),
                );
            }
            batch.encoded > before
        });
    }
}

/// Gives the item its bytes back, if it was encoded without a copy and not sent.
impl<T: Item> Drop for Single<'_, T> {
    fn drop(&mut self) {
        if let Some(scratch) = &mut self.scratch {
            scratch.give_back(self.item);
        }
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::super::Layout;
    use super::*;
    use crate::queue::{Limits, Overflow, Queue};
    use std::collections::VecDeque;
    use std::task::Waker;

    fn batch_of<T: Item>(items: &[T]) -> Batch {
        let mut batch = Batch::default();
        Columns::new(&mut batch, T::batch_layout().reads()).encode(items);
        batch
    }

    #[test]
    fn joined_batches_are_as_if_encoded_together() {
        let rows = [("plain".to_owned(), 1.0), ("grün".to_owned(), 2.5)];
        let (mut joined, mut second) = (batch_of(&rows[..1]), batch_of(&rows[1..]));
        assert!(joined.can_append(&second));
        joined.append(&mut second);
        let together = batch_of(&rows);
        assert_eq!(joined.numbers, together.numbers);
        assert_eq!(joined.text, together.text);
        assert!(joined.is_beyond_ascii && together.is_beyond_ascii);
        assert_eq!(joined.count(), 2);
        assert_eq!(second.count(), 0);
    }

    #[test]
    fn elements_begin_at_a_multiple_of_their_size_also_in_joined_batches() {
        let (odd, doubles) = (vec![1_u16, 2, 3], vec![0.5_f64]);
        let rows = [(odd.clone(), doubles.clone()), (odd, doubles)];
        let (mut joined, mut second) = (batch_of(&rows[..1]), batch_of(&rows[1..]));
        joined.append(&mut second);
        assert_eq!(joined.bytes, batch_of(&rows).bytes);
        assert_eq!(joined.bytes.len(), 32);
        assert_eq!(joined.bytes[24..], 0.5_f64.to_ne_bytes());
    }

    #[test]
    fn a_large_item_stays_alone() {
        let (large, small) = (vec![0_u8; LARGE], vec![0_u8; 1]);
        let alone = |item: &Vec<u8>| batch_of(slice::from_ref(item));
        assert!(!alone(&small).can_append(&alone(&large)));
        assert!(!alone(&large).can_append(&alone(&small)));
        assert_eq!(batch_of(&[small.clone(), large.clone()]).count(), 1);
        assert_eq!(batch_of(&[large, small]).count(), 1);
    }

    #[test]
    fn a_batch_that_stands_alone_is_not_joined() {
        let (mut alone, other) = (Batch::default(), batch_of(&[1.0]));
        Columns::new(&mut alone, Reads::default()).number(1.0);
        alone.stands_alone = true;
        assert!(!alone.can_append(&other) && !other.can_append(&alone));
    }

    #[test]
    fn memory_is_kept_up_to_a_bound() {
        let mut batch = batch_of(&[vec![0_u8; PIECE]]);
        let memory = batch.bytes.as_ptr();
        batch.clear();
        assert_eq!(batch.bytes.as_ptr(), memory);
        let mut batch = batch_of(&[vec![0_u8; 2 * MOST_KEPT]]);
        batch.clear();
        assert!(batch.bytes.capacity() <= PIECE);
    }

    /// A type of the program, which may do anything when it is encoded.
    struct Foreign;

    impl Item for Foreign {
        fn layout() -> Layout {
            f64::layout()
        }

        fn bytes(&self) -> usize {
            8
        }

        fn encode(&self, columns: &mut Columns<'_>) {
            columns.number(1.0);
        }
    }

    /// Sends items one by one, and returns the batches that the consumer gets.
    fn batches_of<T: Item>(items: impl IntoIterator<Item = T>) -> VecDeque<Batch> {
        let queue = Queue::<Batch, ()>::new(Limits {
            capacity: usize::MAX,
            max_bytes: usize::MAX,
            overflow: Overflow::Block,
        });
        let reads = T::batch_layout().reads();
        for mut item in items {
            let sent = queue.try_push(&mut Single::new(&mut item, reads));
            assert_eq!(sent, Ok(()));
        }
        let mut batches = VecDeque::new();
        queue.drain(&mut batches, &mut Vec::new(), Waker::noop());
        batches
    }

    #[test]
    fn only_types_of_the_crate_are_plain() {
        const {
            assert!(<(f64, String, Option<Vec<u8>>, Vec<f64>)>::IS_PLAIN);
            // A list of texts may weigh nothing, however long it is.
            assert!(!Vec::<String>::IS_PLAIN && !Vec::<Vec<u8>>::IS_PLAIN);
            assert!(!Foreign::IS_PLAIN && !<(f64, Vec<Foreign>)>::IS_PLAIN);
        }
    }

    #[test]
    fn items_written_one_by_one_are_as_if_encoded_together() {
        let rows = || (0..9_u8).map(|index| (f64::from(index), "grün".to_owned(), vec![index]));
        let [written] = batches_of(rows())
            .into_iter()
            .collect::<Vec<_>>()
            .try_into()
            .ok()
            .expect("one batch");
        let mut together = Batch::default();
        let rows: Vec<_> = rows().collect();
        Columns::new(
            &mut together,
            <(f64, String, Vec<u8>)>::batch_layout().reads(),
        )
        .encode(&rows);
        assert_eq!(written.numbers, together.numbers);
        assert_eq!(written.text, together.text);
        assert_eq!(written.bytes, together.bytes);
        assert_eq!(written.byte_values, together.byte_values);
        assert_eq!(written.encoded, 9);
        assert!(written.is_beyond_ascii);
    }

    #[test]
    fn a_full_batch_is_followed_by_another() {
        let counts = |batches: VecDeque<Batch>| {
            batches
                .iter()
                .map(|batch| batch.encoded)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            counts(batches_of((0..10_000).map(f64::from))),
            [SLAB_NUMBERS, 10_000 - SLAB_NUMBERS]
        );
        assert_eq!(
            counts(batches_of([(); 10_000])),
            [SLAB_NUMBERS, 10_000 - SLAB_NUMBERS]
        );
        assert_eq!(
            counts(batches_of([vec![1_u8], vec![0; LARGE], vec![2]])),
            [1, 1, 1]
        );
        assert_eq!(counts(batches_of([Foreign, Foreign])), [2]);
    }
}
