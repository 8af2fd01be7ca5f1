//! The one switch between `std` and `loom`: the queue takes its locks from here, so that loom
//! can run the very same code through every interleaving.

#[cfg(loom)]
pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Locks, and goes on after a panic of another holder: every critical section of the queue
/// leaves its state consistent before it calls anything that can panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that sleeps until its waker is called.
#[derive(Default)]
struct Sleeper {
    notified: Mutex<bool>,
    condition: Condvar,
}

impl Sleeper {
    fn sleep(&self) {
        let mut notified = lock(&self.notified);
        while !*notified {
            notified = self
                .condition
                .wait(notified)
                .unwrap_or_else(PoisonError::into_inner);
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

/// Runs a future on the calling thread, which sleeps whenever the future waits.
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
