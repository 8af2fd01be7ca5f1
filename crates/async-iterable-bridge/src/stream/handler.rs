//! JavaScript requests that Rust answers with streams.

use crate::error::Error;
use crate::item::{Batch, Item};
use crate::queue::Queue;
use crate::stream::adapters::forward;
use crate::stream::bridge::AsyncIterableBridge;
use crate::stream::options::{Options, OutOfRange};
use crate::stream::outcome::Outcome;
use crate::stream::producer::Producer;
use crate::sync::{lock, Mutex};
use futures_core::Stream;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::thread;
use tokio::sync::{oneshot, OwnedSemaphorePermit, Semaphore};

/// Answers requests with streams. Returned from a `#[napi]` function, it becomes an object with
///
/// | member | |
/// |---|---|
/// | `request(args)` | a stream, as [`from_stream`](AsyncIterableBridge::from_stream) makes it of what the function returns for `args`, any value that napi-rs converts to `A` |
/// | `close()` | ends all answers and refuses further requests; `true` for the call that closed it |
/// | `pendingCount` | the number of answers that have not ended |
/// | `[Symbol.dispose]()` | `close()` |
///
/// Each answer has a buffer of its own, within the bounds of the options, and its consumer can leave it. The
/// function is called on the tokio runtime of [`Options::runtime`], or on the crate's own, when the answer is
/// first read; with [`limit`](Handler::limit), when the answer has its turn.
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
    permits: Option<Arc<Semaphore>>,
    /// The limit, if it is out of range.
    invalid: Option<OutOfRange>,
}

struct Shared<A, T: Item> {
    options: Options,
    answer: Box<Answer<A, T>>,
    /// The answers that have not ended; `None` once the handler is closed.
    answers: Arc<Mutex<Option<Answers>>>,
}

struct Answers {
    /// The number of the next answer. A number is never used again, so a late answer cannot take the place of another.
    next_number: u64,
    queues: BTreeMap<u64, Weak<Queue<Batch, Error>>>,
}

impl<A, T: Item> Shared<A, T> {
    /// Notes the queue of an answer, so that a close can end it, unless the answer has ended by now. Returns `false` if
    /// the handler was closed meanwhile.
    fn register(&self, number: u64, queue: &Arc<Queue<Batch, Error>>) -> bool {
        let mut answers = lock(&self.answers);
        let Some(answers) = answers.as_mut() else {
            return false;
        };
        if let Some(answer) = answers.queues.get_mut(&number) {
            *answer = Arc::downgrade(queue);
        }
        true
    }
}

/// The function that answers a request with a producer. The answer has ended when it has dropped its turn.
type Answer<A, T> = dyn Fn(A, Producer<T>, Turn) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>
    + Send
    + Sync;

