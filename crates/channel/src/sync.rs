//! The one switch between `std` and `loom`. Code that decides races takes its locks, counters, thread ids and statics
//! from here, so that loom can run the same code through every interleaving.

#[cfg(all(test, bridge_loom))]
pub use loom::{
    sync::{atomic::AtomicUsize, Mutex, MutexGuard},
    thread::{current as current_thread, ThreadId},
};
#[cfg(not(all(test, bridge_loom)))]
pub use std::{
    sync::{atomic::AtomicUsize, Mutex, MutexGuard},
    thread::{current as current_thread, ThreadId},
};

use std::sync::PoisonError;

/// Makes a static that is initialized when it is first used, which in loom's models is once for each interleaving.
macro_rules! process_static {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $initial:expr;) => {
        #[cfg(all(test, bridge_loom))]
        loom::lazy_static! {
            $(#[$attribute])*
            static ref $name: $type = $initial;
        }
        #[cfg(not(all(test, bridge_loom)))]
        $(#[$attribute])*
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(|| $initial);
    };
}

pub(crate) use process_static;

/// Locks the mutex, and ignores the poison left by a panic of another holder. The caller leaves the state
/// consistent before it calls anything that can panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
