//! The channels of the process, by the ids in their handles.
//!
//! The registry owns a channel while one of its ends is still to be opened. Afterwards its ends own it. The registry
//! remembers the last channels whose receiver has gone, so that a sender that is opened late finds that its items are
//! not read.

use super::batch::Batch;
use super::capacity::Limits;
use super::id::Id;
use super::observer::Observer;
use super::options::EndOptions;
use super::peer::Wakes;
use super::results::{Stats, Woken};
use super::state::State;
use super::sync::{lock, process_static, AtomicUsize, Mutex, MutexGuard};
use super::waker_thread;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

process_static! {
    /// The ids of the channels that are found by a name.
    static NAMES: Mutex<HashMap<String, Id>> = Mutex::default();
}

process_static! {
    static REGISTRY: Mutex<Registry> = Mutex::default();
}

process_static! {
    /// The number of environments that have used channels and have not gone away.
    static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);
}

/// The number of channels that are remembered after their receiver has gone. Their senders are opened within the
/// time that a thread needs to start.
const MAX_REMEMBERED: usize = 1024;

#[derive(Default)]
struct Registry {
    channels: HashMap<Id, Entry>,
    /// The channels whose receiver has gone, the oldest first.
    remembered: VecDeque<Id>,
}

enum Entry {
    /// Not looked up yet. Most channels that stay without ever being opened are never looked up.
    Created(Box<Created>),
    Expecting(Arc<Channel>),
    /// The receiver has gone, and senders may still come.
    ReceiverGone(Arc<Channel>),
    Opened(Weak<Channel>),
}

impl Entry {
    /// Returns the channel, unless it has gone or has not been looked up.
    fn channel(&self) -> Option<Arc<Channel>> {
        match self {
            Entry::Created(_) => None,
            Entry::Expecting(channel) | Entry::ReceiverGone(channel) => Some(channel.clone()),
            Entry::Opened(channel) => channel.upgrade(),
        }
    }
}

/// A channel before its first lookup. It takes a fifth of the memory.
struct Created {
    limits: Limits,
    options: EndOptions,
    created: Instant,
}

impl Created {
    fn channel(&self, id: Id, observer: Option<Box<dyn Observer>>) -> Arc<Channel> {
        Arc::new(Channel {
            id,
            options: self.options,
            created: self.created,
            state: Mutex::new(State::new(self.limits, observer)),
        })
    }

    fn describe(&self) -> OpenChannel {
        OpenChannel {
            age: self.created.elapsed(),
            thread: None,
            is_receiver_parked: false,
            stats: State::new(self.limits, None).stats(),
        }
    }
}

#[derive(Debug)]
pub struct Channel {
    id: Id,
    pub options: EndOptions,
    created: Instant,
    state: Mutex<State>,
}

/// The description of a channel whose receiver is not in this thread.
pub struct OpenChannel {
    pub age: Duration,
    /// The JavaScript id of the receiver's thread.
    pub thread: Option<f64>,
    pub is_receiver_parked: bool,
    pub stats: Stats,
}

impl Channel {
    /// Creates a channel whose ends can be opened by its id. An id is never used twice.
    pub fn create(
        id: Id,
        limits: Limits,
        options: EndOptions,
        observer: Option<Box<dyn Observer>>,
    ) {
        let created = Created {
            limits,
            options,
            created: Instant::now(),
        };
        let entry = match observer {
            Some(observer) => Entry::Expecting(created.channel(id, Some(observer))),
            None => Entry::Created(Box::new(created)),
        };
        lock(&REGISTRY).channels.insert(id, entry);
    }

    /// Returns the id of the channel of this name. If there is none, or its receiver has left, creates one with the
    /// given id.
    pub fn find_or_create(name: String, id: Id, limits: Limits, options: EndOptions) -> Id {
        let mut names = lock(&NAMES);
        let is_received = |known: &Id| {
            Channel::find(*known).is_some_and(|channel| !channel.lock().is_receiver_gone())
        };
        if let Some(known) = names.get(&name).copied().filter(is_received) {
            return known;
        }
        Channel::create(id, limits, options, None);
        names.insert(name, id);
        id
    }

    /// Returns the channel of this id, unless it has gone.
    pub fn find(id: Id) -> Option<Arc<Channel>> {
        let mut registry = lock(&REGISTRY);
        let entry = registry.channels.get_mut(&id)?;
        if let Entry::Created(created) = entry {
            *entry = Entry::Expecting(created.channel(id, None));
        }
        entry.channel()
    }

    /// Returns whether no end can be opened, and nothing is left to be read. Ends may still be held.
    pub fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    pub fn limits(&self) -> Limits {
        self.lock().limits()
    }

    /// Ends the channel at once, and drops what is buffered. The receiver gets the reason.
    pub fn abort(&self, reason: Batch) -> Woken<bool> {
        self.act(|state| state.abort(reason))
    }

    /// Fails the channel, if the sender of the given thread, or any sender, was never opened.
    pub fn fail_unopened(&self, thread: Option<f64>) -> Woken<bool> {
        self.act(|state| state.fail_unopened(thread))
    }

