//! The end of a channel that receives, as JavaScript calls it.

use super::crossing::{copy_head, insert_batch};
use super::{find, numbers_of};
use crate::held::{hold, Entry, Held};
use async_iterable_bridge_channel::{Drained, End, ReceiverEnd, Woken};
use napi::bindgen_prelude::{Array, BufferSlice, Object};
use napi::{Either, Env};
use napi_derive::napi;
use std::thread;

hold!(ReceiverEnd);

/// Opens the end, and returns its number, or `null` if it has been opened. The end calls the object's method
/// `wake()`, and is dropped when the object has been garbage-collected.
#[napi(catch_unwind)]
pub fn open_receiver(
    env: &Env,
    id: String,
    thread_id: f64,
    receiver: Option<Object<'_>>,
) -> napi::Result<Option<f64>> {
    let Some(channel) = find(&id) else {
        return Ok(None);
    };
    ReceiverEnd::hold(env, receiver, |waker| {
        ReceiverEnd::open(channel, waker, thread_id)
    })
}

/// Returns what has arrived for the receiver. That is a code for the end; or the code for nothing, and the receiver
/// will be woken when something arrives, if it parks; or an array. The array has an outcome, whether this call has
/// woken an end in this thread, and the batches, each in four places. A head is its number of slots, if it fits into
/// the scratch behind the heads before it. The codes are the same as in `lib/channel/receiver-source.js`.
#[napi(catch_unwind, ts_return_type = "number | unknown[]")]
pub fn drain_channel<'env>(
    env: &'env Env,
    receiver: f64,
    parks: bool,
    mut scratch: BufferSlice<'_>,
) -> napi::Result<Either<u32, Array<'env>>> {
    const NOTHING: u32 = 0;
    const CLOSED: u32 = 1;
    const TERMINATED: u32 = 2;
    const FAILED: u32 = 3;
    const BATCHES: u32 = 4;
    let drained = ReceiverEnd::with(
        receiver,
        |Entry {
             value: end,
             listener,
         }| {
            let drained = end.drain(parks);
            listener.hold(matches!(drained.result, Drained::Nothing { hold: true }));
            drained
        },
    );
    let drained = drained.unwrap_or(Woken {
        result: Drained::End(End::Closed),
        woke_this_thread: false,
    });
    let (outcome, batches) = match drained.result {
        Drained::Nothing { .. } => return Ok(Either::A(NOTHING)),
        Drained::End(End::Closed) => return Ok(Either::A(CLOSED)),
        Drained::End(End::Terminated) => return Ok(Either::A(TERMINATED)),
        Drained::End(End::Failed(reason)) => (FAILED, vec![*reason]),
        Drained::Batches(batches) => (BATCHES, batches),
    };
    // The heads are copied before any value is made, which may call setters of a prototype: they could transfer the
    // scratch away.
    let mut rest = &mut scratch[..];
    let heads = batches.iter().map(|batch| copy_head(batch, &mut rest));
    let slots: Vec<_> = heads.collect();
    let mut crossing = env.create_array(0)?;
    crossing.insert(outcome)?;
    crossing.insert(drained.woke_this_thread)?;
    for (batch, slots) in batches.into_iter().zip(slots) {
        insert_batch(env, &mut crossing, batch, slots)?;
    }
    Ok(Either::B(crossing))
}

/// Returns whether the receiver would find something.
#[napi(catch_unwind)]
pub fn has_arrived(receiver: f64) -> bool {
    let arrived = ReceiverEnd::with(receiver, |Entry { value: end, .. }| end.has_arrived());
    arrived.unwrap_or(true)
}

/// Yields this core to a thread that waits for it.
#[napi(catch_unwind)]
pub fn yield_core() {
    thread::yield_now();
}

/// Parks the receiver, which is woken when something arrives. Returns `false` if something has arrived.
#[napi(catch_unwind)]
pub fn park_receiver(receiver: f64) -> bool {
    let parked = ReceiverEnd::with(
        receiver,
        |Entry {
             value: end,
             listener,
         }| match end.park() {
            Some(hold) => {
                listener.hold(hold);
                true
            }
            None => false,
        },
    );
    parked.unwrap_or(false)
}

/// Cancels the channel, because the receiver has left with `unread` items that had crossed. Returns whether this call
/// has woken an end in this thread.
#[napi(catch_unwind)]
pub fn cancel_channel(receiver: f64, unread: f64) -> bool {
    let cancelled = ReceiverEnd::with(
        receiver,
        |Entry {
             value: end,
             listener,
         }| {
            listener.hold(false);
            end.cancel(unread as u64)
        },
    );
    cancelled.is_some_and(|woken| woken.woke_this_thread)
}

/// Returns the counters of the channel.
#[napi(catch_unwind)]
pub fn channel_stats(receiver: f64) -> Vec<f64> {
    let stats = ReceiverEnd::with(receiver, |Entry { value: end, .. }| {
        numbers_of(&end.stats())
    });
    stats.unwrap_or_default()
}
