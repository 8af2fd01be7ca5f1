//! Channels between the threads of a process: what `lib/channel` calls. It converts and delegates.
//!
//! An environment that goes away drops the ends that it holds: Bun and Deno never finalize what a
//! terminated worker held. An end that was dropped answers as one whose channel is over.

mod answers;
mod batch;
mod blocks;
mod ends;
mod metrics;
mod peer;
mod registry;
mod ringer;
mod room;
mod state;
#[cfg(test)]
mod tests;

use answers::{Answer, Condition, Counters, Drained, End, Waited};
use async_iterable_bridge::Listener;
use batch::{Batch, Text};
use ends::{ReceiverEnd, SenderEnd};
use metrics::Request;
use napi::bindgen_prelude::{
    Array, ArrayBuffer, BufferSlice, External, Uint8ArraySlice, Utf16String,
};
use napi::{Either, Env, JsString};
use napi_derive::napi;
use registry::{Channel, OpenChannel, Terms, Woken};
use room::Room;
use state::Limits;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Waker;
use std::thread;

pub use registry::count;

/// An end that an environment holds until it has ended, or the environment goes away.
pub struct Held<E> {
    open: Rc<RefCell<Option<Open<E>>>>,
    number: f64,
}

struct Open<E> {
    end: E,
    listener: Listener,
}

impl<E: 'static> Held<E> {
    fn open(env: &Env, open: impl FnOnce(Waker) -> Option<E>) -> napi::Result<Option<Self>> {
        let place = Rc::new(RefCell::new(None::<Open<E>>));
        let closing = Rc::downgrade(&place);
        let listener = Listener::new(env, move || {
            let open = closing.upgrade().and_then(|place| place.take());
            drop(open);
        })?;
        let number = listener.number();
        let Some(end) = open(listener.waker()) else {
            return Ok(None);
        };
        place.replace(Some(Open { end, listener }));
        Ok(Some(Held {
            open: place,
            number,
        }))
    }

    fn with<R>(&self, using: impl FnOnce(&Open<E>) -> R) -> Option<R> {
        self.open.borrow().as_ref().map(using)
    }

    fn take(&self) -> Option<E> {
        self.open.take().map(|Open { end, listener }| {
            listener.hold(false);
            end
        })
    }
}

/// What the head of a batch consists of.
const SLOT_BYTES: usize = 8;

type HeldSender = External<Held<SenderEnd>>;
type HeldReceiver = External<Held<ReceiverEnd>>;

