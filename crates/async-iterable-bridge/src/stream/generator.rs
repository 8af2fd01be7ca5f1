//! Producers that run in step with their consumer, as an `async function*` does.

use crate::error::Error;
use crate::item::Item;
use crate::queue::Overflow;
use crate::stream::bridge::AsyncIterableBridge;
use crate::stream::options::Options;
use crate::stream::producer::Producer;
use std::fmt;
use std::future::{pending, Future};

impl<T: Item> AsyncIterableBridge<T> {
    /// Makes a stream whose producer runs only while the consumer waits for it: the code between two yields
    /// runs between two calls of `next()`, exactly as in an `async function*`. It is for producers whose steps
    /// have effects that the consumer relies on. Other producers are faster with
    /// [`spawn_task`](AsyncIterableBridge::spawn_task), which reads ahead.
    ///
    /// The future runs on the tokio runtime of [`Options::runtime`], or on the crate's own, and is dropped
    /// at its `yield_` when the consumer leaves.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    ///
    /// pub fn steps() -> AsyncIterableBridge<u32> {
    ///     AsyncIterableBridge::generator(Options::new(), |yielder| async move {
    ///         for step in 0..3 {
    ///             yielder.yield_(step).await;
    ///             println!("the consumer wants more than step {step}");
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn generator<F, R>(options: Options, body: F) -> Self
    where
        F: FnOnce(Yielder<T>) -> R + Send + 'static,
        R: Future<Output = Result<(), Error>> + Send,
    {
        // If two tasks yield at once, one of them waits.
        let options = options.overflow(Overflow::Block);
        Self::spawn_task(options, move |producer| body(Yielder { producer }))
    }
}

/// The handle with which a [generator](AsyncIterableBridge::generator) yields its items.
pub struct Yielder<T: Item> {
    producer: Producer<T>,
}

impl<T: Item> Yielder<T> {
    /// Gives the consumer an item, and returns when the consumer asks for the next one. If the consumer leaves instead,
    /// the generator is dropped here, as a `return()` ends an `async function*` at its `yield`. If a separate task
    /// yields, it is not dropped with the generator, and waits forever.
    ///
    /// ```no_run
    /// # use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// AsyncIterableBridge::generator(Options::new(), |yielder| async move {
    ///     yielder.yield_("first").await;
    ///     yielder.yield_("second").await;
    ///     Ok(())
    /// });
    /// ```
    pub async fn yield_(&self, item: T) {
        if self.producer.send(item).await.is_err() {
            // The stream has ended, so its task is about to be dropped.
            pending().await
        }
        self.producer.wait_for_demand().await;
    }
}

impl<T: Item> fmt::Debug for Yielder<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Yielder(..)")
    }
}
