//! The functions that the scripts call: `native` of `native-source.js`, and that of `handler.js`.

use super::hub::{Crossed, Hub};
use super::napi::{closing, Environment, Function, Owner, Value};
use super::native_stream::{AnyStream, Staged};
use super::requests::{refuse, Requests};
use std::ffi::CStr;
use std::rc::Rc;

/// The codes of a drain in the slab's last place, where a count of items is another; `native-source.js` has the same.
const NOTHING_YET: f64 = 0.0;
const ENDED: f64 = -1.0;
const FAILED: f64 = -2.0;
/// The code of a drain that returns the items themselves.
const DECODED: f64 = -3.0;

impl Owner for Hub {
    const STREAM_FUNCTIONS: &'static [(&'static CStr, Function)] = &[
        (c"start", start),
        (c"drain", drain),
        (c"cancel", cancel),
        (c"stats", stats),
        (c"kind", kind),
        (c"elsewhere", elsewhere),
        (c"listsElsewhere", lists_elsewhere),
        (c"tidy", shrink),
        (c"forget", forget),
    ];
    const HANDLER_FUNCTIONS: &'static [(&'static CStr, Function)] = &[
        (c"request", request),
        (c"close", close),
        (c"pending", pending),
    ];

    fn wake(environment: Environment) -> napi::Result<()> {
        Hub::find(environment).map_or(Ok(()), |hub| hub.wake())
    }

    fn is_held(environment: Environment) -> bool {
        Hub::find(environment).is_some_and(|hub| hub.is_held())
    }

    fn close(environment: Environment) {
        Hub::close(environment);
    }
}

fn hub(environment: Environment) -> napi::Result<Rc<Hub>> {
    Hub::find(environment).ok_or_else(closing)
}

/// Lends the stream of this number to `using`. Returns `None` if the stream has gone.
fn with_stream<R>(
    environment: Environment,
    number: Value,
    using: impl FnOnce(&Hub, &mut dyn AnyStream) -> napi::Result<R>,
) -> napi::Result<Option<R>> {
    let number = environment.number_of(number)?;
    let Some(hub) = Hub::find(environment) else {
        return Ok(None);
    };
    let Some(native_stream) = hub.native_stream(number) else {
        return Ok(None);
    };
    let mut native_stream = native_stream.try_borrow_mut().map_err(|_| {
        napi::Error::from_reason("An item's conversion has used the stream that it belongs to")
    })?;
    using(&hub, &mut *native_stream).map(Some)
}

fn start(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    with_stream(environment, number, |_, native_stream| {
        native_stream.start();
        Ok(())
    })?;
    Ok(None)
}

/// Drains a stream into the columns. Returns the payload of the batch, or the reason of a failure;
/// the slab's last place says which.
fn drain(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
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

fn cancel(environment: Environment, [number, unread]: [Value; 2]) -> napi::Result<Option<Value>> {
    with_stream(environment, number, |hub, native_stream| {
        native_stream.cancel(environment.number_of(unread)? as u64);
        hub.hold();
        Ok(())
    })?;
    Ok(None)
}

/// Writes the counters of a stream into the slab.
fn stats(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    let written = with_stream(environment, number, |hub, native_stream| {
        hub.with_slab(|numbers, _| native_stream.write_stats(numbers))
    })?;
    written.ok_or_else(closing)?;
    Ok(None)
}

fn kind(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    let kind = with_stream(environment, number, |_, native_stream| {
        environment.string(native_stream.kind())
    })?;
    kind.ok_or_else(closing).map(Some)
}

fn elsewhere(environment: Environment, _: [Value; 2]) -> napi::Result<Option<Value>> {
    hub(environment)?.elsewhere().map(Some)
}

fn lists_elsewhere(environment: Environment, _: [Value; 2]) -> napi::Result<Option<Value>> {
    let lists = hub(environment)?.lists_elsewhere();
    environment.boolean(lists).map(Some)
}

/// Frees the memory that some of the idle streams keep of their last burst. Returns whether there are more.
fn shrink(environment: Environment, _: [Value; 2]) -> napi::Result<Option<Value>> {
    let has_more = hub(environment)?.shrink();
    environment.boolean(has_more).map(Some)
}

/// Ends the resource of a number, because JavaScript has collected its object.
fn forget(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    let number = environment.number_of(number)?;
    if let Some(hub) = Hub::find(environment) {
        hub.forget(number);
    }
    Ok(None)
}

fn handler(environment: Environment, number: Value) -> napi::Result<Rc<dyn Requests>> {
    let number = environment.number_of(number)?;
    let handler = Hub::find(environment).and_then(|hub| hub.handler(number));
    handler.ok_or_else(closing)
}

fn request(environment: Environment, [number, value]: [Value; 2]) -> napi::Result<Option<Value>> {
    match handler(environment, number)?.request(environment, value) {
        Ok(stream) => Ok(Some(stream)),
        Err(refusal) => refuse(environment, refusal).map(|()| None),
    }
}

fn close(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    let closed = handler(environment, number)?.close();
    environment.boolean(closed).map(Some)
}

fn pending(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    let pending = handler(environment, number)?.pending();
    environment.number(pending as f64).map(Some)
}
