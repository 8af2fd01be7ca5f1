//! Numbers: one number each in the slab. A 64-bit integer is stored there as its bits.
//!
//! V8 keeps small integers in an array as they are, but boxes every other number that is read from
//! one. A number from a `Float64Array` is boxed whatever its value. So a batch of `f64` states whether
//! all its numbers are 32-bit integers, as most are.

use super::{Columns, Item, Layout};

/// Implements `Item` for a type that is one number, and whose `Vec` is a typed array.
macro_rules! impl_number {
    ($type:ident, $class:literal, $expression:literal) => {
        impl Item for $type {
            const IS_PLAIN: bool = true;

            fn layout() -> Layout {
                Layout::number($expression)
            }

            fn bytes(&self) -> usize {
                size_of::<$type>()
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                columns.number(f64::from(*self));
            }

            typed_array!($type, $class);
        }
    };
}

/// Implements `Item` for a type that becomes a `bigint` and crosses as the 64-bit integer `$wide`.
macro_rules! impl_bigint {
    ($type:ident, $wide:ident, $class:literal, $expression:literal) => {
        impl Item for $type {
            const IS_PLAIN: bool = true;

            fn layout() -> Layout {
                Layout::bigint($expression)
            }

            fn bytes(&self) -> usize {
                size_of::<$type>()
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                columns.bits(*self as $wide as u64);
            }

            typed_array!($wide, $class);
        }
    };
}

/// The methods of [`Item`] about a `Vec` that becomes a typed array.
macro_rules! typed_array {
    ($element:ident, $class:literal) => {
        const LIST_IS_PLAIN: bool = true;

        fn list_layout() -> Layout {
            Layout::elements($class, size_of::<$element>())
        }

        fn list_bytes(items: &[Self]) -> usize {
            // The elements, and the padding before them.
            (items.len() + 1) * size_of::<$element>()
        }

        fn encode_list(items: &[Self], columns: &mut Columns<'_>) {
            columns.elements(items.iter().map(|item| (*item as $element).to_ne_bytes()));
        }
    };
}

impl_number!(f32, "Float32Array", "numbers[at++]");
impl_number!(i8, "Int8Array", "(numbers[at++] | 0)");
impl_number!(i16, "Int16Array", "(numbers[at++] | 0)");
impl_number!(u16, "Uint16Array", "(numbers[at++] | 0)");
impl_number!(i32, "Int32Array", "(numbers[at++] | 0)");
impl_number!(u32, "Uint32Array", "(numbers[at++] >>> 0)");

impl_bigint!(i64, i64, "BigInt64Array", "signed[at++]");
impl_bigint!(isize, i64, "BigInt64Array", "signed[at++]");
impl_bigint!(u64, u64, "BigUint64Array", "unsigned[at++]");
impl_bigint!(usize, u64, "BigUint64Array", "unsigned[at++]");

impl Item for f64 {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("numbers[at++]")
    }

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(*self);
    }

    fn batch_layout() -> Layout {
        Layout::batch(
            "(() => {
      const copy = (count, numbers) => {
        const items = new Array(count);
        for (let index = 0; index < count; index++) items[index] = numbers[index];
        return items;
      };
      const copyIntegers = (count, numbers) => {
        const items = new Array(count);
        for (let index = 0; index < count; index++) items[index] = numbers[index] | 0;
        return items;
      };
      return (count, numbers, areIntegers) =>
        areIntegers ? copyIntegers(count, numbers) : copy(count, numbers);
    })()",
        )
    }

    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        columns.numbers(items);
    }

    typed_array!(f64, "Float64Array");
}

/// A single byte is a small number, and a `Vec` of bytes is a `Buffer`.
impl Item for u8 {
    const IS_PLAIN: bool = true;
    const LIST_IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("(numbers[at++] | 0)")
    }

    fn bytes(&self) -> usize {
        1
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(*self));
    }

    fn list_layout() -> Layout {
        Layout::bytes()
    }

    fn list_bytes(items: &[Self]) -> usize {
        items.len()
    }

    fn encode_list(items: &[Self], columns: &mut Columns<'_>) {
        columns.bytes(items);
    }
}

impl Item for i128 {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::bigint("((signed[at++] << 64n) | unsigned[at++])")
    }

    fn bytes(&self) -> usize {
        size_of::<i128>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.bits((*self >> 64) as u64);
        columns.bits(*self as u64);
    }
}

impl Item for u128 {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::bigint("((unsigned[at++] << 64n) | unsigned[at++])")
    }

    fn bytes(&self) -> usize {
        size_of::<u128>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.bits((*self >> 64) as u64);
        columns.bits(*self as u64);
    }
}

impl Item for bool {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("(numbers[at++] !== 0)")
    }

    fn bytes(&self) -> usize {
        size_of::<bool>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(u8::from(*self)));
    }
}
