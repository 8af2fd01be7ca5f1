//! Batches, as they come from JavaScript and as it gets them.

use super::batch::{Batch, Text};
use super::blocks;
use napi::bindgen_prelude::{Array, ArrayBuffer, Uint8ArraySlice, Utf16String};
use napi::Env;

/// What the head of a batch consists of.
const SLOT_BYTES: usize = 8;

/// What is encoded, of so many items.
pub fn batch_of(
    items: f64,
    head: &[u8],
    texts: Option<Vec<Utf16String>>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> Batch {
    let texts = texts.unwrap_or_default();
    let chunks = chunks.unwrap_or_default();
    Batch {
        items: items as usize,
        skipped: 0,
        head: head.to_vec(),
        texts: texts.iter().map(|text| Text::from(&text[..])).collect(),
        chunks: blocks::copies(chunks.iter().map(|chunk| &chunk[..])),
    }
}

/// Appends a batch to what crosses, in four places: how many of its items are skipped, its head, its texts
/// and its chunks. A head is a number of slots, if it has found room in the scratch, of which the rest is left.
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
    crossing.insert(texts_of(env, &batch.texts)?)?;
    crossing.insert(chunks_of(env, &batch.chunks)?)?;
    blocks::recycle(batch);
    Ok(())
}

/// Nothing, if there are none.
fn texts_of<'env>(env: &'env Env, texts: &[Text]) -> napi::Result<Option<Array<'env>>> {
    if texts.is_empty() {
        return Ok(None);
    }
    let mut strings = env.create_array(0)?;
    for text in texts {
        strings.insert(match text {
            Text::Latin1(text) => env.create_string_latin1(text)?,
            Text::Utf16(text) => env.create_string_utf16(text)?,
        })?;
    }
    Ok(Some(strings))
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
