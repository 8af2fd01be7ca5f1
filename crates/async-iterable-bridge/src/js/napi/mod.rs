//! The access to Node-API. All `unsafe` of the crate is in this file and in those below it: the threadsafe
//! function, the handlers, and the memory that both sides use. This file has the rest: the operations of an
//! environment, and the functions that it calls.
//!
//! # What the blocks below rely on
//!
//! - *An environment is used on its own thread.* [`Environment`] is neither `Send` nor `Sync`, and
//!   is made only here, from the pointer that Node-API passes to a callback.
//! - *Values live as long as the callback.* [`Value`] is not `Send` and is never stored; a value that
//!   must last longer is a [`Persistent`].
//! - *No panic crosses.* Every callback runs inside [`guard`].
#![allow(unsafe_code)]

use super::hub::Hub;
use super::native_stream::AnyStream;
use crate::error::{Error, Property};
use crate::item::Item;
use crate::stream::bridge::AsyncIterableBridge;
use napi::bindgen_prelude::{JsValue, Object, ToNapiValue};
use napi::sys;
use std::cell::Cell;
use std::ffi::{c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// A Node-API environment, on its own thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Environment(sys::napi_env);

/// A JavaScript value, for the duration of the current callback.
#[derive(Clone, Copy)]
pub(super) struct Value(sys::napi_value);

impl Value {
    /// Takes the value of a callback's argument, which lives as long as the callback.
    pub(super) fn of(object: &Object<'_>) -> Value {
        Value(object.raw())
    }
}

type Callback = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// The fields that a property descriptor leaves out.
const NO_PROPERTY: sys::napi_property_descriptor = sys::napi_property_descriptor {
    utf8name: ptr::null(),
    name: ptr::null_mut(),
    method: None,
    getter: None,
    setter: None,
    value: ptr::null_mut(),
    attributes: sys::PropertyAttributes::default,
    data: ptr::null_mut(),
};

fn check(status: sys::napi_status) -> napi::Result<()> {
    match status {
        sys::Status::napi_ok => Ok(()),
        status => Err(napi::Error::from_status(napi::Status::from(status))),
    }
}

/// Calls a Node-API function whose last argument receives the result.
macro_rules! get {
    ($function:ident($($argument:expr),*)) => {{
        let mut result = ptr::null_mut();
        // SAFETY: `Environment` is valid on this thread (see the module), the other arguments are
        // values of the current callback or pointers that outlive the call.
        check(unsafe { sys::$function($($argument,)* &mut result) }).map(|()| Value(result))
    }};
}

// Below the macro, which they use.
mod callback;
mod memory;
mod threadsafe_function;

pub(super) use callback::Requests;
pub(super) use memory::{SharedBytes, SharedSlab};
pub(super) use threadsafe_function::ThreadsafeNotifier;

impl Environment {
    /// Returns the environment of a callback's argument, which is not `Send` either.
    pub(super) fn of(env: &napi::Env) -> Environment {
        Environment(env.raw())
    }

    pub(super) fn run_script(self, source: &str) -> napi::Result<Value> {
        let source = self.utf8(source.as_bytes())?;
        get!(napi_run_script(self.0, source.0))
    }

    pub(super) fn call(self, function: Value, arguments: &[Value]) -> napi::Result<Value> {
        let receiver = self.undefined()?;
        // `Value` only wraps a pointer, but a copy of at most five is cheaper than a proof of equal layout.
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.0).collect();
        let count = arguments.len();
        get!(napi_call_function(
            self.0,
            receiver.0,
            function.0,
            count,
            arguments.as_ptr()
        ))
    }

    pub(super) fn get(self, object: Value, name: &str) -> napi::Result<Value> {
        let name = self.utf8(name.as_bytes())?;
        get!(napi_get_property(self.0, object.0, name.0))
    }

    /// Defines properties as an object literal does: no setter of a prototype is called.
    fn define(self, object: Value, properties: &[(&str, Value)]) -> napi::Result<()> {
        let attributes = sys::PropertyAttributes::writable
            | sys::PropertyAttributes::enumerable
            | sys::PropertyAttributes::configurable;
        let descriptor = |(name, value): &(&str, Value)| {
            let name = self.utf8(name.as_bytes())?;
            Ok(sys::napi_property_descriptor {
                name: name.0,
                value: value.0,
                attributes,
                ..NO_PROPERTY
            })
        };
        let descriptors = properties.iter().map(descriptor);
        self.define_all(object, &descriptors.collect::<napi::Result<Vec<_>>>()?)
    }

    fn define_all(
        self,
        object: Value,
        descriptors: &[sys::napi_property_descriptor],
    ) -> napi::Result<()> {
        let (count, first) = (descriptors.len(), descriptors.as_ptr());
        // SAFETY: as in `get!`; the descriptors outlive the call.
        check(unsafe { sys::napi_define_properties(self.0, object.0, count, first) })
    }

    pub(super) fn number(self, number: f64) -> napi::Result<Value> {
        get!(napi_create_double(self.0, number))
    }

    pub(super) fn string(self, text: &str) -> napi::Result<Value> {
        self.utf8(text.as_bytes())
    }

    pub(super) fn number_of(self, value: Value) -> napi::Result<f64> {
        let mut number = 0.0;
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_get_value_double(self.0, value.0, &mut number) })?;
        Ok(number)
    }

    pub(super) fn undefined(self) -> napi::Result<Value> {
        get!(napi_get_undefined(self.0))
    }

    pub(super) fn boolean(self, boolean: bool) -> napi::Result<Value> {
        get!(napi_get_boolean(self.0, boolean))
    }

    /// Makes a string of UTF-8. Text that is all ASCII, as most is, is copied unchanged.
    pub(super) fn text(self, text: &[u8], is_ascii: bool) -> napi::Result<Value> {
        if is_ascii {
            let (start, length) = (text.as_ptr().cast(), text.len() as isize);
            get!(napi_create_string_latin1(self.0, start, length))
        } else {
            self.utf8(text)
        }
    }

    fn utf8(self, text: &[u8]) -> napi::Result<Value> {
        get!(napi_create_string_utf8(
            self.0,
            text.as_ptr().cast(),
            text.len() as isize
        ))
    }

    /// Makes a `Float64Array` with a copy of these numbers, which may be bits of other types.
    pub(super) fn numbers(self, numbers: &[f64]) -> napi::Result<Value> {
        let mut start = ptr::null_mut();
        let buffer = get!(napi_create_arraybuffer(
            self.0,
            size_of_val(numbers),
            &mut start
        ))?;
        if !numbers.is_empty() {
            // SAFETY: the new buffer has space for all numbers at `start`, and no other code has it.
            unsafe { ptr::copy_nonoverlapping(numbers.as_ptr(), start.cast(), numbers.len()) };
        }
        self.float64_array(buffer, numbers.len())
    }

    fn float64_array(self, buffer: Value, length: usize) -> napi::Result<Value> {
        let class = sys::TypedarrayType::float64_array;
        get!(napi_create_typedarray(self.0, class, length, buffer.0, 0))
    }

    /// Makes typed arrays of signed and unsigned 64-bit integers over the buffer of a `Float64Array`.
    pub(super) fn bits_of(self, numbers: Value) -> napi::Result<[Value; 2]> {
        let (mut length, mut buffer) = (0, ptr::null_mut());
        // SAFETY: as in `get!`; pointers for results that are not needed may be null.
        check(unsafe {
            sys::napi_get_typedarray_info(
                self.0,
                numbers.0,
                ptr::null_mut(),
                &mut length,
                ptr::null_mut(),
                &mut buffer,
                ptr::null_mut(),
            )
        })?;
        let view = |class| get!(napi_create_typedarray(self.0, class, length, buffer, 0));
        let signed = view(sys::TypedarrayType::bigint64_array)?;
        Ok([signed, view(sys::TypedarrayType::biguint64_array)?])
    }

    /// Sets elements of an array, which must have own elements there: otherwise a setter of a prototype is called.
    pub(super) fn set_elements(self, array: Value, elements: &[Value]) -> napi::Result<()> {
        for (index, element) in elements.iter().enumerate() {
            // SAFETY: as in `get!`.
            check(unsafe { sys::napi_set_element(self.0, array.0, index as u32, element.0) })?;
        }
        Ok(())
    }

    /// Makes an `Error` object.
    pub(super) fn error(self, error: &Error) -> napi::Result<Value> {
        let message = self.utf8(error.message().as_bytes())?;
        let object = get!(napi_create_error(self.0, ptr::null_mut(), message.0))?;
        let text = |text: &str| self.utf8(text.as_bytes());
        let mut properties = Vec::new();
        if let Some(code) = error.code() {
            properties.push(("code", text(code)?));
        }
        if let Some(errno) = error.errno() {
            properties.push(("errno", self.number(f64::from(errno))?));
        }
        let texts = [
            ("syscall", error.syscall()),
            ("path", error.path()),
            ("dest", error.dest()),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                properties.push((name, text(value)?));
            }
        }
        for (name, property) in error.properties() {
            let value = match property {
                Property::Text(value) => text(value)?,
                Property::Number(number) => self.number(*number)?,
                Property::Boolean(boolean) => self.boolean(*boolean)?,
            };
            properties.push((name, value));
        }
        self.define(object, &properties)?;
        if let Some(cause) = error.cause() {
            self.define_cause(object, self.error(cause)?)?;
        }
        Ok(object)
    }

    /// Defines a property that is not enumerable, as the constructor of `Error` does.
    fn define_cause(self, error: Value, cause: Value) -> napi::Result<()> {
        let attributes = sys::PropertyAttributes::writable | sys::PropertyAttributes::configurable;
        let property = sys::napi_property_descriptor {
            utf8name: c"cause".as_ptr(),
            value: cause.0,
            attributes,
            ..NO_PROPERTY
        };
        self.define_all(error, &[property])
    }

    pub(super) fn persist(self, value: Value) -> napi::Result<Persistent> {
        let mut reference = ptr::null_mut();
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_create_reference(self.0, value.0, 1, &mut reference) })?;
        Ok(Persistent(Cell::new(reference)))
    }

    /// Makes the object `native` of `native-source.js`.
    pub(super) fn native_functions(self) -> napi::Result<Value> {
        self.functions(&[
            (c"start", start),
            (c"drain", drain),
            (c"cancel", cancel),
            (c"stats", stats),
            (c"kind", kind),
            (c"elsewhere", elsewhere),
            (c"listsElsewhere", lists_elsewhere),
            (c"tidy", tidy),
            (c"forget", forget),
        ])
    }

    fn functions(self, functions: &[(&CStr, Callback)]) -> napi::Result<Value> {
        let object = get!(napi_create_object(self.0))?;
        let descriptor = |(name, callback): &(&CStr, Callback)| sys::napi_property_descriptor {
            utf8name: name.as_ptr(),
            method: Some(*callback),
            ..NO_PROPERTY
        };
        let descriptors: Vec<_> = functions.iter().map(descriptor).collect();
        self.define_all(object, &descriptors)?;
        Ok(object)
    }

    /// Registers a hook that closes the hub before the environment goes away. The pair of hook and
    /// argument is unique, as Node demands, because an environment has one hub.
    pub(super) fn on_cleanup(self) -> napi::Result<()> {
        // SAFETY: the hook touches nothing but the hub, which it finds by the pointer's value.
        check(unsafe { sys::napi_add_env_cleanup_hook(self.0, Some(close_hub), self.0.cast()) })
    }

    fn throw(self, message: &str) {
        let thrown = self
            .error(&Error::new(message).with_code("ERR_INTERNAL_ASSERTION"))
            .and_then(|error| self.throw_value(error));
        // An environment that cannot throw is going away, and so is the code that would catch the error.
        let _ = thrown;
    }

    fn throw_value(self, value: Value) -> napi::Result<()> {
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_throw(self.0, value.0) })
    }

    fn type_error(self, code: &str, message: &str) -> napi::Result<Value> {
        let message = self.utf8(message.as_bytes())?;
        let error = get!(napi_create_type_error(self.0, ptr::null_mut(), message.0))?;
        self.define(error, &[("code", self.utf8(code.as_bytes())?)])?;
        Ok(error)
    }

    /// Takes the exception that a call has left pending, if there is one.
    pub(super) fn take_exception(self) -> Option<Value> {
        let mut pending = false;
        // SAFETY: as in `get!`.
        let asked = check(unsafe { sys::napi_is_exception_pending(self.0, &mut pending) });
        if asked.is_err() || !pending {
            return None;
        }
        get!(napi_get_and_clear_last_exception(self.0)).ok()
    }
}

