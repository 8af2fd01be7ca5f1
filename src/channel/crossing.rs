//! The conversion of batches from and to JavaScript.

use async_iterable_bridge_channel::{copy_chunks, recycle, Batch, Text};
use napi::bindgen_prelude::{
    Array, ArrayBuffer, FromNapiValue, JsValue, Object, Uint8ArraySlice, Utf16String,
};
use napi::Env;

/// The size of a slot. The head of a batch consists of slots.
const SLOT_BYTES: usize = 8;

/// Copies a batch of `items` items. It gets the memory of all parts only here, where no more JavaScript runs:
/// reading the chunks out of their array may have called a getter, which could transfer the head away.
pub fn batch_of(
    items: f64,
    head: &Object<'_>,
    texts: Option<Vec<Utf16String>>,
    chunks: Option<Vec<Object<'_>>>,
) -> napi::Result<Batch> {
    let texts = texts.unwrap_or_default();
    let head = bytes_of(head)?;
    let chunks = chunks.unwrap_or_default();
    let chunks = chunks
        .iter()
        .map(bytes_of)
        .collect::<napi::Result<Vec<_>>>()?;
    Ok(Batch {
        items: items as usize,
        skipped: 0,
        head: head.to_vec(),
        texts: texts.iter().map(|text| Text::from(&text[..])).collect(),
        chunks: copy_chunks(chunks.iter().map(|chunk| &chunk[..])),
    })
}

fn bytes_of<'a>(array: &Object<'a>) -> napi::Result<Uint8ArraySlice<'a>> {
    Uint8ArraySlice::from_unknown(array.to_unknown())
}

/// Copies a head into the scratch if it fits, and shortens `scratch` to the rest. Returns the number of its slots.
pub fn copy_head(batch: &Batch, scratch: &mut &mut [u8]) -> Option<u32> {
    let length = batch.head.len();
    let place = scratch.split_off_mut(..length)?;
    place.copy_from_slice(&batch.head);
    Some((length / SLOT_BYTES) as u32)
}

/// Appends a batch to the array that crosses, in four places: the number of its skipped items, its head, its texts
/// and its chunks. The head is its number of slots, if it is in the scratch.
pub fn insert_batch(
    env: &Env,
    crossing: &mut Array<'_>,
    batch: Batch,
    slots: Option<u32>,
) -> napi::Result<()> {
    crossing.insert(batch.skipped as u32)?;
    match slots {
        Some(slots) => crossing.insert(slots)?,
        None => crossing.insert(ArrayBuffer::copy_from(env, &batch.head)?)?,
    }
    crossing.insert(texts_of(env, &batch.texts)?)?;
    crossing.insert(chunks_of(env, &batch.chunks)?)?;
    recycle(batch);
    Ok(())
}

/// Converts texts to an array of strings. Returns `None` if there are no texts.
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

/// Copies chunks into an array of buffers. Returns `None` if there are no chunks.
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
