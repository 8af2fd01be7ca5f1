//! Text: all text of a batch is one string, and JavaScript takes parts of it. Their lengths are numbers.

use super::{Columns, Item, Layout};
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

macro_rules! impl_text {
    ($($type:ty),*) => {$(
        impl Item for $type {
            const IS_PLAIN: bool = true;

            fn layout() -> Layout {
                Layout::text()
            }

            fn bytes(&self) -> usize {
                self.len()
            }

            fn encode(&self, columns: &mut Columns<'_>) {
                columns.text(self);
            }
        }
    )*};
}

impl_text!(String, &'static str, Box<str>, Arc<str>, Cow<'static, str>);

/// A string. Parts that are not valid UTF-8 become U+FFFD, as in Node.
impl Item for PathBuf {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::text()
    }

    fn bytes(&self) -> usize {
        // A replaced part takes more bytes than it had.
        self.to_str()
            .map_or_else(|| self.to_string_lossy().len(), str::len)
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.text(&self.to_string_lossy());
    }
}

/// A string of one code point.
impl Item for char {
    const IS_PLAIN: bool = true;

    fn layout() -> Layout {
        Layout::number("String.fromCodePoint(numbers[at++])")
    }

    fn bytes(&self) -> usize {
        size_of::<char>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(u32::from(*self)));
    }
}
