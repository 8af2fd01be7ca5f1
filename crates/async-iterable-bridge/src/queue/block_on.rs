//! An executor for a thread that blocks on one future.

use crate::sync::{lock, wait, Condvar, Mutex};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

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
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        *lock(&self.notified) = true;
        self.condition.notify_one();
    }
}
