//! The log of this addon, as a stream: what its code, or a crate that it uses, says by `log::info!`.
//!
//! Whoever logs never waits for JavaScript: a consumer that cannot keep up loses the oldest records, and
//! finds their number in `stats.dropped`. A stream ends only when its consumer leaves. It is forgotten with
//! the next record, and without any consumer logging costs next to nothing.

use async_iterable_bridge::{bridge, AsyncIterableBridge, Options, Overflow, Producer, Row};
use log::{Level, LevelFilter, Log, Metadata, Record};
use napi_derive::napi;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::SystemTime;

/// The records that wait for one consumer.
const CAPACITY: usize = 1000;

/// The process has one logger, which all its environments share.
static LOGGER: Logger = Logger {
    listeners: Mutex::new(Vec::new()),
};
static INSTALLED: Once = Once::new();

/// One event. `time` becomes a `Date`.
#[derive(Clone, Row)]
pub struct LogRecord {
    level: LogLevel,
    target: String,
    message: String,
    time: SystemTime,
}

/// A string in JavaScript, `'error'` to `'trace'`.
#[derive(Clone, Copy, Row)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// The records from now on.
#[napi]
pub fn logs() -> AsyncIterableBridge<LogRecord> {
    INSTALLED.call_once(|| {
        log::set_logger(&LOGGER).expect("no crate of this addon installs another logger");
    });
    let (producer, stream) = bridge(
        Options::new()
            .capacity(CAPACITY)
            .overflow(Overflow::DropOldest),
    );
    let mut listeners = LOGGER.listeners();
    listeners.push(producer);
    log::set_max_level(LevelFilter::Debug);
    stream
}

/// The consumers that the last record went to, and those that have come since.
#[napi]
pub fn log_listeners() -> u32 {
    LOGGER.listeners().len() as u32
}

/// Logs from a thread of its own, as the work of a real addon does.
#[napi]
pub fn work(steps: u32) {
    thread::spawn(move || {
        for step in 1..=steps {
            log::info!("step {step} of {steps}");
        }
    });
}

struct Logger {
    listeners: Mutex<Vec<Producer<LogRecord>>>,
}

impl Logger {
    fn listeners(&self) -> MutexGuard<'_, Vec<Producer<LogRecord>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let record = LogRecord::from(record);
        let mut listeners = self.listeners();
        // With this overflow there is always room: a send fails only if the consumer has left.
        listeners.retain(|producer| producer.try_send(record.clone()).is_ok());
        if listeners.is_empty() {
            log::set_max_level(LevelFilter::Off);
        }
    }

    fn flush(&self) {}
}

impl From<&Record<'_>> for LogRecord {
    fn from(record: &Record<'_>) -> Self {
        LogRecord {
            level: record.level().into(),
            target: record.target().into(),
            message: record.args().to_string(),
            time: SystemTime::now(),
        }
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => LogLevel::Error,
            Level::Warn => LogLevel::Warn,
            Level::Info => LogLevel::Info,
            Level::Debug => LogLevel::Debug,
            Level::Trace => LogLevel::Trace,
        }
    }
}
