//! The names and messages of system errors, as Node prints them.
//!
//! Node takes both from libuv (`UV_ERRNO_MAP` of its `uv.h`); `std` has only the kernel's own
//! messages, and no names.

use std::io;

pub(super) struct Description {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
    pub(super) errno: i32,
}

#[cfg(unix)]
macro_rules! table {
    ($($code:ident => $description:literal,)*) => {
        &[$((libc::$code, stringify!($code), $description),)*]
    };
}

#[cfg(unix)]
const TABLE: &[(i32, &str, &str)] = table! {
    E2BIG => "argument list too long",
    EACCES => "permission denied",
    EADDRINUSE => "address already in use",
    EADDRNOTAVAIL => "address not available",
    EAGAIN => "resource temporarily unavailable",
    EBADF => "bad file descriptor",
    EBUSY => "resource busy or locked",
    ECANCELED => "operation canceled",
    ECONNABORTED => "software caused connection abort",
    ECONNREFUSED => "connection refused",
    ECONNRESET => "connection reset by peer",
    EEXIST => "file already exists",
    EFAULT => "bad address in system call argument",
    EFBIG => "file too large",
    EHOSTUNREACH => "host is unreachable",
    EINTR => "interrupted system call",
    EINVAL => "invalid argument",
    EIO => "i/o error",
    EISDIR => "illegal operation on a directory",
    ELOOP => "too many symbolic links encountered",
    EMFILE => "too many open files",
    EMLINK => "too many links",
    ENAMETOOLONG => "name too long",
    ENETUNREACH => "network is unreachable",
    ENFILE => "file table overflow",
    ENODEV => "no such device",
    ENOENT => "no such file or directory",
    ENOMEM => "not enough memory",
    ENOSPC => "no space left on device",
    ENOSYS => "function not implemented",
    ENOTCONN => "socket is not connected",
    ENOTDIR => "not a directory",
    ENOTEMPTY => "directory not empty",
    ENOTSUP => "operation not supported on socket",
    ENXIO => "no such device or address",
    EOVERFLOW => "value too large for defined data type",
    EPERM => "operation not permitted",
    EPIPE => "broken pipe",
    EROFS => "read-only file system",
    ESPIPE => "invalid seek",
    ESRCH => "no such process",
    ETIMEDOUT => "connection timed out",
    ETXTBSY => "text file is busy",
    EXDEV => "cross-device link not permitted",
};

#[cfg(unix)]
pub(super) fn describe(error: &io::Error) -> Option<Description> {
    let number = error.raw_os_error()?;
    let (_, code, description) = TABLE.iter().find(|(errno, _, _)| *errno == number)?;
    Some(Description {
        code,
        description,
        errno: -number,
    })
}

/// Describes the common errors of Windows as libuv does. Windows has numbers of its own.
#[cfg(not(unix))]
pub(super) fn describe(error: &io::Error) -> Option<Description> {
    let (code, description, errno) = match error.kind() {
        io::ErrorKind::NotFound => ("ENOENT", "no such file or directory", -4058),
        io::ErrorKind::PermissionDenied => ("EPERM", "operation not permitted", -4048),
        io::ErrorKind::AlreadyExists => ("EEXIST", "file already exists", -4075),
        io::ErrorKind::InvalidInput => ("EINVAL", "invalid argument", -4071),
        io::ErrorKind::IsADirectory => ("EISDIR", "illegal operation on a directory", -4068),
        io::ErrorKind::NotADirectory => ("ENOTDIR", "not a directory", -4052),
        io::ErrorKind::BrokenPipe => ("EPIPE", "broken pipe", -4047),
        io::ErrorKind::TimedOut => ("ETIMEDOUT", "connection timed out", -4039),
        _ => return None,
    };
    Some(Description {
        code,
        description,
        errno,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_missing_file_is_described_as_node_does() {
        let error = io::Error::from_raw_os_error(libc::ENOENT);
        let described = describe(&error).expect("ENOENT is in the table");
        assert_eq!(described.code, "ENOENT");
        assert_eq!(described.description, "no such file or directory");
        assert_eq!(described.errno, -libc::ENOENT);
    }

    #[test]
    fn an_error_without_a_number_has_no_description() {
        assert!(describe(&io::Error::other("made up")).is_none());
    }
}
