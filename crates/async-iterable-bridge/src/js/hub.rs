//! The state that one environment (the main thread, or a worker) owns for all its streams together.

mod crossing;

pub(super) use crossing::drain;

use super::abort_signal::{AbortSignal, Signals};
use super::napi::{
    Environment, Exports, Owner, Persistent, SharedBytes, SharedSlab, ThreadsafeFunction, Value,
};
use super::native_stream::{counters, AnyStream, ItemType, NativeStream};
use super::requests::Requests;
use super::scripts::Scripts;
use super::wake_list::Parking;
use crate::item::{Item, Reads, SLAB_NUMBERS};
use crate::stream::bridge::AsyncIterableBridge;
use crate::stream::live::{Live, HUBS};
use crate::stream::open_streams::{self, JsThread};
use std::any::TypeId;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The length of the slab, with the element for a drain's outcome.
const SLAB_LENGTH: usize = SLAB_NUMBERS + 1;

/// The most streams that one call of JavaScript wakes.
const MOST_WOKEN: usize = 8192;

/// The most idle streams that are shrunk at once, which takes a tenth of a millisecond.
const MOST_SHRUNK: usize = 256;

thread_local! {
    /// The hubs of the environments of this thread: usually one, more when an addon was loaded
    /// again. Node-API's instance data would be the other place, but it belongs to the addon author.
    static HUBS_OF_THREAD: RefCell<Vec<Rc<Hub>>> = const { RefCell::new(Vec::new()) };
}

/// The next number of a stream, a handler or a listener. The process uses each number once, so the number of an
/// object that has gone refers to nothing, in any thread. JavaScript represents the first 2^53 exactly.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

pub(super) struct Hub {
    environment: Environment,
    thread: JsThread,
    parking: Rc<Parking>,
    /// The resources of JavaScript objects, by the number that the object has.
    owned: RefCell<BTreeMap<u64, Owned>>,
    slab: SharedSlab,
    bytes: RefCell<SharedBytes>,
    decoders: RefCell<HashMap<TypeId, Decoder>>,
    signals: Signals,
    scripts: Scripts,
    /// The function that `handler.js` makes, once there is a handler.
    create_handler: OnceCell<Persistent>,
    _live: Live,
}

/// A resource that ends when its object is collected, or its environment goes away.
enum Owned {
    Stream(Rc<RefCell<dyn AnyStream>>),
    Handler(Rc<dyn Requests>),
    /// The function to call then.
    Listener(Closer),
}

impl Owned {
    /// Drops the resource, or calls the listener's closer. There is no JavaScript to report a panic to; the panic
    /// hook has printed it.
    fn end(self) {
        let _ = catch_unwind(AssertUnwindSafe(|| match self {
            Owned::Stream(native_stream) => drop(native_stream),
            Owned::Handler(handler) => drop(handler),
            Owned::Listener(closer) => closer(),
        }));
    }
}

pub(super) type Closer = Box<dyn FnOnce()>;

/// The function that makes items of some type, and the columns that it reads.
struct Decoder {
    function: Persistent,
    reads: Reads,
}

impl Hub {
    /// Returns the hub of an environment, and sets one up if it has none yet.
    pub(super) fn of(environment: Environment) -> napi::Result<Rc<Hub>> {
        if let Some(hub) = Hub::find(environment) {
            return Ok(hub);
        }
        let function = ThreadsafeFunction::new::<Hub>(environment)?;
        let slab = SharedSlab::new(environment, SLAB_LENGTH)?;
        let natives = environment.functions(Hub::FOR_STREAMS)?;
        let (scripts, number) = Scripts::evaluate(environment, natives, slab.value()?)?;
        let id = thread::current().id();
        let thread = JsThread { id, number };
        let hub = Rc::new(Hub {
            environment,
            thread,
            parking: Rc::new(Parking::new(environment, function)),
            owned: RefCell::default(),
            bytes: RefCell::default(),
            decoders: RefCell::default(),
            signals: Signals::default(),
            scripts,
            slab,
            create_handler: OnceCell::new(),
            _live: Live::new(&HUBS),
        });
        hub.share_slab()?;
        // After everything that can fail: a hook that is registered again aborts the process.
        environment.on_cleanup::<Hub>()?;
        HUBS_OF_THREAD.with_borrow_mut(|hubs| hubs.push(hub.clone()));
        Ok(hub)
    }

