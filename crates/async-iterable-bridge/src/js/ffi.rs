//! Node-API, fenced in. All `unsafe` of the crate is in this file and, for handlers, in the one below it,
//! which is why it is a long one.
//!
//! # What the blocks below rely on
//!
//! - *An environment is used on its own thread.* [`Environment`] is neither `Send` nor `Sync`, and
//!   comes into being only here, from the pointer that Node-API passes to a callback.
//! - *Values live as long as the callback.* [`Value`] is not `Send` and is never stored; what must
//!   last is a [`Persistent`].
//! - *No panic crosses.* Every callback runs inside [`guard`].
#![allow(unsafe_code)]

mod handler;

pub(super) use handler::{HandlerSlot, Requests};

use super::doorbell::Bell;
use super::hub::Hub;
use super::outlet::Slot;
use crate::bridge::AsyncIterableBridge;
use crate::error::{Error, Property};
use crate::item::{BytesColumn, Item, PIECE};
use napi::bindgen_prelude::ToNapiValue;
use napi::sys;
use std::cell::Cell;
use std::ffi::{c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

/// A Node-API environment, on its own thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Environment(sys::napi_env);

/// A JavaScript value, for the duration of the current callback.
#[derive(Clone, Copy)]
pub(super) struct Value(sys::napi_value);

type Callback = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

fn check(status: sys::napi_status) -> napi::Result<()> {
    match status {
        sys::Status::napi_ok => Ok(()),
        status => Err(napi::Error::from_status(napi::Status::from(status))),
    }
}

/// Calls a Node-API function whose last argument receives the result.
macro_rules! get {
    ($function:ident($($argument:expr),*)) => {{
        let mut result = ptr::null_mut();
        // SAFETY: `Environment` is valid on this thread (see the module), the other arguments are
        // values of the current callback or pointers that outlive the call.
        check(unsafe { sys::$function($($argument,)* &mut result) }).map(|()| Value(result))
    }};
}

impl Environment {
    pub(super) fn run_script(self, source: &str) -> napi::Result<Value> {
        let source = self.utf8(source.as_bytes())?;
        get!(napi_run_script(self.0, source.0))
    }

    pub(super) fn call(self, function: Value, arguments: &[Value]) -> napi::Result<Value> {
        let receiver = get!(napi_get_undefined(self.0))?;
        // `Value` is a transparent pointer, but a copy of at most four is cheaper than the proof.
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.0).collect();
        let count = arguments.len();
        get!(napi_call_function(
            self.0,
            receiver.0,
            function.0,
            count,
            arguments.as_ptr()
        ))
    }

    pub(super) fn get(self, object: Value, name: &str) -> napi::Result<Value> {
        let name = self.utf8(name.as_bytes())?;
        get!(napi_get_property(self.0, object.0, name.0))
    }

    fn set(self, object: Value, name: &str, value: Value) -> napi::Result<()> {
        let name = self.utf8(name.as_bytes())?;
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_set_property(self.0, object.0, name.0, value.0) })
    }

    pub(super) fn number(self, number: f64) -> napi::Result<Value> {
        get!(napi_create_double(self.0, number))
    }

    fn number_of(self, value: Value) -> napi::Result<f64> {
        let mut number = 0.0;
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_get_value_double(self.0, value.0, &mut number) })?;
        Ok(number)
    }

    pub(super) fn boolean(self, boolean: bool) -> napi::Result<Value> {
        get!(napi_get_boolean(self.0, boolean))
    }

    /// Makes a string of UTF-8; all ASCII, as most text is, it is copied as it stands.
    pub(super) fn text(self, text: &[u8], is_ascii: bool) -> napi::Result<Value> {
        if is_ascii {
            let (start, length) = (text.as_ptr().cast(), text.len() as isize);
            get!(napi_create_string_latin1(self.0, start, length))
        } else {
            self.utf8(text)
        }
    }

    fn utf8(self, text: &[u8]) -> napi::Result<Value> {
        get!(napi_create_string_utf8(
            self.0,
            text.as_ptr().cast(),
            text.len() as isize
        ))
    }

    /// Makes a `Float64Array` with a copy of these numbers, which may be bits of other types.
    pub(super) fn numbers(self, numbers: &[f64]) -> napi::Result<Value> {
        let mut start = ptr::null_mut();
        let buffer = get!(napi_create_arraybuffer(
            self.0,
            size_of_val(numbers),
            &mut start
        ))?;
        if !numbers.is_empty() {
            // SAFETY: the new buffer has room for all numbers at `start`, and nobody else has it.
            unsafe { ptr::copy_nonoverlapping(numbers.as_ptr(), start.cast(), numbers.len()) };
        }
        self.float64_array(buffer, numbers.len())
    }

    fn float64_array(self, buffer: Value, length: usize) -> napi::Result<Value> {
        let class = sys::TypedarrayType::float64_array;
        get!(napi_create_typedarray(self.0, class, length, buffer.0, 0))
    }

    pub(super) fn array(self, elements: &[Value]) -> napi::Result<Value> {
        let array = get!(napi_create_array_with_length(self.0, elements.len()))?;
        for (index, element) in elements.iter().enumerate() {
            // SAFETY: as in `get!`.
            check(unsafe { sys::napi_set_element(self.0, array.0, index as u32, element.0) })?;
        }
        Ok(array)
    }

    /// Makes an `Error` object.
    pub(super) fn error(self, error: &Error) -> napi::Result<Value> {
        let code = match error.code() {
            Some(code) => self.utf8(code.as_bytes())?.0,
            None => ptr::null_mut(),
        };
        let message = self.utf8(error.message().as_bytes())?;
        let object = get!(napi_create_error(self.0, code, message.0))?;
        if let Some(cause) = error.cause() {
            self.define_cause(object, self.error(cause)?)?;
        }
        if let Some(errno) = error.errno() {
            self.set(object, "errno", self.number(f64::from(errno))?)?;
        }
        let texts = [
            ("syscall", error.syscall()),
            ("path", error.path()),
            ("dest", error.dest()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                self.set(object, name, self.utf8(text.as_bytes())?)?;
            }
        }
        for (name, property) in error.properties() {
            let value = match property {
                Property::Text(text) => self.utf8(text.as_bytes())?,
                Property::Number(number) => self.number(*number)?,
                Property::Boolean(boolean) => self.boolean(*boolean)?,
            };
            self.set(object, name, value)?;
        }
        Ok(object)
    }

    /// Sets a property that is not enumerable, as the constructor of `Error` does.
    fn define_cause(self, error: Value, cause: Value) -> napi::Result<()> {
        let attributes = sys::PropertyAttributes::writable | sys::PropertyAttributes::configurable;
        let property = sys::napi_property_descriptor {
            utf8name: c"cause".as_ptr(),
            name: ptr::null_mut(),
            method: None,
            getter: None,
            setter: None,
            value: cause.0,
            attributes,
            data: ptr::null_mut(),
        };
        // SAFETY: as in `get!`; the descriptor outlives the call.
        check(unsafe { sys::napi_define_properties(self.0, error.0, 1, &property) })
    }

    /// Makes an `ArrayBuffer` for so many bytes. `napi_create_buffer` is the one way to make one that
    /// is not set to zero.
    fn uninitialized(self, length: usize) -> napi::Result<Room> {
        let mut pointer = ptr::null_mut();
        let view = get!(napi_create_buffer(self.0, length, &mut pointer))?;
        let mut buffer = ptr::null_mut();
        let mut start = 0;
        // SAFETY: as in `get!`; what is not asked for may be null.
        check(unsafe {
            sys::napi_get_typedarray_info(
                self.0,
                view.0,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &mut buffer,
                &mut start,
            )
        })?;
        Ok(Room {
            buffer: Value(buffer),
            start,
            pointer: pointer.cast(),
            length,
        })
    }

    pub(super) fn persist(self, value: Value) -> napi::Result<Persistent> {
        let mut reference = ptr::null_mut();
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_create_reference(self.0, value.0, 1, &mut reference) })?;
        Ok(Persistent(Cell::new(reference)))
    }

    /// Makes a value that shares the ownership of a slot, until it is collected.
    pub(super) fn handle(self, slot: Rc<Slot>) -> napi::Result<Value> {
        let pointer = Rc::into_raw(slot);
        let made = get!(napi_create_external(
            self.0,
            pointer.cast_mut().cast(),
            Some(drop_handle),
            ptr::null_mut()
        ));
        if made.is_err() {
            // SAFETY: nobody else has got the pointer.
            drop(unsafe { Rc::from_raw(pointer) });
        }
        made
    }

    /// The object `native` of `port.js`.
    pub(super) fn native_functions(self) -> napi::Result<Value> {
        self.functions(&[
            (c"start", start),
            (c"drain", drain),
            (c"cancel", cancel),
            (c"stats", stats),
            (c"tidy", tidy),
        ])
    }

    fn functions(self, functions: &[(&CStr, Callback)]) -> napi::Result<Value> {
        let object = get!(napi_create_object(self.0))?;
        for (name, callback) in functions {
            let function = self.function(name, *callback)?;
            self.set(object, &name.to_string_lossy(), function)?;
        }
        Ok(object)
    }

    fn function(self, name: &CStr, callback: Callback) -> napi::Result<Value> {
        let length = name.count_bytes() as isize;
        get!(napi_create_function(
            self.0,
            name.as_ptr(),
            length,
            Some(callback),
            ptr::null_mut()
        ))
    }

    /// Closes the hub before the environment goes away. The pair of hook and argument is unique,
    /// as Node demands, because an environment has one hub.
    pub(super) fn on_cleanup(self) -> napi::Result<()> {
        // SAFETY: the hook touches nothing but the hub, which it finds by the pointer's value.
        check(unsafe { sys::napi_add_env_cleanup_hook(self.0, Some(close_hub), self.0.cast()) })
    }

    fn throw(self, message: &str) {
        let thrown = self
            .error(&Error::new(message).with_code("ERR_INTERNAL_ASSERTION"))
            .and_then(|error| self.throw_value(error));
        // An environment that cannot even throw is going away, and so is whoever would catch it.
        let _ = thrown;
    }

    fn throw_value(self, value: Value) -> napi::Result<()> {
        // SAFETY: as in `get!`.
        check(unsafe { sys::napi_throw(self.0, value.0) })
    }

    fn type_error(self, code: &str, message: &str) -> napi::Result<Value> {
        let code = self.utf8(code.as_bytes())?;
        let message = self.utf8(message.as_bytes())?;
        get!(napi_create_type_error(self.0, code.0, message.0))
    }

    /// Takes the exception that a call has left behind, if it has.
    pub(super) fn take_exception(self) -> Option<Value> {
        let mut pending = false;
        // SAFETY: as in `get!`.
        let asked = check(unsafe { sys::napi_is_exception_pending(self.0, &mut pending) });
        if asked.is_err() || !pending {
            return None;
        }
        get!(napi_get_and_clear_last_exception(self.0)).ok()
    }

    /// An exception that no JavaScript is there to catch becomes an uncaught one; without this,
    /// Node-API below version 10 would only warn.
    fn report_uncaught(self, error: napi::Error) {
        let exception = match self.take_exception() {
            Some(exception) => Ok(exception),
            None => self.error(&Error::new(error.to_string())),
        };
        if let Ok(exception) = exception {
            // SAFETY: as in `get!`. It fails only while the environment goes away.
            unsafe { sys::napi_fatal_exception(self.0, exception.0) };
        }
    }
}

