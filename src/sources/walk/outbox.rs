//! Where the threads of a walk put what they find, and from where it is sent.
//!
//! They find one entry every microsecond or so. Sent one by one, each could wake JavaScript's
//! thread, which costs more than to find the entry. And an entry that a thread kept back until it
//! has a batch would be stuck for as long as that thread is busy elsewhere. So all entries come
//! here, in order, and one more thread sends them: the first at once, the others when there are
//! many, or after a moment.
//!
//! It ends when the finders are done and everything is sent, or when sending fails.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many entries are sent without waiting for more.
const MANY: usize = 256;

/// As long as this an entry waits for others.
const MOMENT: Duration = Duration::from_millis(1);

/// With so many entries the finders wait until some are sent.
const CAPACITY: usize = 1024;

pub(super) struct Outbox<T> {
    state: Mutex<State<T>>,
    /// Wakes the sender: there is a first entry, or many, or the end.
    filled: Condvar,
    /// Wakes the finders: there is room, or no consumer.
    emptied: Condvar,
}

struct State<T> {
    entries: VecDeque<T>,
    /// Nobody will put any more.
    is_done: bool,
    /// Nobody will send any more.
    is_closed: bool,
}

impl<T> Outbox<T> {
    pub(super) fn new() -> Self {
        Outbox {
            state: Mutex::new(State {
                entries: VecDeque::new(),
                is_done: false,
                is_closed: false,
            }),
            filled: Condvar::new(),
            emptied: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an entry in, and waits for room if it must. `false` when it will not be sent.
    pub(super) fn put(&self, entry: T) -> bool {
        let full = |state: &mut State<T>| state.entries.len() >= CAPACITY && !state.is_closed;
        let mut state = self
            .emptied
            .wait_while(self.lock(), full)
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            return false;
        }
        state.entries.push_back(entry);
        let count = state.entries.len();
        drop(state);
        if count == 1 || count == MANY {
            self.filled.notify_one();
        }
        true
    }

    /// The finders are done.
    pub(super) fn finish(&self) {
        self.lock().is_done = true;
        self.filled.notify_one();
    }

    /// Sends everything that is put in, until the finders are done or `send` fails. What it leaves
    /// in the batch then is lost.
    pub(super) fn deliver<E>(
        &self,
        mut send: impl FnMut(&mut VecDeque<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut batch = VecDeque::new();
        loop {
            let nothing = |state: &mut State<T>| state.entries.is_empty() && !state.is_done;
            let mut state = self
                .filled
                .wait_while(self.lock(), nothing)
                .unwrap_or_else(PoisonError::into_inner);
            if state.entries.is_empty() {
                return Ok(());
            }
            std::mem::swap(&mut state.entries, &mut batch);
            drop(state);
            self.emptied.notify_all();
            if let Err(refusal) = send(&mut batch) {
                self.close();
                return Err(refusal);
            }
            let few = |state: &mut State<T>| state.entries.len() < MANY && !state.is_done;
            drop(self.filled.wait_timeout_while(self.lock(), MOMENT, few));
        }
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.emptied.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn what_is_put_is_sent_in_order() {
        let outbox = Outbox::new();
        let mut sent = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..3 * CAPACITY {
                    assert!(outbox.put(number));
                }
                outbox.finish();
            });
            let delivered = outbox.deliver(|batch| {
                sent.extend(batch.drain(..));
                Ok::<(), ()>(())
            });
            assert_eq!(delivered, Ok(()));
        });
        assert!(sent.into_iter().eq(0..3 * CAPACITY));
    }

    #[test]
    fn a_single_entry_is_sent_before_the_finders_are_done() {
        let outbox = Outbox::new();
        thread::scope(|scope| {
            assert!(outbox.put("entry"));
            scope.spawn(|| {
                // Only the sending of the entry ends it.
                outbox.deliver(|batch| {
                    batch.clear();
                    outbox.finish();
                    Ok::<(), ()>(())
                })
            });
        });
    }

    #[test]
    fn a_refusal_lets_the_finders_go() {
        let outbox = Outbox::new();
        thread::scope(|scope| {
            let finder = scope.spawn(|| while outbox.put(()) {});
            assert_eq!(outbox.deliver(|_| Err("closed")), Err("closed"));
            finder.join().expect("the finder ends");
        });
        assert!(!outbox.put(()));
    }
}
