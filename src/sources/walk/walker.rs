//! One thread of a walk.

use super::directories::{Directories, Directory, Reading};
use super::entry::{Entry, Kind};
use super::ignored::Ignored;
use super::Walk;
use async_iterable_bridge::{Error, Producer};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most entries that a walker collects before it sends them.
const BATCH: usize = 256;

pub(super) struct Walker<'w, E: Entry> {
    walk: &'w Walk,
    directories: &'w Directories,
    batch: VecDeque<E>,
    producer: Producer<E>,
}

impl<'w, E: Entry> Walker<'w, E> {
    pub(super) fn new(walk: &'w Walk, directories: &'w Directories, producer: Producer<E>) -> Self {
        Walker {
            walk,
            directories,
            batch: VecDeque::new(),
            producer,
        }
    }

    /// Sends the root. Returns whether the root is a directory to be read.
    pub(super) fn begin(&mut self) -> Result<bool, Error> {
        let path = without_superfluous_separators(&self.walk.root);
        let location = self.walk.location(&path);
        if let Some(refusal) = self.walk.refusal(&location)? {
            return Err(refusal);
        }
        // A link at the root is followed.
        let metadata = fs::metadata(&location);
        let metadata = metadata.map_err(|error| Error::system(error, "scandir", text(&path)))?;
        let ignored = if self.walk.gitignore && metadata.is_dir() {
            Ignored::above(self.walk, &location)
        } else {
            None
        };
        let kind = Kind::of(metadata.file_type());
        let root = E::new(path.clone(), 0, kind, Some(&metadata));
        self.batch
            .push_back(root.map_err(|error| unreadable(error, &path))?);
        self.flush()?;
        let is_read = metadata.is_dir() && self.reads_at(0);
        if is_read {
            self.directories.add([Directory {
                path,
                depth: 0,
                ignored,
            }]);
        }
        Ok(is_read)
    }

    /// Reads directories until there are no more, or until this or another walker fails.
    pub(super) fn run(&mut self) -> Result<(), Error> {
        let walked = self.walk_on();
        if walked.is_err() {
            self.directories.quit();
        }
        walked
    }

    /// Does what [`run`](Walker::run) does, and fails the stream with the error.
    pub(super) fn run_until_end(&mut self) {
        if let Err(error) = self.run() {
            // If the error is the refusal of a send, the stream has ended already.
            self.producer.fail(error);
        }
    }

    fn walk_on(&mut self) -> Result<(), Error> {
        while let Some(reading) = self.next()? {
            if self.producer.is_closed() {
                self.directories.quit();
            } else {
                self.read(&reading.directory)?;
            }
        }
        self.flush()
    }

