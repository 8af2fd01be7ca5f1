//! The list of this addon's streams that JavaScript holds, in the whole process. With it, one thread can report
//! the streams that are open in the others.
//!
//! A stream is on the list until its consumer has seen the end, has left, or has forgotten it. The list
//! keeps no stream alive.

use crate::error::Error;
use crate::item::Batch;
use crate::queue::{Queue, QueueStats};
use crate::sync::lock_static;
use slab::Slab;
use std::sync::{Mutex, Weak};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

static OPEN: Mutex<Slab<Entry>> = Mutex::new(Slab::new());

#[derive(Clone)]
struct Entry {
    kind: &'static str,
    thread: JsThread,
    opened: Instant,
    is_started: bool,
    queue: Weak<Queue<Batch, Error>>,
}

/// The thread that consumes a stream.
#[derive(Clone, Copy)]
pub(crate) struct JsThread {
    pub(crate) id: ThreadId,
    /// The number that JavaScript gives the thread.
    pub(crate) number: f64,
}

/// The description of a stream in another environment.
pub(crate) struct OpenStream {
    pub(crate) kind: &'static str,
    pub(crate) thread: f64,
    pub(crate) age: Duration,
    pub(crate) is_started: bool,
    pub(crate) capacity: usize,
    pub(crate) stats: QueueStats,
}

/// Keeps a stream on the list.
pub(crate) struct Listed(usize);

impl Listed {
    pub(crate) fn new(
        kind: &'static str,
        thread: JsThread,
        queue: Weak<Queue<Batch, Error>>,
    ) -> Self {
        Listed(lock_static(&OPEN).insert(Entry {
            kind,
            thread,
            opened: Instant::now(),
            is_started: false,
            queue,
        }))
    }

    pub(crate) fn start(&self) {
        lock_static(&OPEN)[self.0].is_started = true;
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        // The owner of this value shares the queue of the entry, so the queue is not dropped here.
        lock_static(&OPEN).remove(self.0);
    }
}

/// Lists the streams of all threads but this one.
pub(crate) fn in_other_threads(thread: ThreadId) -> Vec<OpenStream> {
    let is_in_another = |entry: &&Entry| entry.thread.id != thread;
    let entries: Vec<_> = {
        let open = lock_static(&OPEN);
        let entries = open.iter().map(|(_, entry)| entry);
        entries.filter(is_in_another).cloned().collect()
    };
    // Without the lock: if this is the last reference to a queue, its items are dropped here, which may run any code.
    let describe = |entry: Entry| {
        let queue = entry.queue.upgrade()?;
        Some(OpenStream {
            kind: entry.kind,
            thread: entry.thread.number,
            age: entry.opened.elapsed(),
            is_started: entry.is_started,
            capacity: queue.limits().capacity,
            stats: queue.stats(),
        })
    };
    entries.into_iter().filter_map(describe).collect()
}