/// A value that lasts until it is released, by its hub before their environment goes away: what is
/// left then, Bun never frees. It has no `Drop`, which might come after the environment's end.
pub(super) struct Persistent(Cell<sys::napi_ref>);

impl Persistent {
    pub(super) fn value(&self, environment: Environment) -> napi::Result<Value> {
        if self.is_released() {
            return Err(closing());
        }
        get!(napi_get_reference_value(environment.0, self.0.get()))
    }

    pub(super) fn release(&self, environment: Environment) {
        let reference = self.0.replace(ptr::null_mut());
        if !reference.is_null() {
            // SAFETY: as in `get!`; it was taken out, so nobody else can use or delete it.
            unsafe { sys::napi_delete_reference(environment.0, reference) };
        }
    }

    fn is_released(&self) -> bool {
        self.0.get().is_null()
    }
}

/// A `Float64Array` that both sides see. Its last place is set apart for the outcome of a drain.
pub(super) struct SharedSlab {
    start: NonNull<f64>,
    length: usize,
    environment: Environment,
    array: Persistent,
    /// Whether somebody is writing: a second writer would alias the first one's slice.
    writing: Cell<bool>,
}

impl SharedSlab {
    pub(super) fn new(environment: Environment, length: usize) -> napi::Result<Self> {
        let mut start = ptr::null_mut();
        let bytes = length * size_of::<f64>();
        let buffer = get!(napi_create_arraybuffer(environment.0, bytes, &mut start))?;
        let array = environment.float64_array(buffer, length)?;
        let start = NonNull::new(start.cast())
            .ok_or_else(|| napi::Error::from_reason("the slab has no memory"))?;
        let array = environment.persist(array)?;
        Ok(SharedSlab {
            start,
            length,
            environment,
            array,
            writing: Cell::new(false),
        })
    }

