//! The end of a channel that sends, as JavaScript calls it.

use super::crossing::batch_of;
use super::find;
use crate::held::{hold, Entry, Held};
use async_iterable_bridge_channel::{Capacity, CapacityWait, Kept, SendState, SenderEnd};
use napi::bindgen_prelude::{Object, Utf16String};
use napi::Env;
use napi_derive::napi;

hold!(SenderEnd);

/// Opens an end, and returns its number, or `null` if all have been opened. The end calls the object's method
/// `wake()`, and is dropped when the object has been garbage-collected.
#[napi(catch_unwind)]
pub fn open_sender(
    env: &Env,
    id: String,
    sender: Option<Object<'_>>,
    thread_id: Option<f64>,
) -> napi::Result<Option<f64>> {
    let Some(channel) = find(&id) else {
        return Ok(None);
    };
    SenderEnd::hold(env, sender, |waker| {
        SenderEnd::open(channel, waker, thread_id)
    })
}

/// Returns how many items and bytes the sender may take until its next push, which are 0 if there is no capacity.
/// Returns `null` once the channel takes no more items.
#[napi(catch_unwind, ts_return_type = "[number, number] | null")]
pub fn reserve_capacity(sender: f64, by_force: bool) -> Option<Vec<f64>> {
    let reserved = SenderEnd::with(sender, |Entry { value: end, .. }| {
        if by_force {
            end.reserve_evicting()
        } else {
            end.reserve()
        }
    });
    let reserved = reserved.flatten()?;
    Some(vec![reserved.items as f64, reserved.bytes as f64])
}

/// Hands over what the sender has taken, and gives back the capacity that it has not used, except for what it
/// keeps. Returns whether the batch can be read, and whether this call has woken an end in this thread. The codes
/// are the same as in `lib/channel/sender.js`.
#[allow(
    clippy::too_many_arguments,
    reason = "an object of them would cost JavaScript more than the rest of the call"
)]
#[napi(catch_unwind)]
pub fn push_batch(
    sender: f64,
    kept_items: f64,
    kept_bytes: f64,
    items: f64,
    #[napi(ts_arg_type = "Uint8Array | undefined | null")] head: Option<Object<'_>>,
    texts: Option<Vec<Utf16String>>,
    #[napi(ts_arg_type = "Array<Uint8Array> | undefined | null")] chunks: Option<Vec<Object<'_>>>,
    permits: Option<f64>,
    permitted_bytes: Option<f64>,
) -> napi::Result<u32> {
    const REFUSED: u32 = 0;
    const CROSSED: u32 = 1;
    const CROSSED_HERE: u32 = 2;
    let held = Capacity {
        items: kept_items as usize,
        bytes: kept_bytes as usize,
    };
    let permits = Capacity {
        items: permits.unwrap_or_default() as usize,
        bytes: permitted_bytes.unwrap_or_default() as usize,
    };
    let batch = head.map(|head| batch_of(items, &head, texts, chunks));
    let batch = batch.transpose()?;
    let kept = Kept { held, permits };
    let pushed = SenderEnd::with(sender, |Entry { value: end, .. }| end.push(batch, kept));
    Ok(
        match pushed.map(|woken| (woken.result, woken.woke_this_thread)) {
            Some((true, true)) => CROSSED_HERE,
            Some((true, false)) => CROSSED,
            Some((false, _)) | None => REFUSED,
        },
    )
}

/// Returns whether items are still taken.
#[napi(catch_unwind)]
pub fn is_open(sender: f64) -> bool {
    let is_open = SenderEnd::with(sender, |Entry { value: end, .. }| end.is_open());
    is_open.unwrap_or(false)
}

/// Counts items that the sender has dropped because there was no capacity for them.
#[napi(catch_unwind)]
pub fn count_dropped(sender: f64, items: f64) {
    SenderEnd::with(sender, |Entry { value: end, .. }| {
        end.count_dropped(items as u64)
    });
}

/// Ends the sender. Returns whether this call has woken an end in this thread.
#[napi(catch_unwind)]
pub fn close_sender(sender: f64) -> bool {
    let closed = SenderEnd::take(sender).map(SenderEnd::close);
    closed.is_some_and(|woken| woken.woke_this_thread)
}

/// Fails the channel with an encoded reason. Returns whether this call has woken an end in this thread.
#[napi(catch_unwind)]
pub fn fail_sender(
    sender: f64,
    #[napi(ts_arg_type = "Uint8Array")] head: Object<'_>,
    texts: Option<Vec<Utf16String>>,
    #[napi(ts_arg_type = "Array<Uint8Array> | undefined | null")] chunks: Option<Vec<Object<'_>>>,
) -> napi::Result<bool> {
    let reason = batch_of(1.0, &head, texts, chunks)?;
    let failed = SenderEnd::take(sender).map(|end| end.fail(reason));
    Ok(failed.is_some_and(|woken| woken.woke_this_thread))
}

/// Makes the sender wait for capacity, unless there is some. The codes are the same as in `lib/channel/sender.js`.
#[napi(catch_unwind)]
pub fn wait_for_capacity(sender: f64) -> u32 {
    const READY: u32 = 0;
    const ENDED: u32 = 1;
    const PARKED: u32 = 2;
    let waited = SenderEnd::with(
        sender,
        |Entry {
             value: end,
             listener,
         }| match end.wait().result {
            CapacityWait::Ready => READY,
            CapacityWait::Ended => ENDED,
            CapacityWait::Parked { hold } => {
                listener.hold(hold);
                PARKED
            }
        },
    );
    waited.unwrap_or(ENDED)
}

/// Returns whether the items of the sender are taken, and how many more items and bytes it may take. The sender
/// stops waiting. The codes are the same as in `lib/channel/sender.js`.
#[napi(catch_unwind, ts_return_type = "[number, number, number]")]
pub fn send_state(sender: f64) -> Vec<f64> {
    const OPEN: f64 = 0.0;
    const CLOSED: f64 = 1.0;
    const STOPPED: f64 = 2.0;
    let state = SenderEnd::with(
        sender,
        |Entry {
             value: end,
             listener,
         }| {
            listener.hold(false);
            end.send_state()
        },
    );
    let (code, granted) = match state {
        Some(SendState::Open(granted)) => (OPEN, granted),
        Some(SendState::Closed) => (CLOSED, Capacity::default()),
        Some(SendState::Stopped) | None => (STOPPED, Capacity::default()),
    };
    vec![code, granted.items as f64, granted.bytes as f64]
}
