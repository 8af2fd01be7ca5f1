//! The reason why a stream failed, in a form that becomes a JavaScript `Error`.

mod convert;
mod property;
mod system;

pub use property::Property;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::io;

/// The function of the system that creates a thread.
#[cfg(unix)]
const THREAD_CREATION: &str = "pthread_create";
#[cfg(not(unix))]
const THREAD_CREATION: &str = "CreateThread";

/// The reason of a failed stream. JavaScript sees an `Error` with this message and, where they are known,
/// the properties `code`, `cause`, `errno`, `syscall`, `path` and `dest`, as on Node's own errors.
///
/// # Where it comes from
///
/// Everything that becomes a `Box<dyn std::error::Error + Send + Sync>` becomes an `Error`, by `?` or `into()`: the
/// errors of the standard library, your own ones, `napi::Error`, `anyhow::Error`, boxed errors, and text.
/// The [`source`](std::error::Error::source) of the original error becomes the `cause`, the source of that one the
/// cause of the cause, and so on. The `code` is
///
/// | made from | `code` |
/// |---|---|
/// | an [`io::Error`] of the operating system | its name, such as `ENOENT`; the message is worded as Node's |
/// | `napi::Error` | its status, such as `InvalidArg` |
/// | a refused send | `ERR_QUEUE_FULL`, or `ERR_STREAM_CLOSED`: see [`is_closed`](Error::is_closed) |
/// | anything else, also what `anyhow` has made of the first two without adding context | `ERR_PRODUCER_FAILED` |
///
/// A producer can use `?` for everything, sends included, and add its own details at the end:
/// `work(&producer).map_err(|error| Error::from(error).with_code("ERR_IMPORT"))`. A refused send is still reported
/// as one by [`is_closed`](Error::is_closed).
///
/// To allow these conversions, this type does not implement [`std::error::Error`] itself, as `anyhow::Error` does
/// not.
///
/// ```
/// use async_iterable_bridge::Error;
///
/// fn parse(text: &str) -> Result<f64, Error> {
///     Ok(text.parse()?)
/// }
///
/// let error = parse("x").unwrap_err().with_code("ERR_BAD_NUMBER").with_property("column", 7);
/// assert_eq!(error.message(), "invalid float literal");
/// assert_eq!(error.code(), Some("ERR_BAD_NUMBER"));
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug, Default)]
struct Inner {
    message: String,
    code: Option<Cow<'static, str>>,
    /// The number of the system error, negative, as Node reports it.
    errno: Option<i32>,
    syscall: Option<&'static str>,
    path: Option<String>,
    dest: Option<String>,
    properties: Vec<(String, Property)>,
    cause: Option<Error>,
    /// Whether it comes from a send to a stream that had ended.
    is_closed: bool,
}

