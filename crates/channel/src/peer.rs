//! The thread that holds an end of a channel, and the wakes that an action under a lock has caused.

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

/// The peers to wake once the lock is released.
#[derive(Debug, Default)]
#[must_use]
pub struct Wakes(Vec<Peer>);

impl Wakes {
    pub fn add(&mut self, peer: &Peer) {
        self.0.push(peer.clone());
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a peer is on this thread.
    pub fn reach_this_thread(&self) -> bool {
        self.0.iter().any(Peer::is_on_this_thread)
    }

    /// Wakes the peers. Returns whether one of them is on this thread.
    pub fn wake_all(self) -> bool {
        let mut wakes_this_thread = false;
        for peer in self.0 {
            wakes_this_thread |= peer.is_on_this_thread();
            peer.wake();
        }
        wakes_this_thread
    }
}
