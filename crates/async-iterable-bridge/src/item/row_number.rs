//! Integers of 64 and more bits that cross as numbers, where the author says so.

use super::Item;

/// A field of a row with `#[row(number)]`, which crosses as another item.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[row(number)]` is for integers of 64 and more bits, not for `{Self}`",
    label = "this type is no such integer, and no `Option` or `Vec` of one"
)]
pub trait RowNumber {
    type Number: Item;

    fn number(&self) -> Self::Number;
}

macro_rules! impl_row_number {
    ($($type:ident),*) => {$(
        impl RowNumber for $type {
            type Number = f64;

            fn number(&self) -> f64 {
                *self as f64
            }
        }
    )*};
}

impl_row_number!(i64, u64, isize, usize, i128, u128);

impl<T: RowNumber> RowNumber for Option<T> {
    type Number = Option<T::Number>;

    fn number(&self) -> Self::Number {
        self.as_ref().map(RowNumber::number)
    }
}

impl<T: RowNumber> RowNumber for Vec<T> {
    type Number = Vec<T::Number>;

    fn number(&self) -> Self::Number {
        self.iter().map(RowNumber::number).collect()
    }
}