impl Error {
    /// Makes an error with this message and nothing else.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("the cursor was closed").with_code("ERR_CURSOR_CLOSED");
    /// assert_eq!(error.to_string(), "the cursor was closed");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            message: message.into(),
            ..Inner::default()
        }))
    }

    /// Sets the `code`, the stable name that JavaScript uses to distinguish errors.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("too late").with_code("ERR_TIMEOUT");
    /// assert_eq!(error.code(), Some("ERR_TIMEOUT"));
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Sets an own, enumerable property of the JavaScript error: a text, a number or a boolean. It is set
    /// after the properties that this crate sets itself, so it can replace one of them.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("bad row").with_property("row", 12).with_property("table", "users");
    /// assert_eq!(error.properties().len(), 2);
    /// ```
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<Property>) -> Self {
        self.0.properties.push((name.into(), value.into()));
        self
    }

    /// Sets the `cause`, the error that led to this one.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    /// let error = Error::new("no broker answers").with_cause(refused);
    /// assert_eq!(error.cause().unwrap().message(), "connection refused");
    /// ```
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Error>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Makes an error of the operating system, worded as Node words it:
    /// `ENOENT: no such file or directory, open 'missing.txt'`.
    ///
    /// `syscall` names the operation as Node does (`open`, `read`, `scandir`, `lstat`).
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let missing = std::fs::File::open("missing.txt").unwrap_err();
    /// let error = Error::system(missing, "open", "missing.txt");
    /// assert_eq!(error.path(), Some("missing.txt"));
    /// ```
    pub fn system(error: io::Error, syscall: &'static str, path: impl Into<String>) -> Self {
        let mut system = Error::from_system(&error);
        let path = path.into();
        system.0.message = format!("{}, {syscall} '{path}'", system.0.message);
        system.0.syscall = Some(syscall);
        system.0.path = Some(path);
        system
    }

    /// Makes the error for a thread that the system has refused:
    /// `EAGAIN: resource temporarily unavailable, pthread_create`.
    ///
    /// ```no_run
    /// use async_iterable_bridge::Error;
    ///
    /// fn start() -> Result<(), Error> {
    ///     let thread = std::thread::Builder::new();
    ///     thread.spawn(|| ()).map_err(|error| Error::refused_thread(&error))?;
    ///     Ok(())
    /// }
    /// ```
    pub fn refused_thread(error: &io::Error) -> Self {
        let mut refused = Error::from_system(error);
        refused.0.message = format!("{}, {THREAD_CREATION}", refused.0.message);
        refused.0.syscall = Some(THREAD_CREATION);
        refused
    }

    /// Adds the second file of an error about two files. The message also names it, as Node words it:
    /// `ELOOP: too many symbolic links encountered, scandir 'a/b/link' -> 'a'`.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("ELOOP: a loop, scandir 'b'").with_dest("a");
    /// assert_eq!(error.message(), "ELOOP: a loop, scandir 'b' -> 'a'");
    /// ```
    #[must_use]
    pub fn with_dest(mut self, dest: impl Into<String>) -> Self {
        let dest = dest.into();
        self.0.message = format!("{} -> '{dest}'", self.0.message);
        self.0.dest = Some(dest);
        self
    }

    /// Makes the failure of a stream whose producer panicked with this payload.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a message");
        Error::new(format!("The producer panicked: {message}")).with_code("ERR_PRODUCER_PANICKED")
    }

    /// Makes the failure of a stream whose producer panicked, when only the thread of the panic is known.
    pub(crate) fn panicked_in_thread(name: Option<&str>) -> Self {
        let name = name.unwrap_or("<unnamed>");
        Error::new(format!("The producer's thread '{name}' panicked"))
            .with_code("ERR_PRODUCER_PANICKED")
    }

    /// Returns the message.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// assert_eq!(Error::from("no more paper").message(), "no more paper");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the stable name of the error, such as `ENOENT`.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// assert_eq!(Error::from("no more paper").code(), Some("ERR_PRODUCER_FAILED"));
    /// assert_eq!(Error::new("no more paper").code(), None);
    /// ```
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the error that led to this one.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("cannot print").with_cause("no more paper");
    /// assert_eq!(error.cause().map(Error::message), Some("no more paper"));
    /// ```
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// Returns the properties that [`with_property`](Error::with_property) has set, in that order.
    ///
    /// ```
    /// use async_iterable_bridge::{Error, Property};
    ///
    /// let error = Error::new("cannot print").with_property("pages", 3);
    /// assert_eq!(error.properties(), [("pages".into(), Property::Number(3.0))]);
    /// ```
    pub fn properties(&self) -> &[(String, Property)] {
        &self.0.properties
    }

    /// Returns the number of a system error, negative as in Node (`-2` for `ENOENT` on Linux).
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    /// use std::fs::File;
    ///
    /// let error = Error::from(File::open("missing.txt").unwrap_err());
    /// # #[cfg(target_os = "linux")]
    /// assert_eq!(error.errno(), Some(-2));
    /// ```
    pub fn errno(&self) -> Option<i32> {
        self.0.errno
    }

    /// Returns the system call that failed.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    /// use std::fs::File;
    ///
    /// let error = Error::system(File::open("missing.txt").unwrap_err(), "open", "missing.txt");
    /// assert_eq!(error.syscall(), Some("open"));
    /// ```
    pub fn syscall(&self) -> Option<&str> {
        self.0.syscall
    }

    /// Returns the file that the call failed for.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    /// use std::fs::File;
    ///
    /// let error = Error::system(File::open("missing.txt").unwrap_err(), "open", "missing.txt");
    /// assert_eq!(error.path(), Some("missing.txt"));
    /// ```
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Returns the second file, if the call failed for two.
    ///
    /// ```
    /// use async_iterable_bridge::Error;
    ///
    /// let error = Error::new("cannot rename 'a'").with_dest("b");
    /// assert_eq!(error.dest(), Some("b"));
    /// ```
    pub fn dest(&self) -> Option<&str> {
        self.0.dest.as_deref()
    }

    /// Returns whether the error comes from a send to a stream that had ended, for example because the consumer has
    /// left. Failing the same stream with it has no effect, so a producer that returns it ends quietly.
    ///
    /// ```
    /// use async_iterable_bridge::{bridge, Error, Options};
    ///
    /// let (producer, stream) = bridge(Options::new());
    /// drop(stream);
    /// let error = Error::from(producer.try_send(1.0).unwrap_err());
    /// assert!(error.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.0.is_closed
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}
