//! Numbers: one number each in the slab.
//!
//! V8 keeps small integers in an array as they are, but boxes every other number that is read from
//! one. A number that comes from a `Float64Array` counts as the latter, whatever its value. So the
//! other side is told when a batch is all 32-bit integers, as most are.

use super::{Columns, Item};
use std::collections::VecDeque;

impl Item for f64 {
    const DECODER: &'static str = "(slab) => {
      const copy = (count) => {
        const items = new Array(count);
        for (let index = 0; index < count; index++) items[index] = slab[index];
        return items;
      };
      const copyIntegers = (count) => {
        const items = new Array(count);
        for (let index = 0; index < count; index++) items[index] = slab[index] | 0;
        return items;
      };
      return (count, areIntegers) => (areIntegers ? copyIntegers(count) : copy(count));
    }";

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>) {
        let count = columns.numbers(batch);
        batch.drain(..count);
    }
}