/// A value that lasts until its hub releases it, before their environment goes away. Bun never frees
/// a value that is not released by then. It has no `Drop`, which might run after the environment's end.
pub(super) struct Persistent(Cell<sys::napi_ref>);

impl Persistent {
    pub(super) fn value(&self, environment: Environment) -> napi::Result<Value> {
        if self.is_released() {
            return Err(closing());
        }
        get!(napi_get_reference_value(environment.0, self.0.get()))
    }

    /// Releases the value, and takes the other one in its place.
    fn replace(&self, environment: Environment, other: Persistent) {
        self.release(environment);
        self.0.set(other.0.get());
    }

    pub(super) fn release(&self, environment: Environment) {
        let reference = self.0.replace(ptr::null_mut());
        if !reference.is_null() {
            // SAFETY: as in `get!`; it was taken out, so no other code can use or delete it.
            unsafe { sys::napi_delete_reference(environment.0, reference) };
        }
    }

    fn is_released(&self) -> bool {
        self.0.get().is_null()
    }
}

/// Runs a callback's body. An error or a panic in it becomes a JavaScript exception.
fn guard<R>(environment: Environment, fallback: R, body: impl FnOnce() -> napi::Result<R>) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            if error.reason.is_empty() {
                environment.throw(&error.to_string());
            } else {
                environment.throw(&error.reason);
            }
            fallback
        }
        Err(panic) => {
            environment.throw(Error::panicked(panic.as_ref()).message());
            fallback
        }
    }
}

