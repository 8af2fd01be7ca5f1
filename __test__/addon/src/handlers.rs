//! Handlers of requests, and counts of their answers.

use async_iterable_bridge::{AbortSignal, AsyncIterableBridge, Handler, Options};
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_stream::StreamExt;

#[napi(object)]
pub struct Request {
    pub items: u32,
    /// Whether the answer then waits for ever.
    pub waits: Option<bool>,
    pub panics: Option<bool>,
}

static RUNNING: AtomicU32 = AtomicU32::new(0);
static MOST_RUNNING: AtomicU32 = AtomicU32::new(0);

struct Running;

impl Running {
    fn start() -> Self {
        let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
        MOST_RUNNING.fetch_max(running, Ordering::SeqCst);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns how many answers of handlers run, and the most that did since the last call.
#[napi]
pub fn running() -> Vec<u32> {
    let running = RUNNING.load(Ordering::SeqCst);
    vec![running, MOST_RUNNING.swap(running, Ordering::SeqCst)]
}

static HANDLERS: AtomicU32 = AtomicU32::new(0);

/// A guard that counts a handler while its function lives.
struct Living;

impl Living {
    fn start() -> Self {
        HANDLERS.fetch_add(1, Ordering::SeqCst);
        Living
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        HANDLERS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns the number of handlers that live.
#[napi]
pub fn living_handlers() -> u32 {
    HANDLERS.load(Ordering::SeqCst)
}

/// Answers with the numbers below `items`.
#[napi]
pub fn handler(limit: Option<u32>, capacity: Option<u32>) -> Handler<Request, u32> {
    let capacity = capacity.map_or(1024, |capacity| capacity as usize);
    let living = Living::start();
    let handler = Handler::new(
        Options::new().capacity(capacity),
        move |request: Request| {
            let _held = &living;
            let running = Running::start();
            if request.panics == Some(true) {
                crate::panic_unreported("as asked");
            }
            let rest = match request.waits {
                Some(true) => u32::MAX,
                Some(false) | None => 0,
            };
            let waiting = tokio_stream::pending().take(rest as usize);
            tokio_stream::iter(0..request.items)
                .chain(waiting)
                .map(move |number| {
                    let _held = &running;
                    number
                })
        },
    );
    match limit {
        Some(limit) => handler.limit(limit as usize),
        None => handler,
    }
}

/// Answers as `handler` does, from threads that block. A request that waits does so until its consumer has left.
#[napi]
pub fn blocking_handler(limit: Option<u32>) -> Handler<Request, u32> {
    let living = Living::start();
    let handler = Handler::spawn(Options::new(), move |request: Request, producer| {
        let _held = &living;
        let _running = Running::start();
        if request.panics == Some(true) {
            crate::panic_unreported("as asked");
        }
        for number in 0..request.items {
            producer.blocking_send(number)?;
        }
        if request.waits == Some(true) {
            let token = producer.closed_token();
            while !token.wait_timeout(Duration::from_secs(1)) {}
        }
        Ok(())
    });
    match limit {
        Some(limit) => handler.limit(limit as usize),
        None => handler,
    }
}

/// Answers requests until the signal aborts.
#[napi]
pub fn handler_with_signal(signal: AbortSignal) -> Handler<Request, u32> {
    Handler::new(Options::new().signal(signal), |request: Request| {
        tokio_stream::iter(0..request.items).chain(tokio_stream::pending())
    })
}

/// Returns the answer of a handler whose limit is zero, which Rust itself has asked.
#[napi]
pub fn answer_without_limit() -> napi::Result<AsyncIterableBridge<u32>> {
    let handler = Handler::new(Options::new(), |_: u32| tokio_stream::iter([1])).limit(0);
    Ok(handler.request(1)?)
}
