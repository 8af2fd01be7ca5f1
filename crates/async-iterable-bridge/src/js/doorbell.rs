//! How other threads wake the JavaScript thread: they put their stream's number on a list, and
//! ring once for however many are on it.
//!
//! The race: a producer that finds the bell already rung relies on a callback that is still to
//! come. The callback therefore clears [`Doorbell::rung`] *before* it takes the list: a number that
//! is put on it later rings again.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// What is rung. Ringing after [`Bell::silence`] does nothing.
pub(super) trait Bell: Send + Sync + 'static {
    fn ring(&self);
    fn silence(&self);
}

pub(super) struct Doorbell<B> {
    bell: B,
    rung: AtomicBool,
    ready: Mutex<Vec<u64>>,
}

impl<B: Bell> Doorbell<B> {
    pub(super) fn new(bell: B) -> Self {
        Doorbell {
            bell,
            rung: AtomicBool::new(false),
            ready: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn bell(&self) -> &B {
        &self.bell
    }

    /// The waker of the stream with this number.
    pub(super) fn waker(self: &Arc<Self>, number: u64) -> Waker {
        Waker::from(Arc::new(StreamWaker {
            doorbell: self.clone(),
            number,
        }))
    }

    fn wake(&self, number: u64) {
        self.ready().push(number);
        self.ring();
    }

    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.ring();
        }
    }

    /// Hands over at most `most` of the streams to wake. If there are more, it rings again for
    /// them. Called on the JavaScript thread, by the bell's callback.
    pub(super) fn answer(&self, most: usize) -> Vec<u64> {
        self.rung.store(false, Ordering::Release);
        let mut ready = self.ready();
        if ready.len() <= most {
            return mem::take(&mut ready);
        }
        let rest = ready.split_off(most);
        let answered = mem::replace(&mut *ready, rest);
        drop(ready);
        self.ring();
        answered
    }

    fn ready(&self) -> MutexGuard<'_, Vec<u64>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct StreamWaker<B> {
    doorbell: Arc<Doorbell<B>>,
    number: u64,
}

impl<B: Bell> Wake for StreamWaker<B> {
    fn wake(self: Arc<Self>) {
        self.doorbell.wake(self.number);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.doorbell.wake(self.number);
    }
}
