//! Streams by every constructor, and a log that producers and tests share.

use async_iterable_bridge::{AbortSignal, AsyncIterableBridge, Error, Options, Start};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::Stream;

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Adds a line to the log.
#[napi]
pub fn log(line: String) {
    LOG.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(line);
}

/// Takes all lines of the log.
#[napi]
pub fn take_log() -> Vec<String> {
    std::mem::take(&mut LOG.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Writes its name into the log when it is dropped.
struct Logged(&'static str);

impl Drop for Logged {
    fn drop(&mut self) {
        log(self.0.into());
    }
}

/// Sends the numbers below `items`, from an iterator that fails at `fails_at`.
#[napi]
pub fn iterated(
    items: u32,
    fails_at: Option<u32>,
    is_pulled: Option<bool>,
) -> AsyncIterableBridge<u32> {
    let guard = Logged("the iterator is dropped");
    let numbers = (0..items).map(move |number| {
        let _held = &guard;
        match fails_at {
            Some(at) if at == number => Err(Error::new("as asked").with_code("ERR_ASKED")),
            Some(_) | None => Ok(number),
        }
    });
    if is_pulled == Some(true) {
        return AsyncIterableBridge::pull_iter(Options::new(), numbers);
    }
    AsyncIterableBridge::from_iter(Options::new(), numbers)
}

/// A `Stream` of numbers that are ready at once and counted as they are taken; after `ready` of them it waits
/// for ever.
struct Ready {
    next: u32,
    ready: u32,
    _guard: Logged,
}

static TAKEN: AtomicU32 = AtomicU32::new(0);

impl Stream for Ready {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        if self.next == self.ready {
            return Poll::Pending;
        }
        TAKEN.fetch_add(1, Ordering::Relaxed);
        self.next += 1;
        Poll::Ready(Some(self.next - 1))
    }
}

/// Bridges a `Stream` that has `ready` items, and then waits for ever.
#[napi]
pub fn waiting_stream(ready: u32, capacity: u32) -> AsyncIterableBridge<u32> {
    TAKEN.store(0, Ordering::Relaxed);
    let stream = Ready {
        next: 0,
        ready,
        _guard: Logged("the stream is dropped"),
    };
    AsyncIterableBridge::from_stream(Options::new().capacity(capacity as usize), stream)
}

/// Returns how many items were taken from the last `waiting_stream`.
#[napi]
pub fn taken() -> u32 {
    TAKEN.load(Ordering::Relaxed)
}

/// Bridges numbers that come through a tokio channel, followed by an error with `fails`.
#[napi]
pub fn from_channel(items: u32, fails: bool) -> AsyncIterableBridge<u32> {
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    std::thread::spawn(move || {
        for number in 0..items {
            if sender.blocking_send(Ok(number)).is_err() {
                return;
            }
        }
        if fails {
            // A refusal means that the consumer has left.
            let _ = sender.blocking_send(Err(std::io::Error::other("the channel broke")));
        }
    });
    AsyncIterableBridge::from_stream(Options::new(), ReceiverStream::new(receiver))
}

/// Mirrors the async generator in the test: logs around each yield.
#[napi]
pub fn logging_generator(yields: u32, fails: bool) -> AsyncIterableBridge<u32> {
    AsyncIterableBridge::generator(Options::new(), move |yielder| async move {
        let _guard = Logged("producer: finally");
        log("producer: starts".into());
        for number in 0..yields {
            log(format!("producer: before {number}"));
            yielder.yield_(number).await;
            log(format!("producer: after {number}"));
        }
        if fails {
            return Err(Error::new("as asked"));
        }
        log("producer: ends".into());
        Ok(())
    })
}

/// Bridges a `Stream` that a future opens, or the future's error.
#[napi]
pub fn from_future(items: u32, fails: bool) -> AsyncIterableBridge<u32> {
    AsyncIterableBridge::from_future(Options::new(), async move {
        tokio::task::yield_now().await;
        match fails {
            true => Err(Error::new("as asked").with_code("ERR_ASKED")),
            false => Ok(tokio_stream::iter(0..items)),
        }
    })
}

#[napi]
pub fn empty() -> AsyncIterableBridge<u32> {
    AsyncIterableBridge::empty()
}

/// Reads what arrives in pieces of these lengths, with an error at the end if asked; each byte is the number of its
/// piece.
#[napi]
pub fn from_async_read(
    pieces: Vec<u32>,
    fails: bool,
    max_bytes: Option<u32>,
) -> AsyncIterableBridge<Vec<u8>> {
    let mut options = Options::new();
    if let Some(max_bytes) = max_bytes {
        options = options.max_bytes(max_bytes as usize);
    }
    let pieces = pieces.into_iter().zip(0_u32..);
    let reader = Pieces {
        pieces: pieces
            .map(|(length, number)| vec![number as u8; length as usize])
            .collect(),
        fails,
        _guard: Logged("the reader is dropped"),
    };
    AsyncIterableBridge::from_async_read(options, reader)
}

struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    fails: bool,
    _guard: Logged,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        match self.pieces.pop_front() {
            Some(piece) => buffer.put_slice(&piece),
            None if self.fails => return Poll::Ready(Err(std::io::Error::from_raw_os_error(104))),
            None => {}
        }
        Poll::Ready(Ok(()))
    }
}

