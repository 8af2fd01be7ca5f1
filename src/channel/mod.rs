//! Channels between the threads of a process, as `lib/channel` calls them. This module converts and delegates.
//!
//! JavaScript holds an end by a number: see `held`.

mod crossing;
mod held;
mod metrics;
pub mod receiver;
pub mod sender;

use async_iterable_bridge::Listener;
use async_iterable_bridge_channel::{
    self as channels, Channel, Condition, Id, Limits, Observer, OpenChannel, Overflow, Stats, Terms,
};
use crossing::batch_of;
use metrics::Request;
use napi::bindgen_prelude::{JsObjectValue, Object, Utf16String};
use napi::{Env, Property};
use napi_derive::napi;
use std::cell::RefCell;
use std::sync::Arc;

pub use async_iterable_bridge_channel::count;

thread_local! {
    /// The listener for the end of this thread's environment, which has used a channel.
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
        channels::leave();
    })?;
    MEMBER.set(Some(member));
    channels::join();
    Ok(())
}

/// The options of a channel, checked and completed by `lib/support/options.js`.
#[napi(object)]
pub struct ChannelOptions {
    pub capacity: f64,
    pub max_bytes: f64,
    pub time_slice: f64,
    pub overflow: String,
    /// The number of senders, which may be infinite.
    pub senders: f64,
    /// The event bus, if the channel is the response to a request over it.
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
    let bus = options.bus.clone();
    let observer = bus.map(|bus| Box::new(Request::new(bus)) as Box<dyn Observer>);
    Channel::create(id_of(&id)?, options.limits(), terms, observer);
    Ok(())
}

fn find(handle: &str) -> Option<Arc<Channel>> {
    Channel::find(Id::of(handle)?)
}

fn id_of(handle: &str) -> napi::Result<Id> {
    Id::of(handle).ok_or_else(|| unknown(handle))
}

/// Returns the error for an argument that `lib/channel` never passes.
fn unknown(text: &str) -> napi::Error {
    napi::Error::from_reason(format!("an argument is not known: {text}"))
}

/// Returns the id of the channel that carries requests over an event bus to its handler. A new channel gets the
/// given id. Its senders may open and go at any time.
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

/// Fails a channel whose senders will never be opened: by any thread, or by the thread with the given id, which has
/// ended. Returns whether this call has woken an end in this thread.
#[napi(catch_unwind)]
pub fn abandon_channel(id: String, thread_id: Option<f64>) -> bool {
    find(&id).is_some_and(|channel| channel.abandon(thread_id).woke_this_thread)
}

/// Cancels a channel whose receiver will never be opened. Returns whether this call has woken an end in this
/// thread.
#[napi(catch_unwind)]
pub fn abandon_receiver(id: String) -> bool {
    find(&id).is_some_and(|channel| channel.abandon_receiver().woke_this_thread)
}

/// Returns whether the receiver is still to be opened.
#[napi(catch_unwind)]
pub fn expects_receiver(id: String) -> bool {
    find(&id).is_some_and(|channel| channel.expects_receiver())
}

/// Ends a channel at once, from any thread, with an encoded reason. Returns whether this call has woken an end in
/// this thread.
#[napi(catch_unwind)]
pub fn abort_channel(
    id: String,
    #[napi(ts_arg_type = "Uint8Array")] head: Object<'_>,
    texts: Option<Vec<Utf16String>>,
    #[napi(ts_arg_type = "Array<Uint8Array> | undefined | null")] chunks: Option<Vec<Object<'_>>>,
) -> napi::Result<bool> {
    let reason = batch_of(1.0, &head, texts, chunks)?;
    Ok(find(&id).is_some_and(|channel| channel.abort(reason).woke_this_thread))
}

/// Returns the metrics of all event buses of the process, in the format of Prometheus.
#[napi(catch_unwind)]
pub fn event_bus_metrics() -> napi::Result<String> {
    metrics::text().map_err(|error| napi::Error::from_reason(error.to_string()))
}

/// Returns the options that the ends of a channel need, or `null` if the channel no longer exists.
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
    // Assignments would call setters that a program has put on `Object.prototype`.
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

/// Lists the channels whose receiver is not in this thread. Each has its counters, whether the receiver waits, the
/// age in milliseconds, and the thread of the receiver, if that has been opened.
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

/// Returns the counters, in the order of `statsOf()` in `native-source.js` and `lib/channel/receiver-source.js`.
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
