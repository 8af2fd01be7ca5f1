//! The tokio runtime on which producers that are tasks run.
//!
//! napi-rs has one as well, but drops it with the last environment, after which `spawn` panics:
//! a process whose only users are short-lived workers would lose it between two of them. This one
//! starts with the first task and lives as long as the process; the addon's library is never
//! unloaded (`napi_build::setup` links it with `-z nodelete`), so its threads may outlive every
//! environment.

use std::sync::LazyLock;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for blocking calls, such as file reads. They are a bound on what runs at once, not on
/// how many streams can be open: nothing that waits for a consumer holds one.
const BLOCKING_THREADS: usize = 64;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .thread_name("async-iterable-bridge")
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .expect("the operating system refused the threads of the tokio runtime")
});

pub(crate) fn handle() -> &'static Handle {
    RUNTIME.handle()
}
