//! The channels of the process, by the ids in their handles.
//!
//! The registry owns a channel for as long as an end of it is still to be opened; afterwards its ends do. Of
//! those whose receiver has gone it remembers the last ones, so that a sender that comes late finds that
//! nobody reads.

use super::answers::Stats;
use super::batch::Batch;
use super::ends::{ReceiverEnd, SenderEnd};
use super::id::Id;
use super::metrics::Request;
use super::peer::{Peer, Wakes};
use super::room::Limits;
use super::state::State;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

/// The ids of the channels that are found by a name.
static NAMES: LazyLock<Mutex<HashMap<String, Id>>> = LazyLock::new(Mutex::default);

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// How many channels without a receiver are remembered. Their senders come within the time that a thread
/// needs to start.
const MOST_LEFT: usize = 1024;

/// Environments that have used channels, and have not gone away.
static MEMBERS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Registry {
    channels: HashMap<Id, Entry>,
    /// Those whose receiver has gone, the oldest first.
    left: VecDeque<Id>,
}

enum Entry {
    /// Not looked for yet. Most channels that stay without ever being opened never are.
    Made(Box<Made>),
    Expecting(Arc<Channel>),
    /// The receiver has gone, and senders may still come.
    Left(Arc<Channel>),
    Opened(Weak<Channel>),
}

impl Entry {
    /// Returns the channel, unless it has gone, or has not been looked for.
    fn channel(&self) -> Option<Arc<Channel>> {
        match self {
            Entry::Made(_) => None,
            Entry::Expecting(channel) | Entry::Left(channel) => Some(channel.clone()),
            Entry::Opened(channel) => channel.upgrade(),
        }
    }
}

/// A channel before it is found for the first time, in a fifth of the memory.
struct Made {
    limits: Limits,
    terms: Terms,
    created: Instant,
}

impl Made {
    fn channel(&self, id: Id, request: Option<Request>) -> Arc<Channel> {
        Arc::new(Channel {
            id,
            terms: self.terms,
            created: self.created,
            state: Mutex::new(State::new(self.limits, request)),
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

/// What a handle needs to know beside the channel itself.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Of the receiver, in milliseconds.
    pub time_slice: f64,
    pub overflow: Overflow,
}

/// What a sender does with an item for which there is no room.
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

    /// The policy that `lib/options.js` calls so.
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

/// What was done, and whether it has woken an end that this very thread holds: its event loop must not
/// run dry before it hears of it.
#[derive(Debug)]
pub struct Woken<R> {
    pub result: R,
    pub is_here: bool,
}

#[derive(Debug)]
pub struct Channel {
    id: Id,
    pub terms: Terms,
    created: Instant,
    state: Mutex<State>,
}

/// What there is to say of a channel whose receiver is not in this thread.
pub struct OpenChannel {
    pub age: Duration,
    /// The receiver's, as JavaScript counts them.
    pub thread: Option<f64>,
    pub is_awaited: bool,
    pub stats: Stats,
}

impl Channel {
    /// Makes a channel whose ends can be opened by its id. An id is never used twice.
    pub fn create(id: Id, limits: Limits, terms: Terms, request: Option<Request>) {
        let made = Made {
            limits,
            terms,
            created: Instant::now(),
        };
        let entry = match request {
            Some(request) => Entry::Expecting(made.channel(id, Some(request))),
            None => Entry::Made(Box::new(made)),
        };
        lock(&REGISTRY).channels.insert(id, entry);
    }

    /// The id of the channel of this name. If there is none whose receiver can still be there, one is
    /// made with the given id.
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

    /// Whether its handle is of no use any more, though somebody may still hold what was an end of it.
    pub fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// `None` when all have been opened.
    pub fn open_sender(self: &Arc<Self>, waker: Waker, thread: Option<f64>) -> Option<SenderEnd> {
        let opened = self.lock().open_sender(Peer::here(waker), thread);
        let (index, wakes) = opened?;
        wakes.call();
        self.disown();
        Some(SenderEnd::new(self.clone(), index))
    }

    /// `None` when it has been opened.
    pub fn open_receiver(self: &Arc<Self>, waker: Waker, thread: f64) -> Option<ReceiverEnd> {
        let wakes = self.lock().open_receiver(Peer::here(waker), thread);
        wakes?.call();
        self.disown();
        Some(ReceiverEnd::new(self.clone()))
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
            // What it held is dropped here, which is not the last share, and needs the lock no more.
            let _owned = lock(&REGISTRY).channels.insert(self.id, opened);
        }
    }

    /// The receiver has gone: only senders that come late may still want the channel.
    pub(super) fn retire(self: &Arc<Self>) {
        // Dropped after the lock is released, which a channel's end needs.
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

    /// Those whose receiver is not in this thread, and has not seen the end.
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

    /// As [`wake`](Channel::wake), from another core if there is one.
    pub(super) fn wake_elsewhere<R>(&self, act: impl FnOnce(&mut State) -> (R, Wakes)) -> Woken<R> {
        let (result, wakes) = act(&mut self.lock());
        Woken {
            result,
            is_here: wakes.call_elsewhere(),
        }
    }

    pub(super) fn wake<R>(&self, act: impl FnOnce(&mut State) -> (R, Wakes)) -> Woken<R> {
        let (result, wakes) = act(&mut self.lock());
        Woken {
            result,
            is_here: wakes.call(),
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

/// An environment uses channels from here on.
pub fn join() {
    MEMBERS.fetch_add(1, Ordering::SeqCst);
}

/// An environment goes away: whoever waits for one that never opened its end may now wait in vain. Whoever
/// counts the environments under a channel's lock either counts without this one, or waits already when its
/// channel's turn comes.
pub fn leave() {
    MEMBERS.fetch_sub(1, Ordering::SeqCst);
    for channel in all() {
        channel.wake(|state| ((), state.nudge()));
    }
}

/// Lists the channels that may have an open end. They are held beyond the lock, which a channel's end needs.
fn all() -> Vec<Arc<Channel>> {
    let registry = lock(&REGISTRY);
    let entries = registry.channels.values();
    entries.filter_map(Entry::channel).collect()
}

/// Whether there are environments beside this one that could open the end of a channel.
pub(super) fn has_other_members() -> bool {
    MEMBERS.load(Ordering::SeqCst) > 1
}

/// How many channels can be opened or are in use.
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
