//! `serde_json::Value`: JSON text, which JavaScript parses.

use super::{Columns, Item, Layout};
use serde_json::Value;

/// The result of `JSON.parse`: a number that no `f64` can have is rounded to one.
impl Item for Value {
    fn layout() -> Layout {
        String::layout().map(|text| format!("JSON.parse({text})"))
    }

    /// Estimates the number of bytes of its JSON, without escapes.
    fn bytes(&self) -> usize {
        match self {
            Value::Null | Value::Bool(_) => 5,
            Value::Number(_) => 8,
            Value::String(text) => 2 + text.len(),
            Value::Array(elements) => 2 + elements.iter().map(Item::bytes).sum::<usize>(),
            Value::Object(properties) => {
                let property = |(name, value): (&String, &Value)| 4 + name.len() + value.bytes();
                2 + properties.iter().map(property).sum::<usize>()
            }
        }
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.text(&self.to_string());
    }
}
