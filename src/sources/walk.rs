//! Everything below a directory.
//!
//! The walker's own threads read directories in parallel, each with a batch of its own. A directory
//! is sent before anything in it is read, so it always comes before what it contains. The stream
//! ends with the walk; with an error, unless errors are to be skipped; or when the consumer leaves,
//! which the walkers notice with their next batch.

mod entry;
mod error;

pub(crate) use entry::Entry;
pub use entry::{WalkEntry, WalkEntryWithStat};

use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer};
use entry::Kind;
use error::WalkError;
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};
use std::collections::VecDeque;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// Entries that a walker collects, at most, before it sends them.
const BATCH: usize = 256;

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
    /// `None` is as many as there are cores, up to 12.
    pub(crate) threads: Option<usize>,
    /// Count what cannot be read instead of failing.
    pub(crate) skip_errors: bool,
}

/// The root and all entries below it.
pub(crate) fn walk<E: Entry>(walk: Walk, options: Options) -> AsyncIterableBridge<E> {
    AsyncIterableBridge::spawn(options.kind("walk"), move |producer| {
        let walker = builder(&walk).build_parallel();
        walker.visit(&mut Visitors { walk, producer });
        Ok(())
    })
}

fn builder(walk: &Walk) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root_path(&walk.root));
    builder
        .max_depth(walk.max_depth)
        .follow_links(walk.follow_symlinks)
        .threads(walk.threads.unwrap_or(0))
        .standard_filters(false)
        .hidden(!walk.hidden)
        .git_ignore(walk.gitignore)
        .git_exclude(walk.gitignore)
        .git_global(walk.gitignore)
        .parents(walk.gitignore)
        // A copy of a repository without its `.git` should give what the repository does.
        .require_git(false);
    builder
}

/// The root without superfluous separators, so that a name is the end of its path; and `-` as a
/// file's name, which the walker would take for standard input.
fn root_path(root: &Path) -> PathBuf {
    let root: PathBuf = root.components().collect();
    if root == Path::new("-") {
        return Path::new(".").join(root);
    }
    root
}

/// Makes a visitor for each of the walker's threads.
struct Visitors<E: Entry> {
    walk: Walk,
    producer: Producer<E>,
}

impl<'s, E: Entry> ParallelVisitorBuilder<'s> for Visitors<E> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Visitor {
            hidden: self.walk.hidden,
            is_dash: self.walk.root == Path::new("-"),
            skip_errors: self.walk.skip_errors,
            batch: VecDeque::new(),
            producer: self.producer.clone(),
        })
    }
}

struct Visitor<E: Entry> {
    hidden: bool,
    is_dash: bool,
    skip_errors: bool,
    batch: VecDeque<E>,
    producer: Producer<E>,
}

impl<E: Entry> ParallelVisitor for Visitor<E> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let visited = match entry {
            Ok(entry) => self.take(entry),
            Err(error) => self.take_or_refuse(WalkError::new(error, "scandir")),
        };
        match visited {
            Ok(()) => WalkState::Continue,
            Err(error) => {
                // If it is a refusal, the stream has ended already.
                self.producer.fail(error);
                WalkState::Quit
            }
        }
    }
}

/// Of the root, what it points to, as its type says.
fn metadata_of(entry: &DirEntry) -> Result<Metadata, ignore::Error> {
    match entry.depth() {
        0 => Ok(fs::metadata(entry.path())?),
        _ => entry.metadata(),
    }
}

impl<E: Entry> Visitor<E> {
    /// A path as it follows from the root that was given, see [`root_path`].
    fn as_given(&self, path: PathBuf) -> PathBuf {
        match path.strip_prefix(".") {
            Ok(given) if self.is_dash => given.to_path_buf(),
            _ => path,
        }
    }

    fn take(&mut self, entry: DirEntry) -> Result<(), Error> {
        let metadata = E::HAS_METADATA.then(|| metadata_of(&entry)).transpose();
        let (depth, file_type) = (entry.depth(), entry.file_type());
        let path = self.as_given(entry.into_path());
        let made = metadata
            .and_then(|metadata| Ok(E::new(path, depth, Kind::of(file_type), metadata.as_ref())?));
        let entry = match made {
            Ok(entry) => entry,
            Err(error) => return self.refuse(WalkError::new(error, "lstat")),
        };
        self.batch.push_back(entry);
        if file_type.is_some_and(|kind| kind.is_dir()) || self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    /// A link that leads nowhere is an entry as well, even where links are followed.
    fn take_or_refuse(&mut self, error: WalkError) -> Result<(), Error> {
        // The walker tells of links that fail before it asks whether they are wanted.
        if error.is_harmless() || (!self.hidden && error.is_hidden()) {
            return Ok(());
        }
        let Some((path, depth, metadata)) = error.broken_link() else {
            return self.refuse(error);
        };
        let path = self.as_given(path.into());
        let kind = Kind::of(Some(metadata.file_type()));
        let entry = E::new(path, depth, kind, Some(&metadata));
        self.batch.push_back(entry.map_err(Error::from)?);
        Ok(())
    }

    /// Fails, or goes on without the entry. A root that cannot be read is no walk at all.
    fn refuse(&mut self, error: WalkError) -> Result<(), Error> {
        if self.skip_errors && !error.is_of_root() {
            self.producer.record_skipped(1);
            return Ok(());
        }
        self.flush()?;
        Err(error.into())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(self.producer.blocking_send_batch(&mut self.batch)?)
    }
}

impl<E: Entry> Drop for Visitor<E> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // A refusal means that the stream has ended already.
            let _ = self.flush();
        }
    }
}
