//! The threadsafe function that other threads use to wake an environment.

use super::{check, guard, Environment};
use crate::error::Error;
use crate::js::hub::Hub;
use crate::js::wake_list::Notifier;
use napi::sys;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

/// The environment's threadsafe function. It carries no data and no context, so nothing can be
/// freed too early.
pub(in crate::js) struct ThreadsafeNotifier {
    /// `None` once the environment has begun to go away. Up to Node 24.13 a call in that
    /// time is a use after free, so calls hold the lock.
    function: Mutex<Option<ThreadsafeFunction>>,
    /// Whether the process is held alive. Kept because Deno's `ref` and `unref` are not idempotent.
    holds: AtomicBool,
    /// The function for the environment's own thread, which alone releases it. `hold` uses it without
    /// the lock: a call that has woken that thread may still hold the lock, and would make it wait.
    own: AtomicPtr<sys::napi_threadsafe_function__>,
}

#[derive(Clone, Copy)]
struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: a threadsafe function may be called from any thread.
unsafe impl Send for ThreadsafeFunction {}

impl ThreadsafeNotifier {
    pub(in crate::js) fn new(environment: Environment) -> napi::Result<Self> {
        let name = environment.utf8(b"async-iterable-bridge")?;
        let resource = environment.functions(&[(c"hasRef", has_ref)])?;
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
                Some(call_back),
                &mut function,
            )
        })?;
        // SAFETY: the function was made above, on this thread.
        check(unsafe { sys::napi_unref_threadsafe_function(environment.0, function) })?;
        Ok(ThreadsafeNotifier {
            function: Mutex::new(Some(ThreadsafeFunction(function))),
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ThreadsafeFunction>> {
        self.function.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notifier for ThreadsafeNotifier {
    fn notify(&self) {
        if let Some(ThreadsafeFunction(function)) = *self.lock() {
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

    fn close(&self) {
        self.own.store(ptr::null_mut(), Ordering::Relaxed);
        if let Some(ThreadsafeFunction(function)) = self.lock().take() {
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
impl Drop for ThreadsafeNotifier {
    fn drop(&mut self) {
        self.close();
    }
}

impl Environment {
    /// Reports an exception that no JavaScript can catch as an uncaught one. Without this,
    /// Node-API below version 10 would only warn.
    fn report_uncaught(self, error: napi::Error) {
        let exception = match self.take_exception() {
            Some(exception) => Ok(exception),
            None => self.error(&Error::new(error.to_string())),
        };
        if let Ok(exception) = exception {
            // SAFETY: as in `get!`. It fails only while the environment goes away.
            unsafe { sys::napi_fatal_exception(self.0, exception.0) };
        }
    }
}

/// Answers `hasRef()` of the function's async resource. Tools that list open handles leave out handles that do not
/// hold the process alive.
unsafe extern "C" fn has_ref(
    env: sys::napi_env,
    _info: sys::napi_callback_info,
) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let holds = Hub::find(environment).is_some_and(|hub| hub.is_held());
        Ok(environment.boolean(holds)?.0)
    })
}

/// Wakes the streams of the list, as the threadsafe function's callback. When the environment is going away, `env` is
/// null, and the callback must touch nothing.
unsafe extern "C" fn call_back(
    env: sys::napi_env,
    _function: sys::napi_value,
    _context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return;
    }
    let environment = Environment(env);
    let Some(hub) = Hub::find(environment) else {
        return;
    };
    let woken = catch_unwind(AssertUnwindSafe(|| hub.wake())).unwrap_or_else(|panic| {
        Err(napi::Error::from_reason(
            Error::panicked(panic.as_ref()).to_string(),
        ))
    });
    if let Err(error) = woken {
        environment.report_uncaught(error);
    }
}
