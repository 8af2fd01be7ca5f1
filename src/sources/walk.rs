//! Everything below a directory.
//!
//! Several threads read directories; what they find goes to the stream. It ends when everything has
//! been found; with the first error, unless errors are skipped; or when the consumer leaves.

mod entry;
mod error;

pub use entry::WalkEntry;

use async_iterable_bridge::{AsyncIterableBridge, Ended, Error, Options, Producer};
use entry::{Kind, Stat};
use error::describe;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::fs;
use std::io;
use std::path::PathBuf;

/// What to walk, and how.
pub(crate) struct Walk {
    pub(crate) root: PathBuf,
    pub(crate) max_depth: Option<usize>,
    /// Whether names that begin with a dot are included.
    pub(crate) hidden: bool,
    /// Whether what `.gitignore` files exclude is left out.
    pub(crate) gitignore: bool,
    pub(crate) follow_symlinks: bool,
    pub(crate) stat: bool,
    pub(crate) threads: Option<usize>,
    pub(crate) skip_errors: bool,
}

pub(crate) fn walk(walk: Walk, options: Options) -> AsyncIterableBridge<WalkEntry> {
    AsyncIterableBridge::spawn(options, move |producer| walk.run(producer))
}

impl Walk {
    fn run(&self, producer: Producer<WalkEntry>) -> Result<(), Ended> {
        // Without its root there is no walk, whatever is to be skipped.
        fs::metadata(&self.root)
            .map_err(|error| Error::system(error, "scandir", self.root.to_string_lossy()))?;
        self.builder().build_parallel().run(|| {
            Box::new(|found| match self.visit(found) {
                Ok(entry) => match producer.blocking_send(entry) {
                    Ok(()) => WalkState::Continue,
                    Err(_) => WalkState::Quit,
                },
                Err(Some(error)) if self.skip_errors => {
                    producer.record_skipped(1);
                    WalkState::Continue
                }
                Err(Some(error)) => {
                    producer.fail(error);
                    WalkState::Quit
                }
                Err(None) => WalkState::Continue,
            })
        });
        Ok(())
    }

    fn builder(&self) -> WalkBuilder {
        let mut builder = WalkBuilder::new(&self.root);
        builder
            .standard_filters(false)
            .hidden(!self.hidden)
            .parents(self.gitignore)
            .git_ignore(self.gitignore)
            .git_exclude(self.gitignore)
            .require_git(false)
            .max_depth(self.max_depth)
            .follow_links(self.follow_symlinks)
            .threads(self.threads.unwrap_or(0));
        builder
    }

    fn visit(&self, found: Result<DirEntry, ignore::Error>) -> Result<WalkEntry, Option<Error>> {
        let found = found.map_err(|error| describe(error, "scandir", None))?;
        let kind = found.file_type().map_or(Kind::Other, Kind::from);
        let stat = if self.stat {
            let metadata = found
                .metadata()
                .map_err(|error| describe(error, "lstat", None))?;
            Some(Stat::from(metadata))
        } else {
            None
        };
        let depth = found.depth();
        Ok(WalkEntry::new(found.into_path(), depth, kind, stat))
    }
}
