//! The two ends of a channel. Each is held by a thread.

use super::batch::Batch;
use super::peer::Peer;
use super::permits::{Kept, Room};
use super::registry::{self, Channel, Woken};
use super::results::{Answer, Drained, Stats, Waited};
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

/// The end that sends. If it is dropped without having ended, it fails the channel, unless that is lenient.
#[derive(Debug)]
pub struct SenderEnd {
    channel: Arc<Channel>,
    index: usize,
    has_ended: bool,
}

impl SenderEnd {
    /// Opens a sender of a channel. `thread` is the JavaScript id of this thread. Returns `None` when all senders have
    /// been opened.
    pub fn open(channel: Arc<Channel>, waker: Waker, thread: Option<f64>) -> Option<Self> {
        let peer = Peer::on_this_thread(waker);
        let (index, wakes) = channel.lock().open_sender(peer, thread)?;
        wakes.wake_all();
        channel.disown();
        Some(SenderEnd {
            channel,
            index,
            has_ended: false,
        })
    }

    pub fn reserve(&self) -> Option<Room> {
        self.channel.lock().reserve(self.index)
    }

    /// Reserves room. If there is none, drops the oldest items until one more has room. Returns no room while other
    /// senders have reserved all of it.
    pub fn reserve_by_force(&self) -> Option<Room> {
        let mut state = self.channel.lock();
        loop {
            match state.reserve(self.index)? {
                Room { items: 0, .. } if state.evict() => {}
                room => return Some(room),
            }
        }
    }

    /// Pushes a batch, if there is one. Returns whether the batch can be read, or could.
    pub fn push(&self, batch: Option<Batch>, kept: Kept) -> Woken<bool> {
        self.channel
            .wake(|state| state.push(self.index, batch, kept))
    }

    pub fn is_taken(&self) -> bool {
        self.channel.lock().is_open()
    }

    pub fn count_dropped(&self, items: u64) {
        self.channel.lock().count_dropped(items);
    }

    pub fn finish(mut self) -> Woken<bool> {
        self.has_ended = true;
        let finished = self.channel.wake(|state| state.finish(self.index));
        self.channel.disown();
        finished
    }

    pub fn fail(mut self, reason: Batch) -> Woken<bool> {
        self.has_ended = true;
        self.channel.wake(|state| state.fail(self.index, reason))
    }

    pub fn wait(&self) -> Woken<Waited> {
        self.channel.wake(|state| {
            // Under the lock: see `registry::leave`.
            let others = registry::has_other_environments();
            state.wait(self.index, others, Instant::now())
        })
    }

    pub fn answer(&self) -> Answer {
        self.channel.lock().answer(self.index)
    }
}

impl Drop for SenderEnd {
    fn drop(&mut self) {
        if !self.has_ended {
            self.channel.wake(|state| state.terminate(self.index));
            self.channel.disown();
        }
    }
}

/// The end that receives. If it is dropped, it cancels the channel.
#[derive(Debug)]
pub struct ReceiverEnd {
    channel: Arc<Channel>,
}

impl ReceiverEnd {
    /// Opens the receiver of a channel. `thread` is the JavaScript id of this thread. Returns `None` when the receiver
    /// has been opened.
    pub fn open(channel: Arc<Channel>, waker: Waker, thread: f64) -> Option<Self> {
        let peer = Peer::on_this_thread(waker);
        let wakes = channel.lock().open_receiver(peer, thread)?;
        wakes.wake_all();
        channel.disown();
        Some(ReceiverEnd { channel })
    }

    /// Takes what has arrived. If nothing has, and `parks` is set, the receiver will be woken when something arrives.
    pub fn drain(&self, parks: bool) -> Woken<Drained> {
        self.channel.wake_from_other_core(|state| {
            let (drained, wakes) = state.drain();
            match drained {
                // Under the lock: see `registry::leave`.
                Drained::Nothing { .. } if parks => {
                    let hold = state.park(registry::has_other_environments());
                    let hold = hold.unwrap_or_default();
                    (Drained::Nothing { hold }, wakes)
                }
                drained => (drained, wakes),
            }
        })
    }

    pub fn has_arrived(&self) -> bool {
        self.channel.lock().has_arrived()
    }

    /// Parks the receiver, which is woken when something arrives. Returns whether an answer can still come from
    /// another thread, or `None` if something has arrived.
    pub fn park(&self) -> Option<bool> {
        let mut state = self.channel.lock();
        // Under the lock: see `registry::leave`.
        state.park(registry::has_other_environments())
    }

    pub fn cancel(&self, unread: u64) -> Woken<bool> {
        let cancelled = self.channel.wake(|state| state.cancel(unread));
        self.channel.disown();
        cancelled
    }

    pub fn stats(&self) -> Stats {
        self.channel.lock().stats()
    }
}

impl Drop for ReceiverEnd {
    fn drop(&mut self) {
        self.cancel(0);
        self.channel.retire();
    }
}
