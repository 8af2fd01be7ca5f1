//! The description of how JavaScript reads a type, put together from its parts, with examples for the authors of items.

use super::source::{batch_function, string_literal, Reads};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem;

/// The most rows within rows. Types that are written by hand stay far below it.
const MOST_ROW_DEPTH: u32 = 64;

thread_local! {
    /// The number of rows around the layout that is being made.
    static ROW_DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Restores the depth, also when a layout within panics.
struct Depth(u32);

impl Drop for Depth {
    fn drop(&mut self) {
        ROW_DEPTH.set(self.0);
    }
}

/// The way in which JavaScript reads a value, or a batch of values, from the columns.
///
/// It is source text. The source of a compound type contains the sources of its parts, so one function reads a
/// batch, and the engine can optimize it as a whole.
///
/// ```
/// use async_iterable_bridge::{Item, Layout};
///
/// // { at: [x, y], name: string | null }
/// let layout = Layout::object([
///     ("at", Layout::array([f64::layout(), f64::layout()])),
///     ("name", String::layout().nullable()),
/// ]);
/// # drop(layout);
/// ```
#[derive(Clone, Debug)]
pub struct Layout {
    /// An expression that makes one value and moves the cursors behind the data that it reads; or, for a
    /// batch, a function.
    source: String,
    reads: Reads,
    /// Expressions that are the same for all items, keyed by their names in the source.
    constants: BTreeMap<String, String>,
}

impl Layout {
    fn new(source: impl Into<String>, reads: Reads) -> Self {
        Layout {
            source: source.into(),
            reads,
            constants: BTreeMap::new(),
        }
    }

    /// Reads nothing but numbers.
    pub(crate) fn number(expression: &str) -> Self {
        Layout::new(expression, Reads::NUMBERS)
    }

    /// Reads 64-bit integers.
    pub(crate) fn bigint(expression: &str) -> Self {
        Layout::new(expression, Reads::BIGINTS)
    }

    /// Reads a text that [`Columns::text`](crate::Columns::text) has written.
    pub(crate) fn text() -> Self {
        let expression = "text.substring(start, start += numbers[at++])";
        Layout::new(expression, Reads::TEXT)
    }

    /// Reads the end of the text that was read last. The next number is its length in UTF-16 code units. It is for a
    /// value that is the end of the value before it, as a file's name is the end of its path.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// { path, name }
    /// struct File {
    ///     path: String,
    ///     name_length: usize,
    /// }
    ///
    /// impl Item for File {
    ///     fn layout() -> Layout {
    ///         Layout::object([("path", String::layout()), ("name", Layout::end_of_text())])
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.path.len()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.text(&self.path);
    ///         let name = &self.path[self.path.len() - self.name_length..];
    ///         columns.number(Columns::length_of(name) as f64);
    ///     }
    /// }
    /// ```
    pub fn end_of_text() -> Self {
        let expression = "text.substring(start - numbers[at++], start)";
        Layout::new(expression, Reads::TEXT)
    }

    /// Reads bytes that [`Columns::bytes`](crate::Columns::bytes) has written.
    pub(crate) fn bytes() -> Self {
        let expression = "Buffer.from(bytes, (offset += size = numbers[at++]) - size, size)";
        Layout::new(expression, Reads::BYTES)
    }

    /// Reads a typed array that `Columns::elements` has written. It begins at a multiple of the
    /// size of its elements.
    pub(crate) fn elements(class: &str, size: usize) -> Self {
        let start = format!("Math.ceil(offset / {size}) * {size}");
        let end = format!("(offset = {start} + (size = numbers[at++]) * {size})");
        Layout::new(
            format!("new {class}(bytes, {end} - size * {size}, size)"),
            Reads::ELEMENTS,
        )
    }

    /// Reads a value that has crossed by itself.
    pub(crate) fn value() -> Self {
        Layout::new("values[value++]", Reads::VALUES)
    }

    /// Makes a plain object with these properties, in this order. The columns have the same order.
    ///
    /// ```
    /// use async_iterable_bridge::{Item, Layout};
    ///
    /// let point = Layout::object([("x", f64::layout()), ("y", f64::layout())]);
    /// # drop(point);
    /// ```
    pub fn object<'a>(properties: impl IntoIterator<Item = (&'a str, Layout)>) -> Self {
        let mut object = Layout::number("({ ");
        for (name, value) in properties {
            let key = match name {
                // Without the brackets the key would set the prototype. With them, an object is slow to make.
                "__proto__" => "['__proto__']".into(),
                name => string_literal(name),
            };
            object.source += &format!("{key}: ");
            object.append(value);
        }
        object.map(|properties| properties + "})")
    }

    /// Makes the object of a `#[derive(Row)]`. The panic names its type.
    ///
    /// # Panics
    ///
    /// If the type contains itself, because its source would have no end.
    #[doc(hidden)]
    pub fn row<'a, const N: usize>(
        type_name: &str,
        properties: impl FnOnce() -> [(&'a str, Layout); N],
    ) -> Self {
        let depth = ROW_DEPTH.get();
        if depth == MOST_ROW_DEPTH {
            ROW_DEPTH.set(0);
            panic!("`{type_name}` contains itself, which no row can");
        }
        ROW_DEPTH.set(depth + 1);
        let _depth = Depth(depth);
        Layout::object(properties())
    }

    /// Makes an array with these elements, in the order of the columns.
    ///
    /// ```
    /// use async_iterable_bridge::{Item, Layout};
    ///
    /// let entry = Layout::array([String::layout(), f64::layout()]); // [string, number]
    /// # drop(entry);
    /// ```
    pub fn array(elements: impl IntoIterator<Item = Layout>) -> Self {
        let mut array = Layout::number("[");
        for element in elements {
            array.append(element);
        }
        array.map(|elements| elements + "]")
    }

    /// Picks one of these strings, by the index that [`Columns::number`](crate::Columns::number) was given,
    /// counted from 0.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// #[derive(Clone, Copy)]
    /// enum Level {
    ///     Info,
    ///     Warning,
    /// }
    ///
    /// impl Item for Level {
    ///     fn layout() -> Layout {
    ///         Layout::one_of(["info", "warning"])
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         1
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.number(f64::from(*self as u8));
    ///     }
    /// }
    /// ```
    pub fn one_of<'a>(strings: impl IntoIterator<Item = &'a str>) -> Self {
        let literals: Vec<_> = strings.into_iter().map(string_literal).collect();
        let list = format!("[{}]", literals.join(", "));
        // Equal lists have the same name, and different lists have different names.
        let bytes: String = list.bytes().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("oneOf{bytes}");
        let mut choice = Layout::number(&format!("{name}[numbers[at++]]"));
        choice.constants.insert(name, list);
        choice
    }

    /// Makes one of these values, by the index that is before it in the column of numbers, counted from 0.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A number or a string.
    /// enum Cell {
    ///     Number(f64),
    ///     Text(String),
    /// }
    ///
    /// impl Item for Cell {
    ///     fn layout() -> Layout {
    ///         Layout::any_of([f64::layout(), String::layout()])
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         match self {
    ///             Cell::Number(_) => 16,
    ///             Cell::Text(text) => 8 + text.len(),
    ///         }
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         match self {
    ///             Cell::Number(number) => {
    ///                 columns.number(0.0);
    ///                 columns.number(*number);
    ///             }
    ///             Cell::Text(text) => {
    ///                 columns.number(1.0);
    ///                 columns.text(text);
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn any_of(layouts: impl IntoIterator<Item = Layout>) -> Self {
        let mut choice = Layout::number("(");
        // The first comparison moves the cursor, and the others look back.
        let mut index = "numbers[at++]";
        for (place, layout) in layouts.into_iter().enumerate() {
            choice.source += &format!("{index} === {place} ? ");
            choice.append_value(layout);
            choice.source += " : ";
            index = "numbers[at - 1]";
        }
        choice.map(|choices| choices + "undefined)")
    }

    /// Makes this string, and reads nothing.
    #[doc(hidden)]
    pub fn constant(text: &str) -> Self {
        Layout::number(&string_literal(text))
    }

    /// Makes a plain object whose keys are texts that the columns have. The number of properties is in the column of
    /// numbers, before them; each is a text and such a value.
    pub(crate) fn record(mut self) -> Self {
        let text = Layout::text();
        let key = &text.source;
        self.source = format!("record(numbers[at++], () => {key}, () => {})", self.source);
        self.reads = self.reads.or(text.reads);
        self.constants
            .insert("record".into(), super::source::RECORD.into());
        self
    }

    /// Makes `null` after a 0 in the column of numbers, and the value after a 1.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A number, or null where it is not one.
    /// struct Measured(f64);
    ///
    /// impl Item for Measured {
    ///     fn layout() -> Layout {
    ///         f64::layout().nullable()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         16
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         if self.0.is_nan() {
    ///             return columns.number(0.0);
    ///         }
    ///         columns.number(1.0);
    ///         columns.number(self.0);
    ///     }
    /// }
    /// ```
    pub fn nullable(self) -> Self {
        self.map(|value| format!("(numbers[at++] === 0 ? null : {value})"))
    }

    /// Makes an array of such values. Their count is in the column of numbers, before the values.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    /// use std::collections::BTreeSet;
    ///
    /// /// An array of its elements, in order.
    /// struct Names(BTreeSet<String>);
    ///
    /// impl Item for Names {
    ///     fn layout() -> Layout {
    ///         String::layout().list()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.0.iter().map(Item::bytes).sum()
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.number(self.0.len() as f64);
    ///         for name in &self.0 {
    ///             name.encode(columns);
    ///         }
    ///     }
    /// }
    /// ```
    pub fn list(self) -> Self {
        self.map(|value| format!("Array.from({{ length: numbers[at++] }}, () => {value})"))
    }

    /// Reads a batch by a function of its own, for
    /// [`Item::batch_layout`](crate::Item::batch_layout): the source of an expression
    /// `(count, numbers, payload) => items`, where
    ///
    /// - `count` is the number of items, at least 1, and `items` is an array of `count` items;
    /// - `numbers` is a `Float64Array` of the numbers that [`Columns::number`](crate::Columns::number) was given;
    ///   in a layout with bytes, one more number is before them;
    /// - `payload` is the column of text or bytes, in a layout with one of these.
    ///
    /// It is evaluated once per environment, where `Buffer` is in scope.
    ///
    /// ```
    /// use async_iterable_bridge::{Columns, Item, Layout};
    ///
    /// /// A line without a line feed in it. JavaScript makes a batch of lines by one split.
    /// struct Line(String);
    ///
    /// impl Item for Line {
    ///     fn layout() -> Layout {
    ///         String::layout()
    ///     }
    ///
    ///     fn bytes(&self) -> usize {
    ///         self.0.len() + 1
    ///     }
    ///
    ///     fn encode(&self, columns: &mut Columns<'_>) {
    ///         columns.text(&self.0);
    ///     }
    ///
    ///     fn batch_layout() -> Layout {
    ///         let source = "(count, numbers, text) => text.split('\\n', count)";
    ///         Layout::batch(source).with_text()
    ///     }
    ///
    ///     fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
    ///         for line in items {
    ///             if !columns.admits(line.bytes()) {
    ///                 return;
    ///             }
    ///             columns.append_text(&line.0);
    ///             columns.append_text("\n");
    ///             columns.finish_item();
    ///         }
    ///     }
    /// }
    /// ```
    pub fn batch(source: impl Into<String>) -> Self {
        Layout::new(source, Reads::NUMBERS)
    }

    /// Adds the column of text: a string of all texts that [`Columns::append_text`] was given.
    ///
    /// [`Columns::append_text`]: crate::Columns::append_text
    ///
    /// ```
    /// use async_iterable_bridge::Layout;
    ///
    /// let lines = Layout::batch("(count, numbers, text) => text.split('\\n', count)").with_text();
    /// # drop(lines);
    /// ```
    pub fn with_text(mut self) -> Self {
        self.reads = self.reads.or(Reads::TEXT);
        self
    }

    /// Adds the column of bytes: an `ArrayBuffer` with all bytes that [`Columns::append_bytes`] was
    /// given. They begin at the offset that is the first of the numbers.
    ///
    /// [`Columns::append_bytes`]: crate::Columns::append_bytes
    ///
    /// ```
    /// use async_iterable_bridge::Layout;
    ///
    /// // Pairs of bytes, for `Columns::append_bytes`.
    /// let pairs = Layout::batch(
    ///     "(count, numbers, bytes) =>
    ///         Array.from({ length: count }, (_, index) => Buffer.from(bytes, numbers[0] + 2 * index, 2))",
    /// )
    /// .with_bytes();
    /// # drop(pairs);
    /// ```
    pub fn with_bytes(mut self) -> Self {
        self.reads = self.reads.or(Reads::BYTES);
        self
    }

    /// Reads a batch item by item.
    pub(crate) fn each(mut self) -> Self {
        let reads = self.reads;
        let constants = mem::take(&mut self.constants);
        self.map(|item| batch_function(reads, &constants, &item))
    }

    /// Wraps the expression of the value in another expression.
    pub(crate) fn map(mut self, with: impl FnOnce(String) -> String) -> Self {
        self.source = with(self.source);
        self
    }

    fn append(&mut self, part: Layout) {
        self.append_value(part);
        self.source += ", ";
    }

    fn append_value(&mut self, part: Layout) {
        self.source += &part.source;
        self.reads = self.reads.or(part.reads);
        self.constants.extend(part.constants);
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn reads(&self) -> Reads {
        self.reads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_reads_what_its_parts_read() {
        let row = Layout::object([("text", Layout::text()), ("bytes", Layout::bytes())]);
        let reads = row.nullable().list().reads();
        assert_eq!(reads, Reads::TEXT.or(Reads::BYTES));
    }

    #[test]
    fn a_row_that_contains_itself_is_refused_and_no_other() {
        fn endless() -> Layout {
            Layout::row("Endless", || [("next", endless().list())])
        }
        assert!(std::panic::catch_unwind(endless).is_err());
        let finite = Layout::row("Finite", || [("text", Layout::text())]);
        assert_eq!(finite.reads(), Reads::TEXT);
    }

    #[test]
    fn lists_of_strings_that_are_the_same_are_made_once() {
        let choice = || Layout::one_of(["a", "b"]);
        let other = Layout::one_of(["c"]);
        let source = Layout::array([choice(), choice(), other]).each().source;
        assert_eq!(source.matches("const oneOf").count(), 2);
    }
}
