//! One entry of a walk, with and without the metadata that needs another system call.

use async_iterable_bridge::{Columns, Item, Layout, Row};
use std::fs::{FileType, Metadata};
use std::io;
use std::path::{is_separator, PathBuf};
use std::time::SystemTime;

/// The item of a walk for each file, directory or other entry that it finds.
pub(crate) trait Entry: Item {
    /// Whether the item also contains the file's metadata.
    const HAS_METADATA: bool;

    /// Makes an item. `metadata` is that of the file, if [`HAS_METADATA`](Entry::HAS_METADATA). Fails if the system
    /// does not have the times.
    fn new(
        path: PathBuf,
        depth: usize,
        kind: Kind,
        metadata: Option<&Metadata>,
    ) -> io::Result<Self>;
}

#[derive(Row)]
pub struct WalkEntry {
    /// The path. U+FFFD replaces bytes that are not UTF-8, here and in `name`.
    path: String,
    name: Name,
    depth: u32,
    #[row(rename = "type")]
    kind: Kind,
}

/// An entry with `stat: true`.
#[derive(Row)]
pub struct WalkEntryWithStat {
    path: String,
    name: Name,
    depth: u32,
    #[row(rename = "type")]
    kind: Kind,
    /// The size in bytes.
    size: f64,
    modified: SystemTime,
}

#[derive(Clone, Copy, Row)]
pub enum Kind {
    File,
    Directory,
    Symlink,
    Other,
}

impl Entry for WalkEntry {
    const HAS_METADATA: bool = false;

    fn new(path: PathBuf, depth: usize, kind: Kind, _: Option<&Metadata>) -> io::Result<Self> {
        let path = text_of(path);
        Ok(WalkEntry {
            name: Name::of(&path),
            path,
            depth: depth as u32,
            kind,
        })
    }
}

impl Entry for WalkEntryWithStat {
    const HAS_METADATA: bool = true;

    fn new(
        path: PathBuf,
        depth: usize,
        kind: Kind,
        metadata: Option<&Metadata>,
    ) -> io::Result<Self> {
        let metadata = metadata.ok_or(io::ErrorKind::Unsupported)?;
        let WalkEntry {
            path,
            name,
            depth,
            kind,
        } = WalkEntry::new(path, depth, kind, None)?;
        Ok(WalkEntryWithStat {
            path,
            name,
            depth,
            kind,
            size: metadata.len() as f64,
            modified: metadata.modified()?,
        })
    }
}

impl Kind {
    pub(super) fn of(file_type: FileType) -> Self {
        if file_type.is_file() {
            Kind::File
        } else if file_type.is_dir() {
            Kind::Directory
        } else if file_type.is_symlink() {
            Kind::Symlink
        } else {
            Kind::Other
        }
    }
}

/// The last part of the path in the field before it. It crosses as a part of that path.
pub struct Name {
    /// The length in UTF-16 code units.
    length: u32,
}

impl Name {
    fn of(path: &str) -> Self {
        // The path of a root may consist of a separator alone.
        let name = match path.rsplit_once(is_separator) {
            Some((_, name)) if !name.is_empty() => name,
            _ => path,
        };
        let length = Columns::length_of(name) as u32;
        Name { length }
    }
}

impl Item for Name {
    fn layout() -> Layout {
        Layout::end_of_text()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(f64::from(self.length));
    }
}

fn text_of(path: PathBuf) -> String {
    path.into_os_string()
        .into_string()
        .unwrap_or_else(|path| path.to_string_lossy().into_owned())
}