thread_local! {
    /// Tells when the environment of this thread, which has used a channel, goes away.
    static MEMBER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Counts the environment among those that may open an end.
fn join(env: &Env) -> napi::Result<()> {
    if MEMBER.with_borrow(Option::is_some) {
        return Ok(());
    }
    let member = Listener::new(env, || {
        // A listener that is dropped late, with its thread, does nothing any more.
        drop(MEMBER.take());
        registry::leave();
    })?;
    MEMBER.set(Some(member));
    registry::join();
    Ok(())
}

/// Checked and complete, as `lib/options.js` has made them.
#[napi(object)]
pub struct ChannelOptions {
    pub capacity: f64,
    pub max_bytes: f64,
    pub time_slice: f64,
    pub overflow: String,
    /// May be infinite.
    pub senders: f64,
    /// The event bus of which the channel is the response to a request.
    pub bus: Option<String>,
}

impl ChannelOptions {
    fn limits(&self) -> Limits {
        Limits {
            capacity: self.capacity as usize,
            max_bytes: self.max_bytes as usize,
            senders: self.senders as usize,
            lenient: false,
        }
    }

    fn terms(self) -> Terms {
        Terms {
            time_slice: self.time_slice,
            overflow: self.overflow,
        }
    }
}

#[napi]
pub fn create_channel(env: &Env, id: String, options: ChannelOptions) -> napi::Result<()> {
    join(env)?;
    let request = options.bus.clone().map(Request::new);
    Channel::create(id, options.limits(), options.terms(), request);
    Ok(())
}

/// The id of the channel by which requests over an event bus come to its handler; a new one has the given id.
/// Its senders come and go, each as it likes.
#[napi]
pub fn name_channel(
    env: &Env,
    name: String,
    id: String,
    options: ChannelOptions,
) -> napi::Result<String> {
    join(env)?;
    let limits = Limits {
        lenient: true,
        ..options.limits()
    };
    Ok(Channel::named(name, id, limits, options.terms()))
}

/// Fails a channel whose senders will not be opened any more. Whether this thread has woken itself.
#[napi]
pub fn abandon_channel(id: String) -> bool {
    Channel::find(&id).is_some_and(|channel| channel.abandon().is_here)
}

/// What is measured of all event buses of the process, as Prometheus reads it.
#[napi]
pub fn event_bus_metrics() -> napi::Result<String> {
    metrics::text().map_err(|error| napi::Error::from_reason(error.to_string()))
}

#[napi(object)]
pub struct ChannelTerms {
    pub capacity: f64,
    pub senders: f64,
    pub time_slice: f64,
    pub overflow: String,
}

/// Nothing, if there is no such channel any more.
#[napi]
pub fn find_channel(env: &Env, id: String) -> napi::Result<Option<ChannelTerms>> {
    join(env)?;
    let channel = Channel::find(&id).filter(|channel| !channel.is_over());
    Ok(channel.map(|channel| ChannelTerms {
        capacity: channel.limits.capacity as f64,
        senders: channel.limits.senders as f64,
        time_slice: channel.terms.time_slice,
        overflow: channel.terms.overflow.clone(),
    }))
}

/// Nothing, if all have been opened.
#[napi(ts_return_type = "object | null")]
pub fn open_sender(env: &Env, id: String) -> napi::Result<Option<HeldSender>> {
    let Some(channel) = Channel::find(&id) else {
        return Ok(None);
    };
    let held = Held::open(env, |waker| channel.open_sender(waker))?;
    Ok(held.map(External::new))
}

/// Nothing, if it has been opened.
#[napi(ts_return_type = "object | null")]
pub fn open_receiver(env: &Env, id: String, thread_id: f64) -> napi::Result<Option<HeldReceiver>> {
    let Some(channel) = Channel::find(&id) else {
        return Ok(None);
    };
    let held = Held::open(env, |waker| channel.open_receiver(waker, thread_id))?;
    Ok(held.map(External::new))
}

/// What JavaScript listens to.
#[napi]
pub fn sender_number(#[napi(ts_arg_type = "object")] sender: &HeldSender) -> f64 {
    sender.number
}

#[napi]
pub fn receiver_number(#[napi(ts_arg_type = "object")] receiver: &HeldReceiver) -> f64 {
    receiver.number
}

/// How many items and bytes the sender may take until its next push: none where there is no room. Nothing,
/// once nothing is taken any more.
#[napi(ts_return_type = "[number, number] | null")]
pub fn reserve_room(
    #[napi(ts_arg_type = "object")] sender: &HeldSender,
    by_force: bool,
) -> Option<Vec<f64>> {
    let room = sender.with(|Open { end, .. }| {
        if by_force {
            end.reserve_by_force()
        } else {
            end.reserve()
        }
    });
    let room = room.flatten()?;
    Some(vec![room.items as f64, room.bytes as f64])
}

/// What is encoded, of so many items.
fn batch_of(
    items: f64,
    head: &[u8],
    text: Option<Utf16String>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> Batch {
    let chunks = chunks.unwrap_or_default();
    Batch {
        items: items as usize,
        skipped: 0,
        head: head.to_vec(),
        text: text.map_or_else(Text::default, |text| Text::from(&text[..])),
        chunks: blocks::copies(chunks.iter().map(|chunk| &chunk[..])),
    }
}

/// Hands over what the sender has taken, and gives back the room that it has not used, except for what it
/// keeps. Whether this thread has woken itself.
#[napi]
pub fn push_batch(
    #[napi(ts_arg_type = "object")] sender: &HeldSender,
    kept_items: f64,
    kept_bytes: f64,
    items: f64,
    head: Option<Uint8ArraySlice<'_>>,
    text: Option<Utf16String>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> bool {
    let kept = Room {
        items: kept_items as usize,
        bytes: kept_bytes as usize,
    };
    let batch = head.map(|head| batch_of(items, &head, text, chunks));
    let pushed = sender.with(|Open { end, .. }| end.push(batch, kept));
    pushed.is_some_and(|woken| woken.is_here)
}

/// Items that the sender has dropped, as they found no room.
#[napi]
pub fn count_dropped(#[napi(ts_arg_type = "object")] sender: &HeldSender, items: f64) {
    sender.with(|Open { end, .. }| end.count_dropped(items as u64));
}

/// Ends the sender. Whether this thread has woken itself.
#[napi]
pub fn finish_sender(#[napi(ts_arg_type = "object")] sender: &HeldSender) -> bool {
    let finished = sender.take().map(SenderEnd::finish);
    finished.is_some_and(|woken| woken.is_here)
}

/// Fails the channel with an encoded reason. Whether this thread has woken itself.
#[napi]
pub fn fail_sender(
    #[napi(ts_arg_type = "object")] sender: &HeldSender,
    head: Uint8ArraySlice<'_>,
    text: Option<Utf16String>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> bool {
    let reason = batch_of(1.0, &head, text, chunks);
    let failed = sender.take().map(|end| end.fail(reason));
    failed.is_some_and(|woken| woken.is_here)
}

/// The same codes as in `lib/channel/sender.js`.
#[napi]
pub fn wait_for_room(#[napi(ts_arg_type = "object")] sender: &HeldSender) -> u32 {
    const ROOM: u32 = 0;
    const OVER: u32 = 1;
    const WAITS: u32 = 2;
    let waited = sender.with(|Open { end, listener }| match end.wait() {
        Waited::Room => ROOM,
        Waited::Over => OVER,
        Waited::Waits { hold } => {
            listener.hold(hold);
            WAITS
        }
    });
    waited.unwrap_or(OVER)
}

/// What becomes of what the sender sends, and how many items and bytes it may take more; the sender
/// waits no more. The same codes as in `lib/channel/sender.js`.
#[napi(ts_return_type = "[number, number, number]")]
pub fn answer_sender(#[napi(ts_arg_type = "object")] sender: &HeldSender) -> Vec<f64> {
    const TAKEN: f64 = 0.0;
    const CLOSED: f64 = 1.0;
    const LEFT: f64 = 2.0;
    let answer = sender.with(|Open { end, listener }| {
        listener.hold(false);
        end.answer()
    });
    let (code, room) = match answer {
        Some(Answer::Taken(room)) => (TAKEN, room),
        Some(Answer::Closed) => (CLOSED, Room::default()),
        Some(Answer::Left) | None => (LEFT, Room::default()),
    };
    vec![code, room.items as f64, room.bytes as f64]
}

/// What there is for the receiver: how it ends, or that there is nothing, and that it will be woken when there
/// is, if it wants to park; or an array, which begins with an
/// outcome, and whether this thread has woken itself, and goes on with the batches, in places of four each. A head
/// is a number of slots, if the scratch has room for it behind those before. The same codes as in
/// `lib/channel/receiver-port.js`.
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
        crossing.insert(batch.skipped as u32)?;
        let length = batch.head.len();
        match rest.split_off_mut(..length) {
            Some(place) => {
                place.copy_from_slice(&batch.head);
                crossing.insert((length / SLOT_BYTES) as u32)?;
            }
            None => crossing.insert(ArrayBuffer::copy_from(env, &batch.head)?)?,
        }
        crossing.insert(text_of(env, &batch.text)?)?;
        crossing.insert(chunks_of(env, &batch.chunks)?)?;
        blocks::recycle(batch);
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

/// Nothing, if it is empty.
fn text_of<'env>(env: &'env Env, text: &Text) -> napi::Result<Option<JsString<'env>>> {
    match text {
        Text::Latin1(text) if text.is_empty() => Ok(None),
        Text::Latin1(text) => env.create_string_latin1(text).map(Some),
        Text::Utf16(text) => env.create_string_utf16(text).map(Some),
    }
}

/// Nothing, if there are none.
fn chunks_of<'env>(env: &'env Env, chunks: &[Vec<u8>]) -> napi::Result<Option<Array<'env>>> {
    if chunks.is_empty() {
        return Ok(None);
    }
    let mut buffers = env.create_array(0)?;
    for chunk in chunks {
        buffers.insert(ArrayBuffer::copy_from(env, chunk)?)?;
    }
    Ok(Some(buffers))
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

/// Ends a channel at once, from wherever, with an encoded reason. Whether this thread has woken itself.
#[napi]
pub fn abort_channel(
    id: String,
    head: Uint8ArraySlice<'_>,
    text: Option<Utf16String>,
    chunks: Option<Vec<Uint8ArraySlice<'_>>>,
) -> bool {
    let reason = batch_of(1.0, &head, text, chunks);
    Channel::find(&id).is_some_and(|channel| channel.abort(reason).is_here)
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

/// The channels whose receiver is not in this thread: the counters as above, and then the capacity, whether the
/// receiver waits, the age in milliseconds, and its thread, if it has been opened.
#[napi]
pub fn channels_elsewhere() -> Vec<Vec<f64>> {
    let channels = Channel::open_elsewhere().into_iter();
    let describe = |channel: OpenChannel| {
        let mut numbers = numbers_of(channel.counters, channel.buffered, channel.condition);
        let is_awaited = f64::from(u8::from(channel.is_awaited));
        let age = channel.age.as_secs_f64() * 1e3;
        numbers.extend([channel.capacity as f64, is_awaited, age]);
        numbers.extend(channel.thread);
        numbers
    };
    channels.map(describe).collect()
}

fn numbers_of(counters: Counters, buffered: Room, condition: Condition) -> Vec<f64> {
    let state = match condition {
        Condition::Idle => 0,
        Condition::Open => 1,
        Condition::Closed => 2,
        Condition::Failed => 3,
        Condition::Cancelled => 4,
    };
    vec![
        counters.pushed as f64,
        counters.dropped as f64,
        buffered.items as f64,
        buffered.bytes as f64,
        counters.wakes as f64,
        counters.waits as f64,
        f64::from(state),
    ]
}
