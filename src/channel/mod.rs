//! Channels between the threads of a process, as `lib/channel` calls them. This module converts and delegates.
//!
//! JavaScript holds an end by a number: see `crate::held`.

mod crossing;
mod metrics;
pub mod receiver;
pub mod sender;

use async_iterable_bridge::Listener;
use async_iterable_bridge_channel::{
    self as channels, Channel, EndOptions, Id, Limits, Observer, OpenChannel, Overflow, ReadyState,
    Stats,
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
    static END_OF_ENVIRONMENT: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Counts the environment among those that may open an end.
fn join(env: &Env) -> napi::Result<()> {
    if END_OF_ENVIRONMENT.with_borrow(Option::is_some) {
        return Ok(());
    }
    let listener = Listener::new(env, || {
        // A listener that is dropped late, with its thread, does nothing any more.
        drop(END_OF_ENVIRONMENT.take());
        channels::leave();
    })?;
    END_OF_ENVIRONMENT.set(Some(listener));
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
            tolerates_sender_loss: false,
        }
    }

    fn end_options(&self) -> napi::Result<EndOptions> {
        Ok(EndOptions {
            time_slice: self.time_slice,
            overflow: Overflow::from_name(&self.overflow).ok_or_else(|| unknown(&self.overflow))?,
        })
    }
}

#[napi(catch_unwind)]
pub fn create_channel(env: &Env, id: String, options: ChannelOptions) -> napi::Result<()> {
    join(env)?;
    let end_options = options.end_options()?;
    let bus = options.bus.clone();
    let observer = bus.map(|bus| Box::new(Request::new(bus)) as Box<dyn Observer>);
    Channel::create(id_of(&id)?, options.limits(), end_options, observer);
    Ok(())
}

fn find(handle: &str) -> Option<Arc<Channel>> {
    Channel::find(Id::parse(handle)?)
}

fn id_of(handle: &str) -> napi::Result<Id> {
    Id::parse(handle).ok_or_else(|| unknown(handle))
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
        tolerates_sender_loss: true,
        ..options.limits()
    };
    Ok(Channel::find_or_create(name, id_of(&id)?, limits, options.end_options()?).to_string())
}

/// Fails a channel whose senders will never be opened: by any thread, or by the thread with the given id, which has
/// ended. Returns whether this call has woken an end in this thread.
#[napi(catch_unwind)]
pub fn fail_unopened(id: String, thread_id: Option<f64>) -> bool {
    find(&id).is_some_and(|channel| channel.fail_unopened(thread_id).woke_this_thread)
}

/// Cancels a channel whose receiver will never be opened. Returns whether this call has woken an end in this
/// thread.
#[napi(catch_unwind)]
pub fn cancel_unopened(id: String) -> bool {
    find(&id).is_some_and(|channel| channel.cancel_unopened().woke_this_thread)
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
    let options = &channel.options;
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
        number("timeSlice", options.time_slice)?,
        Property::new()
            .with_utf8_name("overflow")?
            .with_napi_value(env, options.overflow.as_str())?,
    ])?;
    Ok(Some(found))
}

/// Lists the channels whose receiver is not in this thread. Each has its counters, whether the receiver waits, the
/// age in milliseconds, and the thread of the receiver, if that has been opened.
#[napi(catch_unwind)]
pub fn channels_elsewhere() -> Vec<Vec<f64>> {
    let channels = Channel::with_remote_receiver().into_iter();
    let describe = |channel: OpenChannel| {
        let mut numbers = numbers_of(&channel.stats);
        let is_receiver_parked = f64::from(u8::from(channel.is_receiver_parked));
        let age = channel.age.as_secs_f64() * 1e3;
        numbers.extend([is_receiver_parked, age]);
        numbers.extend(channel.thread);
        numbers
    };
    channels.map(describe).collect()
}

/// Returns the counters, in the order of `statsOf()` in `native-source.js` and `lib/channel/receiver-source.js`.
fn numbers_of(stats: &Stats) -> Vec<f64> {
    let state = match stats.ready_state {
        ReadyState::Idle => 0,
        ReadyState::Open => 1,
        ReadyState::Closed => 2,
        ReadyState::Failed => 3,
        ReadyState::Cancelled => 4,
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
