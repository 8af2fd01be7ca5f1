//! The answers of a channel to its ends.

use super::batch::Batch;
use super::permits::Room;

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

/// The result for a sender that waits for room.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited {
    Room,
    Over,
    /// The sender will be woken. `hold` is whether an answer can still come from another thread.
    Waits {
        hold: bool,
    },
}

/// The answer to a sender about the items that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They are taken. Holds the room that was reserved for the sender while it waited.
    Taken(Room),
    /// All senders have ended.
    Closed,
    /// They are not read any more.
    Left,
}

/// The condition of a channel, as in `BridgeStats` in `index.d.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Idle,
    Open,
    Closed,
    Failed,
    Cancelled,
}

/// The counters and the condition of a channel.
#[derive(Clone, Copy, Debug)]
pub struct Stats {
    pub counters: Counters,
    pub buffered: Room,
    pub capacity: usize,
    pub condition: Condition,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    pub pushed: u64,
    pub dropped: u64,
    pub wakes: u64,
    pub waits: u64,
}