/// Returns the first arguments of a call. Those that were not given are undefined.
fn arguments<const N: usize>(
    environment: Environment,
    info: sys::napi_callback_info,
) -> napi::Result<[Value; N]> {
    let mut values = [ptr::null_mut(); N];
    let mut count = N;
    // SAFETY: `info` belongs to the current callback, and `values` has space for `count` values. Node-API sets
    // those that were not given to undefined.
    check(unsafe {
        sys::napi_get_cb_info(
            environment.0,
            info,
            &mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
        )
    })?;
    Ok(values.map(Value))
}

pub(super) fn closing() -> napi::Error {
    napi::Error::from_reason("the environment is closing")
}

fn hub(environment: Environment) -> napi::Result<Rc<Hub>> {
    Hub::find(environment).ok_or_else(closing)
}

/// Lends a stream to `using`. A call from `native-source.js` passes the stream's number first; its second argument is passed
/// on. Returns `None` if the stream has gone.
fn with_stream<R>(
    environment: Environment,
    info: sys::napi_callback_info,
    using: impl FnOnce(&Hub, &mut dyn AnyStream, Value) -> napi::Result<R>,
) -> napi::Result<Option<R>> {
    let [number, value] = arguments(environment, info)?;
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
    using(&hub, &mut *native_stream, value).map(Some)
}

