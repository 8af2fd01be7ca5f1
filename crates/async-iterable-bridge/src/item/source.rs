//! The JavaScript source of the function that reads a batch.
//!
//! The expression of an item reads the columns by these names:
//!
//! | column | its cursor |
//! |---|---|
//! | `numbers`, and the same bits as `signed` and `unsigned` 64-bit integers | `at`, the index of the next number |
//! | `text` | `start`, the index of the next code unit |
//! | `bytes` | `offset`, that of the next byte; `size` is free for the length of the current value |
//! | `values` | `value`, the index of the next value |

use super::columns::ALIGNMENT;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The function that makes an object of keys and values. A key that a prototype also has is defined, because an assignment
/// could call its setter.
pub(super) const RECORD: &str = "(() => {
const { defineProperty } = Object;
return (count, nextKey, nextValue) => {
const object = {};
for (let index = 0; index < count; index++) {
const key = nextKey();
const value = nextValue();
if (key in object) {
defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
} else object[key] = value;
}
return object;
};
})()";

/// The columns that a layout reads, in addition to the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) text: bool,
    pub(crate) bytes: bool,
    pub(crate) values: bool,
    /// Typed arrays. They begin at a multiple of their elements' size.
    pub(crate) elements: bool,
    /// 64-bit integers. Their bits are in the column of numbers.
    bigints: bool,
}

impl Reads {
    pub(super) const NUMBERS: Reads = Reads {
        text: false,
        bytes: false,
        values: false,
        elements: false,
        bigints: false,
    };
    pub(super) const TEXT: Reads = Reads {
        text: true,
        ..Reads::NUMBERS
    };
    pub(super) const BYTES: Reads = Reads {
        bytes: true,
        ..Reads::NUMBERS
    };
    pub(super) const ELEMENTS: Reads = Reads {
        elements: true,
        ..Reads::BYTES
    };
    pub(super) const VALUES: Reads = Reads {
        values: true,
        ..Reads::NUMBERS
    };
    pub(super) const BIGINTS: Reads = Reads {
        bigints: true,
        ..Reads::NUMBERS
    };

    pub(super) fn or(self, other: Reads) -> Reads {
        Reads {
            text: self.text || other.text,
            bytes: self.bytes || other.bytes,
            values: self.values || other.values,
            elements: self.elements || other.elements,
            bigints: self.bigints || other.bigints,
        }
    }

    /// Returns the statements that give the columns and their cursors the names that expressions use.
    fn cursors(self) -> String {
        let payloads = [
            (self.text, "text"),
            (self.bytes, "bytes"),
            (self.values, "values"),
        ];
        let is_read = payloads.into_iter().filter(|(is_read, _)| *is_read);
        let names: Vec<_> = is_read.map(|(_, name)| name).collect();
        let mut cursors = String::from("let at = 0;\n");
        match names[..] {
            [] => {}
            [only] => cursors += &format!("const {only} = payload;\n"),
            ref several => {
                for (place, name) in several.iter().enumerate() {
                    cursors += &format!("const {name} = payload[{place}];\n");
                }
            }
        }
        if self.text {
            cursors += "let start = 0;\n";
        }
        if self.bytes {
            cursors += "let size;\nlet offset = numbers[at++];\n";
        }
        if self.values {
            cursors += "let value = 0;\n";
        }
        cursors
    }
}

/// Returns the function that reads a batch item by item, each by the expression `item`. The constants are made once.
pub(super) fn batch_function(
    reads: Reads,
    constants: &BTreeMap<String, String>,
    item: &str,
) -> String {
    let cursors = reads.cursors();
    let constants: String = constants
        .iter()
        .map(|(name, value)| format!("const {name} = {value};\n"))
        .collect();
    // The bytes of each item begin at the alignment of its typed arrays.
    let align = match reads.elements {
        true => format!("offset = Math.ceil(offset / {ALIGNMENT}) * {ALIGNMENT}, "),
        false => String::new(),
    };
    format!(
        "(() => {{
{constants}return (count, numbers, payload, signed, unsigned) => {{
{cursors}const items = new Array(count);
for (let index = 0; index < count; index++) {align}items[index] = {item};
return items;
}};
}})()"
    )
}

/// Writes a string as JavaScript source.
pub(super) fn string_literal(text: &str) -> String {
    let mut literal = String::from("'");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => literal.push(byte.into()),
            _ => write!(literal, "\\u{unit:04x}").expect("a string takes any text"),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_stays_within_its_literal() {
        assert_eq!(string_literal("plain_1"), "'plain_1'");
        assert_eq!(string_literal("it's\n"), "'it\\u0027s\\u000a'");
        assert_eq!(string_literal("\u{1f680}"), "'\\ud83d\\ude80'");
    }
}
