//! Requests of JavaScript that Rust answers with streams.

use crate::adapters::forward;
use crate::bridge::AsyncIterableBridge;
use crate::error::Error;
use crate::item::Item;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::producer::Producer;
use crate::spawn::unless;
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use tokio::sync::{watch, Semaphore};

/// Answers requests with streams. Returned from a `#[napi]` function, it becomes an object with
///
/// | member | |
/// |---|---|
/// | `request(args)` | a stream, as [`from_stream`](AsyncIterableBridge::from_stream) makes it of what the function returns for `args`, any value that napi-rs converts to `A` |
/// | `close()` | ends all answers and refuses further requests; `true` for the call that closed it |
/// | `pendingCount` | how many answers have not ended |
/// | `[Symbol.dispose]()` | `close()` |
///
/// Each answer has a buffer of its own, within the bounds of the options, and its consumer can leave it. The
/// function is called on the tokio runtime of [`Options::runtime`], or on the crate's own, when the answer is
/// first read; with [`limit`](Handler::limit), when it is its turn.
///
/// # How it ends
///
/// After [`close`](Handler::close) every answer that has not ended fails, after what it has buffered, with the
/// `code` `ERR_HANDLER_CLOSED`, and its `Stream` is dropped. Merely dropping the handler ends nothing.
///
/// ```
/// use async_iterable_bridge::{Handler, Options};
///
/// // With #[napi], in JavaScript: for await (const word of splitter().request('to be or not')) ...
/// pub fn splitter() -> Handler<String, String> {
///     Handler::new(Options::new(), |text: String| {
///         let words: Vec<_> = text.split(' ').map(String::from).collect();
///         tokio_stream::iter(words)
///     })
///     .limit(100)
/// }
/// # drop(splitter());
/// ```
pub struct Handler<A, T: Item> {
    shared: Arc<Shared<A, T>>,
    turns: Option<Arc<Semaphore>>,
}

struct Shared<A, T: Item> {
    options: Options,
    answer: Box<Answer<A, T>>,
    closed: watch::Sender<bool>,
    pending: Arc<AtomicUsize>,
}

/// Answers a request by a producer.
type Answer<A, T> =
    dyn Fn(A, Producer<T>) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> + Send + Sync;

impl<A: Send + 'static, T: Item> Handler<A, T> {
    /// A handler whose answers are the streams that `answer` returns. All of them have these options.
    pub fn new<F, S>(options: Options, answer: F) -> Self
    where
        F: Fn(A) -> S + Send + Sync + 'static,
        S: Stream + Send + 'static,
        S::Item: Outcome<Item = T>,
    {
        Handler {
            shared: Arc::new(Shared {
                options,
                answer: Box::new(move |arguments, producer| {
                    Box::pin(forward(answer(arguments), producer))
                }),
                closed: watch::Sender::new(false),
                pending: Arc::default(),
            }),
            turns: None,
        }
    }

    /// Lets at most so many answers run at once. The others wait for their turn, in the order in which they
    /// were first read. The default is no limit.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// ```
    /// use async_iterable_bridge::{Handler, Options};
    ///
    /// let one_at_a_time = Handler::new(Options::new(), |number: f64| tokio_stream::once(number)).limit(1);
    /// # drop(one_at_a_time);
    /// ```
    #[must_use]
    pub fn limit(mut self, answers: usize) -> Self {
        assert!(answers > 0, "the limit of a handler must be at least 1");
        let answers = answers.min(Semaphore::MAX_PERMITS);
        self.turns = Some(Arc::new(Semaphore::new(answers)));
        self
    }

    /// What JavaScript's `request(args)` does.
    ///
    /// # Errors
    ///
    /// With the code `ERR_HANDLER_CLOSED`, once the handler is closed.
    ///
    /// ```
    /// use async_iterable_bridge::{Handler, Options};
    ///
    /// let handler = Handler::new(Options::new(), |number: f64| tokio_stream::once(number));
    /// let answer = handler.request(1.0).unwrap();
    /// assert_eq!(handler.pending(), 1);
    /// drop(answer);
    /// assert_eq!(handler.pending(), 0);
    /// ```
    pub fn request(&self, arguments: A) -> Result<AsyncIterableBridge<T>, Error> {
        if self.is_closed() {
            return Err(closed());
        }
        let pending = Pending::new(&self.shared.pending);
        let (shared, turns) = (self.shared.clone(), self.turns.clone());
        let options = self.shared.options.clone();
        Ok(AsyncIterableBridge::spawn_task(
            options,
            move |producer| async move {
                let _pending = pending;
                let mut watched = shared.closed.subscribe();
                let is_closed = async {
                    // It fails only without a sender, which `shared` has.
                    let _ = watched.wait_for(|is_closed| *is_closed).await;
                };
                let answered = async {
                    let _turn = match &turns {
                        // Nobody closes the semaphore, which alone makes it fail.
                        Some(turns) => turns.acquire().await.ok(),
                        None => None,
                    };
                    (shared.answer)(arguments, producer).await
                };
                unless(is_closed, answered)
                    .await
                    .unwrap_or_else(|| Err(closed()))
            },
        ))
    }

    /// Ends all answers, and refuses further requests. `true` only for the call that closed it.
    ///
    /// ```
    /// use async_iterable_bridge::{Handler, Options};
    ///
    /// let handler = Handler::new(Options::new(), |number: f64| tokio_stream::once(number));
    /// assert!(handler.close());
    /// let error = handler.request(1.0).unwrap_err();
    /// assert_eq!(error.code(), Some("ERR_HANDLER_CLOSED"));
    /// ```
    pub fn close(&self) -> bool {
        !self.shared.closed.send_replace(true)
    }

    /// Whether [`close`](Handler::close) was called.
    pub fn is_closed(&self) -> bool {
        *self.shared.closed.borrow()
    }

    /// How many answers have not ended, those included that wait for their turn or to be read.
    pub fn pending(&self) -> usize {
        self.shared.pending.load(Ordering::Relaxed)
    }
}

impl<A, T: Item> Clone for Handler<A, T> {
    fn clone(&self) -> Self {
        Handler {
            shared: self.shared.clone(),
            turns: self.turns.clone(),
        }
    }
}

impl<A, T: Item> fmt::Debug for Handler<A, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Handler")
            .field("options", &self.shared.options)
            .field("pending", &self.shared.pending)
            .finish_non_exhaustive()
    }
}

fn closed() -> Error {
    Error::new("The handler of the request was closed").with_code("ERR_HANDLER_CLOSED")
}

/// An answer that has not ended.
struct Pending(Arc<AtomicUsize>);

impl Pending {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Pending(count.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