    pub(super) fn value(&self) -> napi::Result<Value> {
        self.array.value(self.environment)
    }

    /// From here on nobody may write, because nothing keeps the memory.
    pub(super) fn release(&self) {
        self.array.release(self.environment);
    }

    /// Lends the numbers, and the place of the outcome. Must not be called by its own caller.
    pub(super) fn with<R>(&self, write: impl FnOnce(&mut [f64], &mut f64) -> R) -> R {
        assert!(!self.array.is_released(), "the slab is released");
        assert!(!self.writing.replace(true), "the slab is lent already");
        let _lent = Lent(&self.writing);
        // SAFETY: the buffer has `length` numbers at `start` and is kept by `array`; its memory
        // does not move, and it never leaves `port.js`, so nobody detaches it. JavaScript does not
        // run while Rust writes, and `writing` excludes a second slice.
        let slab = unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) };
        let (outcome, numbers) = slab.split_last_mut().expect("the slab is not empty");
        write(numbers, outcome)
    }
}

/// Ends the loan of the slab, also when its borrower panics.
struct Lent<'a>(&'a Cell<bool>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Memory of JavaScript in which bytes cross. Small batches share an `ArrayBuffer` of the size of a
/// piece, one after the other; a batch for which that is too small has one of its own.
///
/// It is not set to zero before it is filled, as `Buffer.allocUnsafe` does not.
#[derive(Default)]
pub(super) struct SharedBytes {
    current: Option<BytesPiece>,
}

