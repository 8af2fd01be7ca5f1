//! A thread that wakes other threads.
//!
//! The system starts a thread that is woken through its event loop on the core of the thread that woke it, because
//! it expects that thread to block soon. A receiver that has freed capacity does not block: it has a batch to deliver.
//! So it leaves the wakes to a separate thread, which does block, and which the system starts on an idle core.

use super::peer::Wakes;
use std::sync::mpsc::{self, SendError, Sender};
use std::sync::OnceLock;
use std::{io, thread};

/// The queue of the thread. Empty until the system has granted the thread.
static WAKER_THREAD: OnceLock<Sender<Wakes>> = OnceLock::new();

/// Wakes the peers from a separate thread, unless one of them is on this thread. Returns whether one is.
pub fn wake_all(wakes: Wakes) -> bool {
    if wakes.is_empty() || wakes.reach_this_thread() {
        return wakes.wake_all();
    }
    let refused = match sender() {
        Ok(sender) => sender.send(wakes).map_err(|SendError(wakes)| wakes),
        Err(_) => Err(wakes),
    };
    match refused {
        Ok(()) => false,
        // The system refuses to start the thread now.
        Err(wakes) => wakes.wake_all(),
    }
}

fn sender() -> io::Result<&'static Sender<Wakes>> {
    match WAKER_THREAD.get() {
        Some(sender) => Ok(sender),
        None => {
            let started = start()?;
            // If two threads start one at the same time, that of the slower thread ends with its sender.
            Ok(WAKER_THREAD.get_or_init(|| started))
        }
    }
}

fn start() -> io::Result<Sender<Wakes>> {
    if cfg!(all(test, bridge_loom)) {
        // Loom knows only its own threads.
        return Err(io::ErrorKind::Unsupported.into());
    }
    let (sender, wakes) = mpsc::channel::<Wakes>();
    thread::Builder::new()
        .name("async-iterable-bridge-waker".into())
        .spawn(move || {
            for wakes in wakes {
                wakes.wake_all();
            }
        })?;
    Ok(sender)
}
