//! The values that an author can attach to an error.

/// A property of a JavaScript error: see [`Error::with_property`](crate::Error::with_property).
///
/// ```
/// use async_iterable_bridge::Property;
///
/// assert_eq!(Property::from(3), Property::Number(3.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Property {
    /// A `string`.
    Text(String),
    /// A `number`.
    Number(f64),
    /// A `boolean`.
    Boolean(bool),
}

impl From<String> for Property {
    fn from(text: String) -> Self {
        Property::Text(text)
    }
}

impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Property::Text(text.into())
    }
}

impl From<bool> for Property {
    fn from(boolean: bool) -> Self {
        Property::Boolean(boolean)
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for Property {
            fn from(number: $number) -> Self {
                Property::Number(number.into())
            }
        }
    )*};
}

from_number!(i8, i16, i32, u8, u16, u32, f32, f64);
