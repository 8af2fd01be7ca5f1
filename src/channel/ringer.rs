//! A thread that wakes others.
//!
//! A thread that is woken through its event loop starts on the core of whoever has woken it, who is expected to
//! sleep soon. A receiver that has made room does not: it has a batch to deliver. So it leaves the wake to
//! a thread of its own, which does sleep, and which the system starts on a core that is idle.

use super::state::Wakes;
use std::sync::mpsc::{self, Sender};
use std::sync::LazyLock;
use std::thread;

static RINGER: LazyLock<Option<Sender<Wakes>>> = LazyLock::new(|| {
    let (sender, wakes) = mpsc::channel::<Wakes>();
    let ringing = thread::Builder::new()
        .name("async-iterable-bridge-ringer".into())
        .spawn(move || wakes.into_iter().for_each(|wakes| drop(wakes.call())));
    ringing.ok().map(|_| sender)
});

pub fn ring(wakes: Wakes) {
    match &*RINGER {
        Some(ringer) => {
            // It lives as long as the process.
            let _ = ringer.send(wakes);
        }
        None => {
            wakes.call();
        }
    }
}
