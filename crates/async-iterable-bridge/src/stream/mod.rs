//! A stream: the producer that Rust holds, the consumer's half that becomes an object of JavaScript, and the ways to
//! make both. It knows the queue and the items, and nothing of Node-API.

pub(crate) mod adapters;
pub(crate) mod bridge;
pub(crate) mod closed;
pub(crate) mod generator;
pub(crate) mod handler;
pub(crate) mod live;
pub(crate) mod open_streams;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod producer;
pub(crate) mod pull;
pub(crate) mod registration;
pub(crate) mod runtime;
pub(crate) mod send_many;
pub(crate) mod signal;
pub(crate) mod spawn;
pub(crate) mod supervision;
pub(crate) mod trace;

pub use bridge::{bridge, AsyncIterableBridge};
pub use closed::{ClosedGuard, ClosedToken};
pub use generator::Yielder;
pub use handler::Handler;
pub use live::{live_handles, LiveHandles};
pub use options::{Options, Start};
pub use outcome::Outcome;
pub use producer::Producer;
