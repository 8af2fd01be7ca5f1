use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A notifier that counts its notifications.
#[derive(Default)]
struct Notifies(AtomicUsize);

impl Notifies {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Notifier for Notifies {
    fn notify(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn wake_list() -> Arc<WakeList<Notifies>> {
    Arc::new(WakeList::new(Notifies::default()))
}

#[test]
fn rings_once_for_all_streams_that_wake_before_the_answer() {
    let wake_list = wake_list();
    for number in [3, 1, 2] {
        wake_list.waker(number).wake();
    }
    assert_eq!(wake_list.notifier().count(), 1);
    assert_eq!(wake_list.take_ready(8), [3, 1, 2]);
    assert_eq!(wake_list.notifier().count(), 1);
}

#[test]
fn rings_again_after_the_answer() {
    let wake_list = wake_list();
    let waker = wake_list.waker(1);
    for notifies in 1..=3 {
        waker.wake_by_ref();
        assert_eq!(wake_list.notifier().count(), notifies);
        assert_eq!(wake_list.take_ready(8), [1]);
    }
}

#[test]
fn rings_for_the_streams_that_an_answer_leaves_behind() {
    let wake_list = wake_list();
    for number in 0..5 {
        wake_list.waker(number).wake();
    }
    assert_eq!(wake_list.take_ready(2), [0, 1]);
    assert_eq!(wake_list.notifier().count(), 2);
    wake_list.waker(5).wake();
    assert_eq!(wake_list.notifier().count(), 2);
    assert_eq!(wake_list.take_ready(2), [2, 3]);
    assert_eq!(wake_list.take_ready(2), [4, 5]);
    assert_eq!(wake_list.notifier().count(), 3);
}

#[test]
fn an_answer_to_nobody_is_empty_and_rings_nobody() {
    let wake_list = wake_list();
    assert!(wake_list.take_ready(8).is_empty());
    assert_eq!(wake_list.notifier().count(), 0);
}
