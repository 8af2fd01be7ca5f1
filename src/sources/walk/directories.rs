//! The directories that a walk has not read yet, shared by its threads.

use super::ignored::Ignored;
use async_iterable_bridge::Error;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A directory that is to be read.
pub(super) struct Directory {
    /// The path, as its entry shows it.
    pub(super) path: PathBuf,
    pub(super) depth: usize,
    /// The rules of the directories above, if rules are honoured.
    pub(super) ignored: Option<Arc<Ignored>>,
}

/// The unread directories. The walk continues while there is one, or one is being read.
#[derive(Default)]
pub(super) struct Directories {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The unread directories. The last one is read first, because depth first needs the least memory.
    unread: Vec<Directory>,
    /// The number of directories that are being read, and may lead to others.
    reading: usize,
    has_quit: bool,
}

impl State {
    /// Returns whether there is nothing to read now, but there may be later.
    fn must_wait(&self) -> bool {
        !self.has_quit && self.unread.is_empty() && self.reading > 0
    }
}

impl Directories {
    pub(super) fn add(&self, directories: impl IntoIterator<Item = Directory>) {
        self.lock().unread.extend(directories);
        self.changed.notify_all();
    }

    /// Ends the walk: there is nothing more to read.
    pub(super) fn quit(&self) {
        self.lock().has_quit = true;
        self.changed.notify_all();
    }

    /// Returns the next directory to read, or `None` at the end. Calls `before_waiting` if it has to wait for
    /// one.
    pub(super) fn next(
        &self,
        before_waiting: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Option<Reading<'_>>, Error> {
        let mut state = self.lock();
        if state.must_wait() {
            drop(state);
            before_waiting()?;
            let waited = self
                .changed
                .wait_while(self.lock(), |state| state.must_wait());
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if state.has_quit {
            return Ok(None);
        }
        let Some(directory) = state.unread.pop() else {
            return Ok(None);
        };
        state.reading += 1;
        Ok(Some(Reading {
            directory,
            directories: self,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A directory while it is being read.
pub(super) struct Reading<'d> {
    pub(super) directory: Directory,
    directories: &'d Directories,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut state = self.directories.lock();
        state.reading -= 1;
        // The panic of one walker ends the walk.
        state.has_quit |= std::thread::panicking();
        let others_can_go_on = !state.must_wait();
        drop(state);
        if others_can_go_on {
            self.directories.changed.notify_all();
        }
    }
}
