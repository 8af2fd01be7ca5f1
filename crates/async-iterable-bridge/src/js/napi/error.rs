//! Exceptions: the errors that JavaScript gets, and those that it throws.

use super::{check, Environment, Value, NO_PROPERTY};
use crate::error::{Error, Property};
use napi::bindgen_prelude::Unknown;
use napi::sys;
use std::ptr;

impl Environment {
    /// Makes an `Error` object.
    pub(in crate::js) fn error(self, error: &Error) -> napi::Result<Value> {
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
    pub(in crate::js) fn define_cause(self, error: Value, cause: Value) -> napi::Result<()> {
        let attributes = sys::PropertyAttributes::writable | sys::PropertyAttributes::configurable;
        let property = sys::napi_property_descriptor {
            utf8name: c"cause".as_ptr(),
            value: cause.0,
            attributes,
            ..NO_PROPERTY
        };
        self.define_all(error, &[property])
    }

    pub(super) fn throw(self, message: &str) {
        let thrown = self
            .error(&Error::new(message).with_code("ERR_INTERNAL_ASSERTION"))
            .and_then(|error| self.throw_value(error));
        // An environment that cannot throw is going away, and so is the code that would catch the error.
        let _ = thrown;
    }

    pub(in crate::js) fn throw_value(self, value: Value) -> napi::Result<()> {
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_throw(self.0, value.0) })
    }

    pub(in crate::js) fn type_error(self, code: &str, message: &str) -> napi::Result<Value> {
        let message = self.utf8(message.as_bytes())?;
        let error = get!(napi_create_type_error(self.0, ptr::null_mut(), message.0))?;
        self.define(error, &[("code", self.utf8(code.as_bytes())?)])?;
        Ok(error)
    }

    /// Throws a `RangeError`. Returns the error of a call that has left an exception.
    pub(in crate::js) fn throw_out_of_range(self, message: &str) -> napi::Result<napi::Error> {
        let message = self.utf8(message.as_bytes())?;
        let error = get!(napi_create_range_error(self.0, ptr::null_mut(), message.0))?;
        self.define(error, &[("code", self.utf8(b"ERR_OUT_OF_RANGE")?)])?;
        self.throw_value(error)?;
        Ok(napi::Error::from_status(napi::Status::PendingException))
    }

    /// Takes the exception that a call has left, and makes an error that becomes this very value in JavaScript. Returns
    /// the call's own error if it has left none.
    pub(super) fn take_error(self, error: napi::Error) -> napi::Error {
        let Some(exception) = self.take_exception() else {
            return error;
        };
        // SAFETY: a value of the current callback, in this environment.
        let exception = unsafe { Unknown::from_raw_unchecked(self.0, exception.0) };
        napi::Error::from_unknown_without_coercion(exception)
    }

    /// Takes the exception that a call has left pending, if there is one.
    pub(in crate::js) fn take_exception(self) -> Option<Value> {
        let mut pending = false;
        // SAFETY: as in `get!`.
        let asked = check(unsafe { sys::napi_is_exception_pending(self.0, &mut pending) });
        if asked.is_err() || !pending {
            return None;
        }
        get!(napi_get_and_clear_last_exception(self.0)).ok()
    }

    /// Reports an exception that no JavaScript can catch as an uncaught one. Without this,
    /// Node-API below version 10 would only warn.
    pub(super) fn report_uncaught(self, error: napi::Error) {
        let exception = match self.take_exception() {
            Some(exception) => Ok(exception),
            None => self.error(&Error::new(error.to_string())),
        };
        if let Ok(exception) = exception {
            // SAFETY: as in `get!`. It fails only while the environment goes away.
            unsafe { sys::napi_fatal_exception(self.0, exception.0) };
        }
    }
}
