//! The functions that the scripts call: `native` of `native-source.js`, and that of `handler.js`.

use super::hub::{drain, with_stream, Hub};
use super::napi::{closing, Environment, Exports, Function, Value};
use super::requests::{refuse, Requests};
use std::ffi::CStr;
use std::rc::Rc;

impl Exports for Hub {
    const FOR_STREAMS: &'static [(&'static CStr, Function)] = &[
        (c"start", start),
        (c"drain", drain),
        (c"cancel", cancel),
        (c"stats", stats),
        (c"kind", kind),
        (c"streamsInOtherThreads", streams_in_other_threads),
        (c"listsOtherThreads", lists_other_threads),
        (c"shrink", shrink),
        (c"forget", forget),
    ];
    const FOR_HANDLERS: &'static [(&'static CStr, Function)] = &[
        (c"request", request),
        (c"close", close),
        (c"pending", pending),
    ];
}

fn hub(environment: Environment) -> napi::Result<Rc<Hub>> {
    Hub::find(environment).ok_or_else(closing)
}

fn start(environment: Environment, [number, _]: [Value; 2]) -> napi::Result<Option<Value>> {
    with_stream(environment, number, |_, native_stream| {
        native_stream.start();
        Ok(())
    })?;
    Ok(None)
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

fn streams_in_other_threads(
    environment: Environment,
    _: [Value; 2],
) -> napi::Result<Option<Value>> {
    hub(environment)?.streams_in_other_threads().map(Some)
}

fn lists_other_threads(environment: Environment, _: [Value; 2]) -> napi::Result<Option<Value>> {
    let lists = hub(environment)?.lists_other_threads();
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
