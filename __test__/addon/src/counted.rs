//! Items that are counted while they live.

use async_iterable_bridge::{AsyncIterableBridge, Columns, Item, Layout, Options};
use napi_derive::napi;
use std::sync::atomic::{AtomicU32, Ordering};

static ALIVE: AtomicU32 = AtomicU32::new(0);

/// A number in JavaScript.
pub struct Counted(f64);

impl Counted {
    fn new(number: u32) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Counted(f64::from(number))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Item for Counted {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        self.0.encode(columns);
    }
}

#[napi]
pub fn counted_items() -> u32 {
    ALIVE.load(Ordering::Relaxed)
}

/// Sends `items` counted items, and then nothing, until the consumer leaves.
#[napi]
pub fn counted_then_idle(items: u32) -> AsyncIterableBridge<Counted> {
    AsyncIterableBridge::spawn_task(Options::new(), move |producer| async move {
        for number in 0..items {
            producer.send(Counted::new(number)).await?;
        }
        producer.closed().await;
        Ok(())
    })
}
