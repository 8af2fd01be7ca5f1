//! Frames from sockets, as a stream of `Buffer`s: a length, 32 bits and big-endian, then as many bytes.
//!
//! All connections feed one stream. When its consumer does not keep up, they are not read, so that their
//! clients wait; when it leaves, the task below is dropped, and the listener and all connections with it. A
//! connection that breaks is none of the others' business, but a frame that is too long is a mistake of
//! the protocol, and fails the stream.

use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer};
use napi_derive::napi;
use std::io;
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinSet;

/// The frames that wait for the consumer. Beside them, each connection has at most one.
const CAPACITY: usize = 64;

/// The bytes of the longest frame, if nothing else is said.
const DEFAULT_LIMIT: u32 = 1024 * 1024;

#[napi(object, object_from_js = false)]
pub struct Listening {
    pub port: u16,
    pub frames: AsyncIterableBridge<Vec<u8>>,
}

/// Listens on a free port of this machine. Clients can connect at once, and are heard once the frames are
/// asked for.
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

/// Never ends by itself.
async fn accept(
    listener: TcpListener,
    limit: u32,
    frames: &Producer<Vec<u8>>,
) -> Result<(), Error> {
    // Dropped with this future, it aborts what is in it.
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
