//! The addon behind the npm package: it only converts arguments and delegates.

#![deny(unsafe_code)]

#[forbid(unsafe_code)]
mod sources;

use async_iterable_bridge::{AsyncIterableBridge, Options, Runtime, Start};
use napi_derive::napi;
use std::time::Duration;

/// The options of every stream, checked and complete: `lib/options.js` has seen to both.
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

#[napi]
pub fn range(start: f64, end: f64, step: f64, options: BridgeOptions) -> AsyncIterableBridge<f64> {
    sources::range(start, end, step, options.into())
}

/// What the npm package needs beside the streams: their class, and their tie to `AbortSignal`.
#[napi(ts_return_type = "object")]
pub fn runtime() -> Runtime {
    Runtime
}

#[napi(object)]
pub struct LiveHandles {
    pub streams: u32,
    pub producers: u32,
    pub hubs: u32,
}

/// How many native objects are alive in the process, for the tests.
#[napi]
pub fn live_handles() -> LiveHandles {
    let live = async_iterable_bridge::live_handles();
    LiveHandles {
        streams: live.streams as u32,
        producers: live.producers as u32,
        hubs: live.hubs as u32,
    }
}
