//! What one environment (the main thread, or a worker) owns for all its streams together.

use super::doorbell::{Bell, Doorbell};
mod crossing;

use super::ffi::{
    Environment, HandlerSlot, Persistent, Requests, SharedBytes, SharedSlab, ThreadsafeBell, Value,
};
use super::outlet::{counters, Outlet, Slot, Staged, StreamOutlet};
use crate::bridge::AsyncIterableBridge;
use crate::item::{Item, Reads, SLAB_NUMBERS};
use crate::live::{Live, HUBS};
use crate::open_streams::{self, Place};
use slab::Slab;
use std::any::TypeId;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Waker;
use std::thread;

const OBSERVERS: &str = include_str!("observers.js");
const ITERATOR: &str = include_str!("iterator.js");
const PORT: &str = include_str!("port.js");
const HANDLER: &str = include_str!("handler.js");

/// With the place of a drain's outcome.
const SLAB_LENGTH: usize = SLAB_NUMBERS + 1;

/// The codes in the slab's last place; `port.js` has the same.
const NOTHING_YET: f64 = 0.0;
const ENDED: f64 = -1.0;
const FAILED: f64 = -2.0;
/// What is returned are the items themselves.
const DECODED: f64 = -3.0;

thread_local! {
    /// The hubs of the environments of this thread: usually one, more when an addon was loaded
    /// again. Node-API's instance data would be the other place, but it is the addon author's.
    static HUBS_OF_THREAD: RefCell<Vec<Rc<Hub>>> = const { RefCell::new(Vec::new()) };
}

/// The next number of what can be woken. A number is used once in the process, so that one which has gone names
/// nothing, in no thread. JavaScript has it exactly for the first 2^53.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

pub(super) struct Hub {
    environment: Environment,
    place: Place,
    doorbell: Arc<Doorbell<ThreadsafeBell>>,
    /// Consumers that are parked; while there are any, the bell holds the process alive.
    parked: Cell<usize>,
    /// What is emptied when the environment goes away.
    watched: RefCell<Slab<Weak<Slot>>>,
    /// Places in `watched` of streams that have parked since all were tidied last.
    untidy: RefCell<Vec<usize>>,
    /// What is to be called when the environment goes away or JavaScript has forgotten a listener, by number.
    closers: RefCell<BTreeMap<u64, Closer>>,
    slab: SharedSlab,
    /// Text on its way to JavaScript; kept for its memory.
    text: Cell<Vec<u8>>,
    bytes: RefCell<SharedBytes>,
    decoders: RefCell<HashMap<TypeId, Decoder>>,
    scripts: Scripts,
    /// What `handler.js` makes, once there is a handler.
    create_handler: OnceCell<Persistent>,
    handlers: RefCell<Vec<Weak<HandlerSlot>>>,
    _live: Live,
}

pub(super) type Closer = Box<dyn FnOnce()>;

/// What makes items of some type.
struct Decoder {
    function: Persistent,
    reads: Reads,
}

/// The functions of `port.js`.
struct Scripts {
    share: Persistent,
    create: Persistent,
    listen: Persistent,
    make_decoder: Persistent,
    wake: Persistent,
    runtime: Persistent,
}

