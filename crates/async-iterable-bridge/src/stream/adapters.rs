//! Streams of existing iterators and `Stream`s. `pull.rs` has the iterators that are pulled on JavaScript's thread.

use crate::error::Error;
use crate::item::Item;
use crate::stream::bridge::{bridge, AsyncIterableBridge};
use crate::stream::options::Options;
use crate::stream::outcome::Outcome;
use crate::stream::producer::Producer;
use crate::stream::send_many::{Collected, BATCH, BATCH_BYTES};
use futures_core::Stream;
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::io;
use std::pin::{pin, Pin};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::unconstrained;

impl<T: Item> AsyncIterableBridge<T> {
    /// Makes a stream of the items of an iterator. The iterator runs on a thread of its own, so it may block.
    ///
    /// The iterator is made and first advanced by the first `next()`, and read ahead up to the capacity. It is
    /// dropped when it has ended or failed. When the consumer has left, it is dropped after its next item.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    ///
    /// pub fn powers() -> AsyncIterableBridge<f64> {
    ///     AsyncIterableBridge::from_iter(Options::new(), (0..64).map(|power| 2_f64.powi(power)))
    /// }
    /// ```
    pub fn from_iter<I>(options: Options, items: I) -> Self
    where
        I: IntoIterator + Send + 'static,
        I::Item: Outcome<Item = T>,
    {
        Self::spawn(options, move |producer| {
            // One by one, because the iterator may block for long before the next item.
            for item in items {
                let sent = producer.blocking_send(item.into_result()?);
                sent.map_err(|refusal| refusal.map(drop))?;
            }
            Ok(())
        })
    }