    pub(super) fn find(environment: Environment) -> Option<Rc<Hub>> {
        HUBS_OF_THREAD
            .try_with(|hubs| {
                hubs.borrow()
                    .iter()
                    .find(|hub| hub.environment == environment)
                    .cloned()
            })
            .ok()
            .flatten()
    }

    /// Returns whether this hub lists the streams of other threads. Only one hub of a thread does, however often the
    /// addon was loaded there.
    pub(super) fn lists_other_threads(&self) -> bool {
        HUBS_OF_THREAD.with_borrow(|hubs| {
            hubs.first()
                .is_some_and(|first| first.environment == self.environment)
        })
    }

    /// Ends all streams, because the environment goes away. Afterwards no wake may come, and no producer may wait.
    pub(super) fn close(environment: Environment) {
        let hub = HUBS_OF_THREAD.try_with(|hubs| {
            let mut hubs = hubs.borrow_mut();
            let index = hubs.iter().position(|hub| hub.environment == environment)?;
            Some(hubs.remove(index))
        });
        let Ok(Some(hub)) = hub else { return };
        hub.parking.close();
        for (_, owned) in hub.owned.take() {
            owned.end();
        }
        hub.release();
    }

    /// Releases the JavaScript values that the hub holds.
    fn release(&self) {
        let environment = self.environment;
        self.scripts.release(environment);
        for decoder in self.decoders.borrow().values() {
            decoder.function.release(environment);
        }
        if let Some(create_handler) = self.create_handler.get() {
            create_handler.release(environment);
        }
        self.signals.release(environment);
        self.slab.release();
        self.bytes.borrow_mut().release(environment);
    }

    /// Makes a stream's JavaScript object.
    pub(super) fn adopt<T: Item>(&self, bridge: AsyncIterableBridge<T>) -> napi::Result<Value> {
        let made = self.make_stream(bridge);
        self.signals.sweep(self.environment);
        made
    }

    fn make_stream<T: Item>(&self, bridge: AsyncIterableBridge<T>) -> napi::Result<Value> {
        if let Some(invalid) = bridge.options.invalid() {
            return Err(self.environment.throw_out_of_range(&invalid.message())?);
        }
        let signal = match bridge.options.abort_signal() {
            Some(signal) => self.signals.value(self.environment, signal)?,
            None => self.environment.undefined()?,
        };
        let reads = self.define::<T>()?;
        let number = take_number();
        let time_slice = bridge.options.time_slice_milliseconds();
        let kind = bridge.options.kind_of::<T>();
        let item_type = ItemType {
            id: TypeId::of::<T>(),
            reads,
        };
        let native_stream = NativeStream::new(
            bridge.stream,
            kind,
            self.thread,
            self.parking.clone(),
            number,
            item_type,
        );
        let native_stream = Owned::Stream(Rc::new(RefCell::new(native_stream)));
        self.own(number, native_stream, |number| {
            let environment = self.environment;
            environment.call(
                self.scripts.create.value(environment)?,
                &[
                    number,
                    number,
                    self.decoder(TypeId::of::<T>())?,
                    environment.number(time_slice)?,
                    signal,
                ],
            )
        })
    }

    /// Keeps an abort signal for options. Throws if the value is none.
    pub(super) fn keep_signal(&self, value: Value) -> napi::Result<AbortSignal> {
        let environment = self.environment;
        let is_aborted = self.scripts.is_aborted.value(environment)?;
        let is_aborted = environment.call(is_aborted, &[value])?;
        let was_aborted = environment.number_of(is_aborted)? == 1.0;
        self.signals
            .keep(environment, take_number(), value, was_aborted)
    }

