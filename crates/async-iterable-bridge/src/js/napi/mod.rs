//! Node-API behind safe types. All `unsafe` blocks of the crate are in this folder, which knows nothing of what is built
//! on it: [`Owner`] and [`Function`] are how Node-API calls back. This file has the operations of an environment and the
//! functions that JavaScript calls, `conversion` those of napi-rs, `error` has exceptions, `threadsafe_function` the wake from other threads, and
//! `memory` the numbers and bytes that both sides use.
//!
//! # What the blocks below rely on
//!
//! - *An environment is used on its own thread.* [`Environment`] is neither `Send` nor `Sync`, and
//!   is made only from the pointer that Node-API passes to a callback.
//! - *Values live as long as the callback.* [`Value`] is not `Send` and is never stored; a value that
//!   must last longer is a [`Persistent`].
//! - *No panic crosses.* Every callback runs inside [`guard`].
#![allow(unsafe_code)]

use crate::error::Error;
use napi::bindgen_prelude::{FromNapiValue, JsValue, Object, ToNapiValue};
use napi::sys;
use std::cell::Cell;
use std::ffi::{c_void, CStr};
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

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

/// A function that JavaScript calls with at most two arguments. Arguments that were not given are undefined.
pub(super) type Function = fn(Environment, [Value; 2]) -> napi::Result<Option<Value>>;

/// The functions that JavaScript calls, with their names.
pub(super) trait Exports {
    /// Those for the script of streams.
    const FOR_STREAMS: &'static [(&'static CStr, Function)];

    /// Those for the script of handlers.
    const FOR_HANDLERS: &'static [(&'static CStr, Function)];
}

/// The owner of an environment's state, which Node-API calls on the environment's thread.
pub(super) trait Owner {
    /// Serves the wakes of other threads.
    fn wake(environment: Environment) -> napi::Result<()>;

    /// Returns whether the environment's wakes hold the process alive.
    fn is_held(environment: Environment) -> bool;

    /// Ends everything, before the environment goes away.
    fn close(environment: Environment);
}

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
mod conversion;
mod error;
mod memory;
mod threadsafe_function;

pub(super) use conversion::{convert_from, convert_to, impl_from_napi_value, impl_to_napi_value};
pub(super) use memory::{SharedBytes, SharedSlab};
pub(super) use threadsafe_function::ThreadsafeFunction;

impl Environment {
    /// Returns the environment of a callback's argument, which is not `Send` either.
    pub(super) fn of(env: &napi::Env) -> Environment {
        Environment(env.raw())
    }

    /// Converts a value as napi-rs does.
    pub(super) fn convert<T: ToNapiValue>(self, value: T) -> napi::Result<Value> {
        // SAFETY: an environment is valid and used on its own thread.
        unsafe { T::to_napi_value(self.0, value) }.map(Value)
    }

    /// Converts a value of JavaScript as napi-rs does.
    pub(super) fn convert_from<T: FromNapiValue>(self, value: Value) -> napi::Result<T> {
        // SAFETY: an environment is valid and used on its own thread, and the value lives as long as the callback.
        unsafe { T::from_napi_value(self.0, value.0) }
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

    pub(super) fn persist(self, value: Value) -> napi::Result<Persistent> {
        let mut reference = ptr::null_mut();
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_create_reference(self.0, value.0, 1, &mut reference) })?;
        Ok(Persistent(Cell::new(reference)))
    }

    /// Makes an object with these functions.
    pub(super) fn functions(self, functions: &[(&CStr, Function)]) -> napi::Result<Value> {
        let object = get!(napi_create_object(self.0))?;
        let descriptor = |(name, function): &(&CStr, Function)| sys::napi_property_descriptor {
            utf8name: name.as_ptr(),
            method: Some(call_function),
            data: *function as *mut c_void,
            ..NO_PROPERTY
        };
        let descriptors: Vec<_> = functions.iter().map(descriptor).collect();
        self.define_all(object, &descriptors)?;
        Ok(object)
    }

    /// Registers a hook that closes the owner before the environment goes away. The pair of hook and
    /// argument is unique, as Node demands, because an environment has one owner.
    pub(super) fn on_cleanup<O: Owner>(self) -> napi::Result<()> {
        // SAFETY: the hook touches nothing but the owner, which it finds by the pointer's value.
        check(unsafe { sys::napi_add_env_cleanup_hook(self.0, Some(close::<O>), self.0.cast()) })
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

/// Calls the [`Function`] that an object of [`Environment::functions`] has under this name.
unsafe extern "C" fn call_function(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let mut values = [ptr::null_mut(); 2];
        let (mut count, mut data) = (values.len(), ptr::null_mut());
        // SAFETY: `info` belongs to the current callback, and `values` has space for `count` values. Node-API sets
        // those that were not given to undefined.
        check(unsafe {
            sys::napi_get_cb_info(
                env,
                info,
                &mut count,
                values.as_mut_ptr(),
                ptr::null_mut(),
                &mut data,
            )
        })?;
        // SAFETY: `functions` has given the pointer of a `Function` with this callback.
        let function = unsafe { mem::transmute::<*mut c_void, Function>(data) };
        let returned = function(environment, values.map(Value))?;
        Ok(returned.map_or(ptr::null_mut(), |value| value.0))
    })
}

unsafe extern "C" fn close<O: Owner>(env: *mut c_void) {
    let environment = Environment(env.cast());
    // An item whose drop panics has no JavaScript left to report it to; the panic hook has printed it.
    let _ = catch_unwind(AssertUnwindSafe(|| O::close(environment)));
}

/// Returns the error of a call that comes while the environment goes away.
pub(super) fn closing() -> napi::Error {
    napi::Error::from_reason("the environment is closing")
}
