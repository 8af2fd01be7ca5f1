//! A thread that wakes others.
//!
//! A thread that is woken through its event loop starts on the core of whoever has woken it, who is expected to
//! sleep soon. A receiver that has made room does not: it has a batch to deliver. So it leaves the wake to
//! a thread of its own, which does sleep, and which the system starts on a core that is idle.

use super::peer::Wakes;
use std::sync::mpsc::{self, SendError, Sender};
use std::sync::OnceLock;
use std::{io, thread};

/// Empty until the system has granted the thread.
static RINGER: OnceLock<Sender<Wakes>> = OnceLock::new();

/// Wakes the threads from a thread of its own, or from this one if the system refuses that now.
pub fn ring(wakes: Wakes) {
    let refused = match ringer() {
        Ok(ringer) => ringer.send(wakes).map_err(|SendError(wakes)| wakes),
        Err(_) => Err(wakes),
    };
    if let Err(wakes) = refused {
        wakes.call();
    }
}

fn ringer() -> io::Result<&'static Sender<Wakes>> {
    match RINGER.get() {
        Some(ringer) => Ok(ringer),
        None => {
            let started = start()?;
            // Of two threads that start one at once, the slower one's ends with its sender.
            Ok(RINGER.get_or_init(|| started))
        }
    }
}

fn start() -> io::Result<Sender<Wakes>> {
    let (sender, wakes) = mpsc::channel::<Wakes>();
    thread::Builder::new()
        .name("async-iterable-bridge-ringer".into())
        .spawn(move || {
            for wakes in wakes {
                wakes.call();
            }
        })?;
    Ok(sender)
}
