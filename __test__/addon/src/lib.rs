//! An addon as an author would write it, whose producers do what a test tells them to.

#![deny(unsafe_code)]

#[cfg(feature = "planted")]
mod planted;

use async_iterable_bridge::{
    bridge, AsyncIterableBridge, Ended, Error, Options, Overflow, Producer, SendError, Start,
};
use napi::Status;
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Streams' functions that have been started since the process began.
static STARTED: AtomicU32 = AtomicU32::new(0);
/// Threads of `flood` and `blocked` that have ended.
static STOPPED: AtomicU32 = AtomicU32::new(0);

#[napi(object)]
#[derive(Default)]
pub struct TestOptions {
    pub capacity: Option<u32>,
    pub max_bytes: Option<u32>,
    pub overflow: Option<String>,
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

/// A stream of strings together with the handle that feeds it.
#[napi]
pub struct Fed {
    producer: Option<Producer<String>>,
    stream: Option<AsyncIterableBridge<String>>,
}

#[napi]
impl Fed {
    #[napi(constructor)]
    pub fn new(given: Option<TestOptions>) -> napi::Result<Self> {
        let (producer, stream) = bridge(options(given)?);
        Ok(Fed {
            producer: Some(producer),
            stream: Some(stream),
        })
    }

    /// The stream; once.
    #[napi]
    pub fn stream(&mut self) -> napi::Result<AsyncIterableBridge<String>> {
        self.stream
            .take()
            .ok_or_else(|| napi::Error::from_reason("the stream is taken"))
    }

    fn producer(&self) -> napi::Result<&Producer<String>> {
        self.producer
            .as_ref()
            .ok_or_else(|| napi::Error::from_reason("the producer is dropped"))
    }

    /// `sent`, or `full` or `closed` with the item that was handed back.
    #[napi]
    pub fn push(&self, item: String) -> napi::Result<String> {
        Ok(match self.producer()?.try_send(item) {
            Ok(()) => "sent".into(),
            Err(SendError::Full(item)) => format!("full {item}"),
            Err(SendError::Closed(item)) => format!("closed {item}"),
        })
    }

    /// Sends from a thread of its own, which waits for room.
    #[napi]
    pub fn push_from_thread(&self, items: Vec<String>) -> napi::Result<()> {
        let producer = self.producer()?.clone();
        thread::spawn(move || producer.blocking_send_all(items));
        Ok(())
    }

    #[napi]
    pub fn close(&self) -> napi::Result<bool> {
        Ok(self.producer()?.close())
    }

    #[napi]
    pub fn fail(&self, message: String, code: String) -> napi::Result<bool> {
        Ok(self.producer()?.fail(Error::new(message).with_code(code)))
    }

    #[napi]
    pub fn is_closed(&self) -> napi::Result<bool> {
        Ok(self.producer()?.is_closed())
    }

    #[napi]
    pub fn drop_producer(&mut self) {
        self.producer = None;
    }
}

/// Numbers from several threads, each as fast as it can, until the consumer leaves.
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

/// Numbers below `items` from a function on a thread of its own.
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

/// How a producer of `panicking` runs.
#[napi(string_enum = "lowercase")]
pub enum Runner {
    Thread,
    Task,
    Handle,
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
        panic!("as the test wanted");
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
    fn produce(_: Producer<f64>) -> std::future::Ready<Result<(), Ended>> {
        panic!("as the test wanted");
    }
    AsyncIterableBridge::spawn_task(Options::new(), produce)
}

/// Buffers of these lengths, each filled with its index.
#[napi]
pub fn buffers(lengths: Vec<u32>) -> AsyncIterableBridge<Vec<u8>> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        for (index, length) in lengths.into_iter().enumerate() {
            producer.blocking_send(vec![index as u8; length as usize])?;
        }
        Ok(())
    })
}

#[napi(object)]
pub struct Counters {
    pub started: u32,
    pub stopped: u32,
    pub streams: u32,
    pub producers: u32,
    pub hubs: u32,
}

/// What has run, and what is alive.
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
