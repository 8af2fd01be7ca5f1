//! The items. `benchmark/support/items.mjs` makes the same ones, and checks each item that arrives.

use async_iterable_bridge::Row;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

/// The number of digits of the index at the beginning of a text.
const DIGITS: usize = 8;

/// The value of the bytes that are not part of the index.
const FILLER: u8 = 0x5a;

/// An item that is made from an index. `size` is the length of a text or of bytes.
pub trait Sample: Send + 'static {
    fn sample(index: u32, size: u32) -> Self;
}

impl Sample for f64 {
    fn sample(index: u32, _: u32) -> Self {
        f64::from(index)
    }
}

/// The index in decimal digits, then dots.
impl Sample for String {
    fn sample(index: u32, size: u32) -> Self {
        text("", index, size as usize)
    }
}

/// The index, little-endian, then filler.
impl Sample for Vec<u8> {
    fn sample(index: u32, size: u32) -> Self {
        let mut bytes = vec![FILLER; size as usize];
        bytes[..4].copy_from_slice(&index.to_le_bytes());
        bytes
    }
}

impl Sample for Buffer {
    fn sample(index: u32, size: u32) -> Self {
        Vec::sample(index, size).into()
    }
}

#[napi(object)]
#[derive(Row)]
pub struct Row4 {
    pub id: u32,
    pub name: String,
    pub score: f64,
    pub active: bool,
}

impl Sample for Row4 {
    fn sample(index: u32, _: u32) -> Self {
        Row4 {
            id: index,
            name: text("item", index, 12),
            score: fraction(index),
            active: index.is_multiple_of(2),
        }
    }
}

#[napi(object)]
#[derive(Row)]
pub struct Row12 {
    pub id: u32,
    pub parent: u32,
    pub level: i32,
    pub size: u32,
    pub score: f64,
    pub weight: f64,
    pub ratio: f64,
    pub name: String,
    pub kind: String,
    pub owner: String,
    pub path: String,
    pub active: bool,
}

impl Sample for Row12 {
    fn sample(index: u32, _: u32) -> Self {
        Row12 {
            id: index,
            parent: index / 2,
            level: -((index % 16) as i32),
            size: index % 4096,
            score: fraction(index),
            weight: fraction(index) / 2.0,
            ratio: fraction(index) / 4.0,
            name: text("item", index, 12),
            kind: text("", index, 8),
            owner: text("owner", index, 16),
            path: text("/path/", index, 24),
            active: index.is_multiple_of(2),
        }
    }
}

/// Returns a number that is never an integer and is exact, so that sums do not depend on their order.
fn fraction(index: u32) -> f64 {
    f64::from(index) + 0.5
}

/// Returns a prefix, the digits of an index, and dots up to a length. It is written by hand because
/// formatting would take longer than some of the ways that are measured.
fn text(prefix: &str, index: u32, length: usize) -> String {
    let mut text = String::with_capacity(length);
    text.push_str(prefix);
    let mut divisor = 10_u32.pow(DIGITS as u32 - 1);
    while divisor > 0 {
        text.push(char::from(b'0' + (index / divisor % 10) as u8));
        divisor /= 10;
    }
    const DOTS: &str = "............................................................";
    text.push_str(&DOTS[..length - text.len()]);
    text
}

/// Returns an item for every index below `items`.
pub fn samples<T: Sample>(items: u32, size: u32) -> impl Iterator<Item = T> + Send {
    (0..items).map(move |index| T::sample(index, size))
}
