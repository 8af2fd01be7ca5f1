//! Counting.

use async_iterable_bridge::{AsyncIterableBridge, Options};
use std::collections::VecDeque;

/// Numbers that are counted at a time, before the queue is locked once for all of them.
const BATCH: usize = 1024;

/// `start`, `start + step`, `start + 2 × step` … up to `end`, which is not included. A negative step
/// counts down. Each number is computed from the first, so that errors do not add up.
pub(crate) fn range(start: f64, end: f64, step: f64, options: Options) -> AsyncIterableBridge<f64> {
    AsyncIterableBridge::spawn_task(options.kind("range"), move |producer| async move {
        let is_before_end = |number: f64| {
            if step > 0.0 {
                number < end
            } else {
                number > end
            }
        };
        let mut numbers = (0_u64..)
            .map(|index| start + index as f64 * step)
            .take_while(|number| is_before_end(*number));
        let mut batch = VecDeque::with_capacity(BATCH);
        loop {
            batch.extend(numbers.by_ref().take(BATCH));
            if batch.is_empty() {
                return Ok(());
            }
            producer.send_batch(&mut batch).await?;
        }
    })
}
