//! The drain of a stream, and the crossing of a batch, which its sender has encoded, to JavaScript: as numbers in the
//! shared slab, and beside them text, bytes and values.

use super::{with_stream, Decoder, Hub};
use crate::error::Error;
use crate::item::{copy, Batch, Item, Reads, Values, SLAB_NUMBERS};
use crate::js::napi::{closing, Environment, Value};
use crate::js::napi_item::Conversion;
use crate::js::native_stream::{AnyStream, ItemType, Staged};
use std::any::TypeId;
use std::mem;

/// The codes of a drain in the slab's last place, where a count of items is another; `native-source.js` has the same.
const NOTHING_YET: f64 = 0.0;
const ENDED: f64 = -1.0;
const FAILED: f64 = -2.0;
/// The code of a drain that returns the items themselves.
const DECODED: f64 = -3.0;

/// Drains a stream into the columns. Returns the payload of the batch, or the reason of a failure;
/// the slab's last place says which.
pub(in crate::js) fn drain(
    environment: Environment,
    [number, _]: [Value; 2],
) -> napi::Result<Option<Value>> {
    let drained = with_stream(environment, number, |hub, native_stream| {
        let staged = native_stream.stage();
        hub.hold();
        let (code, payload) = match staged {
            Staged::Items => match hub.cross(native_stream)? {
                Crossed::Columns(payload) => (None, payload),
                Crossed::Items(items) => (Some(DECODED), Some(items)),
                Crossed::Nothing(reason) => (Some(FAILED), reason),
            },
            Staged::NothingYet => (Some(NOTHING_YET), None),
            Staged::Ended => (Some(ENDED), None),
            Staged::Failed(error) => (Some(FAILED), Some(environment.error(&error)?)),
        };
        if let Some(code) = code {
            hub.with_slab(|_, outcome| *outcome = code)?;
        }
        Ok(payload)
    })?;
    drained.ok_or_else(closing)
}

/// The part of a batch that has crossed.
enum Crossed {
    /// Items as columns: their count and numbers are in the slab, the payload has the other columns.
    Columns(Option<Value>),
    /// An array of the items themselves.
    Items(Value),
    /// Nothing: the first item cannot cross, for this reason.
    Nothing(Option<Value>),
}

/// Values that napi-rs has converted.
struct Converted {
    values: Vec<Value>,
    /// The number of items that have all their values converted.
    items: usize,
    failure: Option<Error>,
}

impl Hub {
    /// Passes the staged batch to JavaScript. If it crosses as columns, the slab's last place has the number of items.
    fn cross(&self, native_stream: &mut dyn AnyStream) -> napi::Result<Crossed> {
        let environment = self.environment;
        let ItemType { id, reads } = native_stream.item_type();
        let batch = native_stream.batch();
        let mut count = batch.encoded;
        let dropped = batch.skipped;
        let mut failure = None;
        let (mut payloads, start) = self.payloads(batch, reads)?;
        if reads.values {
            let converted = self.convert(mem::take(&mut batch.values), count, dropped)?;
            (count, failure) = (converted.items, converted.failure);
            payloads.push(self.array(&converted.values)?);
        }
        if count == dropped {
            // Not even the first item can cross.
            native_stream.cancel(0);
            let reason = failure.map(|error| environment.error(&error));
            return Ok(Crossed::Nothing(reason.transpose()?));
        }
        let payload = match payloads[..] {
            [] => None,
            [only] => Some(only),
            ref several => Some(self.array(several)?),
        };
        let fits = batch.numbers.len() + usize::from(start.is_some()) <= SLAB_NUMBERS;
        let crossed = if fits && dropped == 0 {
            let may_be_integers = id == TypeId::of::<f64>();
            let are_integers = self.with_slab(|numbers, outcome| {
                let numbers = match (start, numbers.split_first_mut()) {
                    (Some(start), Some((first, others))) => {
                        *first = start as f64;
                        others
                    }
                    (Some(_) | None, _) => numbers,
                };
                // Written with the numbers, so that both are in the same slab.
                *outcome = count as f64;
                copy(&batch.numbers, numbers) && may_be_integers
            })?;
            match are_integers {
                true => Crossed::Columns(Some(environment.boolean(true)?)),
                false => Crossed::Columns(payload),
            }
        } else {
            let head = start.map(|start| start as f64).into_iter();
            let numbers: Vec<_> = head.chain(batch.numbers.iter().copied()).collect();
            let numbers = environment.numbers(&numbers)?;
            let [signed, unsigned] = environment.bits_of(numbers)?;
            let payload = match payload {
                Some(payload) => payload,
                None => environment.undefined()?,
            };
            let decoded = environment.number(count as f64)?;
            let arguments = [decoded, numbers, payload, signed, unsigned];
            let mut items = environment.call(self.decoder(id)?, &arguments)?;
            if dropped > 0 {
                let left = environment.number((count - dropped) as f64)?;
                let arguments = [items, left, environment.number(dropped as f64)?];
                items = environment.call(self.scripts.behind.value(environment)?, &arguments)?;
            }
            Crossed::Items(items)
        };
        native_stream.advance(count - dropped);
        if let Some(error) = failure {
            native_stream.fail(error);
        }
        Ok(crossed)
    }

