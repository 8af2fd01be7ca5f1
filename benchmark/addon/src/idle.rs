//! Streams and functions that stay open, and to which nothing is sent.

use async_iterable_bridge::{bridge, AsyncIterableBridge, Options, Producer};
use napi::threadsafe_function::ThreadsafeFunction;
use napi::Status;
use napi_derive::napi;
use std::sync::{Mutex, PoisonError};

type OnItem = ThreadsafeFunction<f64, (), f64, Status, false>;

static PRODUCERS: Mutex<Vec<Producer<f64>>> = Mutex::new(Vec::new());
static FUNCTIONS: Mutex<Vec<OnItem>> = Mutex::new(Vec::new());

fn keep<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(item);
}

fn clear<T>(list: &Mutex<Vec<T>>) {
    let all = std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner));
    drop(all);
}

/// Returns a stream that stays open and empty until `end_idle`.
#[napi]
pub fn ours_idle() -> AsyncIterableBridge<f64> {
    let (producer, stream) = bridge(Options::new());
    keep(&PRODUCERS, producer);
    stream
}

/// Keeps a threadsafe function, which is never called, until `end_idle`.
#[napi]
pub fn threadsafe_function_idle(on_item: OnItem) {
    keep(&FUNCTIONS, on_item);
}

#[napi]
pub fn end_idle() {
    clear(&PRODUCERS);
    clear(&FUNCTIONS);
}
