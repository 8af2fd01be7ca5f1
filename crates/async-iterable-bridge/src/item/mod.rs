//! How a batch of items becomes columns, and JavaScript makes items of them.
//!
//! Each type says two things: what of a value goes into the [`Columns`], which Rust fills, and how
//! JavaScript reads it back, as a [`Layout`]. Types that hold others combine the layouts of these, so
//! that one function, made for the whole type, reads a whole batch without a call for each value.

mod collection;
mod columns;
mod date;
#[cfg(feature = "serde_json")]
mod json;
mod layout;
mod number;
mod text;

pub use columns::Columns;
pub(crate) use columns::{BytesColumn, Crossing, Values, PIECE, SLAB_NUMBERS};
pub use layout::Layout;
pub(crate) use layout::Reads;

use crate::queue::Weigh;

/// A type whose values a stream can carry.
///
/// | Rust | JavaScript |
/// |---|---|
/// | `f64`, `f32`, integers of up to 32 bits | `number` |
/// | `i64`, `u64`, `isize`, `usize`, `i128`, `u128` | `bigint` |
/// | `bool` | `boolean` |
/// | `char`, `String`, `&'static str`, `Box<str>`, `Arc<str>`, `Cow<'static, str>` | `string` |
/// | `Vec<u8>`, `Bytes` of the crate bytes (feature `bytes`) | `Buffer` |
/// | `Vec` of other numbers | the typed array of that number |
/// | `Vec` of anything else | `Array` |
/// | `Option` | the value, or `null` |
/// | `SystemTime` | `Date` |
/// | tuples of up to 12, `()` | `Array`, `undefined` |
/// | structs and enums with `#[derive(Row)]` (feature `derive`) | plain objects and strings |
/// | `serde_json::Value` (feature `serde_json`) | what `JSON.parse` makes of it |
/// | [`Napi`](crate::Napi) of whatever napi-rs can convert | what napi-rs makes of it |
///
/// In JavaScript, strings and small Buffers are parts of a larger piece, of 64 KiB at most, which lives as
/// long as any of them. What shares a piece cannot be transferred to a worker, and cloning it copies the
/// whole piece. A Buffer from 16 KiB on has memory of its own.
///
/// In Rust, an item is dropped some time after it has crossed, by the next thread that sends, or by
/// JavaScript's thread. So its drop must not wait for a lock that a sender may hold; a panic in it is
/// told by the panic hook alone.
///
/// An item is `Sync`, because one that was not sent is a part of an error: see [`SendError`](crate::SendError).
///
/// A type of your own usually derives `Row`. To implement the trait by hand, combine what is there:
///
/// ```
/// use async_iterable_bridge::{Columns, Item, Layout};
///
/// /// An array of two numbers in JavaScript.
/// struct Point(f64, f64);
///
/// impl Item for Point {
///     fn layout() -> Layout {
///         Layout::array([f64::layout(), f64::layout()])
///     }
///
///     fn bytes(&self) -> usize {
///         self.0.bytes() + self.1.bytes()
///     }
///
///     fn encode(&self, columns: &mut Columns<'_>) {
///         self.0.encode(columns);
///         self.1.encode(columns);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an item of a stream, or a part of one",
    label = "this type has no columns",
    note = "`#[derive(async_iterable_bridge::Row)]` makes a struct or an enum an item",
    note = "`async_iterable_bridge::Napi` wraps whatever implements napi's `ToNapiValue`"
)]
pub trait Item: Send + Sync + Sized + 'static {
    /// How JavaScript reads one value. Called once per type and environment.
    ///
    /// ```
    /// use async_iterable_bridge::{Item, Layout};
    ///
    /// let layout: Layout = <(String, f64)>::layout();
    /// # drop(layout);
    /// ```
    fn layout() -> Layout;

    /// What the item weighs against [`Options::max_bytes`](crate::Options::max_bytes): at least as
    /// many bytes as [`encode`](Item::encode) gives to [`Columns::bytes`]. It should not change while
    /// the item is buffered. It is asked for while the stream's queue is locked, so it must not use
    /// the stream.
    ///
    /// ```
    /// use async_iterable_bridge::Item;
    ///
    /// assert_eq!(Item::bytes(&1.0), 8);
    /// assert_eq!(Item::bytes(&"text"), 4);
    /// ```
    fn bytes(&self) -> usize;

    /// Appends the value to the columns, as the layout reads it.
    ///
    /// An example is that of [`Columns`].
    fn encode(&self, columns: &mut Columns<'_>);

    /// How JavaScript reads a whole batch. For types whose items are best made together.
    ///
    /// An example is that of [`Layout::batch`].
    fn batch_layout() -> Layout {
        Self::layout().each()
    }

    /// Appends items from the front of a batch, as many as [`Columns::admits`] lets in. Belongs to
    /// [`batch_layout`](Item::batch_layout).
    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        for item in items {
            if !columns.admits(item.bytes()) {
                return;
            }
            item.encode(columns);
            columns.finish_item();
        }
    }

    /// How JavaScript reads a `Vec` of such values: as an `Array`, if nothing else is said.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A character by itself, and a string in a `Vec`.
    /// struct Letter(char);
    ///
    /// impl Item for Letter {
    ///     fn layout() -> Layout {
    ///         char::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         4
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         self.0.encode(columns);
    ///     }
    ///
    ///     fn list_layout() -> Layout {
    ///         String::layout()
    ///     }
    ///
    ///     fn encode_list(items: &[Self], columns: &mut Columns<'_>) {
    ///         let text: String = items.iter().map(|letter| letter.0).collect();
    ///         columns.text(&text);
    ///     }
    /// }
    /// ```
    fn list_layout() -> Layout {
        Self::layout().list()
    }

    /// What a `Vec` of such values weighs, as in [`bytes`](Item::bytes).
    fn list_bytes(items: &[Self]) -> usize {
        items.iter().map(Item::bytes).sum()
    }

    /// Appends a `Vec` of such values. Belongs to [`list_layout`](Item::list_layout).
    fn encode_list(items: &[Self], columns: &mut Columns<'_>) {
        columns.number(items.len() as f64);
        for item in items {
            item.encode(columns);
        }
    }
}

impl<T: Item> Weigh for T {
    fn bytes(&self) -> usize {
        Item::bytes(self)
    }
}
