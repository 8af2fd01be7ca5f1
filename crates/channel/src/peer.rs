//! The thread that holds an end of a channel, and how to wake it.

use super::waker_thread;
use std::task::Waker;
use std::thread::{self, ThreadId};

#[derive(Clone, Debug)]
pub struct Peer {
    thread: ThreadId,
    waker: Waker,
}

impl Peer {
    pub fn here(waker: Waker) -> Self {
        Peer {
            thread: thread::current().id(),
            waker,
        }
    }

    pub fn is_here(&self) -> bool {
        self.thread == thread::current().id()
    }

    pub fn is_elsewhere(&self, other: &Peer) -> bool {
        self.thread != other.thread
    }
}

/// The peers to wake once the lock is released.
#[derive(Debug, Default)]
#[must_use]
pub struct Wakes(Vec<Peer>);

impl Wakes {
    pub fn add(&mut self, peer: &Peer) {
        self.0.push(peer.clone());
    }

    /// Wakes them. Returns whether one of them is on this thread.
    pub fn call(self) -> bool {
        let mut is_here = false;
        for peer in self.0 {
            is_here |= peer.is_here();
            peer.waker.wake();
        }
        is_here
    }

    /// Does the same as [`call`](Wakes::call), from another core if there is one.
    pub fn call_elsewhere(self) -> bool {
        let is_here = self.0.iter().any(Peer::is_here);
        if is_here || self.0.is_empty() {
            return self.call();
        }
        waker_thread::wake(self);
        false
    }
}
