//! Why a send did not take place.

use std::fmt;

/// A send that did not take place, with what was to be sent.
#[derive(Clone, PartialEq, Eq)]
pub enum SendError<T> {
    /// There is no room, and the call may not wait for any.
    Full(T),
    /// The stream has ended.
    Closed(T),
}

impl<T> SendError<T> {
    /// What was to be sent.
    pub fn into_inner(self) -> T {
        match self {
            SendError::Full(item) | SendError::Closed(item) => item,
        }
    }

    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> SendError<U> {
        match self {
            SendError::Full(item) => SendError::Full(with(item)),
            SendError::Closed(item) => SendError::Closed(with(item)),
        }
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            SendError::Full(_) => "the stream's buffer is full",
            SendError::Closed(_) => "the stream has ended",
        })
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

impl<T> std::error::Error for SendError<T> {}
