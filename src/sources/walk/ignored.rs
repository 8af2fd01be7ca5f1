//! The rules of git for the entries that a walk leaves out.
//!
//! They come from the `.gitignore` of each directory and of the directories above it, the innermost first. Then follow
//! `.git/info/exclude` in the same order, and the user's own list. Invalid rules and unreadable files are ignored.

use super::Walk;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::Match;
use std::ffi::OsStr;
use std::fs;
use std::iter::successors;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The rules that hold in one directory.
pub(super) struct Ignored {
    /// The absolute path of the directory.
    path: PathBuf,
    gitignore: Gitignore,
    exclude: Gitignore,
    above: Option<Arc<Ignored>>,
    users: Arc<Gitignore>,
}

impl Ignored {
    /// Returns the rules that hold for the root of a walk: those of the directories above it. The root's own rules are
    /// read with the root.
    pub(super) fn above(walk: &Walk, root: &Path) -> Option<Arc<Ignored>> {
        let root = fs::canonicalize(root).ok()?;
        let users = Arc::new(users_own(walk));
        let ancestors: Vec<_> = root.ancestors().skip(1).collect();
        let above = ancestors.into_iter().rev().fold(None, |above, path| {
            Some(Arc::new(Ignored::of(
                walk,
                path,
                path.into(),
                above,
                &users,
            )))
        });
        Some(Arc::new(Ignored {
            path: root,
            gitignore: Gitignore::empty(),
            exclude: Gitignore::empty(),
            above,
            users,
        }))
    }

    /// Reads the rules of the directory at `location`, whose absolute path is `path`.
    fn of(
        walk: &Walk,
        location: &Path,
        path: PathBuf,
        above: Option<Arc<Ignored>>,
        users: &Arc<Gitignore>,
    ) -> Self {
        let rules = |file: Option<PathBuf>| match file {
            Some(file) if walk.may_read(&file) => rules_of(&path, &file),
            Some(_) | None => Gitignore::empty(),
        };
        Ignored {
            gitignore: rules(Some(location.join(".gitignore"))),
            exclude: rules(exclude_file(walk, location)),
            above,
            users: users.clone(),
            path,
        }
    }

    /// Returns the rules of a subdirectory of the directory that these rules hold for.
    pub(super) fn below(
        self: &Arc<Self>,
        walk: &Walk,
        location: &Path,
        name: Option<&OsStr>,
    ) -> Arc<Self> {
        let path = name.map_or_else(|| self.path.clone(), |name| self.path.join(name));
        Arc::new(Ignored::of(
            walk,
            location,
            path,
            Some(self.clone()),
            &self.users,
        ))
    }

    /// Returns whether the rules leave out an entry of the directory. The walk shows the entry by the path `shown`.
    pub(super) fn excludes(&self, name: &OsStr, shown: &Path, is_directory: bool) -> bool {
        let path = self.path.join(name);
        let all = || successors(Some(self), |ignored| ignored.above.as_deref());
        let gitignores = all().map(|ignored| &ignored.gitignore);
        let excludes = all().map(|ignored| &ignored.exclude);
        let matched = gitignores
            .chain(excludes)
            .map(|rules| rules.matched(&path, is_directory))
            .find(|matched| !matched.is_none());
        let shown = shown.strip_prefix(".").unwrap_or(shown);
        match matched.unwrap_or_else(|| self.users.matched(shown, is_directory)) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) | Match::None => false,
        }
    }
}

fn rules_of(directory: &Path, file: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(directory);
    // The lines before and after an invalid one stay in force.
    let _ = builder.add(file);
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Returns the user's list, which git's configuration names. It is not read if permissions restrict reading.
fn users_own(walk: &Walk) -> Gitignore {
    match std::env::current_dir() {
        Ok(folder) if walk.restriction.is_none() => GitignoreBuilder::new(folder).build_global().0,
        Ok(_) | Err(_) => Gitignore::empty(),
    }
}

/// Returns the path of the repository's unshared list, if the directory is the top of a repository. In a
/// linked work tree, `.git` is a file that leads there.
fn exclude_file(walk: &Walk, location: &Path) -> Option<PathBuf> {
    const LIST: &str = "info/exclude";
    let git = location.join(".git");
    if !walk.may_read(&git) {
        return None;
    }
    if !fs::metadata(&git).ok()?.is_file() {
        return Some(git.join(LIST));
    }
    let first_line = |file: PathBuf| {
        let readable = walk.may_read(&file);
        let text = readable.then(|| fs::read_to_string(file).ok())??;
        Some(text.lines().next()?.to_owned())
    };
    let line = first_line(git)?;
    let folder = location.join(line.strip_prefix("gitdir: ")?);
    let common = first_line(folder.join("commondir"))?;
    Some(folder.join(common).join(LIST))
}
