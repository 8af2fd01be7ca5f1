//! Maps with texts as keys: plain objects.

use super::{Columns, Item, Layout};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The weight of a property beside its key and value.
const ENTRY_BYTES: usize = size_of::<f64>();

/// A text that is the key of a map.
#[diagnostic::on_unimplemented(
    message = "a map with keys of type `{Self}` cannot be an item of a stream, or a part of one",
    label = "the keys of an object are texts",
    note = "a `Vec` of pairs is an item if both parts are"
)]
pub trait Key: Send + 'static {
    #[doc(hidden)]
    fn text(&self) -> &str;
}

macro_rules! impl_key {
    ($($type:ty),*) => {$(
        impl Key for $type {
            fn text(&self) -> &str {
                self
            }
        }
    )*};
}

impl_key!(String, &'static str, Box<str>, Arc<str>, Cow<'static, str>);

macro_rules! impl_map {
    ($map:ident, $is_plain:expr $(, $hasher:ident)?) => {
        /// A plain object, with the properties in the order of the map, but for keys that are integers: JavaScript has
        /// these first.
        impl<K: Key, V: Item $(, $hasher: Send + 'static)?> Item for $map<K, V $(, $hasher)?> {
            const IS_PLAIN: bool = $is_plain && V::IS_PLAIN;

            fn layout() -> Layout {
                V::layout().record()
            }

            fn bytes(&self) -> usize {
                let entry = |(key, value): (&K, &V)| ENTRY_BYTES + key.text().len() + value.bytes();
                ENTRY_BYTES + self.iter().map(entry).sum::<usize>()
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                columns.number(self.len() as f64);
                for (key, value) in self {
                    columns.text(key.text());
                    value.encode(columns);
                }
            }
        }
    };
}

impl_map!(BTreeMap, true);
// A large table with few entries takes long to read.
impl_map!(HashMap, false, S);
