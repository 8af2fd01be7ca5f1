//! An addon as an author would write it, whose producers follow the instructions of a test.

#![deny(unsafe_code)]

#[cfg(feature = "every-item")]
pub mod counted;
#[cfg(feature = "every-item")]
pub mod fed;
#[cfg(feature = "every-item")]
pub mod handlers;
#[cfg(feature = "every-item")]
pub mod items;
#[cfg(feature = "every-item")]
pub mod made;
#[cfg(feature = "planted")]
pub mod planted;

use async_iterable_bridge::{
    bridge, AsyncIterableBridge, Error, Options, Overflow, Producer, Runtime, Start,
};
use napi::Status;
use napi_derive::napi;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// The number of streams' functions that have been started since the process began.
static STARTED: AtomicU32 = AtomicU32::new(0);
/// The number of threads of `flood` and `blocked` that have ended.
static STOPPED: AtomicU32 = AtomicU32::new(0);

#[napi(object)]
#[derive(Default)]
pub struct TestOptions {
    pub capacity: Option<u32>,
    pub max_bytes: Option<u32>,
    pub overflow: Option<String>,
    /// Milliseconds.
    pub time_slice: Option<u32>,
    pub eager: Option<bool>,
}

fn options(given: Option<TestOptions>) -> napi::Result<Options> {
    let given = given.unwrap_or_default();
    let mut options = Options::new();
    if let Some(capacity) = given.capacity {
        options = options.capacity(capacity as usize);
    }
    if let Some(max_bytes) = given.max_bytes {
        options = options.max_bytes(max_bytes as usize);
    }
    if let Some(time_slice) = given.time_slice {
        options = options.time_slice(Duration::from_millis(time_slice.into()));
    }
    if given.eager == Some(true) {
        options = options.start(Start::Eager);
    }
    Ok(options.overflow(match given.overflow.as_deref() {
        None | Some("block") => Overflow::Block,
        Some("drop-oldest") => Overflow::DropOldest,
        Some("drop-newest") => Overflow::DropNewest,
        Some("error") => Overflow::Error,
        Some(other) => return Err(napi::Error::new(Status::InvalidArg, other)),
    }))
}

/// Sends numbers from several threads, each as fast as it can, until the consumer leaves.
#[napi]
pub fn flood(threads: u32, given: Option<TestOptions>) -> napi::Result<AsyncIterableBridge<f64>> {
    let (producer, stream) = bridge(options(given)?);
    for _ in 0..threads {
        let producer = producer.clone();
        thread::spawn(move || {
            let mut number = 0.0;
            while producer.blocking_send(number).is_ok() {
                number += 1.0;
            }
            drop(producer);
            STOPPED.fetch_add(1, Ordering::Relaxed);
        });
    }
    Ok(stream)
}

/// Sends the numbers below `items` from a function on a thread of its own.
#[napi]
pub fn spawned(items: u32, given: Option<TestOptions>) -> napi::Result<AsyncIterableBridge<f64>> {
    Ok(AsyncIterableBridge::spawn(
        options(given)?,
        move |producer| {
            STARTED.fetch_add(1, Ordering::Relaxed);
            for number in 0..items {
                producer.blocking_send(f64::from(number))?;
            }
            Ok(())
        },
    ))
}

/// Sends the numbers below `items` from a task.
#[napi]
pub fn sent_by_task(
    items: u32,
    given: Option<TestOptions>,
) -> napi::Result<AsyncIterableBridge<f64>> {
    Ok(AsyncIterableBridge::spawn_task(
        options(given)?,
        move |producer| async move {
            for number in 0..items {
                producer.send(f64::from(number)).await?;
            }
            Ok(())
        },
    ))
}

/// The way in which a producer of `panicking` runs.
#[napi(string_enum = "lowercase")]
pub enum Runner {
    Thread,
    Task,
    Handle,
}

/// Panics without a report on standard error, which is only for unexpected errors.
pub(crate) fn panic_unreported(message: &'static str) -> ! {
    resume_unwind(Box::new(message))
}

/// Sends some numbers, then panics.
#[napi]
pub fn panicking(items: u32, runner: Runner) -> AsyncIterableBridge<f64> {
    let send = move |producer: &Producer<f64>| {
        for number in 0..items {
            if producer.try_send(f64::from(number)).is_err() {
                return;
            }
        }
        panic_unreported("as the test wanted");
    };
    match runner {
        Runner::Thread => AsyncIterableBridge::spawn(Options::new(), move |producer| {
            send(&producer);
            Ok(())
        }),
        Runner::Task => {
            AsyncIterableBridge::spawn_task(Options::new(), move |producer| async move {
                send(&producer);
                Ok(())
            })
        }
        Runner::Handle => {
            let (producer, stream) = bridge(Options::new());
            thread::spawn(move || send(&producer));
            stream
        }
    }
}

/// Panics instead of making a future.
#[napi]
pub fn panicking_at_once() -> AsyncIterableBridge<f64> {
    fn produce(_: Producer<f64>) -> std::future::Ready<Result<(), Error>> {
        panic_unreported("as the test wanted");
    }
    AsyncIterableBridge::spawn_task(Options::new(), produce)
}

/// Returns the object that ties a stream of this addon to an `AbortSignal`.
#[napi(ts_return_type = "object")]
pub fn runtime() -> Runtime {
    Runtime
}

#[napi(object)]
pub struct Counters {
    pub started: u32,
    pub stopped: u32,
    pub streams: u32,
    pub producers: u32,
    pub hubs: u32,
}

/// Returns the counts of functions and threads that have run, and of native objects that are alive.
#[napi]
pub fn counters() -> Counters {
    let live = async_iterable_bridge::live_handles();
    Counters {
        started: STARTED.load(Ordering::Relaxed),
        stopped: STOPPED.load(Ordering::Relaxed),
        streams: live.streams as u32,
        producers: live.producers as u32,
        hubs: live.hubs as u32,
    }
}
