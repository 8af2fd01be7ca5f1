//! An executor for a thread that blocks on one future.

use crate::sync::{lock, wait, wait_timeout, Condvar, Mutex};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// Runs a future on the calling thread, which blocks while the future waits.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let sleeper = Arc::new(Sleeper::default());
    let waker = Waker::from(sleeper.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => sleeper.sleep(),
        }
    }
}

/// Runs a future like [`block_on`], but not for longer than `timeout`. Returns its output, if it was ready by then.
pub(crate) fn block_on_timeout<F: Future>(future: F, timeout: Duration) -> Option<F::Output> {
    let start = Instant::now();
    let sleeper = Arc::new(Sleeper::default());
    let waker = Waker::from(sleeper.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return Some(output),
            Poll::Pending => sleeper.sleep_timeout(timeout.checked_sub(start.elapsed())?),
        }
    }
}

/// A thread that blocks until its waker is called.
#[derive(Default)]
struct Sleeper {
    /// Whether a wake has come. The sleep that it ends clears it, so a wake between the poll and the sleep is not
    /// lost.
    notified: Mutex<bool>,
    condition: Condvar,
}

impl Sleeper {
    fn sleep(&self) {
        let mut notified = lock(&self.notified);
        while !*notified {
            notified = wait(&self.condition, notified);
        }
        *notified = false;
    }

    /// Sleeps once, which may also end for no reason.
    fn sleep_timeout(&self, timeout: Duration) {
        let mut notified = lock(&self.notified);
        if !*notified {
            notified = wait_timeout(&self.condition, notified, timeout);
        }
        *notified = false;
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        *lock(&self.notified) = true;
        self.condition.notify_one();
    }
}
