//! Producers that are functions or futures of one stream. They start with the stream, and it ends as they end.

use crate::error::Error;
use crate::item::Item;
use crate::stream::bridge::AsyncIterableBridge;
use crate::stream::options::Options;
use crate::stream::producer::Producer;
use crate::stream::supervision::finish;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::task::Poll;
use std::thread;

impl<T: Item> AsyncIterableBridge<T> {
    /// Makes a stream whose producer runs on a thread of its own, and may block it.
    ///
    /// The thread starts with the first `next()`. The stream ends when `produce` returns: normally,
    /// or with its error. A `?` on a send ends it quietly when the consumer has left.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// use std::io::{stdin, BufRead};
    ///
    /// pub fn lines() -> AsyncIterableBridge<String> {
    ///     AsyncIterableBridge::spawn(Options::new(), |producer| {
    ///         for line in stdin().lock().lines() {
    ///             producer.blocking_send(line?)?;
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn spawn<F>(options: Options, produce: F) -> Self
    where
        F: FnOnce(Producer<T>) -> Result<(), Error> + Send + 'static,
    {
        Self::lazy(options, move |producer| {
            let supervisor = producer.clone();
            let watched = producer.clone();
            let thread = thread::Builder::new().name("async-iterable-bridge".into());
            let spawned = thread.spawn(move || {
                let caught = || catch_unwind(AssertUnwindSafe(|| produce(producer)));
                let outcome = supervisor.supervised(caught);
                finish(&supervisor, outcome);
            });
            if let Err(error) = spawned {
                watched.fail(Error::refused_thread(&error));
            }
        })
    }

    /// Makes a stream whose producer is a task on a tokio runtime: that of [`Options::runtime`], or the crate's
    /// own. It must not block; while it waits for room it costs nothing but memory.
    ///
    /// The task starts with the first `next()`. The task is dropped where it waits once the stream has ended:
    /// when the consumer leaves, or when a clone of the producer closes or fails the stream.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// use std::time::Duration;
    ///
    /// pub fn ticks() -> AsyncIterableBridge<u32> {
    ///     AsyncIterableBridge::spawn_task(Options::new(), |producer| async move {
    ///         for tick in 0.. {
    ///             tokio::time::sleep(Duration::from_secs(1)).await;
    ///             producer.send(tick).await?;
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn spawn_task<F, R>(options: Options, produce: F) -> Self
    where
        F: FnOnce(Producer<T>) -> R + Send + 'static,
        R: Future<Output = Result<(), Error>> + Send,
    {
        let runtime = options.runtime_handle();
        Self::lazy(options, move |producer| {
            let runtime = match runtime.get() {
                Ok(runtime) => runtime,
                Err(error) => {
                    producer.fail(error);
                    return;
                }
            };
            let task = Task(producer.clone());
            runtime.spawn(async move {
                let Task(supervisor) = &task;
                let outcome = {
                    // In a block of its own, so that the code below also catches a panic of `produce` itself.
                    let mut produced = pin!(async move { produce(producer).await });
                    let caught = poll_fn(|context| {
                        let poll = AssertUnwindSafe(|| produced.as_mut().poll(context));
                        match supervisor.supervised(|| catch_unwind(poll)) {
                            Ok(polled) => polled.map(Ok),
                            Err(panic) => Poll::Ready(Err(panic)),
                        }
                    });
                    unless(supervisor.closed(), caught).await
                };
                finish(supervisor, outcome.unwrap_or(Ok(Ok(()))));
            });
        })
    }
}

/// Fails the stream of a task that its runtime drops before the task has ended.
struct Task<T: Item>(Producer<T>);

impl<T: Item> Drop for Task<T> {
    fn drop(&mut self) {
        let error = Error::new("The runtime of the producer was shut down");
        self.0.fail(error.with_code("ERR_PRODUCER_TERMINATED"));
    }
}

