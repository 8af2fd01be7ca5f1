//! Frames from sockets, as a stream of `Buffer`s. A frame is a length, 32 bits and big-endian, followed by
//! as many bytes.
//!
//! All connections feed one stream. When its consumer cannot keep up, they are not read, so their clients
//! wait. When the consumer leaves, the task below is dropped, with the listener and all connections. A broken
//! connection does not affect the others. A frame that is too long is an error of the protocol, and fails
//! the stream.

use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer};
use napi_derive::napi;
use std::io;
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinSet;

/// The number of frames that wait for the consumer. In addition, each connection holds at most one.
const CAPACITY: usize = 64;

/// The number of bytes of the longest frame, unless the caller gives a limit.
const DEFAULT_LIMIT: u32 = 1024 * 1024;

#[napi(object, object_from_js = false)]
pub struct Listening {
    pub port: u16,
    pub frames: AsyncIterableBridge<Vec<u8>>,
}

/// Listens on a free port of this machine. Clients can connect at once. They are read once the consumer asks
/// for frames.
#[napi]
pub fn listen(limit: Option<u32>) -> napi::Result<Listening> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let options = Options::new().capacity(CAPACITY);
    let frames = AsyncIterableBridge::spawn_task(options, move |producer| async move {
        accept(TcpListener::from_std(listener)?, limit, &producer).await
    });
    Ok(Listening { port, frames })
}

/// Accepts connections and never ends by itself.
async fn accept(
    listener: TcpListener,
    limit: u32,
    frames: &Producer<Vec<u8>>,
) -> Result<(), Error> {
    // When this future is dropped, the set is dropped with it and aborts its tasks.
    let mut connections = JoinSet::new();
    loop {
        select! {
            accepted = listener.accept() => {
                let (socket, client) = accepted?;
                let frames = frames.clone();
                connections.spawn(async move {
                    if let Err(error) = read(socket, limit, &frames).await {
                        log::warn!("the connection of {client} broke: {error}");
                    }
                });
            }
            Some(connection) = connections.join_next() => connection?,
        }
    }
}

/// Reads one connection to its end.
async fn read(socket: TcpStream, limit: u32, frames: &Producer<Vec<u8>>) -> io::Result<()> {
    let mut socket = BufReader::new(socket);
    while !socket.fill_buf().await?.is_empty() {
        let length = socket.read_u32().await?;
        if length > limit {
            frames.fail(too_long(length, limit));
            return Ok(());
        }
        let mut frame = vec![0; length as usize];
        socket.read_exact(&mut frame).await?;
        if frames.send(frame).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn too_long(length: u32, limit: u32) -> Error {
    Error::new(format!(
        "a frame of {length} bytes is longer than the limit of {limit}"
    ))
    .with_code("ERR_FRAME_TOO_LONG")
    .with_property("length", length)
    .with_property("limit", limit)
}
