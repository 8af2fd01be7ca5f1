//! The doorbell's races, in every interleaving. A lost wake shows as a deadlock.

use super::*;
use crate::sync::{wait, Condvar};
use loom::model;
use loom::thread;

/// A bell whose rings a thread can wait for.
#[derive(Default)]
struct Rings {
    state: Mutex<RingsState>,
    rung: Condvar,
}

#[derive(Default)]
struct RingsState {
    /// The number of rings that were not answered yet.
    waiting: usize,
    is_silent: bool,
}

impl Rings {
    fn wait(&self) {
        let mut state = lock(&self.state);
        while state.waiting == 0 {
            state = wait(&self.rung, state);
        }
        state.waiting -= 1;
    }

    fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }
}

impl Bell for Rings {
    fn ring(&self) {
        let mut state = lock(&self.state);
        if !state.is_silent {
            assert_eq!(state.waiting, 0, "two rings are on their way");
            state.waiting += 1;
            self.rung.notify_one();
        }
    }

    fn silence(&self) {
        lock(&self.state).is_silent = true;
    }
}

fn doorbell() -> Arc<Doorbell<Rings>> {
    Arc::new(Doorbell::new(Rings::default()))
}

/// Answers the bell until `count` numbers have come, at most `most` each time.
fn answers(doorbell: &Doorbell<Rings>, count: usize, most: usize) -> Vec<u64> {
    let mut answers = Vec::new();
    while answers.len() < count {
        doorbell.bell().wait();
        let answer = doorbell.answer(most);
        assert!(answer.len() <= most);
        answers.extend(answer);
    }
    answers.sort_unstable();
    answers
}

#[test]
fn a_wake_that_meets_an_answer_is_in_it_or_rings_again() {
    model(|| {
        let doorbell = doorbell();
        let threads = [1, 2].map(|number| {
            let waker = doorbell.waker(number);
            thread::spawn(move || waker.wake())
        });
        assert_eq!(answers(&doorbell, 2, 8), [1, 2]);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(doorbell.bell().waiting(), 0);
    });
}

#[test]
fn a_stream_that_is_woken_again_is_answered_again() {
    model(|| {
        let doorbell = doorbell();
        let waker = doorbell.waker(1);
        let thread = thread::spawn(move || {
            waker.wake_by_ref();
            waker.wake();
        });
        assert_eq!(answers(&doorbell, 2, 8), [1, 1]);
        thread.join().unwrap();
    });
}

#[test]
fn an_answer_that_leaves_numbers_behind_rings_for_them() {
    model(|| {
        let doorbell = doorbell();
        doorbell.waker(1).wake();
        let waker = doorbell.waker(2);
        let thread = thread::spawn(move || {
            waker.wake_by_ref();
            waker.wake();
        });
        assert_eq!(answers(&doorbell, 3, 1), [1, 2, 2]);
        thread.join().unwrap();
        assert_eq!(doorbell.bell().waiting(), 0);
    });
}

#[test]
fn a_wake_that_meets_silence_rings_before_it_or_not_at_all() {
    model(|| {
        let doorbell = doorbell();
        let threads = [1, 2].map(|number| {
            let waker = doorbell.waker(number);
            thread::spawn(move || waker.wake())
        });
        doorbell.bell().silence();
        let rung = doorbell.bell().waiting();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(doorbell.bell().waiting(), rung);
    });
}
