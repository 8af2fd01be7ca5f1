//! Counting.

use async_iterable_bridge::{AsyncIterableBridge, Options};
use std::collections::VecDeque;

/// Numbers that are counted at a time, before the queue is locked once for all of them.
const BATCH: usize = 1024;

/// `start`, `start + step`, `start + 2 × step` … up to `end`, which is not included. A negative step
/// counts down. Each number is computed from the first, so that errors do not add up.
pub(crate) fn range(start: f64, end: f64, step: f64, options: Options) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::spawn_task(options, move |producer| async move {
        let count = ((end - start) / step).ceil().max(0.0);
        let mut index = 0.0;
        let mut batch = VecDeque::with_capacity(BATCH);
        while index < count {
            let until = (index + BATCH as f64).min(count);
            while index < until {
                batch.push_back(start + index * step);
                index += 1.0;
            }
            producer.send_batch(&mut batch).await?;
        }
        Ok(())
    })
}