    fn next(&mut self) -> Result<Option<Reading<'w>>, Error> {
        let directories = self.directories;
        // The entries of this walker must not wait for those of other walkers.
        directories.next(|| self.flush())
    }

    /// Returns whether a directory at this depth is read.
    fn reads_at(&self, depth: usize) -> bool {
        self.walk.max_depth.is_none_or(|most| depth < most)
    }

    fn read(&mut self, directory: &Directory) -> Result<(), Error> {
        let location = self.walk.location(&directory.path);
        if let Some(refusal) = self.walk.refusal(&location)? {
            return self.skip_or_fail(refusal, directory.depth);
        }
        let unreadable = |error| Error::system(error, "scandir", text(&directory.path));
        let listing = match fs::read_dir(&location) {
            Ok(listing) => listing,
            Err(error) => return self.skip_or_fail(unreadable(error), directory.depth),
        };
        let ignored = directory.ignored.as_ref().map(|above| {
            let name = directory.path.file_name().filter(|_| directory.depth > 0);
            above.below(self.walk, &location, name)
        });
        let mut subdirectories = Vec::new();
        for entry in listing {
            let entry = entry.map_err(unreadable);
            match entry.and_then(|entry| self.inspect(directory, &entry, ignored.as_ref())) {
                Ok(None) => {}
                Ok(Some((item, subdirectory))) => {
                    subdirectories.extend(subdirectory);
                    self.batch.push_back(item);
                    if self.batch.len() >= BATCH {
                        self.flush()?;
                    }
                }
                Err(error) => self.skip_or_fail(error, directory.depth + 1)?,
            }
        }
        if !subdirectories.is_empty() {
            self.flush()?;
            self.directories.add(subdirectories);
        }
        Ok(())
    }

    /// Makes an item of an entry, unless it is left out. If the entry is to be read itself, also makes a directory of
    /// it.
    fn inspect(
        &self,
        directory: &Directory,
        entry: &DirEntry,
        ignored: Option<&Arc<Ignored>>,
    ) -> Result<Option<(E, Option<Directory>)>, Error> {
        let name = entry.file_name();
        if !self.walk.hidden && is_hidden(entry, &name) {
            return Ok(None);
        }
        let path = directory.path.join(&name);
        let kind = entry.file_type();
        let mut kind = kind.map_err(|error| Error::system(error, "scandir", text(&path)))?;
        let mut target = None;
        if self.walk.follow_symlinks && kind.is_symlink() {
            target = self.follow(&path)?;
            kind = target.as_ref().map_or(kind, Metadata::file_type);
        }
        if ignored.is_some_and(|ignored| ignored.excludes(&name, &path, kind.is_dir())) {
            return Ok(None);
        }
        if target.is_some() && kind.is_dir() {
            self.check_loop(directory, &path)?;
        }
        let metadata = match target {
            None if E::HAS_METADATA => Some(self.metadata_of(entry, &path)?),
            target => target,
        };
        let depth = directory.depth + 1;
        let subdirectory = (kind.is_dir() && self.reads_at(depth)).then(|| Directory {
            path: path.clone(),
            depth,
            ignored: ignored.cloned(),
        });
        let item = E::new(path, depth, Kind::of(kind), metadata.as_ref());
        let item = item.map_err(|error| unreadable(error, &directory.path.join(&name)))?;
        Ok(Some((item, subdirectory)))
    }

    fn metadata_of(&self, entry: &DirEntry, path: &Path) -> Result<Metadata, Error> {
        match self.walk.refusal(&self.walk.location(path))? {
            Some(refusal) => Err(refusal),
            None => entry.metadata().map_err(|error| unreadable(error, path)),
        }
    }

    /// Returns the metadata of a link's target, or `None` if there is no target. Then the link itself is the entry.
    fn follow(&self, path: &Path) -> Result<Option<Metadata>, Error> {
        let location = self.walk.location(path);
        if self.walk.restriction.is_some() {
            // Node's `fs` checks the link alone. A walk must not leave the permitted paths, so it also checks the
            // target.
            let target = fs::canonicalize(&location).ok();
            for location in [Some(&*location), target.as_deref()].into_iter().flatten() {
                if let Some(refusal) = self.walk.refusal(location)? {
                    return Err(refusal);
                }
            }
        }
        match fs::metadata(&location) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if leads_nowhere(&error) => Ok(None),
            Err(error) => Err(Error::system(error, "scandir", text(path))),
        }
    }

    /// Refuses a link to a directory that contains the link.
    fn check_loop(&self, directory: &Directory, link: &Path) -> Result<(), Error> {
        let real = |path: &Path| fs::canonicalize(self.walk.location(path));
        let target = real(link).map_err(|error| Error::system(error, "scandir", text(link)))?;
        let above = directory.path.ancestors().take(directory.depth + 1);
        for ancestor in above {
            if real(ancestor).is_ok_and(|ancestor| ancestor == target) {
                let error = Error::system(too_many_links(), "scandir", text(link));
                return Err(error.with_dest(text(ancestor)));
            }
        }
        Ok(())
    }

    /// Counts an entry at this depth that cannot be read, or fails with the reason. Always fails for the root, because
    /// without it there is nothing to walk.
    fn skip_or_fail(&mut self, error: Error, depth: usize) -> Result<(), Error> {
        if self.walk.skip_errors && depth > 0 {
            self.producer.record_skipped(1);
            return Ok(());
        }
        self.flush()?;
        Err(error)
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(self.producer.blocking_send_batch(&mut self.batch)?)
    }
}

/// Removes superfluous separators, so that the name of an entry is the end of its path.
fn without_superfluous_separators(root: &Path) -> PathBuf {
    root.components().collect()
}

fn leads_nowhere(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn unreadable(error: io::Error, path: &Path) -> Error {
    Error::system(error, "lstat", text(path))
}

/// Returns whether the name begins with a dot, or Windows hides the entry.
fn is_hidden(entry: &DirEntry, name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || is_hidden_by_attribute(entry)
}

#[cfg(windows)]
fn is_hidden_by_attribute(entry: &DirEntry) -> bool {
    use std::os::windows::fs::MetadataExt;
    const HIDDEN: u32 = 2;

    // The directory's listing contains it, so this is no system call.
    let metadata = entry.metadata();
    metadata.is_ok_and(|metadata| metadata.file_attributes() & HIDDEN != 0)
}

#[cfg(not(windows))]
fn is_hidden_by_attribute(_: &DirEntry) -> bool {
    false
}

/// Returns the error that the system itself would return if it had followed the links.
#[cfg(unix)]
fn too_many_links() -> io::Error {
    rustix::io::Errno::LOOP.into()
}

#[cfg(not(unix))]
fn too_many_links() -> io::Error {
    io::Error::other("too many symbolic links encountered")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
