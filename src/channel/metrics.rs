//! The metrics of the requests over event buses, in the whole process, for Prometheus.

use async_iterable_bridge_channel::{Observer, Outcome};
use prometheus::{
    exponential_buckets, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::sync::LazyLock;
use std::time::Instant;

static METRICS: LazyLock<Metrics> =
    LazyLock::new(|| Metrics::new().expect("the names and labels are valid, and no two the same"));

/// The bounds of the buckets: from 50 µs to 52 s, each twice the one before.
const BUCKETS: (f64, f64, usize) = (50e-6, 2.0, 21);

struct Metrics {
    registry: Registry,
    pending: IntGaugeVec,
    handling: IntGaugeVec,
    ended: IntCounterVec,
    items: IntCounterVec,
    queued: HistogramVec,
    first_item: HistogramVec,
    duration: HistogramVec,
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let registry = Registry::new_custom(Some("async_iterable_bridge".into()), None)?;
        let gauge = |name, help| {
            let gauge = IntGaugeVec::new(Opts::new(name, help), &["bus"])?;
            registry.register(Box::new(gauge.clone()))?;
            prometheus::Result::Ok(gauge)
        };
        let counter = |name, help, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            prometheus::Result::Ok(counter)
        };
        let histogram = |name, help| {
            let (start, factor, count) = BUCKETS;
            let options =
                HistogramOpts::new(name, help).buckets(exponential_buckets(start, factor, count)?);
            let histogram = HistogramVec::new(options, &["bus"])?;
            registry.register(Box::new(histogram.clone()))?;
            prometheus::Result::Ok(histogram)
        };
        Ok(Metrics {
            pending: gauge("requests_pending", "Requests that have not ended")?,
            handling: gauge("requests_handling", "Requests that a handler answers")?,
            ended: counter(
                "requests_total",
                "Requests that have ended, by how: done, error, cancelled, terminated",
                &["bus", "outcome"],
            )?,
            items: counter("response_items_total", "Items of responses", &["bus"])?,
            queued: histogram(
                "request_queue_seconds",
                "From the request until a handler has taken it",
            )?,
            first_item: histogram(
                "request_first_item_seconds",
                "From the request until the first item of its response",
            )?,
            duration: histogram(
                "request_duration_seconds",
                "From the request until the end of its response",
            )?,
            registry,
        })
    }
}

/// Returns the metrics in the text exposition format, version 0.0.4.
pub fn text() -> prometheus::Result<String> {
    TextEncoder::new().encode_to_string(&METRICS.registry.gather())
}

/// The measurements of one request, from its beginning on.
#[derive(Debug)]
pub struct Request {
    bus: String,
    start: Instant,
    had_items: bool,
    is_handled: bool,
}

impl Request {
    pub fn new(bus: String) -> Self {
        METRICS.pending.with_label_values(&[&bus]).inc();
        Request {
            bus,
            start: Instant::now(),
            had_items: false,
            is_handled: false,
        }
    }

    fn observe(&self, histogram: &HistogramVec) {
        let histogram = histogram.with_label_values(&[&self.bus]);
        histogram.observe(self.start.elapsed().as_secs_f64());
    }
}

impl Observer for Request {
    fn sender_opened(&mut self) {
        self.is_handled = true;
        METRICS.handling.with_label_values(&[&self.bus]).inc();
        self.observe(&METRICS.queued);
    }

    fn items_pushed(&mut self, count: usize) {
        if !std::mem::replace(&mut self.had_items, true) {
            self.observe(&METRICS.first_item);
        }
        METRICS
            .items
            .with_label_values(&[&self.bus])
            .inc_by(count as u64);
    }

    fn ended(self: Box<Self>, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::Closed => "done",
            Outcome::Failed => "error",
            Outcome::Cancelled => "cancelled",
            Outcome::Terminated => "terminated",
        };
        METRICS.ended.with_label_values(&[&self.bus, outcome]).inc();
        self.observe(&METRICS.duration);
    }
}

/// A request is no longer pending once it is dropped, however it has ended.
impl Drop for Request {
    fn drop(&mut self) {
        METRICS.pending.with_label_values(&[&self.bus]).dec();
        if self.is_handled {
            METRICS.handling.with_label_values(&[&self.bus]).dec();
        }
    }
}