    /// Keeps a resource for as long as the JavaScript object exists that `make` makes of its number.
    fn own(
        &self,
        number: u64,
        owned: Owned,
        make: impl FnOnce(Value) -> napi::Result<Value>,
    ) -> napi::Result<Value> {
        self.owned.borrow_mut().insert(number, owned);
        let made = self.environment.number(number as f64).and_then(make);
        if made.is_err() {
            self.forget(number as f64);
        }
        made
    }

    /// Makes a handler's JavaScript object.
    pub(super) fn adopt_handler(&self, handler: Rc<dyn Requests>) -> napi::Result<Value> {
        let environment = self.environment;
        let create = match self.create_handler.get() {
            Some(create) => create.value(environment)?,
            None => {
                let natives = environment.functions(Hub::FOR_HANDLERS)?;
                let create = self.scripts.evaluate_handler(environment, natives)?;
                // The cell is still empty: the script calls nothing that could make a handler.
                let _ = self.create_handler.set(environment.persist(create)?);
                create
            }
        };
        self.own(take_number(), Owned::Handler(handler), |number| {
            environment.call(create, &[number])
        })
    }

    /// Returns the stream of this number, unless it has gone.
    pub(super) fn native_stream(&self, number: f64) -> Option<Rc<RefCell<dyn AnyStream>>> {
        match self.owned.borrow().get(&key_of(number)?)? {
            Owned::Stream(native_stream) => Some(native_stream.clone()),
            Owned::Handler(_) | Owned::Listener(_) => None,
        }
    }

    /// Returns the handler of this number, unless it has gone.
    pub(super) fn handler(&self, number: f64) -> Option<Rc<dyn Requests>> {
        match self.owned.borrow().get(&key_of(number)?)? {
            Owned::Handler(handler) => Some(handler.clone()),
            Owned::Stream(_) | Owned::Listener(_) => None,
        }
    }

    /// Returns the `runtime` of `native-source.js`: the class, and what the npm package needs beside it.
    pub(super) fn runtime(&self) -> napi::Result<Value> {
        self.scripts.runtime.value(self.environment)
    }

    /// Lends the slab to `write`, or a new one if the slab was transferred away. `write` must not use the hub's slab
    /// itself.
    pub(super) fn with_slab<R>(
        &self,
        write: impl FnOnce(&mut [f64], &mut f64) -> R,
    ) -> napi::Result<R> {
        let write = match self.slab.with(write)? {
            Ok(result) => return Ok(result),
            Err(write) => write,
        };
        self.slab.renew()?;
        self.share_slab()?;
        let written = self.slab.with(write)?;
        written.map_err(|_| napi::Error::from_reason("The shared memory was transferred away"))
    }

    /// Passes the slab to `native-source.js`, also as 64-bit integers.
    fn share_slab(&self) -> napi::Result<()> {
        let environment = self.environment;
        let slab = self.slab.value()?;
        let [signed, unsigned] = environment.bits_of(slab)?;
        let use_slab = self.scripts.use_slab.value(environment)?;
        environment.call(use_slab, &[slab, signed, unsigned])?;
        Ok(())
    }

    /// Makes an array of these elements.
    fn array(&self, elements: &[Value]) -> napi::Result<Value> {
        let environment = self.environment;
        let length = environment.number(elements.len() as f64)?;
        let array = environment.call(self.scripts.blank.value(environment)?, &[length])?;
        environment.set_elements(array, elements)?;
        Ok(array)
    }

    /// Makes the array that `native.streamsInOtherThreads` returns to `native-source.js`.
    pub(super) fn streams_in_other_threads(&self) -> napi::Result<Value> {
        let environment = self.environment;
        let streams = open_streams::in_other_threads(self.thread.id).into_iter();
        let described = streams.map(|stream| {
            let is_awaited = f64::from(u8::from(stream.stats.is_awaited));
            let age = stream.age.as_secs_f64() * 1e3;
            let mut numbers = counters(stream.capacity, stream.stats, stream.is_started).to_vec();
            numbers.extend([is_awaited, age, stream.thread]);
            let kind = environment.string(stream.kind)?;
            self.array(&[kind, environment.numbers(&numbers)?])
        });
        self.array(&described.collect::<napi::Result<Vec<_>>>()?)
    }

