//! A thread that wakes others.
//!
//! A thread that is woken through its event loop starts on the core of whoever has woken it, who is expected to
//! sleep soon. A receiver that has made room does not: it has a batch to deliver. So it leaves the wake to
//! a thread of its own, which does sleep, and which the system starts on a core that is idle.

use super::peer::Wakes;
use std::sync::mpsc::{self, SendError, Sender};
use std::sync::LazyLock;
use std::thread;

/// Nothing, if the system has refused the thread.
static RINGER: LazyLock<Option<Sender<Wakes>>> = LazyLock::new(|| {
    let (sender, wakes) = mpsc::channel::<Wakes>();
    let ringing = thread::Builder::new()
        .name("async-iterable-bridge-ringer".into())
        .spawn(move || {
            for wakes in wakes {
                wakes.call();
            }
        });
    ringing.ok().map(|_| sender)
});

pub fn ring(wakes: Wakes) {
    let refused = match &*RINGER {
        Some(ringer) => ringer.send(wakes).map_err(|SendError(wakes)| wakes),
        None => Err(wakes),
    };
    if let Err(wakes) = refused {
        wakes.call();
    }
}
