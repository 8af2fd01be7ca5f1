//! The span and events that a stream reports to the crate tracing, with the feature `tracing`. Its producer runs in
//! the span `stream`, and the events of the stream are in that span. Without the feature this code does nothing.

#[cfg(feature = "tracing")]
use crate::{error::Error, queue::Drained};

/// The span of one stream. Its clones share the span, which ends when the last of them is dropped.
#[cfg(feature = "tracing")]
#[derive(Clone)]
pub(crate) struct Trace {
    span: tracing::Span,
    is_flowing: bool,
    has_ended: bool,
}

#[cfg(feature = "tracing")]
impl Trace {
    pub(crate) fn new(kind: &'static str, capacity: usize) -> Self {
        Trace {
            span: tracing::debug_span!("stream", kind, capacity),
            is_flowing: false,
            has_ended: false,
        }
    }

    pub(crate) fn in_span<R>(&self, run: impl FnOnce() -> R) -> R {
        self.span.in_scope(run)
    }

    pub(crate) fn started(&self) {
        tracing::debug!(parent: &self.span, "start");
    }

    pub(crate) fn waits_for_capacity(&self) {
        tracing::trace!(parent: &self.span, "wait for room");
    }

    /// Reports the first items, and the end.
    pub(crate) fn drained(&mut self, drained: &Drained<Error>) {
        match drained {
            Drained::Items if !self.is_flowing => {
                self.is_flowing = true;
                tracing::debug!(parent: &self.span, "first item");
            }
            Drained::Items | Drained::Parked => {}
            Drained::Closed => self.ended("closed", None),
            Drained::Failed(error) => self.ended("failed", Some(error.message())),
        }
    }

    pub(crate) fn cancelled(&mut self) {
        self.ended("cancelled", None);
    }

    fn ended(&mut self, state: &'static str, error: Option<&str>) {
        if !std::mem::replace(&mut self.has_ended, true) {
            tracing::debug!(parent: &self.span, state, error, "end");
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[derive(Clone)]
pub(crate) struct Trace;

#[cfg(not(feature = "tracing"))]
impl Trace {
    pub(crate) fn new(_kind: &'static str, _capacity: usize) -> Self {
        Trace
    }

    pub(crate) fn in_span<R>(&self, run: impl FnOnce() -> R) -> R {
        run()
    }

    pub(crate) fn started(&self) {}

    pub(crate) fn waits_for_capacity(&self) {}

    pub(crate) fn cancelled(&mut self) {}
}

#[cfg(all(test, feature = "tracing", not(bridge_loom)))]
mod tests {
    use crate::{bridge, AsyncIterableBridge, Options, Start};
    use std::collections::VecDeque;
    use std::future::Future;
    use std::io::{self, Write};
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Waker};
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;
    use tracing::{subscriber, Level};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Runs `act`, and returns the lines that this thread reports meanwhile, one for each event.
    fn events_of(act: impl FnOnce()) -> Vec<String> {
        let lines = Lines::default();
        let written = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(move || written.clone())
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .finish();
        subscriber::with_default(subscriber, act);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    fn drain<T: crate::Item>(stream: &mut AsyncIterableBridge<T>) {
        stream
            .stream
            .drain(&mut VecDeque::new(), &mut Vec::new(), Waker::noop());
    }

    #[test]
    fn a_stream_reports_its_start_its_first_item_a_wait_and_its_end() {
        let lines = events_of(|| {
            let options = Options::new().kind("numbers").capacity(1);
            let (producer, mut stream) = bridge(options);
            producer.try_send(1.0).unwrap();
            {
                let mut sending = pin!(producer.send(2.0));
                let mut context = Context::from_waker(Waker::noop());
                assert!(sending.as_mut().poll(&mut context).is_pending());
                assert!(sending.as_mut().poll(&mut context).is_pending());
                drain(&mut stream);
                assert!(sending.as_mut().poll(&mut context).is_ready());
            }
            drain(&mut stream);
            producer.close();
            drain(&mut stream);
            drain(&mut stream);
        });
        let expected = [
            "TRACE stream{kind=\"numbers\" capacity=1}: wait for room",
            "DEBUG stream{kind=\"numbers\" capacity=1}: start",
            "DEBUG stream{kind=\"numbers\" capacity=1}: first item",
            "DEBUG stream{kind=\"numbers\" capacity=1}: end state=\"closed\"",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_stream_without_a_kind_is_named_after_the_type_of_its_items() {
        let lines = events_of(|| drop(bridge::<f64>(Options::new().capacity(2))));
        let expected = ["DEBUG stream{kind=\"f64\" capacity=2}: end state=\"cancelled\""];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_failure_is_reported_with_its_message() {
        let lines = events_of(|| {
            let (producer, mut stream) = bridge::<f64>(Options::new());
            producer.fail("the sensor is gone");
            drain(&mut stream);
        });
        let end = lines.last().expect("the end");
        assert!(
            end.ends_with("end state=\"failed\" error=\"the sensor is gone\""),
            "{end}"
        );
    }

    #[test]
    fn events_of_a_producer_are_in_the_span_of_its_stream() {
        let lines = events_of(|| {
            let runtime = Builder::new_current_thread().build().unwrap();
            let options = Options::new()
                .kind("numbers")
                .runtime(runtime.handle().clone())
                .start(Start::Eager);
            let (send_done, done) = oneshot::channel();
            let stream = tracing::info_span!("listing").in_scope(|| {
                AsyncIterableBridge::<f64>::spawn_task(options, |_producer| async move {
                    tokio::task::yield_now().await;
                    tracing::info!("the producer runs");
                    send_done.send(()).unwrap();
                    Ok(())
                })
            });
            runtime.block_on(done).unwrap();
            drop(stream);
        });
        let expected =
            "INFO listing:stream{kind=\"numbers\" capacity=1024}: the producer runs".to_owned();
        assert!(lines.contains(&expected), "{lines:?}");
    }
}
