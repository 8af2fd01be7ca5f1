//! An `AbortSignal` of JavaScript, as options carry it: by the number under which its environment keeps it.

use std::sync::{Arc, Mutex, PoisonError};

/// The numbers of the signals that no options have any more, for the environment that keeps them.
pub(crate) type Released = Arc<Mutex<Vec<u64>>>;

/// A signal, which its environment keeps until this is dropped, on any thread.
#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) number: u64,
    /// Whether it was aborted when Rust got it.
    pub(crate) was_aborted: bool,
    released: Released,
}

impl Signal {
    pub(crate) fn new(number: u64, was_aborted: bool, released: Released) -> Self {
        Signal {
            number,
            was_aborted,
            released,
        }
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        let mut released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        released.push(self.number);
    }
}
