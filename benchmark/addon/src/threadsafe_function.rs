//! A thread that calls a JavaScript function for each item.

use crate::clock::{clock, pause};
use crate::items::{samples, Row12, Row4};
use napi::bindgen_prelude::{Buffer, ToNapiValue};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::Status;
use napi_derive::napi;
use std::thread;

/// A function that takes the items one by one, and null at the end.
type OnItem<T> = ThreadsafeFunction<Option<T>, (), Option<T>, Status, false>;

fn call<T: ToNapiValue + 'static>(on_item: &OnItem<T>, item: Option<T>) {
    on_item.call(item, ThreadsafeFunctionCallMode::NonBlocking);
}

macro_rules! threadsafe_function {
    ($name:ident, $item:ty) => {
        #[napi]
        pub fn $name(items: u32, size: u32, on_item: OnItem<$item>) {
            thread::spawn(move || {
                for item in samples(items, size) {
                    call(&on_item, Some(item));
                }
                call(&on_item, None);
            });
        }
    };
}

threadsafe_function!(threadsafe_function_numbers, f64);
threadsafe_function!(threadsafe_function_strings, String);
threadsafe_function!(threadsafe_function_bytes, Buffer);
threadsafe_function!(threadsafe_function_rows4, Row4);
threadsafe_function!(threadsafe_function_rows12, Row12);

/// Calls the function now and then, with the time of the call.
#[napi]
pub fn threadsafe_function_times(items: u32, on_item: OnItem<f64>) {
    thread::spawn(move || {
        for index in 0..items {
            pause(index);
            call(&on_item, Some(clock()));
        }
        call(&on_item, None);
    });
}
