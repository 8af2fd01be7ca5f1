//! Everything below a directory.
//!
//! The walkers, each a thread of its own, read directories in parallel and send their entries in batches. A
//! directory is sent before anything in it is read, so it always comes before what it contains. The stream
//! ends with the walk; with an error, unless errors are to be skipped, or the system refuses a thread; or when
//! the consumer leaves, which the walkers notice with their next batch or directory.

mod directories;
mod entry;
mod ignored;
mod walker;

pub(crate) use entry::Entry;
pub use entry::{WalkEntry, WalkEntryWithStat};

use crate::path::located;
use crate::permissions::Permissions;
use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer};
use directories::Directories;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::thread;
use walker::Walker;

/// The most threads of a walk that leaves their number to us.
const MOST_THREADS: usize = 12;

/// What to walk, and how.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) root: PathBuf,
    /// 0 is the root alone.
    pub(crate) max_depth: Option<usize>,
    pub(crate) hidden: bool,
    /// Leave out what `.gitignore` and the other files that git honours leave out.
    pub(crate) gitignore: bool,
    pub(crate) follow_symlinks: bool,
    /// `None` is as many as there are cores, up to [`MOST_THREADS`].
    pub(crate) threads: Option<usize>,
    /// Count what cannot be read instead of failing.
    pub(crate) skip_errors: bool,
    /// Present if the program may not read everything.
    pub(crate) restriction: Option<Restriction>,
}

/// The permissions that a walk must ask for before it reads.
#[derive(Clone, Debug)]
pub(crate) struct Restriction {
    pub(crate) permissions: Permissions,
    /// The folder from which relative paths lead, so that the paths asked for are the paths read.
    pub(crate) base: PathBuf,
}

impl Walk {
    /// Returns where a path leads that an entry shows.
    fn location<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        let base = self
            .restriction
            .as_ref()
            .map(|restriction| &*restriction.base);
        located(path, base)
    }

    /// Returns why a location may not be read, or nothing if it may.
    fn refusal(&self, location: &Path) -> Result<Option<Error>, Error> {
        match &self.restriction {
            Some(restriction) => restriction.permissions.refusal(location.into()),
            None => Ok(None),
        }
    }

    fn may_read(&self, location: &Path) -> bool {
        matches!(self.refusal(location), Ok(None))
    }

    fn threads(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(|| cores().min(MOST_THREADS))
    }
}

/// The root and all entries below it.
pub(crate) fn walk<E: Entry>(walk: Walk, options: Options) -> AsyncIterableBridge<E> {
    AsyncIterableBridge::spawn(options.kind("walk"), move |producer| run(&walk, &producer))
}

/// Walks on this thread and on others.
fn run<E: Entry>(walk: &Walk, producer: &Producer<E>) -> Result<(), Error> {
    let directories = Directories::default();
    let walker = || Walker::new(walk, &directories, producer.clone());
    let mut first = walker();
    if !first.begin()? {
        return Ok(());
    }
    thread::scope(|scope| {
        for _ in 1..walk.threads() {
            let mut walker = walker();
            let thread = thread::Builder::new().name("async-iterable-bridge-walk".into());
            if let Err(error) = thread.spawn_scoped(scope, move || walker.run_until_end()) {
                directories.quit();
                return Err(Error::refused_thread(&error));
            }
        }
        first.run()
    })
}
