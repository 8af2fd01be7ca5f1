//! The addon behind the npm package: it only converts arguments and delegates.

#![deny(unsafe_code)]

pub mod channel;
#[forbid(unsafe_code)]
mod held;
#[forbid(unsafe_code)]
mod path;
pub mod permissions;
#[forbid(unsafe_code)]
mod sources;

use async_iterable_bridge::{AsyncIterableBridge, Options, Runtime, Start};
use napi::bindgen_prelude::{Either, Object};
use napi_derive::napi;
use path::path_of;
use sources::{Bytes, Line, Text, WalkEntry, WalkEntryWithStat};
use std::path::PathBuf;
use std::time::Duration;

/// The options of every stream, checked and completed by `lib/support/options.js`.
#[napi(object)]
pub struct BridgeOptions {
    pub capacity: f64,
    pub max_bytes: f64,
    /// Milliseconds.
    pub time_slice: f64,
    pub eager: bool,
}

impl From<BridgeOptions> for Options {
    fn from(options: BridgeOptions) -> Self {
        Options::new()
            .capacity(options.capacity as usize)
            .max_bytes(options.max_bytes as usize)
            .time_slice(Duration::from_secs_f64(options.time_slice / 1e3))
            .start(if options.eager {
                Start::Eager
            } else {
                Start::Lazy
            })
    }
}

#[napi(catch_unwind)]
pub fn range(start: f64, end: f64, step: f64, options: BridgeOptions) -> AsyncIterableBridge<f64> {
    sources::range(start, end, step, options.into())
}

/// The options of `read_lines`, checked and complete as those of the stream.
#[napi(object)]
pub struct LinesOptions {
    #[napi(ts_type = "'utf8' | 'buffer'")]
    pub encoding: String,
    pub max_line_bytes: f64,
    /// The folder that a relative path starts from, if it is not the current folder of the process.
    pub base: Option<String>,
}

type Lines = Either<AsyncIterableBridge<Line<Text>>, AsyncIterableBridge<Line<Bytes>>>;

#[napi(
    catch_unwind,
    ts_return_type = "AsyncIterableBridge<string> | AsyncIterableBridge<Buffer>"
)]
pub fn read_lines(
    #[napi(ts_arg_type = "string | Uint8Array")] path: Either<String, Object<'_>>,
    lines_options: LinesOptions,
    options: BridgeOptions,
) -> napi::Result<Lines> {
    let file = sources::File {
        path: path_of(path)?,
        base: lines_options.base.map(PathBuf::from),
    };
    let max_line_bytes = lines_options.max_line_bytes as usize;
    Ok(if lines_options.encoding == "buffer" {
        Either::B(sources::read_lines(file, max_line_bytes, options.into()))
    } else {
        Either::A(sources::read_lines(file, max_line_bytes, options.into()))
    })
}

/// The options of `walk`, checked and complete as those of the stream.
#[napi(object)]
pub struct WalkOptions {
    pub max_depth: Option<f64>,
    pub hidden: bool,
    pub gitignore: bool,
    pub follow_symlinks: bool,
    pub stat: bool,
    pub threads: Option<f64>,
    pub skip_errors: bool,
    pub restriction: Option<WalkRestriction>,
}

/// The restriction of a program that may not read everything.
#[napi(object)]
pub struct WalkRestriction {
    /// The number that `openPermissions()` has returned.
    pub permissions: f64,
    pub base: String,
}

#[napi(catch_unwind)]
pub fn walk(
    #[napi(ts_arg_type = "string | Uint8Array")] root: Either<String, Object<'_>>,
    walk_options: WalkOptions,
    options: BridgeOptions,
) -> napi::Result<Either<AsyncIterableBridge<WalkEntry>, AsyncIterableBridge<WalkEntryWithStat>>> {
    let restriction = walk_options.restriction.map(|restriction| {
        napi::Result::Ok(sources::Restriction {
            permissions: permissions::find(restriction.permissions)?,
            base: restriction.base.into(),
        })
    });
    let walk = sources::Walk {
        root: path_of(root)?,
        max_depth: walk_options.max_depth.map(|depth| depth as usize),
        hidden: walk_options.hidden,
        gitignore: walk_options.gitignore,
        follow_symlinks: walk_options.follow_symlinks,
        threads: walk_options.threads.map(|threads| threads as usize),
        skip_errors: walk_options.skip_errors,
        restriction: restriction.transpose()?,
    };
    Ok(if walk_options.stat {
        Either::B(sources::walk(walk, options.into()))
    } else {
        Either::A(sources::walk(walk, options.into()))
    })
}

/// The version of the npm package, which loads an addon of no other version.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns what the npm package needs beside the streams: their class, and their tie to `AbortSignal`.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn runtime() -> Runtime {
    Runtime
}

#[napi(object)]
pub struct LiveHandles {
    pub streams: u32,
    pub producers: u32,
    pub hubs: u32,
    pub channels: u32,
}

/// Counts the native objects that are alive in the process, for the tests.
#[napi(catch_unwind)]
pub fn live_handles() -> LiveHandles {
    let live = async_iterable_bridge::live_handles();
    LiveHandles {
        streams: live.streams as u32,
        producers: live.producers as u32,
        hubs: live.hubs as u32,
        channels: channel::count() as u32,
    }
}
