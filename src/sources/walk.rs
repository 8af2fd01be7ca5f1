//! Everything below a directory.
//!
//! Several threads read directories, and one sends what they find. The stream ends when everything
//! has been found; with the first error, unless errors are skipped, after what was found before it;
//! or when the consumer leaves.

mod entry;
mod error;
mod outbox;

pub use entry::WalkEntry;

use async_iterable_bridge::{AsyncIterableBridge, Ended, Error, Options, Producer};
use entry::{Kind, Stat};
use error::{describe, is_broken_link};
use ignore::{DirEntry, WalkBuilder, WalkState};
use outbox::Outbox;
use std::fs;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

/// What to walk, and how.
pub(crate) struct Walk {
    pub(crate) root: PathBuf,
    /// In levels below the root.
    pub(crate) max_depth: Option<usize>,
    /// Whether names that begin with a dot are included.
    pub(crate) hidden: bool,
    /// Whether what `.gitignore` files exclude is left out.
    pub(crate) gitignore: bool,
    pub(crate) follow_symlinks: bool,
    pub(crate) stat: bool,
    /// As many as suit the machine, unless they are given.
    pub(crate) threads: Option<usize>,
    /// Whether to count errors instead of ending with the first.
    pub(crate) skip_errors: bool,
}

pub(crate) fn walk(walk: Walk, options: Options) -> AsyncIterableBridge<WalkEntry> {
    AsyncIterableBridge::spawn(options, move |producer| walk.run(&producer))
}

impl Walk {
    fn run(&self, producer: &Producer<WalkEntry>) -> Result<(), Ended> {
        // Without its root there is no walk, whatever is to be skipped.
        fs::metadata(&self.root)
            .map_err(|error| Error::system(error, "scandir", self.root.to_string_lossy()))?;
        let outbox = Outbox::new();
        let failure = OnceLock::new();
        thread::scope(|scope| {
            let finders = scope.spawn(|| {
                let found = catch_unwind(AssertUnwindSafe(|| {
                    self.find(producer, &outbox, &failure);
                }));
                outbox.finish();
                found
            });
            let delivered = outbox.deliver(|batch| producer.blocking_send_batch(batch));
            if let Err(panic) = finders.join().and_then(|found| found) {
                resume_unwind(panic);
            }
            delivered
        })?;
        match failure.into_inner() {
            Some(failure) => Err(Ended::Failed(failure)),
            None => Ok(()),
        }
    }

    fn find(
        &self,
        producer: &Producer<WalkEntry>,
        outbox: &Outbox<WalkEntry>,
        failure: &OnceLock<Error>,
    ) {
        let go_on_if = |wanted| if wanted { WalkState::Continue } else { WalkState::Quit };
        self.builder().build_parallel().run(|| {
            Box::new(|found| match self.entry(found) {
                Ok(Some(entry)) => go_on_if(outbox.put(entry)),
                Ok(None) => WalkState::Continue,
                Err(_) if self.skip_errors => {
                    producer.record_skipped(1);
                    go_on_if(!producer.is_closed())
                }
                Err(error) => {
                    // Another thread may have been faster: the first error counts.
                    let _ = failure.set(error);
                    WalkState::Quit
                }
            })
        });
    }

    fn builder(&self) -> WalkBuilder {
        let mut builder = WalkBuilder::new(self.start());
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

    /// The root as the walker gets it, to whom `-` would be standard input.
    fn start(&self) -> &Path {
        if self.is_dash() {
            Path::new("./-")
        } else {
            &self.root
        }
    }

    fn is_dash(&self) -> bool {
        self.root == Path::new("-")
    }

    /// The entry for what was found, if it is to be known at all.
    fn entry(&self, found: Result<DirEntry, ignore::Error>) -> Result<Option<WalkEntry>, Error> {
        let found = match found {
            Ok(found) => found,
            Err(error) if self.follow_symlinks && is_broken_link(&error) => {
                return self.broken_link(&error);
            }
            Err(error) => return describe(error, "scandir").map_or(Ok(None), Err),
        };
        let kind = found.file_type().map_or(Kind::Other, Kind::from);
        let depth = found.depth();
        let stat = if self.stat {
            Some(stat_of(&found)?)
        } else {
            None
        };
        let path = self.as_given(found.into_path());
        Ok(Some(WalkEntry::new(path, depth, kind, stat)))
    }
}
