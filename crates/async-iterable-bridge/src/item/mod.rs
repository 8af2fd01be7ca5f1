//! Encodes a batch of items into columns. JavaScript makes items of these columns.
//!
//! Each type defines two things: the parts of a value that Rust writes to the [`Columns`], and a
//! [`Layout`], with which JavaScript reads them back. Types that hold others combine their layouts, so
//! that one function, made for the whole type, reads a whole batch without a call for each value.

mod batch;
mod collection;
mod columns;
mod date;
#[cfg(feature = "serde_json")]
mod json;
mod layout;
mod map;
mod number;
mod row_number;
mod scratch;
mod source;
mod text;

pub(crate) use batch::{Batch, Deferred, Single, Values};
pub use columns::Columns;
pub(crate) use columns::{copy, ALIGNMENT, LARGE, PIECE, SLAB_NUMBERS};
pub use layout::Layout;
#[doc(hidden)]
pub use row_number::RowNumber;
pub(crate) use scratch::Scratch;
pub(crate) use source::Reads;

use crate::sync::lock_static;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Mutex;

/// A type whose values a stream can carry.
///
/// | Rust | JavaScript |
/// |---|---|
/// | `f64`, `f32`, integers of up to 32 bits | `number` |
/// | `i64`, `u64`, `isize`, `usize`, `i128`, `u128` | `bigint` |
/// | `bool` | `boolean` |
/// | `char`, `String`, `&'static str`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`, `PathBuf` | `string` |
/// | `Vec<u8>`, `Bytes` of the crate bytes (feature `bytes`) | `Buffer` |
/// | `Vec` of other numbers | the typed array of that number |
/// | `Vec` of anything else | `Array` |
/// | `[T; N]` | the same as a `Vec` of `T` |
/// | `HashMap` and `BTreeMap` with texts as keys | a plain object |
/// | `Box<T>`, `Arc<T>` | the same as `T` |
/// | `Option` | the value, or `null` |
/// | `SystemTime` | `Date` |
/// | `Duration` | `number`, of milliseconds |
/// | tuples of up to 12, `()` | `Array`, `undefined` |
/// | structs and enums with `#[derive(Row)]` (feature `derive`) | plain objects, and strings for enums without fields |
/// | `serde_json::Value` (feature `serde_json`) | the result of `JSON.parse` |
/// | [`Napi`](crate::Napi) of anything that napi-rs can convert | the result of that conversion |
///
/// In JavaScript, strings and small Buffers are parts of a larger piece, of 64 KiB at most, which lives as
/// long as any of them. A Buffer that shares a piece cannot be transferred to a worker, and cloning it copies the
/// whole piece. A Buffer of 16 KiB or more has memory of its own.
///
/// In Rust, a send encodes its item on the sending thread, without a lock, and drops it before it returns. So
/// `bytes`, `encode` and the item's drop may use the stream, and a panic in them unwinds out of the send.
///
/// A type of your own usually derives `Row`. To implement the trait by hand, combine existing items:
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
pub trait Item: Send + Sized + 'static {
    /// Whether batches can be joined, column by column, and read as one. It is false for a type whose
    /// [`encode_batch`](Item::encode_batch) writes something for the whole batch, such as a head. Then each batch
    /// crosses by itself, and an item that is sent alone is a batch.
    const JOINS: bool = true;

    /// Whether encoding a value runs only this crate's code, which neither panics nor sends. Then it may run under
    /// the lock of a queue.
    #[doc(hidden)]
    const IS_PLAIN: bool = false;

    /// The same of a `Vec` of such values, whose weight also bounds what is encoded.
    #[doc(hidden)]
    const LIST_IS_PLAIN: bool = false;

    /// Describes how JavaScript reads one value. Called once per type and environment.
    ///
    /// ```
    /// use async_iterable_bridge::{Item, Layout};
    ///
    /// let layout: Layout = <(String, f64)>::layout();
    /// # drop(layout);
    /// ```
    fn layout() -> Layout;

    /// Returns the item's weight against [`Options::max_bytes`](crate::Options::max_bytes): at least as
    /// many bytes as [`encode`](Item::encode) gives to [`Columns::bytes`].
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
    /// See the example of [`Columns`].
    fn encode(&self, columns: &mut Columns<'_>);

    /// Describes how JavaScript reads a whole batch. It is for types whose items are best made together.
    ///
    /// See the example of [`Layout::batch`].
    fn batch_layout() -> Layout {
        Self::layout().each()
    }

    /// Fills the empty columns with items from the front. There is at least one item. It writes the first, and
    /// then further ones while [`Columns::admits`] returns true. The others are in the next batch. Belongs to
    /// [`batch_layout`](Item::batch_layout).
    ///
    /// It is called once for each batch. See [`JOINS`](Item::JOINS) if it writes something for the whole batch, as
    /// here:
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A number in JavaScript, which crosses as the difference to the first one of its batch.
    /// struct Time(f64);
    ///
    /// impl Item for Time {
    ///     const JOINS: bool = false;
    ///
    ///     fn layout() -> Layout {
    ///         f64::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         8
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.number(self.0);
    ///     }
    ///
    ///     fn batch_layout() -> Layout {
    ///         Layout::batch(
    ///             "(count, numbers) =>
    ///                 Array.from({ length: count }, (_, index) => numbers[0] + numbers[index + 1])",
    ///         )
    ///     }
    ///
    ///     fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
    ///         let first = items[0].0;
    ///         columns.number(first);
    ///         for time in items {
    ///             if !columns.admits(time.bytes()) {
    ///                 return;
    ///             }
    ///             columns.number(time.0 - first);
    ///             columns.finish_item();
    ///         }
    ///     }
    /// }
    /// ```
    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        for item in items {
            if !columns.admits(item.bytes()) {
                return;
            }
            item.encode(columns);
            columns.finish_item();
        }
    }

    /// Describes how JavaScript reads a `Vec` of such values: as an `Array` by default.
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

    /// Returns the weight of a `Vec` of such values, as [`bytes`](Item::bytes) does.
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

/// Returns the columns that a type's layout reads, which are the same for every stream.
pub(crate) fn reads_of<T: Item>() -> Reads {
    static KNOWN: Mutex<Option<HashMap<TypeId, Reads>>> = Mutex::new(None);
    let known = || lock_static(&KNOWN);
    let id = TypeId::of::<T>();
    if let Some(reads) = known().get_or_insert_default().get(&id) {
        return *reads;
    }
    // The layout is the author's code.
    let reads = T::batch_layout().reads();
    known().get_or_insert_default().insert(id, reads);
    reads
}
