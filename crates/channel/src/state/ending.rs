//! The ends of a channel: close, fail, cancel.
//!
//! A channel ends once. It closes when the expected number of senders have closed. It fails when a sender fails it, or
//! when a sender is lost, unless the channel tolerates that. In both cases the receiver gets what is buffered first. The
//! channel ends at once, and drops what is buffered, when the receiver cancels it or any thread aborts it. From then on
//! it takes no items.

use super::{Phase, Receiver, State};
use crate::batch::Batch;
use crate::observer::Outcome;
use crate::peer::Wakes;
use crate::results::{End, ReadyState};

impl State {
    /// Closes a sender. Returns `true` for the call that ended the channel.
    pub fn close_sender(&mut self, index: usize) -> (bool, Wakes) {
        let mut wakes = self.remove_sender(index);
        self.closed += 1;
        let ends = self.closed == self.limits.senders && self.is_open();
        if ends {
            self.end(End::Closed, Outcome::Closed, &mut wakes);
        }
        (ends, wakes)
    }

    /// Removes a sender that fails the channel. Returns `true` for the call that ended the channel.
    pub fn fail_sender(&mut self, index: usize, reason: Batch) -> (bool, Wakes) {
        let wakes = self.remove_sender(index);
        self.fail(End::Failed(Box::new(reason)), Outcome::Failed, wakes)
    }

    /// Removes a sender that goes without having ended. Returns `true` for the call that ended the channel.
    pub fn lose_sender(&mut self, index: usize) -> (bool, Wakes) {
        let wakes = self.remove_sender(index);
        if self.limits.tolerates_sender_loss {
            return (false, wakes);
        }
        self.fail(End::Terminated, Outcome::Terminated, wakes)
    }

    /// Fails a channel whose sender will never be opened, because the thread that was to open it has ended: the given
    /// thread; or, without one, any thread, if no sender has been opened. Returns `true` for the call that ended the
    /// channel.
    pub fn fail_unopened(&mut self, thread: Option<f64>) -> (bool, Wakes) {
        let is_missing = match thread {
            Some(thread) => self.expects_senders() && !self.openers.contains(&thread),
            None => self.opened == 0,
        };
        if !is_missing {
            return (false, Wakes::default());
        }
        self.fail(End::Terminated, Outcome::Terminated, Wakes::default())
    }

    /// Cancels a channel whose receiver will never be opened, because the thread that was to open it has ended.
    /// Returns `true` for the call that ended the channel.
    pub fn cancel_unopened(&mut self) -> (bool, Wakes) {
        match self.receiver {
            Receiver::Unopened => self.cancel(0),
            Receiver::Open { .. } | Receiver::Gone => (false, Wakes::default()),
        }
    }

    /// Ends the channel at once. Drops what is buffered, so that the receiver gets the reason first. Returns `true`
    /// for the call that ended the channel.
    pub fn abort(&mut self, reason: Batch) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        if !self.is_open() {
            return (false, wakes);
        }
        self.drop_buffered();
        let end = End::Failed(Box::new(reason));
        self.end(end, Outcome::Cancelled, &mut wakes);
        self.wake_all_senders(&mut wakes);
        (true, wakes)
    }

    /// Cancels the channel, because the receiver has left with `unread` items that it had drained. Returns `true` for
    /// the call that ended the channel.
    pub fn cancel(&mut self, unread: u64) -> (bool, Wakes) {
        let mut wakes = Wakes::default();
        self.counters.dropped += unread;
        self.receiver = Receiver::Gone;
        if let Phase::Ended = self.phase {
            return (false, wakes);
        }
        self.drop_buffered();
        let was_open = self.is_open();
        self.phase = Phase::Ended;
        self.record_end(Outcome::Cancelled);
        self.wake_all_senders(&mut wakes);
        (was_open, wakes)
    }

    fn remove_sender(&mut self, index: usize) -> Wakes {
        let mut wakes = Wakes::default();
        self.permits.remove_sender(index);
        // There may be no other sender that can answer the receiver.
        self.receiver.notify(&mut wakes);
        self.grant_capacity(&mut wakes);
        if self.limits.tolerates_sender_loss && self.permits.senders().next().is_none() {
            self.cancel_if_unreceived();
        }
        wakes
    }

    /// Cancels a channel without senders whose receiver has not been opened. The items are of no use to a receiver
    /// that is opened after all their senders have gone.
    fn cancel_if_unreceived(&mut self) {
        // There is no sender to wake.
        drop(self.cancel_unopened());
    }

    fn fail(&mut self, end: End, outcome: Outcome, mut wakes: Wakes) -> (bool, Wakes) {
        let ends = self.is_open();
        if ends {
            self.end(end, outcome, &mut wakes);
            self.wake_all_senders(&mut wakes);
        }
        (ends, wakes)
    }

    fn end(&mut self, end: End, outcome: Outcome, wakes: &mut Wakes) {
        self.phase = Phase::Ending(end);
        self.record_end(outcome);
        self.wake_receiver(wakes);
    }

    fn record_end(&mut self, outcome: Outcome) {
        self.ready_state = match outcome {
            Outcome::Closed => ReadyState::Closed,
            Outcome::Failed | Outcome::Terminated => ReadyState::Failed,
            Outcome::Cancelled => ReadyState::Cancelled,
        };
        if let Some(observer) = self.observer.take() {
            observer.ended(outcome);
        }
    }

    fn drop_buffered(&mut self) {
        self.counters.dropped += self.buffer.used().items as u64;
        self.buffer.take();
    }
}
