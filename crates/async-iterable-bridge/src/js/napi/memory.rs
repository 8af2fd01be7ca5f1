//! Memory of JavaScript that Rust writes to: numbers, and bytes.

use super::{check, Environment, Persistent, Value};
use crate::item::{ALIGNMENT, LARGE, PIECE};
use napi::sys;
use std::cell::Cell;
use std::ptr::{self, NonNull};

impl Environment {
    /// Makes an `ArrayBuffer` of `length` bytes. `napi_create_buffer` is the only way to make one that
    /// is not set to zero.
    fn uninitialized(self, length: usize) -> napi::Result<FreeRange> {
        let view = get!(napi_create_buffer(self.0, length, ptr::null_mut()))?;
        let (mut found, mut pointer) = (0, ptr::null_mut());
        let (mut buffer, mut start) = (ptr::null_mut(), 0);
        // SAFETY: as in `get!`; pointers for results that are not needed may be null.
        check(unsafe {
            sys::napi_get_typedarray_info(
                self.0,
                view.0,
                ptr::null_mut(),
                &mut found,
                &mut pointer,
                &mut buffer,
                &mut start,
            )
        })?;
        // A runtime that makes a Buffer in JavaScript may have exposed it to a getter of the program.
        if found != length {
            return Err(napi::Error::from_reason(
                "A new Buffer was transferred away",
            ));
        }
        Ok(FreeRange {
            buffer: Value(buffer),
            start,
            pointer: pointer.cast(),
            length,
        })
    }
}

/// A `Float64Array` that both sides share. Its last place is reserved for the outcome of a drain.
///
/// Decoders that addon authors have written get it, and code that they call may transfer its buffer away. So Rust
/// looks up its memory before each use.
pub(in crate::js) struct SharedSlab {
    length: usize,
    environment: Environment,
    array: Persistent,
    /// Whether it is lent: a second loan would alias the first one's slice.
    writing: Cell<bool>,
}

impl SharedSlab {
    pub(in crate::js) fn new(environment: Environment, length: usize) -> napi::Result<Self> {
        let array = environment.numbers(&vec![0.0; length])?;
        Ok(SharedSlab {
            length,
            environment,
            array: environment.persist(array)?,
            writing: Cell::new(false),
        })
    }

    pub(in crate::js) fn value(&self) -> napi::Result<Value> {
        self.array.value(self.environment)
    }

    /// Replaces an array that was transferred away by a new one.
    pub(in crate::js) fn renew(&self) -> napi::Result<()> {
        let SharedSlab { array, .. } = SharedSlab::new(self.environment, self.length)?;
        self.array.replace(self.environment, array);
        Ok(())
    }

    /// Ends the use of the slab: it cannot be lent any more.
    pub(in crate::js) fn release(&self) {
        self.array.release(self.environment);
    }

    /// Lends the numbers, and the place of the outcome, to `write`, which must not call this method. Returns `write`
    /// if the buffer was transferred away.
    pub(in crate::js) fn with<R, W>(&self, write: W) -> napi::Result<Result<R, W>>
    where
        W: FnOnce(&mut [f64], &mut f64) -> R,
    {
        assert!(!self.writing.replace(true), "the slab is lent already");
        let _lent = Lent(&self.writing);
        let Some(start) = self.memory()? else {
            return Ok(Err(write));
        };
        // SAFETY: `memory` has found `length` numbers at `start`. They stay there, because JavaScript, which alone
        // could transfer the buffer, does not run while `write` does; and `writing` excludes a second slice.
        let slab = unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), self.length) };
        let (outcome, numbers) = slab.split_last_mut().expect("the slab is not empty");
        Ok(Ok(write(numbers, outcome)))
    }

    /// Returns the address of the numbers; `None` if their buffer was transferred away.
    fn memory(&self) -> napi::Result<Option<NonNull<f64>>> {
        let (mut length, mut start) = (0, ptr::null_mut());
        // SAFETY: as in `get!`; pointers for results that are not needed may be null.
        check(unsafe {
            sys::napi_get_typedarray_info(
                self.environment.0,
                self.value()?.0,
                ptr::null_mut(),
                &mut length,
                &mut start,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        })?;
        let start = NonNull::new(start.cast::<f64>());
        Ok(start.filter(|start| length == self.length && start.is_aligned()))
    }
}

