//! The end of a channel that receives, as JavaScript calls it.

use super::answers::{Drained, End};
use super::crossing::insert_batch;
use super::ends::ReceiverEnd;
use super::registry::{Channel, Woken};
use super::{numbers_of, Held, Open};
use napi::bindgen_prelude::{Array, BufferSlice, External};
use napi::{Either, Env};
use napi_derive::napi;
use std::thread;

type HeldReceiver = External<Held<ReceiverEnd>>;

/// Nothing, if it has been opened.
#[napi(ts_return_type = "object | null")]
pub fn open_receiver(env: &Env, id: String, thread_id: f64) -> napi::Result<Option<HeldReceiver>> {
    let Some(channel) = Channel::find(&id) else {
        return Ok(None);
    };
    let held = Held::open(env, |waker| channel.open_receiver(waker, thread_id))?;
    Ok(held.map(External::new))
}

#[napi]
pub fn receiver_number(#[napi(ts_arg_type = "object")] receiver: &HeldReceiver) -> f64 {
    receiver.number
}

/// What there is for the receiver: how it ends; or that there is nothing, and that it will be woken when there
/// is, if it wants to park; or an array of an outcome, whether this thread has woken itself, and the batches,
/// each in four places. A head is a number of slots, if the scratch has room for it behind those before. The
/// same codes as in `lib/channel/receiver-port.js`.
#[napi(ts_return_type = "number | unknown[]")]
pub fn drain_channel<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "object")] receiver: &HeldReceiver,
    parks: bool,
    mut scratch: BufferSlice<'_>,
) -> napi::Result<Either<u32, Array<'env>>> {
    const NOTHING: u32 = 0;
    const CLOSED: u32 = 1;
    const TERMINATED: u32 = 2;
    const FAILED: u32 = 3;
    const BATCHES: u32 = 4;
    let drained = receiver.with(|Open { end, listener }| {
        let drained = end.drain(parks);
        listener.hold(matches!(drained.result, Drained::Nothing { hold: true }));
        drained
    });
    let drained = drained.unwrap_or(Woken {
        result: Drained::End(End::Closed),
        is_here: false,
    });
    let (outcome, batches) = match drained.result {
        Drained::Nothing { .. } => return Ok(Either::A(NOTHING)),
        Drained::End(End::Closed) => return Ok(Either::A(CLOSED)),
        Drained::End(End::Terminated) => return Ok(Either::A(TERMINATED)),
        Drained::End(End::Failed(reason)) => (FAILED, vec![reason]),
        Drained::Batches(batches) => (BATCHES, batches),
    };
    let mut crossing = env.create_array(0)?;
    crossing.insert(outcome)?;
    crossing.insert(drained.is_here)?;
    let mut rest = &mut scratch[..];
    for batch in batches {
        insert_batch(env, &mut crossing, batch, &mut rest)?;
    }
    Ok(Either::B(crossing))
}

/// Whether the receiver would find something.
#[napi]
pub fn has_arrived(#[napi(ts_arg_type = "object")] receiver: &HeldReceiver) -> bool {
    let arrived = receiver.with(|Open { end, .. }| end.has_arrived());
    arrived.unwrap_or(true)
}

/// Lets a thread that waits for this core have it.
#[napi]
pub fn yield_core() {
    thread::yield_now();
}

/// Has the receiver woken when something arrives. `false` if it has.
#[napi]
pub fn park_receiver(#[napi(ts_arg_type = "object")] receiver: &HeldReceiver) -> bool {
    let parked = receiver.with(|Open { end, listener }| match end.park() {
        Some(hold) => {
            listener.hold(hold);
            true
        }
        None => false,
    });
    parked.unwrap_or(false)
}

/// The receiver has left, with so many items unread that had crossed. Whether this thread has woken itself.
#[napi]
pub fn cancel_channel(
    #[napi(ts_arg_type = "object")] receiver: &HeldReceiver,
    unread: f64,
) -> bool {
    let cancelled = receiver.with(|Open { end, listener }| {
        listener.hold(false);
        end.cancel(unread as u64)
    });
    cancelled.is_some_and(|woken| woken.is_here)
}

/// The counters, in the order of `lib/channel/receiver-port.js`.
#[napi]
pub fn channel_stats(#[napi(ts_arg_type = "object")] receiver: &HeldReceiver) -> Vec<f64> {
    let stats = receiver.with(|Open { end, .. }| {
        let (counters, buffered, condition) = end.stats();
        numbers_of(counters, buffered, condition)
    });
    stats.unwrap_or_default()
}
