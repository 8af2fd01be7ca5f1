//! The receiver of a channel: whether it is open, and whether it waits.

use super::super::peer::{Peer, Wakes};
use std::mem;

#[derive(Debug)]
pub enum Receiver {
    Unopened,
    Open {
        peer: Peer,
        /// The JavaScript id of its thread.
        thread: f64,
        /// Whether it waits, until something arrives or it drains again.
        is_parked: bool,
    },
    Gone,
}

impl Receiver {
    /// Returns whether it is in another thread, or still to be opened.
    pub fn is_remote(&self) -> bool {
        match self {
            Receiver::Unopened => true,
            Receiver::Open { peer, .. } => !peer.is_on_this_thread(),
            Receiver::Gone => false,
        }
    }

    pub fn thread(&self) -> Option<f64> {
        match self {
            Receiver::Open { thread, .. } => Some(*thread),
            Receiver::Unopened | Receiver::Gone => None,
        }
    }

    pub fn is_parked(&self) -> bool {
        match self {
            Receiver::Open { is_parked, .. } => *is_parked,
            Receiver::Unopened | Receiver::Gone => false,
        }
    }

    pub fn park(&mut self, parks: bool) {
        match self {
            Receiver::Open { is_parked, .. } => *is_parked = parks,
            Receiver::Unopened | Receiver::Gone => {}
        }
    }

    /// Unparks the receiver, because something has arrived. Returns `true` if it was parked.
    pub fn unpark(&mut self, wakes: &mut Wakes) -> bool {
        match self {
            Receiver::Open {
                peer, is_parked, ..
            } => {
                let was_parked = mem::take(is_parked);
                if was_parked {
                    wakes.add(peer);
                }
                was_parked
            }
            Receiver::Unopened | Receiver::Gone => false,
        }
    }

    /// Wakes the receiver if it is parked, so that it checks again whether an answer can still come.
    pub fn notify(&self, wakes: &mut Wakes) {
        match self {
            Receiver::Open {
                peer,
                is_parked: true,
                ..
            } => wakes.add(peer),
            Receiver::Unopened | Receiver::Open { .. } | Receiver::Gone => {}
        }
    }
}
