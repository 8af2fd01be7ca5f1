//! Items that may be errors.

use crate::error::Error;
use crate::item::Item;

/// The element of an iterator or a `Stream`: an item, or a `Result` of one, whose error fails the stream.
///
/// ```
/// use async_iterable_bridge::{AsyncIterableBridge, Options};
/// use std::num::ParseFloatError;
///
/// let plain: AsyncIterableBridge<f64> = AsyncIterableBridge::from_iter(Options::new(), [1.0, 2.0]);
/// let parsed: Vec<Result<f64, ParseFloatError>> = vec!["1".parse(), "x".parse()];
/// let fallible: AsyncIterableBridge<f64> = AsyncIterableBridge::from_iter(Options::new(), parsed);
/// ```
pub trait Outcome {
    /// The item.
    type Item: Item;

    /// Returns the item, or the error instead of it.
    ///
    /// ```
    /// use async_iterable_bridge::Outcome;
    ///
    /// assert_eq!(Outcome::into_result(1.0).unwrap(), 1.0);
    /// let error = "x".parse::<f64>().into_result().unwrap_err();
    /// assert_eq!(error.code(), Some("ERR_PRODUCER_FAILED"));
    /// ```
    fn into_result(self) -> Result<Self::Item, Error>;
}

impl<T: Item> Outcome for T {
    type Item = T;

    fn into_result(self) -> Result<T, Error> {
        Ok(self)
    }
}

impl<T: Item, E: Into<Error>> Outcome for Result<T, E> {
    type Item = T;

    fn into_result(self) -> Result<T, Error> {
        self.map_err(Into::into)
    }
}
