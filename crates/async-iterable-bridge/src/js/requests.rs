//! A handler of requests in one environment, as `handler.js` uses it.

use super::napi::{Environment, Value};
use crate::error::Error;

/// A handler of requests of any type. Used on the JavaScript thread only.
pub(super) trait Requests {
    fn request(&self, environment: Environment, arguments: Value) -> Result<Value, Refusal>;
    fn close(&self) -> bool;
    fn pending(&self) -> usize;
}

/// The reason why a request was not made.
pub(super) enum Refusal {
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

/// Throws the error of a refused request.
pub(super) fn refuse(environment: Environment, refusal: Refusal) -> napi::Result<()> {
    match refusal {
        Refusal::Arguments(error) => {
            let exception = environment.take_exception();
            let reason = match exception {
                Some(_) => "see its cause",
                None => &error.reason,
            };
            let message = format!("The \"args\" argument cannot be converted: {reason}");
            let error = environment.type_error("ERR_INVALID_ARG_TYPE", &message)?;
            if let Some(exception) = exception {
                environment.define_cause(error, exception)?;
            }
            environment.throw_value(error)
        }
        Refusal::Handler(error) => environment.throw_value(environment.error(&error)?),
        Refusal::Node(error) => Err(error),
    }
}
