//! Integers of 64 and more bits that cross as numbers, where the author says so.

use super::{Columns, Item, Layout};

/// A field of a row with `#[row(number)]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[row(number)]` is for integers of 64 and more bits, not for `{Self}`",
    label = "this type is no such integer, and no `Option` or `Vec` of one"
)]
pub trait RowNumber {
    const IS_PLAIN: bool;

    fn layout() -> Layout;
    fn bytes(&self) -> usize;
    fn encode(&self, columns: &mut Columns<'_>);
}

macro_rules! impl_row_number {
    ($($type:ident),*) => {$(
        impl RowNumber for $type {
            const IS_PLAIN: bool = true;

            fn layout() -> Layout {
                f64::layout()
            }

            fn bytes(&self) -> usize {
                size_of::<f64>()
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                columns.number(*self as f64);
            }
        }
    )*};
}

impl_row_number!(i64, u64, isize, usize, i128, u128);

impl<T: RowNumber> RowNumber for Option<T> {
    const IS_PLAIN: bool = T::IS_PLAIN;

    fn layout() -> Layout {
        T::layout().nullable()
    }

    fn bytes(&self) -> usize {
        1 + self.as_ref().map_or(0, RowNumber::bytes)
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

/// An `Array` of numbers.
impl<T: RowNumber> RowNumber for Vec<T> {
    const IS_PLAIN: bool = T::IS_PLAIN;

    fn layout() -> Layout {
        T::layout().list()
    }

    fn bytes(&self) -> usize {
        1 + self.iter().map(RowNumber::bytes).sum::<usize>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(self.len() as f64);
        for value in self {
            value.encode(columns);
        }
    }
}
