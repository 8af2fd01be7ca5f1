//! The log of this addon as a stream: the records that its code, or a crate that it uses, logs by `log::info!`.
//!
//! A thread that logs never waits for JavaScript. A consumer that cannot keep up loses the oldest records, and
//! finds their number in `stats.dropped`. A stream ends only when its consumer leaves. The logger drops it with
//! the next record. Without consumers, logging costs almost nothing.

use async_iterable_bridge::{bridge, AsyncIterableBridge, Options, Overflow, Producer, Row};
use log::{Level, LevelFilter, Log, Metadata, Record};
use napi_derive::napi;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::SystemTime;

/// The number of records that wait for one consumer.
const CAPACITY: usize = 1000;

/// The logger of the process, which all environments share.
static LOGGER: Logger = Logger {
    listeners: Mutex::new(Vec::new()),
};
static INSTALLED: Once = Once::new();

/// A log record. `time` becomes a `Date`.
#[derive(Clone, Row)]
pub struct LogRecord {
    level: LogLevel,
    target: String,
    message: String,
    time: SystemTime,
}

/// The level, a string in JavaScript: `'error'` to `'trace'`.
#[derive(Clone, Copy, Row)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Returns the records that are logged from now on.
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

/// Returns the number of consumers: those that received the last record and those added since.
#[napi]
pub fn log_listeners() -> u32 {
    LOGGER.listeners().len() as u32
}

/// Logs `steps` records from a thread of its own, as the work of a real addon does.
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
        // With this overflow the queue never refuses a record: a send fails only if the consumer has left.
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
