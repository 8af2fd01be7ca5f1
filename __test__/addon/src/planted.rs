//! Planted bugs, which prove that the sanitizers detect them. Only the instrumented builds of
//! `scripts/sanitizer.mjs` have them.

#![allow(unsafe_code)]

use napi_derive::napi;
use std::cell::UnsafeCell;
use std::hint::black_box;
use std::thread;

/// Reads memory that has been freed.
#[napi]
pub fn use_after_free() -> u32 {
    let number = Box::into_raw(Box::new(42));
    // SAFETY: none, on purpose: the second line is wrong.
    unsafe {
        drop(Box::from_raw(black_box(number)));
        number.read_volatile()
    }
}

struct Unprotected(UnsafeCell<u32>);

// SAFETY: none, on purpose.
unsafe impl Sync for Unprotected {}

static COUNT: Unprotected = Unprotected(UnsafeCell::new(0));

fn count() {
    for _ in 0..1000 {
        // SAFETY: none, on purpose: nothing synchronizes the threads.
        unsafe { *black_box(COUNT.0.get()) += 1 };
    }
}

/// Counts in two threads at once, without a lock.
#[napi]
pub fn data_race() {
    let threads = [thread::spawn(count), thread::spawn(count)];
    for thread in threads {
        thread.join().expect("counting does not panic");
    }
}
