//! The native functions that `handler.js` calls.

use super::{arguments, closing, guard, Environment, Value};
use crate::error::Error;
use crate::item::Item;
use crate::js::hub::Hub;
use crate::stream::handler::Handler;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue};
use napi::sys;
use std::ptr;
use std::rc::Rc;

/// A handler of requests of any type. Used on the JavaScript thread only.
pub(in crate::js) trait Requests {
    fn request(&self, environment: Environment, arguments: Value) -> Result<Value, Refusal>;
    fn close(&self) -> bool;
    fn pending(&self) -> usize;
}

/// The reason why a request was not made.
pub(in crate::js) enum Refusal {
    /// The arguments cannot be converted.
    Arguments(napi::Error),
    Handler(Error),
    Node(napi::Error),
}

impl From<napi::Error> for Refusal {
    fn from(error: napi::Error) -> Self {
        Refusal::Node(error)
    }
}

impl<A: FromNapiValue + Send + 'static, T: Item> Requests for Handler<A, T> {
    fn request(&self, environment: Environment, arguments: Value) -> Result<Value, Refusal> {
        // SAFETY: both belong to the current callback.
        let converted = unsafe { A::from_napi_value(environment.0, arguments.0) };
        let arguments = converted.map_err(Refusal::Arguments)?;
        let answer = Handler::request(self, arguments).map_err(Refusal::Handler)?;
        Ok(Hub::of(environment)?.adopt(answer)?)
    }

    fn close(&self) -> bool {
        Handler::close(self)
    }

    fn pending(&self) -> usize {
        Handler::pending(self)
    }
}

impl Environment {
    /// Makes the object `native` of `handler.js`.
    pub(in crate::js) fn handler_functions(self) -> napi::Result<Value> {
        self.functions(&[
            (c"request", request),
            (c"close", close),
            (c"pending", pending),
        ])
    }

    fn refuse(self, refusal: Refusal) -> napi::Result<()> {
        match refusal {
            Refusal::Arguments(error) => {
                let exception = self.take_exception();
                let reason = match exception {
                    Some(_) => "see its cause",
                    None => &error.reason,
                };
                let message = format!("The \"args\" argument cannot be converted: {reason}");
                let error = self.type_error("ERR_INVALID_ARG_TYPE", &message)?;
                if let Some(exception) = exception {
                    self.define_cause(error, exception)?;
                }
                self.throw_value(error)
            }
            Refusal::Handler(error) => self.throw_value(self.error(&error)?),
            Refusal::Node(error) => Err(error),
        }
    }
}

/// Returns the arguments of a call from `handler.js`: the handler, for the number that is passed first, and the
/// arguments of the request.
fn handler_arguments(
    environment: Environment,
    info: sys::napi_callback_info,
) -> napi::Result<(Rc<dyn Requests>, Value)> {
    let [number, value] = arguments(environment, info)?;
    let number = environment.number_of(number)?;
    let handler = Hub::find(environment).and_then(|hub| hub.handler(number));
    Ok((handler.ok_or_else(closing)?, value))
}

unsafe extern "C" fn request(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handler, arguments) = handler_arguments(environment, info)?;
        match handler.request(environment, arguments) {
            Ok(stream) => Ok(stream.0),
            Err(refusal) => environment.refuse(refusal).map(|()| ptr::null_mut()),
        }
    })
}

unsafe extern "C" fn close(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handler, _) = handler_arguments(environment, info)?;
        Ok(environment.boolean(handler.close())?.0)
    })
}

unsafe extern "C" fn pending(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handler, _) = handler_arguments(environment, info)?;
        Ok(environment.number(handler.pending() as f64)?.0)
    })
}

impl<A: FromNapiValue + Send + 'static, T: Item> ToNapiValue for Handler<A, T> {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, handler: Self) -> napi::Result<sys::napi_value> {
        let environment = Environment(env);
        let hub = Hub::of(environment)?;
        Ok(hub.adopt_handler(Rc::new(handler))?.0)
    }
}
