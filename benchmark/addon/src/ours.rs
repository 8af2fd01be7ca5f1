//! The streams of this project. JavaScript chooses their options and how items are sent.

use crate::clock::{clock, pause};
use crate::items::{samples, Row12, Row4, Sample};
use async_iterable_bridge::{AsyncIterableBridge, Item, Options, Producer};
use napi_derive::napi;
use std::thread;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, UnboundedReceiverStream};

#[napi(object)]
#[derive(Default)]
pub struct OursOptions {
    pub capacity: Option<u32>,
    /// Whether many items are sent at a time.
    pub send_all: Option<bool>,
}

impl OursOptions {
    fn options(&self) -> Options {
        match self.capacity {
            Some(items) => Options::new().capacity(items as usize),
            None => Options::new(),
        }
    }
}

fn stream<T: Item + Sample>(
    items: u32,
    size: u32,
    given: Option<OursOptions>,
) -> AsyncIterableBridge<T> {
    let given = given.unwrap_or_default();
    let sends_all = given.send_all == Some(true);
    AsyncIterableBridge::spawn(given.options(), move |producer| {
        if sends_all {
            // A refusal means that the consumer has left, which ends the stream either way.
            let _ = producer.blocking_send_all(samples(items, size));
            return Ok(());
        }
        for item in samples(items, size) {
            producer
                .blocking_send(item)
                .map_err(|refusal| refusal.map(drop))?;
        }
        Ok(())
    })
}

macro_rules! ours {
    ($name:ident, $item:ty) => {
        #[napi]
        pub fn $name(
            items: u32,
            size: u32,
            given: Option<OursOptions>,
        ) -> AsyncIterableBridge<$item> {
            stream(items, size, given)
        }
    };
}

ours!(ours_numbers, f64);
ours!(ours_strings, String);
ours!(ours_bytes, Vec<u8>);
ours!(ours_rows4, Row4);
ours!(ours_rows12, Row12);

fn send_range(producer: &Producer<f64>, start: u32, end: u32) {
    for index in start..end {
        if producer.blocking_send(f64::from(index)).is_err() {
            return;
        }
    }
}

/// Sends the numbers below `items` from several threads. Each thread sends a part of them in order.
#[napi]
pub fn ours_from_threads(items: u32, threads: u32) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        let start =
            |thread: u32| (u64::from(items) * u64::from(thread) / u64::from(threads)) as u32;
        thread::scope(|scope| {
            for thread in 0..threads {
                let (producer, start, end) = (&producer, start(thread), start(thread + 1));
                scope.spawn(move || send_range(producer, start, end));
            }
        });
        Ok(())
    })
}

/// Sends an item now and then, with the time of the call.
#[napi]
pub fn ours_times(items: u32) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        for index in 0..items {
            pause(index);
            producer.blocking_send(clock())?;
        }
        Ok(())
    })
}

/// Streams the numbers below `items` from an iterator.
#[napi]
pub fn ours_from_iter(items: u32) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::from_iter(Options::new(), (0..items).map(f64::from))
}

/// Streams the numbers below `items` from an iterator that JavaScript's thread pulls.
#[napi]
pub fn ours_pull_iter(items: u32) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::pull_iter(Options::new(), (0..items).map(f64::from))
}

/// Streams the numbers below `items` from a `Stream` that always has the next one.
#[napi]
pub fn ours_from_stream(items: u32) -> AsyncIterableBridge<f64> {
    let numbers = tokio_stream::iter((0..items).map(f64::from));
    AsyncIterableBridge::from_stream(Options::new(), numbers)
}

/// Streams the numbers below `items`, which a task sends through a channel of tokio.
#[napi]
pub fn ours_from_channel(items: u32) -> AsyncIterableBridge<f64> {
    let (sender, receiver) = mpsc::channel(1024);
    napi::bindgen_prelude::spawn(async move {
        for index in 0..items {
            if sender.send(f64::from(index)).await.is_err() {
                return;
            }
        }
    });
    AsyncIterableBridge::from_stream(Options::new(), ReceiverStream::new(receiver))
}

/// Streams the same numbers from a thread.
#[napi]
pub fn ours_from_channel_of_thread(items: u32) -> AsyncIterableBridge<f64> {
    let (sender, receiver) = mpsc::channel(1024);
    thread::spawn(move || {
        for index in 0..items {
            if sender.blocking_send(f64::from(index)).is_err() {
                return;
            }
        }
    });
    AsyncIterableBridge::from_stream(Options::new(), ReceiverStream::new(receiver))
}

/// Streams the same numbers through an unbounded channel.
#[napi]
pub fn ours_from_unbounded_channel(items: u32) -> AsyncIterableBridge<f64> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for index in 0..items {
            if sender.send(f64::from(index)).is_err() {
                return;
            }
        }
    });
    let numbers = UnboundedReceiverStream::new(receiver);
    AsyncIterableBridge::from_stream(Options::new(), numbers)
}

/// Generates the numbers below `items`, each when the consumer asks for it.
#[napi]
pub fn ours_generator(items: u32) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::generator(Options::new(), move |yielder| async move {
        for index in 0..items {
            yielder.yield_(f64::from(index)).await;
        }
        Ok(())
    })
}
