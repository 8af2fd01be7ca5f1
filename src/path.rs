//! Paths, as JavaScript gives them.

use napi::bindgen_prelude::{Either, Uint8Array};
use std::path::PathBuf;

/// A path that is text, or the bytes that the operating system is to get.
pub(crate) fn path_of(path: Either<String, Uint8Array>) -> PathBuf {
    match path {
        Either::A(text) => text.into(),
        Either::B(bytes) => path_of_bytes(&bytes),
    }
}

#[cfg(unix)]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    OsStr::from_bytes(bytes).into()
}

/// Elsewhere all names are text.
#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
