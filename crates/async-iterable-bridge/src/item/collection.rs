//! Types that hold other values: `Option`, `Vec`, arrays, `Box`, `Arc` and tuples.

use super::{Columns, Item, Layout};
use std::sync::Arc;

impl<T: Item> Item for Option<T> {
    const IS_PLAIN: bool = T::IS_PLAIN;

    fn layout() -> Layout {
        T::layout().nullable()
    }

    fn bytes(&self) -> usize {
        // The mark before the value counts, because an absent value would weigh nothing without it.
        1 + self.as_ref().map_or(0, Item::bytes)
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        match self {
            None => columns.number(0.0),
            Some(value) => {
                columns.number(1.0);
                value.encode(columns);
            }
        }
    }
}

impl<T: Item> Item for Vec<T> {
    const IS_PLAIN: bool = T::LIST_IS_PLAIN;

    fn layout() -> Layout {
        T::list_layout()
    }

    fn bytes(&self) -> usize {
        T::list_bytes(self)
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        T::encode_list(self, columns);
    }
}

/// The same as a `Vec` of these elements.
impl<T: Item, const N: usize> Item for [T; N] {
    const IS_PLAIN: bool = T::LIST_IS_PLAIN;

    fn layout() -> Layout {
        T::list_layout()
    }

    fn bytes(&self) -> usize {
        T::list_bytes(self)
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        T::encode_list(self, columns);
    }
}

macro_rules! impl_pointer {
    ($pointer:ident $(, $bound:ident)?) => {
        /// The same as the value that it points to.
        impl<T: Item $(+ $bound)?> Item for $pointer<T> {
            const IS_PLAIN: bool = T::IS_PLAIN;

            fn layout() -> Layout {
                T::layout()
            }

            fn bytes(&self) -> usize {
                T::bytes(self)
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                T::encode(self, columns);
            }
        }
    };
}

impl_pointer!(Box);
impl_pointer!(Arc, Sync);

#[cfg(feature = "bytes")]
impl Item for bytes::Bytes {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::bytes()
    }

    fn bytes(&self) -> usize {
        self.len()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.bytes(self);
    }
}

impl Item for () {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("undefined")
    }

    fn bytes(&self) -> usize {
        1
    }

    fn encode(&self, _columns: &mut Columns<'_>) {}
}

macro_rules! impl_tuple {
    ($($part:ident $place:tt),*) => {
        impl<$($part: Item),*> Item for ($($part,)*) {
            const IS_PLAIN: bool = true $(&& $part::IS_PLAIN)*;

            fn layout() -> Layout {
                Layout::array([$($part::layout()),*])
            }

            fn bytes(&self) -> usize {
                0 $(+ self.$place.bytes())*
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                $(self.$place.encode(columns);)*
            }
        }
    };
}

impl_tuple!(A 0);
impl_tuple!(A 0, B 1);
impl_tuple!(A 0, B 1, C 2);
impl_tuple!(A 0, B 1, C 2, D 3);
impl_tuple!(A 0, B 1, C 2, D 3, E 4);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
impl_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
