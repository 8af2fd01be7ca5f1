//! The two ends of a channel. Each is held by a thread.

use super::batch::Batch;
use super::capacity::{Capacity, Kept};
use super::peer::Peer;
use super::registry::{self, Channel};
use super::results::{CapacityWait, Drained, SendState, Stats, Woken};
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

/// The end that sends. If it is dropped without having ended, it fails the channel, unless the channel tolerates that.
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
        channel.release_ownership();
        Some(SenderEnd {
            channel,
            index,
            has_ended: false,
        })
    }

    /// Reserves a share of the free capacity, which may be none. Returns `None` once the channel takes no more items.
    pub fn reserve(&self) -> Option<Capacity> {
        self.channel.lock().reserve(self.index)
    }

    /// Reserves capacity. If there is none, drops the oldest items until there is capacity for one more. Returns no
    /// capacity while other senders have reserved all of it.
    pub fn reserve_evicting(&self) -> Option<Capacity> {
        self.channel.lock().reserve_evicting(self.index)
    }

    /// Pushes a batch, if there is one, and gives back the reserved capacity, except for what the sender keeps. Returns
    /// whether the batch can be read, or could.
    pub fn push(&self, batch: Option<Batch>, kept: Kept) -> Woken<bool> {
        self.channel
            .act(|state| state.push(self.index, batch, kept))
    }

    /// Returns whether items are still taken.
    pub fn is_open(&self) -> bool {
        self.channel.lock().is_open()
    }

    /// Counts items that the sender has dropped because there was no capacity for them.
    pub fn count_dropped(&self, items: u64) {
        self.channel.lock().count_dropped(items);
    }

    /// Closes the sender, and with the last one the channel. Returns whether this has ended the channel.
    pub fn close(mut self) -> Woken<bool> {
        self.has_ended = true;
        let closed = self.channel.act(|state| state.close_sender(self.index));
        self.channel.release_ownership();
        closed
    }

    /// Fails the channel, behind what is buffered. Returns whether this has ended the channel.
    pub fn fail(mut self, reason: Batch) -> Woken<bool> {
        self.has_ended = true;
        self.channel
            .act(|state| state.fail_sender(self.index, reason))
    }

    /// Waits for capacity, unless there is some. The waker is called when capacity is granted, and when the channel
    /// ends.
    pub fn wait(&self) -> Woken<CapacityWait> {
        self.channel.act(|state| {
            // Under the lock: see `registry::leave`.
            let others = registry::has_other_environments();
            state.wait(self.index, others, Instant::now())
        })
    }

    /// Returns whether items are still taken, and accepts the capacity that was granted.
    pub fn send_state(&self) -> SendState {
        self.channel.lock().send_state(self.index)
    }
}

impl Drop for SenderEnd {
    fn drop(&mut self) {
        if !self.has_ended {
            self.channel.act(|state| state.lose_sender(self.index));
            self.channel.release_ownership();
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
        channel.release_ownership();
        Some(ReceiverEnd { channel })
    }

    /// Takes what has arrived. If nothing has, and `parks` is set, the receiver will be woken when something arrives.
    pub fn drain(&self, parks: bool) -> Woken<Drained> {
        self.channel.act_and_go_on(|state| {
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

    /// Returns whether a drain would find something.
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

    /// Cancels the channel, and counts `unread` drained items as dropped. Returns whether this has ended the channel.
    pub fn cancel(&self, unread: u64) -> Woken<bool> {
        let cancelled = self.channel.act(|state| state.cancel(unread));
        self.channel.release_ownership();
        cancelled
    }

    pub fn stats(&self) -> Stats {
        self.channel.lock().stats()
    }
}

impl Drop for ReceiverEnd {
    fn drop(&mut self) {
        self.cancel(0);
        self.channel.mark_receiver_gone();
    }
}
