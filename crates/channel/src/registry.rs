//! The channels of the process, by the ids in their handles.
//!
//! The registry owns a channel for as long as one of its ends is still to be opened. Afterwards its ends own it. The
//! registry remembers the last channels whose receiver has gone, so that a sender that is opened late finds that
//! its items are not read.

use super::batch::Batch;
use super::id::Id;
use super::observer::Observer;
use super::permits::Limits;
use super::results::Stats;
use super::state::State;
use super::waker_thread;
use super::wakes::Wakes;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The ids of the channels that are found by a name.
static NAMES: LazyLock<Mutex<HashMap<String, Id>>> = LazyLock::new(Mutex::default);

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// The number of channels that are remembered after their receiver has gone. Their senders are opened within the
/// time that a thread needs to start.
const MOST_LEFT: usize = 1024;

/// The number of environments that have used channels and have not gone away.
static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Registry {
    channels: HashMap<Id, Entry>,
    /// The channels whose receiver has gone, the oldest first.
    left: VecDeque<Id>,
}

enum Entry {
    /// Not looked up yet. Most channels that stay without ever being opened are never looked up.
    Made(Box<Made>),
    Expecting(Arc<Channel>),
    /// The receiver has gone, and senders may still come.
    Left(Arc<Channel>),
    Opened(Weak<Channel>),
}

impl Entry {
    /// Returns the channel, unless it has gone or has not been looked up.
    fn channel(&self) -> Option<Arc<Channel>> {
        match self {
            Entry::Made(_) => None,
            Entry::Expecting(channel) | Entry::Left(channel) => Some(channel.clone()),
            Entry::Opened(channel) => channel.upgrade(),
        }
    }
}

/// A channel before its first lookup. It takes a fifth of the memory.
struct Made {
    limits: Limits,
    terms: Terms,
    created: Instant,
}

impl Made {
    fn channel(&self, id: Id, observer: Option<Box<dyn Observer>>) -> Arc<Channel> {
        Arc::new(Channel {
            id,
            terms: self.terms,
            created: self.created,
            state: Mutex::new(State::new(self.limits, observer)),
        })
    }

    fn describe(&self) -> OpenChannel {
        OpenChannel {
            age: self.created.elapsed(),
            thread: None,
            is_awaited: false,
            stats: State::new(self.limits, None).stats(),
        }
    }
}

/// The options that a handle needs beside the channel itself.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The time slice of the receiver, in milliseconds.
    pub time_slice: f64,
    pub overflow: Overflow,
}

/// The policy of a sender for an item for which there is no room.
#[derive(Clone, Copy, Debug)]
pub enum Overflow {
    Block,
    DropOldest,
    DropNewest,
    Error,
}

impl Overflow {
    const ALL: [Overflow; 4] = [
        Overflow::Block,
        Overflow::DropOldest,
        Overflow::DropNewest,
        Overflow::Error,
    ];

    /// Returns the policy that has this name in `lib/support/options.js`.
    pub fn of(name: &str) -> Option<Overflow> {
        let mut all = Overflow::ALL.into_iter();
        all.find(|overflow| overflow.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Overflow::Block => "block",
            Overflow::DropOldest => "drop-oldest",
            Overflow::DropNewest => "drop-newest",
            Overflow::Error => "error",
        }
    }
}

/// The result of an action, and whether the action has woken an end that this same thread holds. If so, the event
/// loop of the thread must not run dry before the wake has arrived.
#[derive(Debug)]
pub struct Woken<R> {
    pub result: R,
    pub woke_this_thread: bool,
}

#[derive(Debug)]
pub struct Channel {
    id: Id,
    pub terms: Terms,
    created: Instant,
    state: Mutex<State>,
}

/// The description of a channel whose receiver is not in this thread.
pub struct OpenChannel {
    pub age: Duration,
    /// The JavaScript id of the receiver's thread.
    pub thread: Option<f64>,
    pub is_awaited: bool,
    pub stats: Stats,
}

impl Channel {
    /// Makes a channel whose ends can be opened by its id. An id is never used twice.
    pub fn create(id: Id, limits: Limits, terms: Terms, observer: Option<Box<dyn Observer>>) {
        let made = Made {
            limits,
            terms,
            created: Instant::now(),
        };
        let entry = match observer {
            Some(observer) => Entry::Expecting(made.channel(id, Some(observer))),
            None => Entry::Made(Box::new(made)),
        };
        lock(&REGISTRY).channels.insert(id, entry);
    }

    /// Returns the id of the channel of this name. If there is none, or its receiver has left, makes one with the
    /// given id.
    pub fn named(name: String, id: Id, limits: Limits, terms: Terms) -> Id {
        let mut names = lock(&NAMES);
        let is_there =
            |known: &Id| Channel::find(*known).is_some_and(|channel| !channel.lock().is_left());
        if let Some(known) = names.get(&name).copied().filter(is_there) {
            return known;
        }
        Channel::create(id, limits, terms, None);
        names.insert(name, id);
        id
    }

