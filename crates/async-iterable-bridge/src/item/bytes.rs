//! Bytes: their lengths in the slab, the bytes as one `ArrayBuffer`, of which JavaScript makes
//! `Buffer` views.

use super::{Columns, Item};
use std::collections::VecDeque;

impl Item for Vec<u8> {
    const DECODER: &'static str = "(slab, Buffer) => (count, bytes) => {
      const items = new Array(count);
      let start = 0;
      for (let index = 0; index < count; index++) {
        const length = slab[index];
        items[index] = Buffer.from(bytes, start, length);
        start += length;
      }
      return items;
    }";

    fn bytes(&self) -> usize {
        self.len()
    }

    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>) {
        while let Some(bytes) = batch.front() {
            if !columns.admits(1, bytes.len()) {
                return;
            }
            columns.bytes(bytes);
            columns.number(bytes.len() as f64);
            batch.pop_front();
        }
    }
}
