//! Everything below a directory.
//!
//! The walkers, each a thread of its own, read directories in parallel and send their entries in batches. A
//! directory is sent before it is read, so it always precedes its entries. The stream ends with the walk, with an
//! error, or when the consumer leaves. It fails if an entry cannot be read, unless errors are to be skipped, and if the
//! system refuses a thread. The walkers notice that the consumer has left with their next batch or directory.

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

/// The most threads of a walk whose options do not set their number.
const MOST_THREADS: usize = 12;

/// The root and the options of a walk.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) root: PathBuf,
    /// The greatest depth of an entry; 0 is the root alone.
    pub(crate) max_depth: Option<usize>,
    pub(crate) hidden: bool,
    /// Whether to leave out the entries that `.gitignore` and the other files that git honours leave out.
    pub(crate) gitignore: bool,
    pub(crate) follow_symlinks: bool,
    /// The number of threads; `None` is one for each core, up to [`MOST_THREADS`].
    pub(crate) threads: Option<usize>,
    /// Whether to count entries that cannot be read, instead of failing.
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
    /// Returns the location of a path that an entry shows.
    fn location<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        let base = self
            .restriction
            .as_ref()
            .map(|restriction| &*restriction.base);
        located(path, base)
    }

    /// Returns the reason why a location may not be read, or `None` if it may.
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

/// Makes a stream of the root and all entries below it.
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
