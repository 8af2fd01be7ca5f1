//! The conversions of napi-rs, as safe functions of an environment. The traits declare their methods unsafe, because the
//! caller guarantees the environment and the value.

use super::{Environment, Value};
use napi::sys;

/// Implements `ToNapiValue` for a type, by a function of the environment and the value.
macro_rules! impl_to_napi_value {
    ([$($parameters:tt)*] $type:ty, $convert:expr) => {
        #[allow(unsafe_code)]
        impl<$($parameters)*> napi::bindgen_prelude::ToNapiValue for $type {
            // SAFETY (of the caller): `env` is valid, and this is its thread.
            unsafe fn to_napi_value(
                env: napi::sys::napi_env,
                value: Self,
            ) -> napi::Result<napi::sys::napi_value> {
                // SAFETY: the caller guarantees it.
                unsafe { $crate::js::napi::convert_to(env, value, $convert) }
            }
        }
    };
}

/// Implements `FromNapiValue` for a type, by a function of the environment and the value.
macro_rules! impl_from_napi_value {
    ($type:ty, $convert:expr) => {
        #[allow(unsafe_code)]
        impl napi::bindgen_prelude::FromNapiValue for $type {
            // SAFETY (of the caller): `env` is valid, this is its thread, and the value is one of the current callback.
            unsafe fn from_napi_value(
                env: napi::sys::napi_env,
                value: napi::sys::napi_value,
            ) -> napi::Result<Self> {
                // SAFETY: the caller guarantees it.
                unsafe { $crate::js::napi::convert_from(env, value, $convert) }
            }
        }
    };
}

pub(in crate::js) use {impl_from_napi_value, impl_to_napi_value};

/// Converts a value to JavaScript. An exception that `convert` leaves becomes the error, because one that stays pending
/// would keep napi-rs from rejecting the promise of an `async fn`.
///
/// # Safety
///
/// `env` is valid, and this is its thread.
pub(in crate::js) unsafe fn convert_to<T>(
    env: sys::napi_env,
    value: T,
    convert: impl FnOnce(Environment, T) -> napi::Result<Value>,
) -> napi::Result<sys::napi_value> {
    let environment = Environment(env);
    let converted = convert(environment, value).map_err(|error| environment.take_error(error));
    Ok(converted?.0)
}

/// Converts a value of JavaScript. An exception that `convert` leaves becomes the error.
///
/// # Safety
///
/// `env` is valid, this is its thread, and the value is one of the current callback.
pub(in crate::js) unsafe fn convert_from<T>(
    env: sys::napi_env,
    value: sys::napi_value,
    convert: impl FnOnce(Environment, Value) -> napi::Result<T>,
) -> napi::Result<T> {
    let environment = Environment(env);
    convert(environment, Value(value)).map_err(|error| environment.take_error(error))
}