/// Returns a stream with an option that is out of range, by its name.
#[napi]
pub fn out_of_range(option: String, eager: bool) -> AsyncIterableBridge<u32> {
    let start = if eager { Start::Eager } else { Start::Lazy };
    let options = match option.as_str() {
        "capacity" => Options::new().capacity(0).max_bytes(0),
        _ => Options::new().max_bytes(0).capacity(1),
    };
    AsyncIterableBridge::spawn(options.start(start), |_producer| {
        log("it runs".into());
        Ok(())
    })
}

#[napi(object, object_to_js = false)]
pub struct SignalOptions {
    pub signal: Option<AbortSignal>,
}

/// Sends numbers without an end from a task, which logs that it runs, until the signal aborts.
#[napi]
pub fn with_signal(options: SignalOptions, eager: Option<bool>) -> AsyncIterableBridge<u32> {
    let start = if eager == Some(true) {
        Start::Eager
    } else {
        Start::Lazy
    };
    let options = Options::new()
        .capacity(4)
        .signal(options.signal)
        .start(start);
    AsyncIterableBridge::spawn(options, move |producer| {
        log("it runs".into());
        let _guard = Logged("it has ended");
        for number in 0.. {
            producer.blocking_send(number)?;
        }
        Ok(())
    })
}

/// Returns whether a signal is aborted, and drops it on another thread.
#[napi]
pub fn is_late(signal: AbortSignal) -> bool {
    let is_late = signal.was_aborted();
    std::thread::spawn(move || drop(signal));
    is_late
}

/// Makes a stream on another thread.
pub struct OutOfRangeLater;

impl Task for OutOfRangeLater {
    type Output = AsyncIterableBridge<u32>;
    type JsValue = AsyncIterableBridge<u32>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(AsyncIterableBridge::from_iter(
            Options::new().capacity(0),
            [1],
        ))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(output)
    }
}

/// Returns a promise of a stream with a capacity of zero.
#[napi]
pub fn out_of_range_later() -> AsyncTask<OutOfRangeLater> {
    AsyncTask::new(OutOfRangeLater)
}

/// Fails in one of the ways that errors come about.
#[napi]
pub fn failing(kind: String) -> AsyncIterableBridge<u32> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        producer.blocking_send(1)?;
        match kind.as_str() {
            "io" => {
                std::fs::read("missing.txt")?;
            }
            "std" => {
                "x".parse::<u32>()?;
            }
            "napi" => Err(napi::Error::new(napi::Status::QueueFull, "napi said no"))?,
            "boxed" => Err(Box::<dyn std::error::Error + Send + Sync>::from("boxed"))?,
            "anyhow" => {
                use anyhow::Context;
                std::fs::read("missing.txt")
                    .context("reading the settings")
                    .context("starting")?;
            }
            "custom" => {
                return Err(Error::new("custom")
                    .with_code("ERR_CUSTOM")
                    .with_property("row", 12)
                    .with_property("table", "users")
                    .with_property("fatal", true)
                    .with_cause(Error::new("inner").with_code("ERR_INNER")));
            }
            other => return Err(Error::new(format!("unknown kind {other}"))),
        }
        Ok(())
    })
}

/// Blocks on something other than a send, and is notified of the end.
#[napi]
pub fn blocked_elsewhere(how: String) -> AsyncIterableBridge<u32> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        producer.blocking_send(1)?;
        match how.as_str() {
            "token" => {
                let token = producer.closed_token();
                while !token.wait_timeout(Duration::from_secs(1)) {}
            }
            "callback" => {
                let (told, tells) = std::sync::mpsc::channel();
                let _guard = producer.on_closed(move || {
                    // The receiver waits below.
                    let _ = told.send(());
                });
                tells.recv()?;
            }
            other => return Err(Error::new(format!("unknown way {other}"))),
        }
        log(format!("told by {how}"));
        Ok(())
    })
}

#[napi(object, object_from_js = false)]
pub struct Opened {
    pub name: String,
    pub numbers: AsyncIterableBridge<u32>,
}

/// Returns a stream as a field of an object, in a `Result`.
#[napi]
pub fn opened(name: String) -> napi::Result<Opened> {
    let numbers = AsyncIterableBridge::from_iter(Options::new(), 0..3);
    Ok(Opened { name, numbers })
}
