//! When an item was sent. Both sides ask this clock, so no difference between theirs is measured,
//! only the fraction of a microsecond that a call of it takes.

use napi_derive::napi;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Microseconds since some moment.
#[napi]
pub fn clock() -> f64 {
    ORIGIN.elapsed().as_nanos() as f64 / 1e3
}

/// Sleeps long enough for the other side to be idle again, and not in step with any timer of it.
pub fn pause(index: u32) {
    thread::sleep(Duration::from_micros(u64::from(600 + index * 37 % 400)));
}
