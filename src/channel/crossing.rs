//! Batches, as they come from JavaScript and as it gets them.

use super::batch::{Batch, Text};
use super::blocks;
use napi::bindgen_prelude::{Array, ArrayBuffer, Uint8ArraySlice, Utf16String};
use napi::{Env, JsString};

/// What the head of a batch consists of.
const SLOT_BYTES: usize = 8;

/// What is encoded, of so many items.
pub fn batch_of(
    items: f64,
    head: &[u8],
    text: Option<Utf16String>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> Batch {
    let chunks = chunks.unwrap_or_default();
    Batch {
        items: items as usize,
        skipped: 0,
        head: head.to_vec(),
        text: text.map_or_else(Text::default, |text| Text::from(&text[..])),
        chunks: blocks::copies(chunks.iter().map(|chunk| &chunk[..])),
    }
}

/// Appends a batch to what crosses, in four places: how many of its items are skipped, its head, its text and
/// its chunks. A head is a number of slots, if it has found room in the scratch, of which the rest is left.
pub fn insert_batch(
    env: &Env,
    crossing: &mut Array<'_>,
    batch: Batch,
    scratch: &mut &mut [u8],
) -> napi::Result<()> {
    crossing.insert(batch.skipped as u32)?;
    let length = batch.head.len();
    match scratch.split_off_mut(..length) {
        Some(place) => {
            place.copy_from_slice(&batch.head);
            crossing.insert((length / SLOT_BYTES) as u32)?;
        }
        None => crossing.insert(ArrayBuffer::copy_from(env, &batch.head)?)?,
    }
    crossing.insert(text_of(env, &batch.text)?)?;
    crossing.insert(chunks_of(env, &batch.chunks)?)?;
    blocks::recycle(batch);
    Ok(())
}

/// Nothing, if it is empty.
fn text_of<'env>(env: &'env Env, text: &Text) -> napi::Result<Option<JsString<'env>>> {
    match text {
        Text::Latin1(text) if text.is_empty() => Ok(None),
        Text::Latin1(text) => env.create_string_latin1(text).map(Some),
        Text::Utf16(text) => env.create_string_utf16(text).map(Some),
    }
}

/// Nothing, if there are none.
fn chunks_of<'env>(env: &'env Env, chunks: &[Vec<u8>]) -> napi::Result<Option<Array<'env>>> {
    if chunks.is_empty() {
        return Ok(None);
    }
    let mut buffers = env.create_array(0)?;
    for chunk in chunks {
        buffers.insert(ArrayBuffer::copy_from(env, chunk)?)?;
    }
    Ok(Some(buffers))
}
