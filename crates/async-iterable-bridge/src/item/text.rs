//! Strings: their lengths in the slab, their text as one string, of which JavaScript takes parts.

use super::{Columns, Item};
use std::collections::VecDeque;

/// Makes strings of lengths and text.
const DECODER: &str = "(slab) => (count, text) => {
  if (count === 1) return [text];
  const items = new Array(count);
  let end = 0;
  for (let index = 0; index < count; index++) {
    const start = end;
    end += slab[index];
    items[index] = text.substring(start, end);
  }
  return items;
}";

impl Item for String {
    const DECODER: &'static str = DECODER;

    fn bytes(&self) -> usize {
        self.len()
    }

    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>) {
        while let Some(text) = batch.front() {
            if !columns.admits(1, text.len()) {
                return;
            }
            columns.text(text);
            columns.number(columns.length(text) as f64);
            batch.pop_front();
        }
    }
}