    /// Makes a stream of the items of a `Stream`, which is polled on the tokio runtime of [`Options::runtime`], or
    /// on the crate's own.
    ///
    /// It is first polled by the first `next()`, and read ahead up to the capacity. Items that are ready
    /// cross together. The `Stream` is dropped when it has ended or failed, and as soon as the consumer has left,
    /// wherever it waits.
    ///
    /// ```no_run
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// use tokio::sync::mpsc;
    /// use tokio_stream::wrappers::ReceiverStream;
    ///
    /// pub fn received(receiver: mpsc::Receiver<String>) -> AsyncIterableBridge<String> {
    ///     AsyncIterableBridge::from_stream(Options::new(), ReceiverStream::new(receiver))
    /// }
    /// ```
    pub fn from_stream<S>(options: Options, stream: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: Outcome<Item = T>,
    {
        Self::spawn_task(options, move |producer| forward(stream, producer))
    }

    /// Makes a stream of the items of a `Stream` that a future opens, such as the response to a query. Both run as
    /// in [`from_stream`](AsyncIterableBridge::from_stream); the first `next()` polls the future, and fails with its
    /// error.
    ///
    /// ```
    /// use async_iterable_bridge::{AsyncIterableBridge, Error, Options};
    ///
    /// pub fn query(text: String) -> AsyncIterableBridge<String> {
    ///     AsyncIterableBridge::from_future(Options::new(), async move {
    ///         if text.is_empty() {
    ///             return Err(Error::new("The query is empty").with_code("ERR_EMPTY_QUERY"));
    ///         }
    ///         Ok(tokio_stream::iter(vec![text]))
    ///     })
    /// }
    /// # drop(query(String::new()));
    /// ```
    pub fn from_future<F, S, E>(options: Options, opening: F) -> Self
    where
        F: Future<Output = Result<S, E>> + Send + 'static,
        S: Stream + Send + 'static,
        S::Item: Outcome<Item = T>,
        E: Into<Error>,
    {
        Self::spawn_task(options, move |producer| async move {
            let stream = opening.await.map_err(Into::into)?;
            forward(stream, producer).await
        })
    }

    /// Makes a stream that ends at once, without an item.
    ///
    /// ```
    /// use async_iterable_bridge::AsyncIterableBridge;
    ///
    /// pub fn results(query: Option<String>) -> AsyncIterableBridge<String> {
    ///     match query {
    ///         None => AsyncIterableBridge::empty(),
    ///         Some(query) => AsyncIterableBridge::from_iter(Default::default(), [query]),
    ///     }
    /// }
    /// # drop((results(None), results(Some("query".into()))));
    /// ```
    pub fn empty() -> Self {
        let (producer, bridge) = bridge(Options::new());
        producer.close();
        bridge
    }
}

/// The most bytes that a reader is asked for at once.
const READ: usize = 64 * 1024;

thread_local! {
    /// Memory of [`READ`] bytes for the next read. A reader that waits has none.
    static READ_MEMORY: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Reads some bytes; none at the end.
fn poll_bytes(
    reader: Pin<&mut impl AsyncRead>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Vec<u8>>> {
    let mut memory = READ_MEMORY.take();
    memory.resize(READ, 0);
    let mut bytes = ReadBuf::new(&mut memory);
    let polled = reader.poll_read(context, &mut bytes);
    let read = bytes.filled().len();
    // A read that fills most of the memory takes it; a small one would pin the rest.
    if polled.is_ready() && read > READ / 2 {
        memory.truncate(read);
        return polled.map_ok(|()| memory);
    }
    let item = match polled.is_ready() {
        true => memory[..read].to_vec(),
        false => Vec::new(),
    };
    READ_MEMORY.set(memory);
    polled.map_ok(|()| item)
}

impl AsyncIterableBridge<Vec<u8>> {
    /// Makes a stream of the bytes of a reader, in Buffers of at most 64 KiB. Each Buffer has what one read gives. The
    /// reader is read on the tokio runtime of [`Options::runtime`], or on the crate's own, and only while there is
    /// capacity. It is dropped at its end, after an error, and when the consumer has left.
    ///
    /// ```
    /// use async_iterable_bridge::{AsyncIterableBridge, Options};
    /// use tokio::net::TcpStream;
    ///
    /// pub fn received(socket: TcpStream) -> AsyncIterableBridge<Vec<u8>> {
    ///     AsyncIterableBridge::from_async_read(Options::new(), socket)
    /// }
    /// ```
    pub fn from_async_read(options: Options, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::spawn_task(options, move |producer| async move {
            let mut reader = pin!(reader);
            loop {
                producer.free_items().await?;
                let bytes = poll_fn(|context| poll_bytes(reader.as_mut(), context)).await?;
                if bytes.is_empty() {
                    return Ok(());
                }
                producer
                    .send(bytes)
                    .await
                    .map_err(|refusal| refusal.map(drop))?;
            }
        })
    }
}

/// Sends the items of a `Stream`, until it ends or fails.
pub(crate) async fn forward<S, T>(stream: S, producer: Producer<T>) -> Result<(), Error>
where
    S: Stream,
    S::Item: Outcome<Item = T>,
    T: Item,
{
    let mut stream = pin!(stream);
    let mut collected = Collected::new(&producer);
    loop {
        let most = producer.free_items().await?.min(BATCH);
        let batch = &mut collected.items;
        let taken = poll_fn(|context| poll_batch(stream.as_mut(), batch, most, context));
        // The batch is small, and its send lets other tasks run.
        let taken = unconstrained(taken).await;
        collected.send().await?;
        match taken {
            Taken::Some => {}
            Taken::All => return Ok(()),
            Taken::Failure(error) => return Err(error),
        }
    }
}

/// The reason why a batch of an iterator or a `Stream` ended.
pub(super) enum Taken {
    Some,
    All,
    Failure(Error),
}

/// Takes the items that are ready, at most `most`. Waits only for the first.
fn poll_batch<S, T>(
    mut stream: Pin<&mut S>,
    batch: &mut VecDeque<T>,
    most: usize,
    context: &mut Context<'_>,
) -> Poll<Taken>
where
    S: Stream,
    S::Item: Outcome<Item = T>,
    T: Item,
{
    let mut bytes = 0_usize;
    while batch.len() < most && bytes < BATCH_BYTES {
        let taken = match stream.as_mut().poll_next(context) {
            Poll::Ready(Some(outcome)) => match outcome.into_result() {
                Ok(item) => {
                    bytes = bytes.saturating_add(item.bytes());
                    batch.push_back(item);
                    continue;
                }
                Err(error) => Taken::Failure(error),
            },
            Poll::Ready(None) => Taken::All,
            Poll::Pending if batch.is_empty() => return Poll::Pending,
            Poll::Pending => Taken::Some,
        };
        return Poll::Ready(taken);
    }
    Poll::Ready(Taken::Some)
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;
    use crate::queue::{block_on, Drained};
    use crate::Start;

    #[test]
    fn a_stream_that_panics_loses_nothing_that_it_has_given() {
        let numbers = tokio_stream::iter((0..20).map(|number| match number {
            10 => std::panic::resume_unwind(Box::new("a bomb")),
            number => f64::from(number),
        }));
        let options = Options::new().start(Start::Eager);
        let mut bridge = AsyncIterableBridge::from_stream(options, numbers);
        let (mut batches, mut received) = (VecDeque::new(), Vec::new());
        let code = block_on(poll_fn(|context| loop {
            let drained = bridge
                .stream
                .drain(&mut batches, &mut Vec::new(), context.waker());
            match drained {
                Drained::Items => {
                    received.extend(batches.drain(..).flat_map(|batch| batch.numbers));
                }
                Drained::Parked => return Poll::Pending,
                Drained::Closed => return Poll::Ready(None),
                Drained::Failed(error) => return Poll::Ready(error.code().map(String::from)),
            }
        }));
        assert_eq!(code.as_deref(), Some("ERR_PRODUCER_PANICKED"));
        assert_eq!(received, (0..10).map(f64::from).collect::<Vec<_>>());
    }
}
