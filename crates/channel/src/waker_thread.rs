//! A thread that wakes other threads.
//!
//! The system starts a thread that is woken through its event loop on the core of the thread that woke it, because
//! it expects that thread to block soon. A receiver that has made room does not block: it has a batch to deliver.
//! So it leaves the wake to a separate thread, which does block, and which the system starts on an idle core.

use super::peer::Wakes;
use std::sync::mpsc::{self, SendError, Sender};
use std::sync::OnceLock;
use std::{io, thread};

/// The queue of the thread. Empty until the system has granted the thread.
static WAKER_THREAD: OnceLock<Sender<Wakes>> = OnceLock::new();

/// Wakes the threads from a separate thread, or from this one if the system refuses to start one now.
pub fn wake(wakes: Wakes) {
    let refused = match sender() {
        Ok(sender) => sender.send(wakes).map_err(|SendError(wakes)| wakes),
        Err(_) => Err(wakes),
    };
    if let Err(wakes) = refused {
        wakes.call();
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
    let (sender, wakes) = mpsc::channel::<Wakes>();
    thread::Builder::new()
        .name("async-iterable-bridge-waker".into())
        .spawn(move || {
            for wakes in wakes {
                wakes.call();
            }
        })?;
    Ok(sender)
}