    /// Calls JavaScript, which drains the streams of the wake list.
    fn wake(&self) -> napi::Result<()> {
        let environment = self.environment;
        let ready = self.parking.take_ready(MOST_WOKEN);
        let numbers = match ready[..] {
            [] => return Ok(()),
            [only] => environment.number(only as f64)?,
            ref several => {
                let numbers: Vec<_> = several.iter().map(|number| *number as f64).collect();
                environment.numbers(&numbers)?
            }
        };
        let count = environment.number(ready.len() as f64)?;
        environment.call(self.scripts.wake.value(environment)?, &[count, numbers])?;
        Ok(())
    }

    /// Registers an object, whose `wake()` is called for wakes of this number. JavaScript holds the object weakly.
    pub(super) fn listen(&self, number: u64, object: Value) -> napi::Result<()> {
        let environment = self.environment;
        let arguments = [environment.number(number as f64)?, object];
        environment.call(self.scripts.listen.value(environment)?, &arguments)?;
        Ok(())
    }

    pub(super) fn on_close(&self, number: u64, closer: Closer) {
        let listener = Owned::Listener(closer);
        self.owned.borrow_mut().insert(number, listener);
    }

    /// Drops the closer of a listener, without a call.
    pub(super) fn forget_close(&self, number: u64) {
        let owned = self.owned.borrow_mut().remove(&number);
        // The closer may own a listener of its own, whose drop comes here too.
        drop(owned);
    }

    /// Ends the resource of this number, because JavaScript has collected its object.
    pub(super) fn forget(&self, number: f64) {
        let owned = key_of(number).and_then(|key| self.owned.borrow_mut().remove(&key));
        if let Some(owned) = owned {
            owned.end();
            self.hold();
            // A handler has options.
            self.signals.sweep(self.environment);
        }
    }

    pub(super) fn parking(&self) -> &Rc<Parking> {
        &self.parking
    }

    pub(super) fn hold(&self) {
        self.parking.hold();
    }

    /// Frees the memory that some of the idle streams keep of their last burst. Returns whether there are more.
    pub(super) fn shrink(&self) -> bool {
        let (numbers, has_more) = self.parking.take_grown(MOST_SHRUNK);
        for number in numbers {
            let Some(native_stream) = self.native_stream(number as f64) else {
                continue;
            };
            // An item whose drop panics has no JavaScript to report it to; the panic hook has printed it.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                // A stream that is in use is not idle.
                native_stream
                    .try_borrow_mut()
                    .map(|mut native_stream| native_stream.shrink())
            }));
        }
        has_more
    }
}

impl Owner for Hub {
    fn wake(environment: Environment) -> napi::Result<()> {
        Hub::find(environment).map_or(Ok(()), |hub| hub.wake())
    }

    fn is_held(environment: Environment) -> bool {
        Hub::find(environment).is_some_and(|hub| hub.parking.is_held())
    }

    fn close(environment: Environment) {
        Hub::close(environment);
    }
}

/// Lends the stream of this number to `using`. Returns `None` if the stream has gone.
pub(super) fn with_stream<R>(
    environment: Environment,
    number: Value,
    using: impl FnOnce(&Hub, &mut dyn AnyStream) -> napi::Result<R>,
) -> napi::Result<Option<R>> {
    let number = environment.number_of(number)?;
    let Some(hub) = Hub::find(environment) else {
        return Ok(None);
    };
    let Some(native_stream) = hub.native_stream(number) else {
        return Ok(None);
    };
    let mut native_stream = native_stream.try_borrow_mut().map_err(|_| {
        napi::Error::from_reason("An item's conversion has used the stream that it belongs to")
    })?;
    using(&hub, &mut *native_stream).map(Some)
}

/// Returns a new number, for one more object of JavaScript.
pub(super) fn take_number() -> u64 {
    NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// Returns the key of a number as JavaScript has passed it, if it can be one.
fn key_of(number: f64) -> Option<u64> {
    let key = number as u64;
    (key as f64 == number).then_some(key)
}
