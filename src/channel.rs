//! Channels between the threads of a process: what `lib/channel` calls. It converts and delegates.
//!
//! JavaScript holds an end by a number: see `held`.

mod answers;
mod batch;
mod blocks;
mod crossing;
mod ends;
mod held;
mod id;
mod metrics;
mod peer;
pub mod receiver;
mod registry;
mod ringer;
mod room;
pub mod sender;
mod state;
#[cfg(test)]
mod tests;

use answers::{Condition, Stats};
use async_iterable_bridge::Listener;
use crossing::batch_of;
use id::Id;
use metrics::Request;
use napi::bindgen_prelude::{JsObjectValue, Object, Utf16String};
use napi::{Env, Property};
use napi_derive::napi;
use registry::{Channel, OpenChannel, Overflow, Terms};
use room::Limits;
use std::cell::RefCell;
use std::sync::Arc;

pub use registry::count;

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

    fn terms(&self) -> napi::Result<Terms> {
        Ok(Terms {
            time_slice: self.time_slice,
            overflow: Overflow::of(&self.overflow).ok_or_else(|| unknown(&self.overflow))?,
        })
    }
}

#[napi(catch_unwind)]
pub fn create_channel(env: &Env, id: String, options: ChannelOptions) -> napi::Result<()> {
    join(env)?;
    let terms = options.terms()?;
    let request = options.bus.clone().map(Request::new);
    Channel::create(id_of(&id)?, options.limits(), terms, request);
    Ok(())
}

fn find(handle: &str) -> Option<Arc<Channel>> {
    Channel::find(Id::of(handle)?)
}

fn id_of(handle: &str) -> napi::Result<Id> {
    Id::of(handle).ok_or_else(|| unknown(handle))
}

/// What `lib/channel` never passes.
fn unknown(text: &str) -> napi::Error {
    napi::Error::from_reason(format!("an argument is not known: {text}"))
}

/// The id of the channel by which requests over an event bus come to its handler; a new one has the given id.
/// Its senders come and go, each as it likes.
#[napi(catch_unwind)]
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
    Ok(Channel::named(name, id_of(&id)?, limits, options.terms()?).to_string())
}

/// Fails a channel whose senders will not be opened any more: by any thread, or by one that has ended, if its number
/// is given. Whether this thread has woken itself.
#[napi(catch_unwind)]
pub fn abandon_channel(id: String, thread_id: Option<f64>) -> bool {
    find(&id).is_some_and(|channel| channel.abandon(thread_id).is_here)
}

/// Cancels a channel whose receiver will not be opened any more. Whether this thread has woken itself.
#[napi(catch_unwind)]
pub fn abandon_receiver(id: String) -> bool {
    find(&id).is_some_and(|channel| channel.abandon_receiver().is_here)
}

/// Whether the receiver is still to be opened.
#[napi(catch_unwind)]
pub fn expects_receiver(id: String) -> bool {
    find(&id).is_some_and(|channel| channel.expects_receiver())
}

/// Ends a channel at once, from wherever, with an encoded reason. Whether this thread has woken itself.
#[napi(catch_unwind)]
pub fn abort_channel(
    id: String,
    #[napi(ts_arg_type = "Uint8Array")] head: Object<'_>,
    texts: Option<Vec<Utf16String>>,
    #[napi(ts_arg_type = "Array<Uint8Array> | undefined | null")] chunks: Option<Vec<Object<'_>>>,
) -> napi::Result<bool> {
    let reason = batch_of(1.0, &head, texts, chunks)?;
    Ok(find(&id).is_some_and(|channel| channel.abort(reason).is_here))
}

/// What is measured of all event buses of the process, as Prometheus reads it.
#[napi(catch_unwind)]
pub fn event_bus_metrics() -> napi::Result<String> {
    metrics::text().map_err(|error| napi::Error::from_reason(error.to_string()))
}

/// Returns what the ends of a channel need of its options; nothing, if there is no such channel any more.
#[napi(
    catch_unwind,
    ts_return_type = "Pick<ChannelOptions, 'capacity' | 'senders' | 'timeSlice' | 'overflow'> | null"
)]
pub fn find_channel(env: &Env, id: String) -> napi::Result<Option<Object<'_>>> {
    join(env)?;
    let Some(channel) = find(&id).filter(|channel| !channel.is_over()) else {
        return Ok(None);
    };
    let limits = channel.limits();
    let terms = &channel.terms;
    let number = |name: &str, value: f64| {
        Property::new()
            .with_utf8_name(name)?
            .with_napi_value(env, value)
    };
    let mut found = Object::new(env)?;
    // Set instead of defined, they would go to setters that a program has put on `Object.prototype`.
    found.define_properties(&[
        number("capacity", limits.capacity as f64)?,
        number("senders", limits.senders as f64)?,
        number("timeSlice", terms.time_slice)?,
        Property::new()
            .with_utf8_name("overflow")?
            .with_napi_value(env, terms.overflow.as_str())?,
    ])?;
    Ok(Some(found))
}

/// The channels whose receiver is not in this thread: the counters, whether the receiver waits, the age in
/// milliseconds, and its thread, if it has been opened.
#[napi(catch_unwind)]
pub fn channels_elsewhere() -> Vec<Vec<f64>> {
    let channels = Channel::open_elsewhere().into_iter();
    let describe = |channel: OpenChannel| {
        let mut numbers = numbers_of(&channel.stats);
        let is_awaited = f64::from(u8::from(channel.is_awaited));
        let age = channel.age.as_secs_f64() * 1e3;
        numbers.extend([is_awaited, age]);
        numbers.extend(channel.thread);
        numbers
    };
    channels.map(describe).collect()
}

/// The counters, in the order of `statsOf()` in `port.js` and `lib/channel/receiver-port.js`.
fn numbers_of(stats: &Stats) -> Vec<f64> {
    let state = match stats.condition {
        Condition::Idle => 0,
        Condition::Open => 1,
        Condition::Closed => 2,
        Condition::Failed => 3,
        Condition::Cancelled => 4,
    };
    let skipped = 0.0;
    vec![
        stats.counters.pushed as f64,
        stats.counters.dropped as f64,
        skipped,
        stats.buffered.items as f64,
        stats.buffered.bytes as f64,
        stats.capacity as f64,
        stats.counters.wakes as f64,
        stats.counters.waits as f64,
        f64::from(state),
    ]
}