/// Ends the loan of the slab, also when its borrower panics.
struct Lent<'a>(&'a Cell<bool>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// The memory of JavaScript that bytes cross in. Small batches share an `ArrayBuffer` of the size of a
/// piece, one after the other; a batch of [`LARGE`] bytes or more has its own.
///
/// Like that of `Buffer.allocUnsafe`, the memory is not set to zero before it is filled.
#[derive(Default)]
pub(in crate::js) struct SharedBytes {
    current: Option<BytesPiece>,
}

struct BytesPiece {
    buffer: Persistent,
    used: usize,
}

/// An `ArrayBuffer` with the bytes of a batch.
pub(in crate::js) struct BytesBuffer {
    pub(in crate::js) value: Value,
    /// The offset at which the bytes begin.
    pub(in crate::js) start: usize,
    pub(in crate::js) is_new: bool,
    /// Whether other batches will share it.
    pub(in crate::js) is_shared: bool,
}

/// A range of an `ArrayBuffer` that is free.
struct FreeRange {
    buffer: Value,
    /// The offset from the beginning of the buffer, in bytes.
    start: usize,
    pointer: *mut u8,
    length: usize,
}

impl SharedBytes {
    /// Copies the bytes of a batch to memory of JavaScript, where they begin at a multiple of [`ALIGNMENT`].
    pub(in crate::js) fn copy(
        &mut self,
        environment: Environment,
        bytes: &[u8],
    ) -> napi::Result<BytesBuffer> {
        let is_shared = bytes.len() < LARGE;
        let rest = if is_shared {
            self.rest(environment, bytes.len())?
        } else {
            None
        };
        let is_new = rest.is_none();
        let range = match rest {
            Some(range) => range,
            None if is_shared => self.renew(environment)?,
            None => environment.uninitialized(bytes.len())?,
        };
        debug_assert!(range.start.is_multiple_of(ALIGNMENT));
        assert!(bytes.len() <= range.length);
        // SAFETY: `rest` or `uninitialized` has just looked up the memory of `buffer`, a value of this callback.
        // The assertion above has checked that the bytes fit. JavaScript, which alone could transfer the buffer, does
        // not run meanwhile.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), range.pointer, bytes.len()) };
        if let Some(current) = self.current.as_mut().filter(|_| is_shared) {
            current.used = (range.start + bytes.len()).next_multiple_of(ALIGNMENT);
        }
        Ok(BytesBuffer {
            value: range.buffer,
            start: range.start,
            is_new,
            is_shared,
        })
    }

    pub(in crate::js) fn release(&mut self, environment: Environment) {
        if let Some(BytesPiece { buffer, .. }) = self.current.take() {
            buffer.release(environment);
        }
    }

    /// Returns the rest of the current piece, if it has `least` bytes. A piece may be gone: on some
    /// runtimes a program can transfer the buffer of a view that it has received.
    fn rest(&self, environment: Environment, least: usize) -> napi::Result<Option<FreeRange>> {
        let Some(BytesPiece { buffer, used }) = &self.current else {
            return Ok(None);
        };
        let buffer = buffer.value(environment)?;
        let (mut start, mut length) = (ptr::null_mut(), 0);
        // SAFETY: as in `get!`.
        check(unsafe {
            sys::napi_get_arraybuffer_info(environment.0, buffer.0, &mut start, &mut length)
        })?;
        // At the end of the buffer, `used` may have been rounded up beyond the length.
        let rest = length.saturating_sub(*used);
        if rest == 0 || rest < least {
            return Ok(None);
        }
        Ok(Some(FreeRange {
            buffer,
            start: *used,
            // SAFETY: there are `length` bytes at `start`, which is more than `used`.
            pointer: unsafe { start.cast::<u8>().add(*used) },
            length: rest,
        }))
    }

    fn renew(&mut self, environment: Environment) -> napi::Result<FreeRange> {
        let range = environment.uninitialized(PIECE)?;
        let renewed = BytesPiece {
            buffer: environment.persist(range.buffer)?,
            used: range.start,
        };
        if let Some(BytesPiece { buffer, .. }) = self.current.replace(renewed) {
            buffer.release(environment);
        }
        Ok(range)
    }
}
