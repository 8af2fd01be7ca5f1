//! The thread that holds an end of a channel, and how to wake it.

use super::sync::{current_thread, ThreadId};
use std::task::Waker;

#[derive(Clone, Debug)]
pub struct Peer {
    thread: ThreadId,
    waker: Waker,
}

impl Peer {
    pub fn on_this_thread(waker: Waker) -> Self {
        Peer {
            thread: current_thread().id(),
            waker,
        }
    }

    pub fn is_on_this_thread(&self) -> bool {
        self.thread == current_thread().id()
    }

    /// Returns whether both peers are on the same thread.
    pub fn shares_thread_with(&self, other: &Peer) -> bool {
        self.thread == other.thread
    }

    pub fn wake(self) {
        self.waker.wake();
    }
}