unsafe extern "C" fn start(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        with_stream(environment, info, |_, native_stream, _| {
            native_stream.start();
            Ok(())
        })?;
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn drain(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let drained = with_stream(environment, info, |hub, native_stream, _| {
            hub.drain(native_stream)
        })?;
        let payload = drained.ok_or_else(closing)?;
        Ok(payload.map_or(ptr::null_mut(), |payload| payload.0))
    })
}

unsafe extern "C" fn cancel(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        with_stream(environment, info, |hub, native_stream, unread| {
            native_stream.cancel(environment.number_of(unread)? as u64);
            hub.hold();
            Ok(())
        })?;
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn stats(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let written = with_stream(environment, info, |hub, native_stream, _| {
            hub.write_stats(native_stream)
        })?;
        written.ok_or_else(closing)?;
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn kind(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let kind = with_stream(environment, info, |hub, native_stream, _| {
            hub.kind(native_stream)
        })?;
        Ok(kind.ok_or_else(closing)?.0)
    })
}

unsafe extern "C" fn elsewhere(
    env: sys::napi_env,
    _info: sys::napi_callback_info,
) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        Ok(hub(environment)?.elsewhere()?.0)
    })
}

unsafe extern "C" fn lists_elsewhere(
    env: sys::napi_env,
    _info: sys::napi_callback_info,
) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let lists = hub(environment)?.lists_elsewhere();
        Ok(environment.boolean(lists)?.0)
    })
}