impl Hub {
    /// The hub of an environment, which is set up if it has none yet.
    pub(super) fn of(environment: Environment) -> napi::Result<Rc<Hub>> {
        if let Some(hub) = Hub::find(environment) {
            return Ok(hub);
        }
        let bell = ThreadsafeBell::new(environment)?;
        let slab = SharedSlab::new(environment, SLAB_LENGTH)?;
        let observers = environment.call(environment.run_script(OBSERVERS)?, &[])?;
        let iterator = environment.call(environment.run_script(ITERATOR)?, &[observers])?;
        let port = environment.run_script(PORT)?;
        let natives = environment.native_functions()?;
        let functions = environment.call(port, &[iterator, natives, slab.value()?])?;
        let script = |name| environment.persist(environment.get(functions, name)?);
        let place = Place {
            thread: thread::current().id(),
            thread_number: environment.number_of(environment.get(functions, "threadId")?)?,
        };
        let hub = Rc::new(Hub {
            environment,
            place,
            doorbell: Arc::new(Doorbell::new(bell)),
            parked: Cell::new(0),
            watched: RefCell::default(),
            untidy: RefCell::default(),
            closers: RefCell::default(),
            text: Cell::default(),
            bytes: RefCell::default(),
            decoders: RefCell::default(),
            scripts: Scripts {
                share: script("share")?,
                create: script("create")?,
                listen: script("listen")?,
                make_decoder: script("makeDecoder")?,
                wake: script("wake")?,
                runtime: script("runtime")?,
            },
            slab,
            create_handler: OnceCell::new(),
            handlers: RefCell::default(),
            _live: Live::new(&HUBS),
        });
        // After everything that can fail: a hook that is registered again aborts the process.
        environment.on_cleanup()?;
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

    /// Whether this hub lists the streams of other threads. One hub of a thread does, however often the addon was
    /// loaded there.
    pub(super) fn lists_elsewhere(&self) -> bool {
        HUBS_OF_THREAD.with_borrow(|hubs| {
            hubs.first()
                .is_some_and(|first| first.environment == self.environment)
        })
    }

    /// The environment goes away: nothing may be rung any more, and no producer may wait.
    pub(super) fn close(environment: Environment) {
        let hub = HUBS_OF_THREAD.try_with(|hubs| {
            let mut hubs = hubs.borrow_mut();
            let index = hubs.iter().position(|hub| hub.environment == environment)?;
            Some(hubs.remove(index))
        });
        let Ok(Some(hub)) = hub else { return };
        hub.doorbell.bell().silence();
        // An outlet that is dropped takes its place off the list.
        let watched = hub.watched.borrow().clone();
        for slot in watched.iter().filter_map(|(_, slot)| slot.upgrade()) {
            // An item whose drop panics must not keep the producers of other streams waiting.
            let _ = catch_unwind(AssertUnwindSafe(|| slot.empty()));
        }
        for slot in hub.handlers.take().iter().filter_map(Weak::upgrade) {
            // As above.
            let _ = catch_unwind(AssertUnwindSafe(|| slot.take()));
        }
        // Each may drop its own listener, which then finds itself off the list.
        for (_, closer) in hub.closers.take() {
            // As above.
            let _ = catch_unwind(AssertUnwindSafe(closer));
        }
        hub.release();
    }

    /// Gives back what the hub holds of JavaScript.
    fn release(&self) {
        let Scripts {
            create,
            listen,
            make_decoder,
            share,
            wake,
            runtime,
        } = &self.scripts;
        let scripts = [create, listen, make_decoder, share, wake, runtime];
        let decoders = self.decoders.borrow();
        let decoders = decoders.values().map(|decoder| &decoder.function);
        let functions = scripts.into_iter().chain(decoders);
        for function in functions.chain(self.create_handler.get()) {
            function.release(self.environment);
        }
        self.slab.release();
        self.bytes.borrow_mut().release(self.environment);
    }

    /// Makes a stream's JavaScript object.
    pub(super) fn adopt<T: Item>(
        self: &Rc<Hub>,
        bridge: AsyncIterableBridge<T>,
    ) -> napi::Result<Value> {
        let reads = self.define::<T>()?;
        let number = take_number();
        let time_slice = bridge.options.time_slice_milliseconds();
        let kind = bridge.options.kind_of::<T>();
        let slot = StreamOutlet::install(bridge.stream, kind, self.clone(), number, reads);
        let environment = self.environment;
        environment.call(
            self.scripts.create.value(environment)?,
            &[
                environment.handle(slot)?,
                environment.number(number as f64)?,
                self.decoder(TypeId::of::<T>())?,
                environment.number(time_slice)?,
            ],
        )
    }

    /// Makes a handler's JavaScript object.
    pub(super) fn adopt_handler(&self, handler: Rc<dyn Requests>) -> napi::Result<Value> {
        let environment = self.environment;
        let create = match self.create_handler.get() {
            Some(create) => create.value(environment)?,
            None => {
                let natives = environment.handler_functions()?;
                let create = environment.call(environment.run_script(HANDLER)?, &[natives])?;
                // It is empty still: the script calls nothing that could make a handler.
                let _ = self.create_handler.set(environment.persist(create)?);
                create
            }
        };
        let slot = Rc::new(RefCell::new(Some(handler)));
        {
            let mut handlers = self.handlers.borrow_mut();
            handlers.retain(|slot| slot.strong_count() > 0);
            handlers.push(Rc::downgrade(&slot));
        }
        environment.call(create, &[environment.handler_handle(slot)?])
    }

    /// What `port.js` calls `runtime`: the class, and what the npm package needs beside it.
    pub(super) fn runtime(&self) -> napi::Result<Value> {
        self.scripts.runtime.value(self.environment)
    }

    /// Drains a stream into the columns. The payload of the batch, or the reason of a failure, is
    /// returned; the slab's last place says which.
    pub(super) fn drain(&self, outlet: &mut dyn Outlet) -> napi::Result<Option<Value>> {
        let staged = outlet.stage();
        self.hold();
        let (code, payload) = match staged {
            Staged::Items { bytes } => self.cross(outlet, bytes)?,
            Staged::NothingYet => (NOTHING_YET, None),
            Staged::Ended => (ENDED, None),
            Staged::Failed(error) => (FAILED, Some(self.environment.error(&error)?)),
        };
        self.slab.with(|_, outcome| *outcome = code);
        Ok(payload)
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn kind(&self, outlet: &dyn Outlet) -> napi::Result<Value> {
        self.environment.string(outlet.kind())
    }

    /// What `native.elsewhere` returns to `port.js`.
    pub(super) fn elsewhere(&self) -> napi::Result<Value> {
        let environment = self.environment;
        let streams = open_streams::elsewhere(self.place.thread).into_iter();
        let described = streams.map(|stream| {
            let is_awaited = f64::from(u8::from(stream.stats.is_awaited));
            let age = stream.age.as_secs_f64() * 1e3;
            let mut numbers = counters(stream.capacity, stream.stats, stream.is_started).to_vec();
            numbers.extend([is_awaited, age, stream.thread]);
            let kind = environment.string(stream.kind)?;
            environment.array(&[kind, environment.numbers(&numbers)?])
        });
        environment.array(&described.collect::<napi::Result<Vec<_>>>()?)
    }

    pub(super) fn write_stats(&self, outlet: &dyn Outlet) {
        self.slab.with(|numbers, _| outlet.write_stats(numbers));
    }

    /// The bell has been answered: tells JavaScript which streams to drain.
    pub(super) fn wake(&self) -> napi::Result<()> {
        let environment = self.environment;
        let ready = self.slab.with(|numbers, _| {
            let ready = self.doorbell.answer(numbers.len());
            for (place, number) in numbers.iter_mut().zip(&ready) {
                *place = *number as f64;
            }
            ready.len()
        });
        if ready > 0 {
            let count = environment.number(ready as f64)?;
            environment.call(self.scripts.wake.value(environment)?, &[count])?;
        }
        Ok(())
    }

    /// Has the object's `wake()` called for the wakes of this number. JavaScript holds the object weakly.
    pub(super) fn listen(&self, number: u64, object: Value) -> napi::Result<()> {
        let environment = self.environment;
        let arguments = [environment.number(number as f64)?, object];
        environment.call(self.scripts.listen.value(environment)?, &arguments)?;
        Ok(())
    }

    pub(super) fn on_close(&self, number: u64, closer: Closer) {
        self.closers.borrow_mut().insert(number, closer);
    }

    /// Gives the closer back, which the caller drops: it may own a listener of its own.
    pub(super) fn forget_close(&self, number: u64) -> Option<Closer> {
        self.closers.borrow_mut().remove(&number)
    }

    /// JavaScript has forgotten the object that listened to this number.
    pub(super) fn forget(&self, number: u64) {
        if let Some(closer) = self.forget_close(number) {
            closer();
            self.hold();
        }
    }

    pub(super) fn waker(&self, number: u64) -> Waker {
        self.doorbell.waker(number)
    }

    pub(super) fn watch(&self, slot: Weak<Slot>) -> usize {
        self.watched.borrow_mut().insert(slot)
    }

    pub(super) fn unwatch(&self, key: usize) {
        self.watched.borrow_mut().remove(key);
    }

    pub(super) fn tidy_later(&self, key: usize) {
        self.untidy.borrow_mut().push(key);
    }

    /// Lets streams that are idle give back the memory of their last burst.
    pub(super) fn tidy(&self) {
        for key in self.untidy.take() {
            // The place may have become another stream's, which is as well.
            let slot = self.watched.borrow().get(key).and_then(Weak::upgrade);
            // An item whose drop panics has nobody to tell it to; the panic hook has printed it.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                slot.map(|slot| slot.with(|outlet| outlet.tidy()))
            }));
        }
    }

    pub(super) fn count_parked(&self) {
        self.parked.set(self.parked.get() + 1);
    }

    pub(super) fn count_unparked(&self) {
        self.parked.set(self.parked.get() - 1);
    }

    pub(super) fn is_held(&self) -> bool {
        self.doorbell.bell().holds()
    }

    /// Holds the process alive exactly while some consumer is parked.
    pub(super) fn hold(&self) {
        self.doorbell
            .bell()
            .hold(self.environment, self.parked.get() > 0);
    }
}

/// A number for one more that can be woken.
pub(super) fn take_number() -> u64 {
    NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)
}