    /// Cancels the channel, unless its receiver has been opened.
    pub fn cancel_unopened(self: &Arc<Self>) -> Woken<bool> {
        let cancelled = self.act(State::cancel_unopened);
        let is_receiver_gone = self.lock().is_receiver_gone();
        if is_receiver_gone {
            self.release_ownership();
            self.mark_receiver_gone();
        }
        cancelled
    }

    pub fn expects_receiver(&self) -> bool {
        self.lock().expects_receiver()
    }

    /// Leaves the channel to its ends, if all have been opened.
    pub(crate) fn release_ownership(self: &Arc<Self>) {
        if self.lock().is_fully_opened() {
            let opened = Entry::Opened(Arc::downgrade(self));
            // The entry that this replaces is dropped here. It is not the last share, and needs no more lock.
            let _owned = lock(&REGISTRY).channels.insert(self.id, opened);
        }
    }

    /// Remembers a channel whose receiver has gone. Only senders that are opened late can still need it.
    pub(crate) fn mark_receiver_gone(self: &Arc<Self>) {
        // Dropped after the lock is released, because the drop of a channel takes the lock.
        let _forgotten;
        let mut registry = lock(&REGISTRY);
        let Some(entry) = registry.channels.get_mut(&self.id) else {
            return;
        };
        match entry {
            Entry::Expecting(_) => *entry = Entry::ReceiverGone(self.clone()),
            Entry::Created(_) | Entry::ReceiverGone(_) | Entry::Opened(_) => return,
        }
        registry.remembered.push_back(self.id);
        if registry.remembered.len() > MAX_REMEMBERED {
            _forgotten = registry.forget_oldest();
        }
    }

    /// Lists the channels whose receiver is not in this thread and has not seen the end.
    pub fn with_remote_receiver() -> Vec<OpenChannel> {
        let is_remote = |channel: &Arc<Channel>| channel.lock().has_remote_receiver();
        let channels = all().into_iter().filter(is_remote);
        let describe = |channel: Arc<Channel>| {
            let state = channel.lock();
            OpenChannel {
                age: channel.created.elapsed(),
                thread: state.receiver_thread(),
                is_receiver_parked: state.is_receiver_parked(),
                stats: state.stats(),
            }
        };
        let opened: Vec<_> = channels.map(describe).collect();
        let registry = lock(&REGISTRY);
        let unopened = registry.channels.values().filter_map(|entry| match entry {
            Entry::Created(created) => Some(created.describe()),
            Entry::Expecting(_) | Entry::ReceiverGone(_) | Entry::Opened(_) => None,
        });
        opened.into_iter().chain(unopened).collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Does the same as [`act`](Channel::act), and wakes other threads from another core if there is one.
    pub(crate) fn act_and_go_on<R>(
        &self,
        action: impl FnOnce(&mut State) -> (R, Wakes),
    ) -> Woken<R> {
        let (result, wakes) = action(&mut self.lock());
        Woken {
            result,
            woke_this_thread: waker_thread::wake_all(wakes),
        }
    }

    /// Acts on the state under the lock, and wakes after it.
    pub(crate) fn act<R>(&self, action: impl FnOnce(&mut State) -> (R, Wakes)) -> Woken<R> {
        let (result, wakes) = action(&mut self.lock());
        Woken {
            result,
            woke_this_thread: wakes.wake_all(),
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        lock(&REGISTRY).channels.remove(&self.id);
    }
}

impl Registry {
    fn forget_oldest(&mut self) -> Option<Entry> {
        let id = self.remembered.pop_front()?;
        match self.channels.get(&id) {
            Some(Entry::ReceiverGone(_)) => self.channels.remove(&id),
            Some(Entry::Created(_) | Entry::Expecting(_) | Entry::Opened(_)) | None => None,
        }
    }
}

/// Counts an environment, which uses channels from here on.
pub fn join() {
    ENVIRONMENTS.fetch_add(1, Ordering::SeqCst);
}

/// Removes an environment that goes away from the count, and wakes the ends that wait: one that waits for an
/// environment that never opened its end may now wait in vain. An end counts the environments under its channel's
/// lock. So it either counts without this one, or waits already when this loop reaches its channel.
pub fn leave() {
    ENVIRONMENTS.fetch_sub(1, Ordering::SeqCst);
    for channel in all() {
        channel.act(|state| ((), state.notify_waiting_ends()));
    }
}

/// Lists the channels that may have an open end. The list outlives the lock, because the drop of a channel takes it.
fn all() -> Vec<Arc<Channel>> {
    let registry = lock(&REGISTRY);
    let entries = registry.channels.values();
    entries.filter_map(Entry::channel).collect()
}

/// Drops all channels that an end was not opened of. Loom's statics must be empty at the end of a model.
#[cfg(all(test, bridge_loom))]
pub(crate) fn clear() {
    let channels = std::mem::take(&mut lock(&REGISTRY).channels);
    drop(channels);
}

/// Returns whether environments beside this one could open the end of a channel.
pub(crate) fn has_other_environments() -> bool {
    ENVIRONMENTS.load(Ordering::SeqCst) > 1
}

/// Counts the channels that can be opened or are in use.
pub fn count() -> usize {
    let registry = lock(&REGISTRY);
    let entries = registry.channels.values();
    entries
        .filter(|entry| !matches!(entry, Entry::ReceiverGone(_)))
        .count()
}
