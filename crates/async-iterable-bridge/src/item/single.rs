//! An item that is sent by itself.

use super::columns::SLAB_NUMBERS;
use super::{Batch, Columns, Item, Reads, Scratch};
use crate::queue::{Batches, Load};
use std::slice;

/// The largest weight of an item that is written under the queue's lock. A longer copy would delay other threads.
const LONGEST_WRITE: usize = 4096;

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
    use super::super::{Layout, LARGE};
    use super::*;
    use crate::queue::{Limits, Overflow, Queue};
    use std::collections::VecDeque;
    use std::task::Waker;

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
    fn only_what_the_crate_encodes_itself_is_plain() {
        const {
            assert!(<(f64, String, Option<Vec<u8>>, Vec<f64>)>::IS_PLAIN);
            // A list of texts may weigh nothing, however long it is.
            assert!(!Vec::<String>::IS_PLAIN && !Vec::<Vec<u8>>::IS_PLAIN);
            assert!(!Foreign::IS_PLAIN && !<(f64, Vec<Foreign>)>::IS_PLAIN);
        }
    }

    #[test]
    fn what_is_written_into_the_batch_is_as_if_encoded_together() {
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
