//! The panics of producers: each of them fails the stream, wherever it is caught.

use crate::error::Error;
use crate::item::Item;
use crate::stream::producer::Producer;
use std::cell::Cell;
use std::sync::Arc;
use std::thread;

/// The address of the producer whose panics on this thread are reported by its caller; 0 stands for none.
#[derive(Clone, Copy)]
struct Supervised {
    producer: usize,
    has_panicked: bool,
}

thread_local! {
    static SUPERVISED: Cell<Supervised> = const {
        Cell::new(Supervised {
            producer: 0,
            has_panicked: false,
        })
    };
}

impl<T: Item> Drop for Producer<T> {
    fn drop(&mut self) {
        if thread::panicking() && !self.note_panic() {
            self.fail_by_panic();
        }
    }
}

impl<T: Item> Producer<T> {
    /// Runs a function that catches its panics, which the caller then reports, with their message. If another panic,
    /// caught elsewhere, drops a clone meanwhile, the stream fails afterwards.
    pub(crate) fn supervised<R>(
        &self,
        run: impl FnOnce() -> thread::Result<R>,
    ) -> thread::Result<R> {
        let outer = SUPERVISED.replace(Supervised {
            producer: self.address(),
            has_panicked: false,
        });
        let result = self.shared.trace.in_span(run);
        let inner = SUPERVISED.replace(outer);
        if inner.has_panicked && result.is_ok() {
            self.fail_by_panic();
        }
        result
    }

    /// Notes a panic, if this producer is [`supervised`](Producer::supervised) on this thread. Returns whether it is.
    fn note_panic(&self) -> bool {
        let noted = SUPERVISED.try_with(|supervised| {
            let is_this = supervised.get().producer == self.address();
            if is_this {
                supervised.set(Supervised {
                    has_panicked: true,
                    ..supervised.get()
                });
            }
            is_this
        });
        noted.unwrap_or(false)
    }

    fn fail_by_panic(&self) {
        self.fail(Error::panicked_in_thread(thread::current().name()));
    }

    /// Returns the same address for all clones.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }
}

/// Ends the stream in the way in which its producer's function ended.
pub(crate) fn finish<T: Item>(producer: &Producer<T>, outcome: thread::Result<Result<(), Error>>) {
    match outcome {
        Ok(Ok(())) => producer.close(),
        // The error may be the refusal of a send. Then this stream has ended already, or another one has.
        Ok(Err(error)) => producer.fail(error),
        Err(panic) => producer.fail(Error::panicked(panic.as_ref())),
    };
}
