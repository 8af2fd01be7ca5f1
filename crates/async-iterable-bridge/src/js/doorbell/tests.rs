use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bell that counts its rings.
#[derive(Default)]
struct Rings(AtomicUsize);

impl Rings {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Bell for Rings {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn silence(&self) {}
}

fn doorbell() -> Arc<Doorbell<Rings>> {
    Arc::new(Doorbell::new(Rings::default()))
}

#[test]
fn rings_once_for_all_streams_that_wake_before_the_answer() {
    let doorbell = doorbell();
    for number in [3, 1, 2] {
        doorbell.waker(number).wake();
    }
    assert_eq!(doorbell.bell().count(), 1);
    assert_eq!(doorbell.answer(8), [3, 1, 2]);
    assert_eq!(doorbell.bell().count(), 1);
}

#[test]
fn rings_again_after_the_answer() {
    let doorbell = doorbell();
    let waker = doorbell.waker(1);
    for rings in 1..=3 {
        waker.wake_by_ref();
        assert_eq!(doorbell.bell().count(), rings);
        assert_eq!(doorbell.answer(8), [1]);
    }
}

#[test]
fn rings_for_the_streams_that_an_answer_leaves_behind() {
    let doorbell = doorbell();
    for number in 0..5 {
        doorbell.waker(number).wake();
    }
    assert_eq!(doorbell.answer(2), [0, 1]);
    assert_eq!(doorbell.bell().count(), 2);
    doorbell.waker(5).wake();
    assert_eq!(doorbell.bell().count(), 2);
    assert_eq!(doorbell.answer(2), [2, 3]);
    assert_eq!(doorbell.answer(2), [4, 5]);
    assert_eq!(doorbell.bell().count(), 3);
}

#[test]
fn an_answer_to_nobody_is_empty_and_rings_nobody() {
    let doorbell = doorbell();
    assert!(doorbell.answer(8).is_empty());
    assert_eq!(doorbell.bell().count(), 0);
}
