//! How a batch crosses to JavaScript: as numbers in the shared slab, and beside them text, bytes and
//! values.

use super::{Decoder, Hub, DECODED, FAILED};
use crate::error::Error;
use crate::item::{BytesColumn, Columns, Crossing, Item, Reads, Values};
use crate::js::ffi::Value;
use crate::js::outlet::{ItemType, Outlet};
use std::any::TypeId;

/// Values that napi-rs has converted.
struct Converted {
    values: Vec<Value>,
    /// Items of which every value was converted.
    items: usize,
    failure: Option<Error>,
}

impl Hub {
    /// Lets staged items cross, the first of which weighs `bytes`. Returns the code for the slab's last place, unless
    /// that stands there already, and what `native.drain` returns to `port.js`.
    pub(super) fn cross(
        &self,
        outlet: &mut dyn Outlet,
        bytes: usize,
    ) -> napi::Result<(Option<f64>, Option<Value>)> {
        let environment = self.environment;
        let ItemType { id, reads } = outlet.item_type();
        let (crossing, mut payloads) = self.fill(outlet, reads, bytes)?;
        let mut count = crossing.count;
        let mut failure = None;
        let is_told = crossing.spilled.is_none() && !reads.values;
        if let Some(values) = crossing.values {
            let converted = self.convert(values, count);
            (count, failure) = (converted.items, converted.failure);
            payloads.push(self.array(&converted.values)?);
        }
        if count == 0 {
            // The first item already is one that cannot cross.
            outlet.cancel(0);
            let reason = failure.map(|error| environment.error(&error));
            return Ok((Some(FAILED), reason.transpose()?));
        }
        let payload = match payloads[..] {
            [] if crossing.are_integers => Some(environment.boolean(true)?),
            [] => None,
            [only] => Some(only),
            ref several => Some(self.array(several)?),
        };
        let crossed = match crossing.spilled {
            None if is_told => (None, payload),
            None => (Some(count as f64), payload),
            Some(numbers) => {
                let count = environment.number(count as f64)?;
                let numbers = environment.numbers(&numbers)?;
                let [signed, unsigned] = environment.bits_of(numbers)?;
                let payload = match payload {
                    Some(payload) => payload,
                    None => environment.undefined()?,
                };
                let arguments = [count, numbers, payload, signed, unsigned];
                let items = environment.call(self.decoder(id)?, &arguments)?;
                (Some(DECODED), Some(items))
            }
        };
        outlet.advance(count);
        if let Some(error) = failure {
            outlet.fail(error);
        }
        Ok(crossed)
    }

    /// Fills the columns. Returns those of text and bytes as JavaScript gets them.
    fn fill(
        &self,
        outlet: &mut dyn Outlet,
        reads: Reads,
        bytes: usize,
    ) -> napi::Result<(Crossing, Vec<Value>)> {
        let environment = self.environment;
        let mut text = self.text.take();
        let mut encode = |column: Option<BytesColumn<'_>>| -> napi::Result<Crossing> {
            // What converts values may use the slab for another stream.
            if reads.values {
                return Ok(encode_into(&mut [], outlet, reads, &mut text, column));
            }
            self.with_slab(|numbers, outcome| {
                let crossing = encode_into(numbers, outlet, reads, &mut text, column);
                // With the numbers, so that both are in the same slab.
                *outcome = crossing.count as f64;
                crossing
            })
        };
        let (crossing, buffer) = if reads.bytes {
            let mut memory = self.bytes.borrow_mut();
            let (crossing, buffer) = memory.with(environment, bytes, |column| {
                let crossing = encode(Some(column));
                let used = crossing.as_ref().map_or(0, |crossing| crossing.bytes_used);
                (crossing, used)
            })?;
            let crossing = crossing?;
            let has_several = crossing.count > 1 || crossing.byte_values > 1;
            if buffer.is_new && (buffer.is_shared || has_several) {
                let share = self.scripts.share.value(environment)?;
                environment.call(share, &[buffer.value])?;
            }
            (crossing, Some(buffer.value))
        } else {
            (encode(None)?, None)
        };
        let mut payloads = Vec::new();
        if reads.text {
            let made = environment.text(&text, crossing.is_ascii);
            let length = text.len();
            self.text.set(text);
            payloads.push(made.map_err(|_| too_long(length))?);
        }
        payloads.extend(buffer);
        Ok((crossing, payloads))
    }

    /// Converts the values of so many items, up to the first that fails.
    fn convert(&self, Values { deferred, ends }: Values, items: usize) -> Converted {
        let environment = self.environment;
        let mut values = Vec::with_capacity(deferred.len());
        for value in deferred {
            match value.convert(environment) {
                Ok(value) => values.push(value),
                Err(error) => {
                    // The error says what there is to say.
                    let _ = environment.take_exception();
                    let code = error.status.to_string();
                    return Converted {
                        items: ends.partition_point(|end| *end <= values.len()),
                        values,
                        failure: Some(Error::new(error.reason.clone()).with_code(code)),
                    };
                }
            }
        }
        Converted {
            values,
            items,
            failure: None,
        }
    }

    /// Sees to it that there is a decoder for a type of item. Returns what it reads.
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

/// Why a text was refused that is longer than any string of the engine.
fn too_long(bytes: usize) -> napi::Error {
    napi::Error::from_reason(format!("A text of {bytes} bytes is too long for a string"))
}

fn encode_into(
    numbers: &mut [f64],
    outlet: &mut dyn Outlet,
    reads: Reads,
    text: &mut Vec<u8>,
    bytes: Option<BytesColumn<'_>>,
) -> Crossing {
    let mut columns = Columns::new(numbers, text, bytes, reads);
    outlet.encode(&mut columns);
    columns.into_crossing()
}
