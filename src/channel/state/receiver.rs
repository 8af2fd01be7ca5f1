//! The receiver of a channel: whether it is there, and whether it waits.

use super::super::peer::{Peer, Wakes};
use std::mem;

#[derive(Debug)]
pub enum Receiver {
    Expected,
    Open {
        peer: Peer,
        /// As JavaScript counts them.
        thread: f64,
        /// Until something arrives, or it looks again.
        is_parked: bool,
    },
    Left,
}

impl Receiver {
    /// Whether it is in another thread, or still to come.
    pub fn is_elsewhere(&self) -> bool {
        match self {
            Receiver::Expected => true,
            Receiver::Open { peer, .. } => !peer.is_here(),
            Receiver::Left => false,
        }
    }

    pub fn thread(&self) -> Option<f64> {
        match self {
            Receiver::Open { thread, .. } => Some(*thread),
            Receiver::Expected | Receiver::Left => None,
        }
    }

    pub fn is_parked(&self) -> bool {
        match self {
            Receiver::Open { is_parked, .. } => *is_parked,
            Receiver::Expected | Receiver::Left => false,
        }
    }

    pub fn park(&mut self, parks: bool) {
        match self {
            Receiver::Open { is_parked, .. } => *is_parked = parks,
            Receiver::Expected | Receiver::Left => {}
        }
    }

    /// Something has arrived. `true` if it was parked.
    pub fn wake(&mut self, wakes: &mut Wakes) -> bool {
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
            Receiver::Expected | Receiver::Left => false,
        }
    }

    /// Has it think again, if it is parked, whether an answer can still come.
    pub fn nudge(&self, wakes: &mut Wakes) {
        match self {
            Receiver::Open {
                peer,
                is_parked: true,
                ..
            } => wakes.add(peer),
            Receiver::Expected | Receiver::Open { .. } | Receiver::Left => {}
        }
    }
}
