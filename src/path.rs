//! Paths, as JavaScript passes them.

use napi::bindgen_prelude::{Either, FromNapiValue, JsValue, Object, Uint8ArraySlice};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Makes a path of text, or of the bytes for the operating system. The memory of the bytes is read only here, when all
/// arguments have been converted, because a getter of the options could transfer it away.
pub(crate) fn path_of(path: Either<String, Object<'_>>) -> napi::Result<PathBuf> {
    Ok(match path {
        Either::A(text) => text.into(),
        Either::B(bytes) => path_of_bytes(&Uint8ArraySlice::from_unknown(bytes.to_unknown())?),
    })
}

/// Resolves a path against a base. Without a base the path stays relative to the current folder.
pub(crate) fn located<'p>(path: &'p Path, base: Option<&Path>) -> Cow<'p, Path> {
    match base {
        // An empty path names no file, and must not become the base.
        Some(base) if !path.as_os_str().is_empty() => base.join(path).into(),
        Some(_) | None => path.into(),
    }
}

#[cfg(unix)]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    OsStr::from_bytes(bytes).into()
}

/// Decodes the bytes, because all names are text on these platforms.
#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
