//! Threads for calls that block, such as the opening and reading of files.
//!
//! tokio also has such threads, but panics when the system refuses the first of them. Here the refusal is an error
//! of the call. A thread that has had no call for [`KEEP_ALIVE`] ends.

use async_iterable_bridge::Error;
use std::collections::VecDeque;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The most calls that run at once. Further ones wait for their turn.
const MOST_THREADS: usize = 64;

/// The time that a thread waits for its next call.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

type Call = Box<dyn FnOnce() + Send>;

struct Pool {
    /// The calls that no thread has begun.
    calls: VecDeque<Call>,
    threads: usize,
    /// The number of threads that wait for a call.
    idle: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    calls: VecDeque::new(),
    threads: 0,
    idle: 0,
});

static CALLED: Condvar = Condvar::new();

/// Runs a call on a thread that may block, and returns its result. A panic of the call unwinds into the caller.
///
/// # Errors
///
/// Fails when the system refuses a thread, and no other thread can take the call.
pub(super) async fn on_blocking_thread<R: Send + 'static>(
    call: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Error> {
    let (sender, result) = oneshot::channel();
    // The runtime of the caller may watch a file that the call opens.
    let runtime = Handle::current();
    submit(Box::new(move || {
        let _entered = runtime.enter();
        // A caller that has been dropped needs no result.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(call)));
    }))?;
    let result = result.await.expect("each call in the pool is run");
    Ok(result.unwrap_or_else(|panic| resume_unwind(panic)))
}

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a call to the pool, and a thread if all threads are busy.
fn submit(call: Call) -> Result<(), Error> {
    let mut pool = pool();
    pool.calls.push_back(call);
    if pool.calls.len() <= pool.idle {
        // The thread that is woken takes the lock.
        drop(pool);
        CALLED.notify_one();
        return Ok(());
    }
    if pool.threads == MOST_THREADS {
        return Ok(());
    }
    let thread = thread::Builder::new().name("async-iterable-bridge-blocking".into());
    match thread.spawn(work) {
        Ok(_) => pool.threads += 1,
        // A busy thread takes the call when it has finished its own.
        Err(_) if pool.threads > 0 => {}
        Err(error) => {
            pool.calls.pop_back();
            return Err(Error::refused_thread(&error));
        }
    }
    Ok(())
}

/// Runs calls until there has been none for a while.
fn work() {
    let mut pool = pool();
    loop {
        while let Some(call) = pool.calls.pop_front() {
            drop(pool);
            call();
            pool = self::pool();
        }
        pool.idle += 1;
        let waited = CALLED.wait_timeout_while(pool, KEEP_ALIVE, |pool| pool.calls.is_empty());
        (pool, _) = waited.unwrap_or_else(PoisonError::into_inner);
        pool.idle -= 1;
        if pool.calls.is_empty() {
            pool.threads -= 1;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use tokio::runtime::Builder;

    fn run<R>(future: impl Future<Output = R>) -> R {
        let runtime = Builder::new_current_thread().build().expect("no threads");
        runtime.block_on(future)
    }

    #[test]
    fn more_calls_than_threads_all_return() {
        let returned = run(async {
            let calls = (0..3 * MOST_THREADS).map(|number| {
                tokio::spawn(on_blocking_thread(move || {
                    thread::yield_now();
                    number
                }))
            });
            let calls: Vec<_> = calls.collect();
            let mut sum = 0;
            for call in calls {
                sum += call.await.expect("it runs").expect("there are threads");
            }
            sum
        });
        assert_eq!(returned, (0..3 * MOST_THREADS).sum::<usize>());
        assert!(pool().threads <= MOST_THREADS);
    }

    #[test]
    fn a_call_that_panics_is_the_callers_panic() {
        let call = || run(on_blocking_thread(|| resume_unwind(Box::new("a bomb"))));
        let panic = catch_unwind(call).expect_err("it panics");
        assert_eq!(panic.downcast_ref(), Some(&"a bomb"));
    }
}