struct BytesPiece {
    buffer: Persistent,
    used: usize,
}

/// An `ArrayBuffer` with the bytes of a batch.
pub(super) struct BytesBuffer {
    pub(super) value: Value,
    pub(super) is_new: bool,
    /// Other batches will be in it as well.
    pub(super) is_shared: bool,
}

/// Room in an `ArrayBuffer`.
struct Room {
    buffer: Value,
    /// From the beginning of the buffer, in bytes.
    start: usize,
    pointer: *mut u8,
    length: usize,
}

impl Room {
    /// A buffer of which not too much is in vain, when only so many bytes were used: an item with
    /// bytes may weigh more by other things.
    fn shrink(self, environment: Environment, used: usize) -> napi::Result<Value> {
        if used >= self.length / 2 {
            return Ok(self.buffer);
        }
        let exact = environment.uninitialized(used)?;
        if exact.start != self.start {
            return Ok(self.buffer);
        }
        // SAFETY: both are as long as that, and the new one belongs to nobody else.
        unsafe { ptr::copy_nonoverlapping(self.pointer, exact.pointer, used) };
        Ok(exact.buffer)
    }
}

impl SharedBytes {
    /// From so many bytes on, a batch has memory of its own.
    const LARGE: usize = PIECE / 4;

    /// Lends room for at least so many bytes. `write` says how much of it is used.
    pub(super) fn with<R>(
        &mut self,
        environment: Environment,
        least: usize,
        write: impl FnOnce(BytesColumn<'_>) -> (R, usize),
    ) -> napi::Result<(R, BytesBuffer)> {
        let is_shared = least < Self::LARGE;
        let rest = if is_shared {
            self.rest(environment, least)?
        } else {
            None
        };
        let is_new = rest.is_none();
        let room = match rest {
            Some(room) => room,
            None if is_shared => self.renew(environment)?,
            None => environment.uninitialized(least)?,
        };
        // SAFETY: the room is memory of `buffer`, which is a value of this callback. JavaScript does
        // not run while Rust writes, and has no view of this part of the buffer yet. That it holds
        // arbitrary bytes is of no consequence: a column of bytes is only written to.
        let bytes = unsafe { std::slice::from_raw_parts_mut(room.pointer, room.length) };
        let (result, used) = write(BytesColumn::new(bytes, room.start));
        let value = match &mut self.current {
            Some(current) if is_shared => {
                current.used += used;
                room.buffer
            }
            Some(_) | None => room.shrink(environment, used)?,
        };
        let buffer = BytesBuffer {
            value,
            is_new,
            is_shared,
        };
        Ok((result, buffer))
    }

    pub(super) fn release(&mut self, environment: Environment) {
        if let Some(BytesPiece { buffer, .. }) = self.current.take() {
            buffer.release(environment);
        }
    }

    /// What is left of the current piece, if that is enough. A piece may be gone: on some runtimes
    /// a program can transfer the buffer of a view that it was given.
    fn rest(&self, environment: Environment, least: usize) -> napi::Result<Option<Room>> {
        let Some(BytesPiece { buffer, used }) = &self.current else {
            return Ok(None);
        };
        let buffer = buffer.value(environment)?;
        let (mut start, mut length) = (ptr::null_mut(), 0);
        // SAFETY: as in `get!`.
        check(unsafe {
            sys::napi_get_arraybuffer_info(environment.0, buffer.0, &mut start, &mut length)
        })?;
        let rest = length.saturating_sub(*used);
        if rest == 0 || rest < least {
            return Ok(None);
        }
        Ok(Some(Room {
            buffer,
            start: *used,
            // SAFETY: there are `length` bytes at `start`, which is more than `used`.
            pointer: unsafe { start.cast::<u8>().add(*used) },
            length: rest,
        }))
    }

    fn renew(&mut self, environment: Environment) -> napi::Result<Room> {
        let room = environment.uninitialized(PIECE)?;
        let renewed = BytesPiece {
            buffer: environment.persist(room.buffer)?,
            used: room.start,
        };
        if let Some(BytesPiece { buffer, .. }) = self.current.replace(renewed) {
            buffer.release(environment);
        }
        Ok(room)
    }
}

/// The environment's threadsafe function. It carries no data and no context, so there is nothing
/// that could be freed too early.
pub(super) struct ThreadsafeBell {
    /// Empty once the environment has begun to go away. Up to Node 24.13 a call in that time is a
    /// use after free, so calls hold the lock.
    function: Mutex<Option<ThreadsafeFunction>>,
    /// Deno's `ref` and `unref` are not idempotent.
    holds: std::sync::atomic::AtomicBool,
}

#[derive(Clone, Copy)]
struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: that it may be called from any thread is what a threadsafe function is for.
unsafe impl Send for ThreadsafeFunction {}

impl ThreadsafeBell {
    pub(super) fn new(environment: Environment) -> napi::Result<Self> {
        let name = environment.utf8(b"async-iterable-bridge")?;
        let mut function = ptr::null_mut();
        // SAFETY: as in `get!`; there is neither a context nor a finalizer.
        check(unsafe {
            sys::napi_create_threadsafe_function(
                environment.0,
                ptr::null_mut(),
                ptr::null_mut(),
                name.0,
                0,
                1,
                ptr::null_mut(),
                None,
                ptr::null_mut(),
                Some(answer),
                &mut function,
            )
        })?;
        // SAFETY: the function was made above, on this thread.
        check(unsafe { sys::napi_unref_threadsafe_function(environment.0, function) })?;
        Ok(ThreadsafeBell {
            function: Mutex::new(Some(ThreadsafeFunction(function))),
            holds: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// Whether the process is held alive. On the environment's thread only.
    pub(super) fn hold(&self, environment: Environment, hold: bool) {
        use std::sync::atomic::Ordering;
        if self.holds.load(Ordering::Relaxed) == hold {
            return;
        }
        self.holds.store(hold, Ordering::Relaxed);
        let Some(ThreadsafeFunction(function)) = *self.lock() else {
            return;
        };
        // SAFETY: the function is alive while the lock is held, and this is its thread. Both
        // calls fail only with arguments that are not valid.
        unsafe {
            if hold {
                sys::napi_ref_threadsafe_function(environment.0, function);
            } else {
                sys::napi_unref_threadsafe_function(environment.0, function);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ThreadsafeFunction>> {
        self.function.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bell for ThreadsafeBell {
    fn ring(&self) {
        if let Some(ThreadsafeFunction(function)) = *self.lock() {
            // SAFETY: the function is alive while the lock is held: `silence` comes before its end.
            // Its queue is unbounded, so the call fails only when the environment goes away.
            unsafe {
                sys::napi_call_threadsafe_function(
                    function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                );
            }
        }
    }

    fn silence(&self) {
        if let Some(ThreadsafeFunction(function)) = self.lock().take() {
            // SAFETY: it was taken out under the lock, so nobody else can call it from here on.
            unsafe {
                sys::napi_release_threadsafe_function(
                    function,
                    sys::ThreadsafeFunctionReleaseMode::abort,
                );
            }
        }
    }
}

/// A hub that could not be set up leaves none behind.
impl Drop for ThreadsafeBell {
    fn drop(&mut self) {
        self.silence();
    }
}

/// Runs a callback's body; a panic in it becomes a JavaScript exception.
fn guard<R>(environment: Environment, fallback: R, body: impl FnOnce() -> napi::Result<R>) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            environment.throw(&error.to_string());
            fallback
        }
        Err(panic) => {
            environment.throw(Error::panicked(panic.as_ref()).message());
            fallback
        }
    }
}

/// The arguments of a call from a script of this crate: what the handle that it passes first points to, and
/// one value more, which is undefined if it was not given.
fn arguments<T>(
    environment: Environment,
    info: sys::napi_callback_info,
) -> napi::Result<(NonNull<T>, Value)> {
    let mut values = [ptr::null_mut(); 2];
    let mut count = values.len();
    let mut handle = ptr::null_mut();
    // SAFETY: `info` is that of the current callback, and `values` has room for `count`, which Node-API fills
    // up with undefined.
    unsafe {
        check(sys::napi_get_cb_info(
            environment.0,
            info,
            &mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
        ))?;
        check(sys::napi_get_value_external(
            environment.0,
            values[0],
            &mut handle,
        ))?;
    }
    let handle = NonNull::new(handle.cast());
    let handle = handle.ok_or_else(|| napi::Error::from_reason("the handle is empty"))?;
    Ok((handle, Value(values[1])))
}

/// The arguments of a call from `port.js`.
fn slot_arguments(
    environment: Environment,
    info: sys::napi_callback_info,
) -> napi::Result<(&'static Slot, Value)> {
    let (slot, value) = arguments(environment, info)?;
    // SAFETY: the functions are reachable from `port.js` alone, which passes a value of
    // `Environment::handle` first; JavaScript holds it during the call, so what it owns outlives the borrow.
    Ok((unsafe { slot.as_ref() }, value))
}

fn closing() -> napi::Error {
    napi::Error::from_reason("the environment is closing")
}

fn hub(environment: Environment) -> napi::Result<Rc<Hub>> {
    Hub::find(environment).ok_or_else(closing)
}

unsafe extern "C" fn start(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handle, _) = slot_arguments(environment, info)?;
        handle.with(|outlet| outlet.start());
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn drain(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handle, _) = slot_arguments(environment, info)?;
        let hub = hub(environment)?;
        let drained = handle.with(|outlet| hub.drain(outlet));
        let payload = drained.ok_or_else(closing)??;
        Ok(payload.map_or(ptr::null_mut(), |payload| payload.0))
    })
}

unsafe extern "C" fn cancel(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handle, unread) = slot_arguments(environment, info)?;
        let unread = environment.number_of(unread)?;
        handle.with(|outlet| outlet.cancel(unread as u64));
        if let Some(hub) = Hub::find(environment) {
            hub.hold();
        }
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn stats(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        let (handle, _) = slot_arguments(environment, info)?;
        let hub = hub(environment)?;
        let written = handle.with(|outlet| hub.write_stats(outlet));
        written.ok_or_else(closing)?;
        Ok(ptr::null_mut())
    })
}

unsafe extern "C" fn tidy(env: sys::napi_env, _info: sys::napi_callback_info) -> sys::napi_value {
    let environment = Environment(env);
    guard(environment, ptr::null_mut(), || {
        hub(environment)?.tidy();
        Ok(ptr::null_mut())
    })
}

/// The threadsafe function's callback. With an environment that is going away it has a null
/// pointer, and must touch nothing.
unsafe extern "C" fn answer(
    env: sys::napi_env,
    _function: sys::napi_value,
    _context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return;
    }
    let environment = Environment(env);
    let Some(hub) = Hub::find(environment) else {
        return;
    };
    let woken = catch_unwind(AssertUnwindSafe(|| hub.wake())).unwrap_or_else(|panic| {
        Err(napi::Error::from_reason(
            Error::panicked(panic.as_ref()).to_string(),
        ))
    });
    if let Err(error) = woken {
        environment.report_uncaught(error);
    }
}

