//! The observer of one channel, which may measure it.

use std::fmt::Debug;

/// The end of an observed channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Closed,
    Failed,
    Cancelled,
    Terminated,
}

/// Measures a channel. Each method is called under the channel's lock, so it must not use a channel. An observer
/// is dropped when its channel ends, or is dropped before it has ended.
pub trait Observer: Debug + Send {
    /// Records that a sender was opened.
    fn sender_opened(&mut self);

    /// Records items that a sender has pushed.
    fn items_pushed(&mut self, count: usize);

    /// Records the end, which comes at most once.
    fn ended(self: Box<Self>, outcome: Outcome);
}
