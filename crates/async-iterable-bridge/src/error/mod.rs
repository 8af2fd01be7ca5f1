//! Why a stream failed, in a form that becomes a JavaScript `Error`.

mod system;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::io;

/// The reason of a failed stream. JavaScript sees an `Error` with this message and, where they
/// are known, the properties `code`, `errno`, `syscall`, `path` and `dest`, as on Node's own errors.
///
/// ```
/// use async_iterable_bridge::Error;
///
/// let error = Error::new("the cursor was closed").with_code("ERR_CURSOR_CLOSED");
/// assert_eq!(error.code(), Some("ERR_CURSOR_CLOSED"));
/// assert_eq!(error.to_string(), "the cursor was closed");
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug, Default)]
struct Inner {
    message: String,
    code: Option<Cow<'static, str>>,
    /// Negative, as Node reports it.
    errno: Option<i32>,
    syscall: Option<&'static str>,
    path: Option<String>,
    dest: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with this message and nothing else.
    pub fn new(message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            message: message.into(),
            ..Inner::default()
        }))
    }

    /// Adds a `code`, the stable name by which JavaScript tells errors apart.
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// An error of the operating system, worded as Node words it:
    /// `ENOENT: no such file or directory, open 'missing.txt'`.
    ///
    /// `syscall` names the operation as Node does (`open`, `read`, `scandir`, `lstat`).
    pub fn system(error: io::Error, syscall: &'static str, path: impl Into<String>) -> Self {
        Error::from_system(error, Some(syscall), Some(path.into()))
    }

    /// Adds the second file of an error about two, also to the message, as Node words it:
    /// `ELOOP: too many symbolic links encountered, scandir 'a/b/link' -> 'a'`.
    pub fn with_dest(mut self, dest: impl Into<String>) -> Self {
        let dest = dest.into();
        self.0.message = format!("{} -> '{dest}'", self.0.message);
        self.0.dest = Some(dest);
        self
    }

    fn from_system(error: io::Error, syscall: Option<&'static str>, path: Option<String>) -> Self {
        let described = system::describe(&error);
        let mut message = match &described {
            Some(described) => format!("{}: {}", described.code, described.description),
            None => error.to_string(),
        };
        if let Some(syscall) = syscall {
            message = format!("{message}, {syscall}");
        }
        if let Some(path) = &path {
            message = format!("{message} '{path}'");
        }
        Error(Box::new(Inner {
            message,
            code: described.as_ref().map(|described| described.code.into()),
            errno: described.map(|described| described.errno),
            syscall,
            path,
            dest: None,
            source: Some(Box::new(error)),
        }))
    }

    /// The failure of a stream whose producer panicked with this payload.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a message");
        Error::new(format!("The producer panicked: {message}")).with_code("ERR_PRODUCER_PANICKED")
    }

    /// The failure of a stream when all that is known of a panic is its thread.
    pub(crate) fn panicked_in_thread(name: Option<&str>) -> Self {
        let name = name.unwrap_or("<unnamed>");
        Error::new(format!("The producer's thread '{name}' panicked"))
            .with_code("ERR_PRODUCER_PANICKED")
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The stable name of the error, such as `ENOENT`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The number of a system error, negative as in Node (`-2` for `ENOENT` on Linux).
    pub fn errno(&self) -> Option<i32> {
        self.0.errno
    }

    /// The system call that failed.
    pub fn syscall(&self) -> Option<&str> {
        self.0.syscall
    }

    /// The file that it failed for.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The second file, where it failed for two.
    pub fn dest(&self) -> Option<&str> {
        self.0.dest.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::from_system(error, None, None)
    }
}
