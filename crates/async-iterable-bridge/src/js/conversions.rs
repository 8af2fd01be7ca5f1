//! The conversions of napi-rs: of our types, which a `#[napi]` function returns, of the signals that it gets, and of the
//! arguments of a request.

use super::abort_signal::AbortSignal;
use super::hub::Hub;
use super::napi::{impl_from_napi_value, impl_to_napi_value, Environment, Value};
use super::requests::{Refusal, Requests};
use crate::stream::{AsyncIterableBridge, Handler};
use crate::Item;
use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::ValueType;
use std::rc::Rc;

impl_to_napi_value!([T: Item] AsyncIterableBridge<T>, |environment, bridge| {
    Hub::of(environment)?.adopt(bridge)
});

impl_to_napi_value!(
    [A: FromNapiValue + Send + 'static, T: Item] Handler<A, T>,
    |environment, handler| {
        let hub = Hub::of(environment)?;
        match handler.invalid() {
            Some(invalid) => Err(environment.throw_out_of_range(&invalid.message())?),
            None => hub.adopt_handler(Rc::new(handler)),
        }
    }
);

impl_from_napi_value!(AbortSignal, |environment, signal| {
    Hub::of(environment)?.keep_signal(signal)
});

impl_to_napi_value!([] Runtime, |environment, _runtime| Hub::of(environment)?.runtime());

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

/// The runtime object of an environment. It has the class of all its streams, for `instanceof`;
/// `abortOn(stream, signal)`, which ties a stream to an `AbortSignal`; and the functions that a source written in
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