/// One of the answers that run at once, if their number is limited.
struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl<A: Send + 'static, T: Item> Handler<A, T> {
    /// Makes a handler whose answers are the streams that `answer` returns. All of them have these options.
    pub fn new<F, S>(options: Options, answer: F) -> Self
    where
        F: Fn(A) -> S + Send + Sync + 'static,
        S: Stream + Send + 'static,
        S::Item: Outcome<Item = T>,
    {
        Handler::answering(
            options,
            Box::new(move |arguments, producer, turn| {
                let answer = answer(arguments);
                Box::pin(async move {
                    let _turn = turn;
                    forward(answer, producer).await
                })
            }),
        )
    }

    /// Makes a handler whose answers are made by a function that may block, as that of
    /// [`AsyncIterableBridge::spawn`]: each answer has a thread of its own, which starts when the answer has its
    /// turn. An answer that was left keeps its turn until its thread has ended.
    ///
    /// ```
    /// use async_iterable_bridge::{Handler, Options};
    /// use std::io::BufRead;
    ///
    /// /// Reads the lines of files, at most eight at once.
    /// pub fn reader() -> Handler<String, String> {
    ///     Handler::spawn(Options::new(), |path: String, producer| {
    ///         for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
    ///             producer.blocking_send(line?)?;
    ///         }
    ///         Ok(())
    ///     })
    ///     .limit(8)
    /// }
    /// # drop(reader());
    /// ```
    pub fn spawn<F>(options: Options, answer: F) -> Self
    where
        F: Fn(A, Producer<T>) -> Result<(), Error> + Send + Sync + 'static,
    {
        let answer = Arc::new(answer);
        Handler::answering(
            options,
            Box::new(move |arguments, producer, turn| {
                let answer = answer.clone();
                let supervisor = producer.clone();
                Box::pin(on_thread(supervisor, move || {
                    let _turn = turn;
                    answer(arguments, producer)
                }))
            }),
        )
    }

    fn answering(options: Options, answer: Box<Answer<A, T>>) -> Self {
        Handler {
            shared: Arc::new(Shared {
                options,
                answer,
                answers: Arc::new(Mutex::new(Some(Answers {
                    next_number: 0,
                    queues: BTreeMap::new(),
                }))),
            }),
            permits: None,
            invalid: None,
        }
    }

    /// Limits the number of answers that run at once. The others wait for their turn, in the order in which they
    /// were first read. An answer keeps its turn until it is read to its end or left. The default is no limit.
    ///
    /// # Errors
    ///
    /// JavaScript gets a `RangeError` with the code `ERR_OUT_OF_RANGE` from the function that returns a handler with a
    /// limit of zero.
    ///
    /// ```
    /// use async_iterable_bridge::{Handler, Options};
    ///
    /// let one_at_a_time = Handler::new(Options::new(), |number: f64| tokio_stream::once(number)).limit(1);
    /// # drop(one_at_a_time);
    /// ```
    #[must_use]
    pub fn limit(mut self, answers: usize) -> Self {
        if answers == 0 {
            self.invalid = Some(OutOfRange::limit());
            return self;
        }
        let answers = answers.min(Semaphore::MAX_PERMITS);
        self.permits = Some(Arc::new(Semaphore::new(answers)));
        self
    }

    /// Returns the first option, or the limit, that was out of range.
    pub(crate) fn invalid(&self) -> Option<OutOfRange> {
        self.shared.options.invalid().or(self.invalid)
    }

    /// Does the same as JavaScript's `request(args)`.
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
        let pending = Pending::new(&self.shared.answers).ok_or_else(closed)?;
        let number = pending.number;
        let (shared, permits) = (self.shared.clone(), self.permits.clone());
        let mut options = self.shared.options.clone();
        options.set_invalid(self.invalid);
        let bridge = AsyncIterableBridge::spawn_task(options, move |producer| async move {
            let _pending = pending;
            let turn = Turn {
                _permit: match permits {
                    // It fails only when the semaphore is closed, which never happens.
                    Some(permits) => permits.acquire_owned().await.ok(),
                    None => None,
                },
            };
            // While the handler closes, the end of another answer may give this one its turn.
            if lock(&shared.answers).is_none() {
                return Err(closed());
            }
            (shared.answer)(arguments, producer, turn).await
        });
        let queue = bridge.stream.queue();
        if !self.shared.register(number, queue) {
            queue.fail(closed());
        }
        Ok(bridge)
    }

    /// Ends all answers, and refuses further requests. Returns `true` only for the call that closed the handler.
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
        let Some(answers) = lock(&self.shared.answers).take() else {
            return false;
        };
        for queue in answers
            .queues
            .into_values()
            .filter_map(|queue| queue.upgrade())
        {
            queue.fail(closed());
        }
        true
    }

    /// Returns whether [`close`](Handler::close) was called.
    pub fn is_closed(&self) -> bool {
        lock(&self.shared.answers).is_none()
    }

    /// Returns the number of answers that have not ended, including those that wait for their turn or to be read.
    pub fn pending(&self) -> usize {
        lock(&self.shared.answers)
            .as_ref()
            .map_or(0, |answers| answers.queues.len())
    }
}

impl<A, T: Item> Clone for Handler<A, T> {
    fn clone(&self) -> Self {
        Handler {
            shared: self.shared.clone(),
            permits: self.permits.clone(),
            invalid: self.invalid,
        }
    }
}

impl<A, T: Item> fmt::Debug for Handler<A, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Handler")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

/// Runs a function that may block on a thread of its own, and waits for its end. A panic goes on in the waiting task.
async fn on_thread<T: Item>(
    supervisor: Producer<T>,
    run: impl FnOnce() -> Result<(), Error> + Send + 'static,
) -> Result<(), Error> {
    let (ended, end) = oneshot::channel();
    let thread = thread::Builder::new().name("async-iterable-bridge".into());
    let spawned = thread.spawn(move || {
        // The task may have been dropped, because the consumer has left.
        let _ = ended.send(supervisor.supervised(|| catch_unwind(AssertUnwindSafe(run))));
    });
    spawned.map_err(|error| Error::refused_thread(&error))?;
    match end.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(Error::new(
            "The thread of the answer has ended without an outcome",
        )),
    }
}

fn closed() -> Error {
    Error::new("The handler of the request was closed").with_code("ERR_HANDLER_CLOSED")
}

/// An answer that has not ended.
struct Pending {
    answers: Arc<Mutex<Option<Answers>>>,
    number: u64,
}

impl Pending {
    fn new(answers: &Arc<Mutex<Option<Answers>>>) -> Option<Self> {
        // The queue is made after this entry, which the producer must hold before it can start.
        let mut open = lock(answers);
        let open = open.as_mut()?;
        let number = open.next_number;
        open.next_number += 1;
        open.queues.insert(number, Weak::new());
        Some(Pending {
            answers: answers.clone(),
            number,
        })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(answers) = &mut *lock(&self.answers) {
            answers.queues.remove(&self.number);
        }
    }
}
