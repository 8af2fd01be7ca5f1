//! Conversions to and from [`Error`].

use super::{system, Error, Inner};
use crate::queue::Refusal;
use std::error::Error as StdError;
use std::io;

/// The code of an error that has none of its own.
const FAILED: &str = "ERR_PRODUCER_FAILED";

/// The longest chain of causes. A longer one is cut off, because it may have no end.
const MOST_CAUSES: usize = 64;

/// Converts everything that is an error for the standard library, text included.
impl<E> From<E> for Error
where
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn from(error: E) -> Self {
        let boxed: Box<dyn StdError + Send + Sync> = error.into();
        Error::from_chain(boxed.as_ref(), MOST_CAUSES)
    }
}

/// Serves functions that fail before there is a stream: the error of a `Result<_, napi::Error<String>>` is thrown
/// with the message and the `code`.
///
/// ```
/// use async_iterable_bridge::{AsyncIterableBridge, Error, Options};
///
/// // With #[napi].
/// pub fn lines(path: String) -> Result<AsyncIterableBridge<String>, napi::Error<String>> {
///     let text = std::fs::read_to_string(path).map_err(Error::from)?;
///     let lines: Vec<_> = text.lines().map(String::from).collect();
///     Ok(AsyncIterableBridge::from_iter(Options::new(), lines))
/// }
/// assert_eq!(lines("missing.txt".into()).err().unwrap().status, "ENOENT");
/// ```
///
/// A `napi::Error`, which an `async fn` needs, has the message alone.
impl From<Error> for napi::Error<String> {
    fn from(error: Error) -> Self {
        let Inner { message, code, .. } = *error.0;
        let code = code.unwrap_or(FAILED.into());
        napi::Error::new(code.into_owned(), message)
    }
}

impl From<Error> for napi::Error {
    fn from(error: Error) -> Self {
        napi::Error::from_reason(error.message())
    }
}

impl Error {
    fn from_chain(error: &(dyn StdError + 'static), most_causes: usize) -> Self {
        if let Some(refusal) = error.source().and_then(|source| source.downcast_ref()) {
            return Error::from_refusal(refusal);
        }
        let mut converted = if let Some(error) = error.downcast_ref::<io::Error>() {
            Error::from_system(error)
        } else if let Some(error) = error.downcast_ref::<napi::Error>() {
            Error::from_napi(error)
        } else {
            Error::new(error.to_string()).with_code(FAILED)
        };
        if let Some(most_causes) = most_causes.checked_sub(1) {
            let cause = error.source();
            converted.0.cause = cause.map(|cause| Error::from_chain(cause, most_causes));
        }
        // The refusal may be the cause of another error.
        converted.0.is_closed = converted.cause().is_some_and(Error::is_closed);
        converted
    }

    fn from_refusal(refusal: &Refusal) -> Self {
        let mut error = Error::new(refusal.to_string());
        match refusal {
            Refusal::Full => error = error.with_code("ERR_QUEUE_FULL"),
            Refusal::Closed => {
                error = error.with_code("ERR_STREAM_CLOSED");
                error.0.is_closed = true;
            }
        }
        error
    }

    pub(super) fn from_system(error: &io::Error) -> Self {
        match system::describe(error) {
            Some(described) => {
                let message = format!("{}: {}", described.code, described.description);
                let mut system = Error::new(message).with_code(described.code);
                system.0.errno = Some(described.errno);
                system
            }
            None => Error::new(error.to_string()).with_code(FAILED),
        }
    }

    fn from_napi(error: &napi::Error) -> Self {
        let message = if error.reason.is_empty() {
            error.status.to_string()
        } else {
            error.reason.clone()
        };
        Error::new(message).with_code(error.status.to_string())
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::{bridge, Options, Overflow};
    use std::fmt;

    #[derive(Debug)]
    struct Layer {
        name: &'static str,
        source: Option<Box<dyn StdError + Send + Sync>>,
    }

    impl fmt::Display for Layer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.name)
        }
    }

    impl StdError for Layer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.source.as_deref().map(|source| source as _)
        }
    }

    fn layer(name: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Layer {
        Layer {
            name,
            source: Some(source.into()),
        }
    }

    #[test]
    fn a_chain_of_errors_becomes_a_chain_of_causes() {
        let missing = io::Error::from_raw_os_error(libc::ENOENT);
        let error = Error::from(layer("outer", layer("inner", missing)));
        let (outer, inner) = (&error, error.cause().unwrap());
        let cause = inner.cause().unwrap();
        assert_eq!((outer.message(), outer.code()), ("outer", Some(FAILED)));
        assert_eq!((inner.message(), inner.code()), ("inner", Some(FAILED)));
        assert_eq!(cause.message(), "ENOENT: no such file or directory");
        assert_eq!((cause.code(), cause.errno()), (Some("ENOENT"), Some(-2)));
        assert!(cause.cause().is_none());
    }

    #[test]
    fn text_and_boxed_errors_keep_their_message() {
        let boxed: Box<dyn StdError + Send + Sync> = "boxed".into();
        for error in [
            Error::from("text"),
            Error::from(String::from("text")),
            boxed.into(),
        ] {
            assert!(["text", "boxed"].contains(&error.message()));
            assert_eq!(error.code(), Some(FAILED));
        }
    }

    #[test]
    fn an_error_of_the_operating_system_that_was_made_up_keeps_its_message() {
        let error = Error::from(io::Error::other("the disk is on fire"));
        assert_eq!(error.message(), "the disk is on fire");
        assert_eq!(error.code(), Some(FAILED));
    }

    #[test]
    fn an_error_of_napi_keeps_its_status() {
        let status = napi::Status::InvalidArg;
        let error = Error::from(napi::Error::new(status, "no number"));
        assert_eq!(error.message(), "no number");
        assert_eq!(error.code(), Some("InvalidArg"));
    }

    #[test]
    fn a_refused_send_is_recognized_however_it_was_wrapped() {
        let (producer, stream) =
            bridge::<f64>(Options::new().capacity(1).overflow(Overflow::Error));
        producer.try_send(1.0).unwrap();
        let full = Error::from(producer.try_send(2.0).unwrap_err());
        assert_eq!(
            (full.code(), full.is_closed()),
            (Some("ERR_QUEUE_FULL"), false)
        );
        drop(stream);
        let closed = layer("while sending", producer.try_send(3.0).unwrap_err());
        assert!(Error::from(closed).is_closed());
    }

    #[test]
    fn a_chain_without_an_end_is_cut_off() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("endless")
            }
        }
        impl StdError for Endless {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(self)
            }
        }
        assert_eq!(Error::from(Endless).message(), "endless");
    }
}