unsafe extern "C" fn tidy(env: sys::napi_env, _info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let has_more = hub(environment)?.tidy();
        Ok(environment.boolean(has_more)?.0)
    })
}

unsafe extern "C" fn forget(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let [number] = arguments(environment, info)?;
        let number = environment.number_of(number)?;
        if let Some(hub) = Hub::find(environment) {
            hub.forget(number);
        }
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn close_hub(env: *mut c_void) {
    let environment = Environment(env.cast());
    // An item whose drop panics has no JavaScript left to report it to; the panic hook has printed it.
    let _ = catch_unwind(AssertUnwindSafe(|| Hub::close(environment)));
}

/// A value that napi-rs has yet to convert, once.
pub(crate) struct Deferred(Arc<dyn Convert>);

trait Convert: Send + Sync {
    /// Converts the value.
    ///
    /// # Safety
    ///
    /// `env` is valid, and this is its thread.
    unsafe fn convert(&self, env: sys::napi_env) -> napi::Result<sys::napi_value>;
}

impl<T: ToNapiValue + Send> Convert for Mutex<Option<T>> {
    unsafe fn convert(&self, env: sys::napi_env) -> napi::Result<sys::napi_value> {
        let value = self.lock().unwrap_or_else(PoisonError::into_inner).take();
        let value = value.ok_or_else(|| napi::Error::from_reason("A value crosses once"))?;
        // SAFETY: the caller guarantees it.
        unsafe { T::to_napi_value(env, value) }
    }
}

impl Deferred {
    pub(super) fn new<T: ToNapiValue + Send + 'static>(value: Arc<Mutex<Option<T>>>) -> Self {
        Deferred(value)
    }

    pub(super) fn convert(self, environment: Environment) -> napi::Result<Value> {
        // SAFETY: an environment is used on its own thread.
        unsafe { self.0.convert(environment.0) }.map(Value)
    }
}

impl<T: Item> ToNapiValue for AsyncIterableBridge<T> {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, bridge: Self) -> napi::Result<sys::napi_value> {
        let hub = Hub::of(Environment(env))?;
        Ok(hub.adopt(bridge)?.0)
    }
}

/// The runtime object of an environment. It has the class of all its streams, for `instanceof`;
/// `abortOn(stream, signal)`, which ties a stream to an `AbortSignal`; and the functions that a port written in
/// JavaScript needs (see `iterator.js`, and [`Listener`](crate::Listener)). `openStreams()` lists the open streams:
/// all of this thread, and those of this addon in other threads.
///
/// ```
/// use async_iterable_bridge::Runtime;
/// use napi_derive::napi;
///
/// /// For JavaScript of the addon's own, such as `stream instanceof runtime().AsyncIterableBridge`.
/// #[napi(ts_return_type = "object")]
/// pub fn runtime() -> Runtime {
///     Runtime
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Runtime;

impl ToNapiValue for Runtime {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, _runtime: Self) -> napi::Result<sys::napi_value> {
        Ok(Hub::of(Environment(env))?.runtime()?.0)
    }
}