    pub fn find(id: Id) -> Option<Arc<Channel>> {
        let mut registry = lock(&REGISTRY);
        let entry = registry.channels.get_mut(&id)?;
        if let Entry::Made(made) = entry {
            *entry = Entry::Expecting(made.channel(id, None));
        }
        entry.channel()
    }

    /// Returns whether its handle is of no more use, although a program may still hold what was an end of it.
    pub fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    pub fn limits(&self) -> Limits {
        self.lock().limits()
    }

    pub fn abort(&self, reason: Batch) -> Woken<bool> {
        self.wake(|state| state.abort(reason))
    }

    pub fn abandon(&self, thread: Option<f64>) -> Woken<bool> {
        self.wake(|state| state.abandon(thread))
    }

    /// Cancels the channel, unless its receiver has been opened.
    pub fn abandon_receiver(self: &Arc<Self>) -> Woken<bool> {
        let abandoned = self.wake(State::abandon_receiver);
        let is_left = self.lock().is_left();
        if is_left {
            self.disown();
            self.retire();
        }
        abandoned
    }

    pub fn expects_receiver(&self) -> bool {
        self.lock().expects_receiver()
    }

    /// Leaves the channel to its ends, once all have been opened.
    pub(super) fn disown(self: &Arc<Self>) {
        if self.lock().is_fully_opened() {
            let opened = Entry::Opened(Arc::downgrade(self));
            // The entry that this replaces is dropped here. It is not the last share, and needs no more lock.
            let _owned = lock(&REGISTRY).channels.insert(self.id, opened);
        }
    }

    /// Remembers a channel whose receiver has gone. Only senders that are opened late can still need it.
    pub(super) fn retire(self: &Arc<Self>) {
        // Dropped after the lock is released, because the drop of a channel takes the lock.
        let _forgotten;
        let mut registry = lock(&REGISTRY);
        let Some(entry) = registry.channels.get_mut(&self.id) else {
            return;
        };
        match entry {
            Entry::Expecting(_) => *entry = Entry::Left(self.clone()),
            Entry::Made(_) | Entry::Left(_) | Entry::Opened(_) => return,
        }
        registry.left.push_back(self.id);
        if registry.left.len() > MOST_LEFT {
            _forgotten = registry.forget_oldest();
        }
    }

    /// Lists the channels whose receiver is not in this thread and has not seen the end.
    pub fn open_elsewhere() -> Vec<OpenChannel> {
        let is_elsewhere = |channel: &Arc<Channel>| channel.lock().is_received_elsewhere();
        let channels = all().into_iter().filter(is_elsewhere);
        let describe = |channel: Arc<Channel>| {
            let state = channel.lock();
            OpenChannel {
                age: channel.created.elapsed(),
                thread: state.receiver_thread(),
                is_awaited: state.is_awaited(),
                stats: state.stats(),
            }
        };
        let opened: Vec<_> = channels.map(describe).collect();
        let registry = lock(&REGISTRY);
        let unopened = registry.channels.values().filter_map(|entry| match entry {
            Entry::Made(made) => Some(made.describe()),
            Entry::Expecting(_) | Entry::Left(_) | Entry::Opened(_) => None,
        });
        opened.into_iter().chain(unopened).collect()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Does the same as [`wake`](Channel::wake), from another core if there is one.
    pub(super) fn wake_from_other_core<R>(
        &self,
        act: impl FnOnce(&mut State) -> (R, Wakes),
    ) -> Woken<R> {
        let (result, wakes) = act(&mut self.lock());
        Woken {
            result,
            woke_this_thread: waker_thread::wake_all(wakes),
        }
    }

    pub(super) fn wake<R>(&self, act: impl FnOnce(&mut State) -> (R, Wakes)) -> Woken<R> {
        let (result, wakes) = act(&mut self.lock());
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
        let id = self.left.pop_front()?;
        match self.channels.get(&id) {
            Some(Entry::Left(_)) => self.channels.remove(&id),
            Some(Entry::Made(_) | Entry::Expecting(_) | Entry::Opened(_)) | None => None,
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
        channel.wake(|state| ((), state.nudge()));
    }
}

/// Lists the channels that may have an open end. The list outlives the lock, because the drop of a channel takes it.
fn all() -> Vec<Arc<Channel>> {
    let registry = lock(&REGISTRY);
    let entries = registry.channels.values();
    entries.filter_map(Entry::channel).collect()
}

/// Returns whether environments beside this one could open the end of a channel.
pub(super) fn has_other_environments() -> bool {
    ENVIRONMENTS.load(Ordering::SeqCst) > 1
}

/// Counts the channels that can be opened or are in use.
pub fn count() -> usize {
    let registry = lock(&REGISTRY);
    let entries = registry.channels.values();
    entries
        .filter(|entry| !matches!(entry, Entry::Left(_)))
        .count()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
