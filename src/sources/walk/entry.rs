//! One entry of a walk, and how a batch of them crosses to JavaScript.

use async_iterable_bridge::{Columns, Item};
use std::collections::VecDeque;
use std::fs::{FileType, Metadata};
use std::path::{is_separator, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub struct WalkEntry {
    /// Bytes of a name that are not UTF-8 have become U+FFFD.
    path: String,
    depth: usize,
    kind: Kind,
    stat: Option<Stat>,
}

/// The places of these in the decoder's list.
#[derive(Clone, Copy)]
enum Kind {
    File = 0,
    Directory = 1,
    Symlink = 2,
    Other = 3,
}

#[derive(Clone, Copy)]
struct Stat {
    /// Bytes.
    size: f64,
    /// Milliseconds since 1970, rounded as Node rounds them for a `Date`.
    modified: f64,
}

impl WalkEntry {
    pub(super) fn new(
        path: PathBuf,
        depth: usize,
        file_type: Option<FileType>,
        metadata: Option<&Metadata>,
    ) -> Self {
        WalkEntry {
            path: text_of(path),
            depth,
            kind: file_type.map_or(Kind::Other, Kind::of),
            stat: metadata.map(Stat::of),
        }
    }

    fn name(&self) -> &str {
        // Of the root, all that is left of it may be a separator.
        match self.path.rsplit_once(is_separator) {
            Some((_, name)) if !name.is_empty() => name,
            _ => &self.path,
        }
    }
}

fn text_of(path: PathBuf) -> String {
    path.into_os_string()
        .into_string()
        .unwrap_or_else(|path| path.to_string_lossy().into_owned())
}

impl Kind {
    fn of(kind: FileType) -> Self {
        if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Directory
        } else if kind.is_symlink() {
            Kind::Symlink
        } else {
            Kind::Other
        }
    }
}

impl Stat {
    fn of(metadata: &Metadata) -> Self {
        // A system without such a time gives an invalid `Date`.
        let modified = metadata.modified().map_or(f64::NAN, milliseconds);
        Stat {
            size: metadata.len() as f64,
            modified: (modified + 0.5).floor(),
        }
    }
}

fn milliseconds(time: SystemTime) -> f64 {
    let count = |duration: Duration| {
        duration.as_secs() as f64 * 1e3 + f64::from(duration.subsec_nanos()) / 1e6
    };
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => count(after),
        Err(before) => -count(before.duration()),
    }
}

/// Says that size and time follow.
const HAS_STAT: usize = 4;

impl Item for WalkEntry {
    const DECODER: &'static str = "(slab) => {
      const types = ['file', 'directory', 'symlink', 'other'];
      return (count, text) => {
        const items = new Array(count);
        let place = 0;
        let end = 0;
        for (let index = 0; index < count; index++) {
          const start = end;
          end += slab[place];
          const path = text.substring(start, end);
          const name = text.substring(end - slab[place + 1], end);
          const packed = slab[place + 2];
          const type = types[packed & 3];
          const depth = packed >>> 3;
          if (packed & 4) {
            const size = slab[place + 3];
            const modified = new Date(slab[place + 4]);
            items[index] = { path, name, depth, type, size, modified };
            place += 5;
          } else {
            items[index] = { path, name, depth, type };
            place += 3;
          }
        }
        return items;
      };
    }";

    fn bytes(&self) -> usize {
        self.path.len() + size_of::<Self>()
    }

    fn encode(batch: &mut VecDeque<Self>, columns: &mut Columns<'_>) {
        while let Some(entry) = batch.front() {
            let numbers = if entry.stat.is_some() { 5 } else { 3 };
            if !columns.admits(numbers, entry.path.len()) {
                return;
            }
            let name = entry.name();
            let name_length = columns.length(name);
            let path_length = columns.length(&entry.path);
            columns.text(&entry.path);
            columns.number(path_length as f64);
            columns.number(name_length as f64);
            let flags = if entry.stat.is_some() { HAS_STAT } else { 0 };
            columns.number((entry.depth << 3 | flags | entry.kind as usize) as f64);
            if let Some(Stat { size, modified }) = entry.stat {
                columns.number(size);
                columns.number(modified);
            }
            batch.pop_front();
        }
    }
}