    /// Returns the columns of text and bytes as JavaScript gets them, and the offset at which the bytes begin.
    fn payloads(&self, batch: &Batch, reads: Reads) -> napi::Result<(Vec<Value>, Option<usize>)> {
        let environment = self.environment;
        let mut payloads = Vec::new();
        if reads.text {
            let text = environment.text(&batch.text, !batch.is_beyond_ascii);
            payloads.push(text.map_err(|_| too_long(batch.text.len()))?);
        }
        if !reads.bytes {
            return Ok((payloads, None));
        }
        let buffer = self.bytes.borrow_mut().copy(environment, &batch.bytes)?;
        let has_several = batch.encoded > 1 || batch.byte_values > 1;
        if buffer.is_new && (buffer.is_shared || has_several) {
            let share = self.scripts.share.value(environment)?;
            environment.call(share, &[buffer.value])?;
        }
        payloads.push(buffer.value);
        Ok((payloads, Some(buffer.start)))
    }

    /// Converts the values of `items` items, up to the first value that fails. The values of items that were dropped
    /// become `undefined`.
    fn convert(&self, values: Values, items: usize, dropped: usize) -> napi::Result<Converted> {
        let environment = self.environment;
        let Values { deferred, ends, .. } = values;
        let unwanted = dropped.checked_sub(1).map_or(0, |last| ends[last]);
        let mut values = vec![environment.undefined()?; unwanted];
        for value in deferred.into_iter().skip(unwanted) {
            match Conversion::of(environment, &*value) {
                Ok(value) => values.push(value),
                Err(error) => {
                    // The error already has the reason.
                    let _ = environment.take_exception();
                    let code = error.status.to_string();
                    return Ok(Converted {
                        items: ends.partition_point(|end| *end <= values.len()),
                        values,
                        failure: Some(Error::new(error.reason.clone()).with_code(code)),
                    });
                }
            }
        }
        Ok(Converted {
            values,
            items,
            failure: None,
        })
    }

    /// Makes a decoder for a type of item, unless there is one. Returns the columns that it reads.
    pub(super) fn define<T: Item>(&self) -> napi::Result<Reads> {
        let id = TypeId::of::<T>();
        if let Some(decoder) = self.decoders.borrow().get(&id) {
            return Ok(decoder.reads);
        }
        let environment = self.environment;
        let layout = T::batch_layout();
        let define = environment.run_script(&format!("(Buffer) => {}", layout.source()))?;
        let function =
            environment.call(self.scripts.make_decoder.value(environment)?, &[define])?;
        let decoder = Decoder {
            function: environment.persist(function)?,
            reads: layout.reads(),
        };
        self.decoders.borrow_mut().insert(id, decoder);
        Ok(layout.reads())
    }

    pub(super) fn decoder(&self, id: TypeId) -> napi::Result<Value> {
        let decoders = self.decoders.borrow();
        let decoder = decoders.get(&id).ok_or_else(|| {
            napi::Error::from_reason("a stream has a type that was never defined")
        })?;
        decoder.function.value(self.environment)
    }
}

/// Returns the error for a text that is longer than any string of the engine.
fn too_long(bytes: usize) -> napi::Error {
    napi::Error::from_reason(format!("A text of {bytes} bytes is too long for a string"))
}
