//! The results that a channel returns to its ends.

use super::batch::Batch;
use super::capacity::Capacity;

/// The end of a channel. A failure has its encoded reason.
#[derive(Debug, PartialEq)]
pub enum End {
    Closed,
    Failed(Box<Batch>),
    /// A sender's thread has ended, or JavaScript has forgotten the sender.
    Terminated,
}

/// The result of a drain by the receiver.
#[derive(Debug, PartialEq)]
pub enum Drained {
    /// At least one batch.
    Batches(Vec<Batch>),
    /// Nothing has arrived. `hold` is whether the receiver waits for an answer that can still come from another
    /// thread.
    Nothing { hold: bool },
    /// The end, which is reported once. Later drains report `Closed`.
    End(End),
}

/// The result for a sender that waits for capacity.
#[derive(Debug, PartialEq, Eq)]
pub enum CapacityWait {
    /// Capacity is granted to the sender.
    Ready,
    /// The channel takes no more items.
    Ended,
    /// The sender will be woken. `hold` is whether an answer can still come from another thread.
    Parked { hold: bool },
}

/// The state of a channel for a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// Items are taken. Holds the capacity that the sender was granted while it waited.
    Open(Capacity),
    /// All senders have closed.
    Closed,
    /// Items are not taken any more: the channel has failed, or the receiver has left.
    Stopped,
}

/// The state of a channel, as in `BridgeStats` in `index.d.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadyState {
    Idle,
    Open,
    Closed,
    Failed,
    Cancelled,
}

/// The counters and the state of a channel.
#[derive(Clone, Copy, Debug)]
pub struct Stats {
    pub counters: Counters,
    pub buffered: Capacity,
    pub capacity: usize,
    pub ready_state: ReadyState,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    pub pushed: u64,
    pub dropped: u64,
    pub wakes: u64,
    pub waits: u64,
}

/// The result of an action, and whether the action has woken an end that this same thread holds. If so, the event
/// loop of the thread must not run dry before the wake has arrived.
#[derive(Debug)]
pub struct Woken<R> {
    pub result: R,
    pub woke_this_thread: bool,
}
