//! What a channel answers to those who ask it.

use super::batch::Batch;
use super::room::Room;

/// How a channel ends; a failure with its encoded reason.
#[derive(Debug, PartialEq)]
pub enum End {
    Closed,
    Failed(Box<Batch>),
    /// A sender's thread has ended, or JavaScript has forgotten the sender.
    Terminated,
}

/// What the receiver finds.
#[derive(Debug, PartialEq)]
pub enum Drained {
    /// At least one.
    Batches(Vec<Batch>),
    /// Whether an answer can still come from another thread, for which the receiver waits.
    Nothing { hold: bool },
    /// Told once; afterwards closed.
    End(End),
}

/// What a sender finds that wants to fill more.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited {
    Room,
    Over,
    /// It will be woken. Whether an answer can still come from another thread.
    Waits {
        hold: bool,
    },
}

/// What becomes of what a sender sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With the room that is reserved for it since it waited.
    Taken(Room),
    /// All senders have ended.
    Closed,
    /// Nobody reads it.
    Left,
}

/// As `BridgeStats` in `index.d.ts` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Idle,
    Open,
    Closed,
    Failed,
    Cancelled,
}

/// What is counted of a channel.
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
