//! What the walker reports, as Node would report it.

use async_iterable_bridge::Error;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// An error of the walk, taken out of the layers in which it comes.
pub(super) struct WalkError {
    depth: Option<usize>,
    path: Option<PathBuf>,
    cause: Cause,
    syscall: &'static str,
}

enum Cause {
    System(io::Error),
    /// A symbolic link that leads back to where it was come from.
    Loop {
        ancestor: PathBuf,
        child: PathBuf,
    },
    /// A line of an ignore file that makes no sense; git passes over it, too.
    Pattern,
}

impl WalkError {
    /// `syscall` is what the walker was about to do.
    pub(super) fn new(error: ignore::Error, syscall: &'static str) -> Self {
        let mut walk_error = WalkError {
            depth: None,
            path: None,
            cause: Cause::Pattern,
            syscall,
        };
        walk_error.cause = walk_error.unwrap(error);
        walk_error
    }

    /// Whether the walk could not even begin.
    pub(super) fn is_of_root(&self) -> bool {
        self.depth == Some(0)
    }

    /// Whether there is nothing to report.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self.cause, Cause::Pattern)
    }

    /// The symbolic link that leads nowhere: its path, depth and own metadata. Only a walk that
    /// follows links asks where they lead.
    pub(super) fn broken_link(&self) -> Option<(&Path, usize, Metadata)> {
        let (Cause::System(error), Some(path), Some(depth)) = (&self.cause, &self.path, self.depth)
        else {
            return None;
        };
        let leads_nowhere = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        );
        if depth == 0 || !leads_nowhere {
            return None;
        }
        let metadata = fs::symlink_metadata(path).ok()?;
        metadata.is_symlink().then_some((path, depth, metadata))
    }

    /// Whether the name of what it is about begins with a dot. The root's own does not count.
    pub(super) fn is_hidden(&self) -> bool {
        let path = match &self.cause {
            Cause::Loop { child, .. } => Some(child),
            Cause::System(_) | Cause::Pattern => self.path.as_ref(),
        };
        let name = path.and_then(|path| path.file_name());
        !self.is_of_root() && name.is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    }

    fn unwrap(&mut self, error: ignore::Error) -> Cause {
        match error {
            ignore::Error::WithDepth { depth, err } => {
                self.depth = Some(depth);
                self.unwrap(*err)
            }
            ignore::Error::WithPath { path, err } => {
                self.path = Some(path);
                self.unwrap(*err)
            }
            ignore::Error::WithLineNumber { err, .. } => self.unwrap(*err),
            ignore::Error::Io(error) => Cause::System(error),
            ignore::Error::Loop { ancestor, child } => Cause::Loop { ancestor, child },
            ignore::Error::Partial(_)
            | ignore::Error::Glob { .. }
            | ignore::Error::UnrecognizedFileType(_)
            | ignore::Error::InvalidDefinition => Cause::Pattern,
        }
    }
}

/// What the system itself would say, had it followed the links.
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

impl From<WalkError> for Error {
    fn from(error: WalkError) -> Self {
        match (error.cause, error.path) {
            (Cause::System(cause), Some(path)) => Error::system(cause, error.syscall, text(&path)),
            (Cause::System(cause), None) => cause.into(),
            (Cause::Loop { ancestor, child }, _) => {
                Error::system(too_many_links(), error.syscall, text(&child))
                    .with_dest(text(&ancestor))
            }
            (Cause::Pattern, _) => Error::new("a pattern of an ignore file makes no sense"),
        }
    }
}