/// Runs a future until it ends, or until the condition is true. Then the future is dropped where it waits.
async fn unless<F: Future>(condition: impl Future<Output = ()>, future: F) -> Option<F::Output> {
    let (mut condition, mut future) = (pin!(condition), pin!(future));
    poll_fn(|context| match condition.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => future.as_mut().poll(context).map(Some),
    })
    .await
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::queue::{block_on, Drained};
    use crate::Start;
    use std::collections::VecDeque;

    fn eager() -> Options {
        Options::new().start(Start::Eager)
    }

    /// Returns the code of the error that a stream without items ends with.
    fn code_of_failure(mut bridge: AsyncIterableBridge<f64>) -> Option<String> {
        let mut items = VecDeque::new();
        block_on(poll_fn(|context| {
            let drained = bridge
                .stream
                .drain(&mut items, &mut Vec::new(), context.waker());
            match drained {
                Drained::Items => panic!("it sends nothing"),
                Drained::Parked => Poll::Pending,
                Drained::Closed => Poll::Ready(None),
                Drained::Failed(error) => Poll::Ready(error.code().map(String::from)),
            }
        }))
    }

    #[test]
    fn a_task_of_a_runtime_that_is_shut_down_fails_its_stream() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let options = Options::new().runtime(runtime.handle().clone());
        let waiting =
            AsyncIterableBridge::spawn_task(options.clone().start(Start::Eager), |_producer| {
                std::future::pending()
            });
        let unstarted = AsyncIterableBridge::spawn_task(options, |_| std::future::pending());
        runtime.shutdown_background();
        for bridge in [waiting, unstarted] {
            let code = code_of_failure(bridge);
            assert_eq!(code.as_deref(), Some("ERR_PRODUCER_TERMINATED"));
        }
    }

    #[test]
    fn a_refusal_by_another_stream_fails_this_one() {
        let (other, others_stream) = crate::stream::bridge::<f64>(Options::new());
        drop(others_stream);
        let bridge = AsyncIterableBridge::spawn(eager(), move |_producer| {
            other.blocking_send(1.0)?;
            Ok(())
        });
        let code = code_of_failure(bridge);
        assert_eq!(code.as_deref(), Some("ERR_STREAM_CLOSED"));
    }

    #[test]
    fn a_panic_that_is_caught_on_the_producers_thread_fails_the_stream() {
        let bridge = AsyncIterableBridge::spawn(eager(), |producer| {
            let held = AssertUnwindSafe(producer.clone());
            assert!(catch_unwind(|| panic_with(held)).is_err());
            Ok(())
        });
        let code = code_of_failure(bridge);
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
    }

    fn panic_with<T>(_held: T) {
        std::panic::resume_unwind(Box::new("a bomb"));
    }

    #[test]
    fn a_panic_of_a_thread_that_a_producer_has_started_fails_the_stream() {
        let bridge = AsyncIterableBridge::spawn(eager(), |producer| {
            let clone = producer.clone();
            assert!(thread::spawn(|| panic_with(clone)).join().is_err());
            Ok(())
        });
        let code = code_of_failure(bridge);
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
    }

    #[test]
    fn a_panic_of_a_task_that_a_producer_has_started_fails_the_stream() {
        let bridge = AsyncIterableBridge::spawn_task(eager(), |producer| async move {
            let clone = producer.clone();
            assert!(tokio::spawn(async { panic_with(clone) }).await.is_err());
            Ok(())
        });
        let code = code_of_failure(bridge);
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
    }

    #[test]
    fn a_panic_fails_the_streams_of_others_whose_producers_it_drops() {
        let (other, others_stream) = crate::stream::bridge::<f64>(Options::new());
        let bridge = AsyncIterableBridge::spawn(eager(), move |producer| {
            panic_with((producer, other));
            Ok(())
        });
        for bridge in [bridge, others_stream] {
            let code = code_of_failure(bridge);
            assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
        }
    }
}
