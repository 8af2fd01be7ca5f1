//! Numbers: one number each in the slab.

use super::{Columns, Item};
use std::collections::VecDeque;

impl Item for f64 {
    const DECODER: &'static str = "(slab) => (count) => {
      const items = new Array(count);
      for (let index = 0; index < count; index++) items[index] = slab[index];
      return items;
    }";

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>) {
        let admitted = columns.admit_numbers(batch.len(), 1);
        for number in batch.drain(..admitted) {
            columns.number(number);
        }
    }
}
