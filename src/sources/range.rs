//! Ranges of numbers.

use async_iterable_bridge::{AsyncIterableBridge, Options};

/// Makes a stream of `start`, `start + step`, `start + 2 × step` … up to `end`, which is not included. A negative
/// step counts down. Each number is computed from the first, so that errors do not add up.
pub(crate) fn range(start: f64, end: f64, step: f64, options: Options) -> AsyncIterableBridge<f64> {
    let is_before_end = move |number: &f64| {
        if step > 0.0 {
            *number < end
        } else {
            *number > end
        }
    };
    let numbers = (0_u64..)
        .map(move |index| start + index as f64 * step)
        .take_while(is_before_end);
    AsyncIterableBridge::pull_iter(options.kind("range"), numbers)
}
