//! The conversions of napi-rs: of our types, which a `#[napi]` function returns, and of the arguments of a request. The
//! trait declares its method unsafe, because the caller guarantees the environment; the blocks below only pass this on.
#![allow(unsafe_code)]

use super::abort_signal::AbortSignal;
use super::hub::Hub;
use super::napi::{Environment, Value};
use super::requests::{Refusal, Requests};
use crate::stream::{AsyncIterableBridge, Handler};
use crate::Item;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{sys, ValueType};
use std::rc::Rc;

impl<T: Item> ToNapiValue for AsyncIterableBridge<T> {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, bridge: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: the caller guarantees it.
        let environment = unsafe { Environment::of_conversion(env) };
        Ok(Hub::of(environment)?.adopt(bridge)?.raw())
    }
}

impl<A: FromNapiValue + Send + 'static, T: Item> ToNapiValue for Handler<A, T> {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, handler: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: the caller guarantees it.
        let environment = unsafe { Environment::of_conversion(env) };
        let hub = Hub::of(environment)?;
        if let Some(invalid) = handler.invalid() {
            return Err(environment.out_of_range(&invalid.message())?);
        }
        Ok(hub.adopt_handler(Rc::new(handler))?.raw())
    }
}

impl<A: FromNapiValue + Send + 'static, T: Item> Requests for Handler<A, T> {
    fn request(&self, environment: Environment, arguments: Value) -> Result<Value, Refusal> {
        let arguments = environment.convert_from(arguments);
        let answer = Handler::request(self, arguments.map_err(Refusal::Arguments)?)
            .map_err(Refusal::Handler)?;
        Ok(Hub::of(environment)?.adopt(answer)?)
    }

    fn close(&self) -> bool {
        Handler::close(self)
    }

    fn pending(&self) -> usize {
        Handler::pending(self)
    }
}

impl<T: Item> TypeName for AsyncIterableBridge<T> {
    fn type_name() -> &'static str {
        "AsyncIterableBridge"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl TypeName for AbortSignal {
    fn type_name() -> &'static str {
        "AbortSignal"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ValidateNapiValue for AbortSignal {}

impl FromNapiValue for AbortSignal {
    // SAFETY (of the caller): `env` is valid, this is its thread, and the value is one of the current callback.
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        // SAFETY: the caller guarantees it.
        let (environment, value) =
            unsafe { (Environment::of_conversion(env), Value::of_conversion(value)) };
        AbortSignal::of(environment, value)
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
        // SAFETY: the caller guarantees it.
        let environment = unsafe { Environment::of_conversion(env) };
        Ok(Hub::of(environment)?.runtime()?.raw())
    }
}
