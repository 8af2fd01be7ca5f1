//! The tokio runtime on which producers that are tasks run.
//!
//! napi-rs also has a runtime, but drops it with the last environment, after which `spawn` panics.
//! A process whose only users are short-lived workers would lose it between two of them. This runtime
//! starts with the first task and lives as long as the process. The addon's library is never
//! unloaded (`napi_build::setup` links it with `-z nodelete`), so the runtime's threads may outlive every
//! environment.

use crate::error::Error;
use crate::sync::{lock, lock_static, wait, Condvar, Mutex};
use std::panic::{catch_unwind, resume_unwind, set_hook, take_hook, AssertUnwindSafe};
use std::sync::Arc;
use std::{io, thread};
use tokio::runtime::{Builder, Handle, Runtime};

/// The number of threads for blocking calls, such as file reads. It bounds the calls that run at once, not the
/// number of open streams: a producer that waits for its consumer holds no such thread.
const BLOCKING_THREADS: usize = 64;

/// The runtime. Absent until the system has granted its threads. A refusal fails the stream that needed the
/// runtime, and the next stream tries again.
static RUNTIME: std::sync::Mutex<Option<Runtime>> = std::sync::Mutex::new(None);

/// Returns the runtime's handle. Starts the runtime if there is none yet.
pub(crate) fn handle() -> Result<Handle, Error> {
    let mut runtime = lock_static(&RUNTIME);
    if let Some(runtime) = &*runtime {
        return Ok(runtime.handle().clone());
    }
    let workers = grantable(thread::available_parallelism().map_or(1, usize::from))?;
    let built = build(workers)?;
    Ok(runtime.insert(built).handle().clone())
}

/// Returns the number of workers to start: `wanted` if the system grants that number of threads, or else one.
/// Fails if the system grants none.
fn grantable(wanted: usize) -> Result<usize, Error> {
    let spawned = (0..wanted).map(|_| thread::Builder::new().spawn(thread::park));
    let mut refusal = None;
    let granted: Vec<_> = spawned
        .map_while(|thread| thread.map_err(|error| refusal = Some(error)).ok())
        .collect();
    let has_some = !granted.is_empty();
    for thread in granted {
        thread.thread().unpark();
        // The thread only parks, so it cannot panic.
        let _ = thread.join();
    }
    match refusal {
        None => Ok(wanted),
        Some(_) if has_some => Ok(1),
        Some(error) => Err(Error::refused_thread(&error)),
    }
}

/// Builds the runtime. When the system refuses a worker's thread, tokio panics and then waits for the workers that
/// have theirs. So no worker begins before all threads exist.
fn build(workers: usize) -> Result<Runtime, Error> {
    let launch = Arc::new(Launch::default());
    let (starting, failing) = (launch.clone(), launch.clone());
    let build = || {
        Builder::new_multi_thread()
            .thread_name("async-iterable-bridge")
            .worker_threads(workers)
            .max_blocking_threads(BLOCKING_THREADS)
            .on_thread_start(move || starting.wait())
            .enable_all()
            .build()
    };
    let built = with_own_hook(move || failing.decide(false), build);
    launch.decide(true);
    match built {
        Ok(built) => built.map_err(Error::from),
        Err(_) => Err(Error::refused_thread(&refusal())),
    }
}

/// The decision whether the workers begin: they do if all of them have their threads.
#[derive(Default)]
struct Launch {
    has_succeeded: Mutex<Option<bool>>,
    decided: Condvar,
}

impl Launch {
    /// Lets the workers' threads begin, or ends them. Only the first decision counts.
    fn decide(&self, has_succeeded: bool) {
        lock(&self.has_succeeded).get_or_insert(has_succeeded);
        self.decided.notify_all();
    }

    /// Waits for the decision, on a thread of the runtime. Unwinds the thread if the launch has failed.
    fn wait(&self) {
        let mut decision = lock(&self.has_succeeded);
        while decision.is_none() {
            decision = wait(&self.decided, decision);
        }
        let has_failed = *decision == Some(false);
        drop(decision);
        if has_failed {
            resume_unwind(Box::new("the system refused the thread of another worker"));
        }
    }
}

/// Runs a function that may panic. A panic on this thread calls `panicked` instead of the panic hook.
fn with_own_hook<R>(
    panicked: impl Fn() + Send + Sync + 'static,
    run: impl FnOnce() -> R,
) -> thread::Result<R> {
    let this = thread::current().id();
    let hook = Arc::new(take_hook());
    let of_others = hook.clone();
    set_hook(Box::new(move |panic| {
        if thread::current().id() == this {
            panicked();
        } else {
            of_others(panic);
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(run));
    set_hook(Box::new(move |panic| hook(panic)));
    result
}

/// Returns the error of a thread that tokio could not start. tokio itself reports the system's error only as text.
#[cfg(unix)]
fn refusal() -> io::Error {
    io::Error::from_raw_os_error(libc::EAGAIN)
}

#[cfg(not(unix))]
fn refusal() -> io::Error {
    io::ErrorKind::OutOfMemory.into()
}
