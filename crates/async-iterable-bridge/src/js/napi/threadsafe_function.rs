//! The threadsafe function that other threads use to wake an environment.

use super::{check, Environment, Owner, Value};
use crate::error::Error;
use napi::sys;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

/// The environment's threadsafe function. It carries no data and no context, so nothing can be
/// freed too early.
pub(in crate::js) struct ThreadsafeFunction {
    /// `None` once the environment has begun to go away. Up to Node 24.13 a call in that
    /// time is a use after free, so calls hold the lock.
    function: Mutex<Option<RawFunction>>,
    /// Whether the process is held alive. Kept because Deno's `ref` and `unref` are not idempotent.
    holds: AtomicBool,
    /// The function for the environment's own thread, which alone releases it. `hold` uses it without
    /// the lock: a call that has woken that thread may still hold the lock, and would make it wait.
    own: AtomicPtr<sys::napi_threadsafe_function__>,
}

#[derive(Clone, Copy)]
struct RawFunction(sys::napi_threadsafe_function);

// SAFETY: a threadsafe function may be called from any thread.
unsafe impl Send for RawFunction {}

impl ThreadsafeFunction {
    pub(in crate::js) fn new<O: Owner>(environment: Environment) -> napi::Result<Self> {
        let name = environment.utf8(b"async-iterable-bridge")?;
        let resource = environment.functions(&[(c"hasRef", has_ref::<O>)])?;
        let mut function = ptr::null_mut();
        // SAFETY: as in `get!`; there is neither a context nor a finalizer.
        check(unsafe {
            sys::napi_create_threadsafe_function(
                environment.0,
                ptr::null_mut(),
                resource.0,
                name.0,
                0,
                1,
                ptr::null_mut(),
                None,
                ptr::null_mut(),
                Some(call_back::<O>),
                &mut function,
            )
        })?;
        // SAFETY: the function was made above, on this thread.
        check(unsafe { sys::napi_unref_threadsafe_function(environment.0, function) })?;
        Ok(ThreadsafeFunction {
            function: Mutex::new(Some(RawFunction(function))),
            holds: AtomicBool::new(false),
            own: AtomicPtr::new(function),
        })
    }

    /// Sets whether the process is held alive. Called on the environment's thread only.
    pub(in crate::js) fn hold(&self, environment: Environment, hold: bool) {
        if self.holds.load(Ordering::Relaxed) == hold {
            return;
        }
        self.holds.store(hold, Ordering::Relaxed);
        let function = self.own.load(Ordering::Relaxed);
        if function.is_null() {
            return;
        }
        // SAFETY: the function is alive: this is its thread, on which `close` would have set `own` to null.
        // Both calls fail only with arguments that are not valid.
        unsafe {
            if hold {
                sys::napi_ref_threadsafe_function(environment.0, function);
            } else {
                sys::napi_unref_threadsafe_function(environment.0, function);
            }
        }
    }

    /// Returns whether the process is held alive.
    pub(in crate::js) fn holds(&self) -> bool {
        self.holds.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<RawFunction>> {
        self.function.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls back on the environment's thread. Does nothing once the function is closed.
    pub(in crate::js) fn notify(&self) {
        if let Some(RawFunction(function)) = *self.lock() {
            // SAFETY: the function is alive while the lock is held: `close` comes before its end.
            // Its queue is unbounded, so the call fails only when the environment goes away.
            unsafe {
                sys::napi_call_threadsafe_function(
                    function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                );
            }
        }
    }

    /// Releases the function. Called on the environment's thread only, before the environment goes away.
    pub(in crate::js) fn close(&self) {
        self.own.store(ptr::null_mut(), Ordering::Relaxed);
        if let Some(RawFunction(function)) = self.lock().take() {
            // SAFETY: it was taken out under the lock, so no other thread can call it from here on.
            unsafe {
                sys::napi_release_threadsafe_function(
                    function,
                    sys::ThreadsafeFunctionReleaseMode::abort,
                );
            }
        }
    }
}

/// Releases the function of a hub that could not be set up.
impl Drop for ThreadsafeFunction {
    fn drop(&mut self) {
        self.close();
    }
}

/// Returns the answer of `hasRef()` of the function's async resource. Tools that list open handles leave out handles
/// that do not hold the process alive.
fn has_ref<O: Owner>(environment: Environment, _: [Value; 2]) -> napi::Result<Option<Value>> {
    environment.boolean(O::is_held(environment)).map(Some)
}

/// Serves the wakes, as the threadsafe function's callback. When the environment is going away, `env` is null, and the
/// callback must touch nothing.
unsafe extern "C" fn call_back<O: Owner>(
    env: sys::napi_env,
    _function: sys::napi_value,
    _context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return;
    }
    let environment = Environment(env);
    let woken = catch_unwind(AssertUnwindSafe(|| O::wake(environment))).unwrap_or_else(|panic| {
        Err(napi::Error::from_reason(
            Error::panicked(panic.as_ref()).to_string(),
        ))
    });
    if let Err(error) = woken {
        environment.report_uncaught(error);
    }
}
