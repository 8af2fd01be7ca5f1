//! Paths, as JavaScript gives them.

use napi::bindgen_prelude::{Either, FromNapiValue, JsValue, Object, Uint8ArraySlice};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Makes a path of text, or of the bytes that the operating system is to get. It asks for their memory here, once all
/// arguments have been converted: a getter of the options could transfer it away.
pub(crate) fn path_of(path: Either<String, Object<'_>>) -> napi::Result<PathBuf> {
    Ok(match path {
        Either::A(text) => text.into(),
        Either::B(bytes) => path_of_bytes(&Uint8ArraySlice::from_unknown(bytes.to_unknown())?),
    })
}

/// Returns where a path leads from a base, which is the current folder if there is none.
pub(crate) fn located<'p>(path: &'p Path, base: Option<&Path>) -> Cow<'p, Path> {
    match base {
        // An empty path leads nowhere, and must not become the base.
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

/// Elsewhere all names are text.
#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