unsafe extern "C" fn drop_handle(_env: sys::napi_env, handle: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `handle` comes from `Environment::handle`, and Node-API finalizes it once.
    let handle = unsafe { Rc::<Slot>::from_raw(handle.cast()) };
    // An item whose drop panics has nobody to tell it to; the panic hook has printed it.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(handle)));
}

unsafe extern "C" fn close_hub(env: *mut c_void) {
    let environment = Environment(env.cast());
    // As above: there is nobody left to tell.
    let _ = catch_unwind(AssertUnwindSafe(|| Hub::close(environment)));
}

/// A value that napi-rs is still to convert.
pub(crate) struct Deferred(Box<dyn FnOnce(sys::napi_env) -> napi::Result<sys::napi_value>>);

impl Deferred {
    pub(super) fn new<T: ToNapiValue + 'static>(value: T) -> Self {
        // SAFETY: the closure is only called by `convert`, with an environment on its own thread.
        Deferred(Box::new(move |env| unsafe { T::to_napi_value(env, value) }))
    }

    pub(super) fn convert(self, environment: Environment) -> napi::Result<Value> {
        self.0(environment.0).map(Value)
    }
}

impl<T: Item> ToNapiValue for AsyncIterableBridge<T> {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, bridge: Self) -> napi::Result<sys::napi_value> {
        let hub = Hub::of(Environment(env))?;
        Ok(hub.adopt(bridge)?.0)
    }
}

/// The runtime object of an environment: the class of all its streams, for `instanceof`, what ties a
/// stream to an `AbortSignal` (`abortOn(stream, signal)`), and what a port needs that is written in
/// JavaScript (see `iterator.js`).
///
/// ```
/// use async_iterable_bridge::Runtime;
/// use napi_derive::napi;
///
/// /// For JavaScript of the addon's own, such as `stream instanceof runtime().AsyncIterableBridge`.
/// #[napi(ts_return_type = "object")]
/// pub fn runtime() -> Runtime {
///     Runtime
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Runtime;

impl ToNapiValue for Runtime {
    // SAFETY (of the caller): `env` is valid, and this is its thread.
    unsafe fn to_napi_value(env: sys::napi_env, _runtime: Self) -> napi::Result<sys::napi_value> {
        Ok(Hub::of(Environment(env))?.runtime()?.0)
    }
}
