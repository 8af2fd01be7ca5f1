//! The reason why a send did not take place.

use std::fmt;

/// A send that did not take place, with the unsent item.
///
/// With `?`, a send that was refused because the stream has ended ends its producer quietly: see
/// [`Error::is_closed`](crate::Error::is_closed).
///
/// ```
/// use async_iterable_bridge::{bridge, Options, SendError};
///
/// let (producer, stream) = bridge(Options::new());
/// drop(stream);
/// match producer.try_send("unsent") {
///     Ok(()) => unreachable!("the stream was dropped"),
///     Err(SendError::Full(item) | SendError::Closed(item)) => assert_eq!(item, "unsent"),
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum SendError<T> {
    /// There is no room, and the call may not wait for any.
    Full(T),
    /// The stream has ended.
    Closed(T),
}

impl<T> SendError<T> {
    /// Returns the unsent item.
    ///
    /// ```
    /// use async_iterable_bridge::SendError;
    ///
    /// assert_eq!(SendError::Full("unsent").into_inner(), "unsent");
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            SendError::Full(item) | SendError::Closed(item) => item,
        }
    }

    /// Returns the same refusal with another value. For `?`, an item that is not [`Sync`] can be left out:
    /// `.map_err(|refusal| refusal.map(drop))?`.
    ///
    /// ```
    /// use async_iterable_bridge::SendError;
    ///
    /// assert_eq!(SendError::Closed("unsent").map(str::len), SendError::Closed(6));
    /// ```
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> SendError<U> {
        match self {
            SendError::Full(item) => SendError::Full(with(item)),
            SendError::Closed(item) => SendError::Closed(with(item)),
        }
    }
}

impl<T> SendError<T> {
    fn refusal(&self) -> &'static Refusal {
        match self {
            SendError::Full(_) => &Refusal::Full,
            SendError::Closed(_) => &Refusal::Closed,
        }
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal().fmt(formatter)
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            SendError::Full(_) => "Full(..)",
            SendError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> std::error::Error for SendError<T> {
    /// Returns the same refusal without the unsent item.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.refusal())
    }
}

/// The reason why an item was not sent. [`Error`](crate::Error) recognizes a [`SendError`] by it, whatever the type
/// of its item is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Refusal::Full => "The buffer of the stream is full",
            Refusal::Closed => "The stream has ended",
        })
    }
}

impl std::error::Error for Refusal {}
