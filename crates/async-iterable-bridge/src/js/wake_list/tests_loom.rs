//! The races of the wake list, in every interleaving. A lost wake shows as a deadlock.

use super::*;
use crate::sync::{wait, Condvar};
use loom::model;
use loom::thread;

/// A notifier whose notifications a thread can wait for.
#[derive(Default)]
struct Notifies {
    state: Mutex<RingsState>,
    notified: Condvar,
}

#[derive(Default)]
struct RingsState {
    /// The number of notifications that were not answered yet.
    waiting: usize,
    is_silent: bool,
}

impl Notifies {
    fn wait(&self) {
        let mut state = lock(&self.state);
        while state.waiting == 0 {
            state = wait(&self.notified, state);
        }
        state.waiting -= 1;
    }

    fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }

    fn close(&self) {
        lock(&self.state).is_silent = true;
    }
}

impl Notifier for Notifies {
    fn notify(&self) {
        let mut state = lock(&self.state);
        if !state.is_silent {
            assert_eq!(state.waiting, 0, "two notifies are on their way");
            state.waiting += 1;
            self.notified.notify_one();
        }
    }
}

fn wake_list() -> Arc<WakeList<Notifies>> {
    Arc::new(WakeList::new(Notifies::default()))
}

/// Answers the notifier until `count` numbers have come, at most `most` each time.
fn answers(wake_list: &WakeList<Notifies>, count: usize, most: usize) -> Vec<u64> {
    let mut answers = Vec::new();
    while answers.len() < count {
        wake_list.notifier().wait();
        let answer = wake_list.take_ready(most);
        assert!(answer.len() <= most);
        answers.extend(answer);
    }
    answers.sort_unstable();
    answers
}

#[test]
fn a_wake_that_meets_an_answer_is_in_it_or_rings_again() {
    model(|| {
        let wake_list = wake_list();
        let threads = [1, 2].map(|number| {
            let waker = wake_list.waker(number);
            thread::spawn(move || waker.wake())
        });
        assert_eq!(answers(&wake_list, 2, 8), [1, 2]);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(wake_list.notifier().waiting(), 0);
    });
}

#[test]
fn a_stream_that_is_woken_again_is_answered_again() {
    model(|| {
        let wake_list = wake_list();
        let waker = wake_list.waker(1);
        let thread = thread::spawn(move || {
            waker.wake_by_ref();
            waker.wake();
        });
        assert_eq!(answers(&wake_list, 2, 8), [1, 1]);
        thread.join().unwrap();
    });
}

#[test]
fn an_answer_that_leaves_numbers_behind_rings_for_them() {
    model(|| {
        let wake_list = wake_list();
        wake_list.waker(1).wake();
        let waker = wake_list.waker(2);
        let thread = thread::spawn(move || {
            waker.wake_by_ref();
            waker.wake();
        });
        assert_eq!(answers(&wake_list, 3, 1), [1, 2, 2]);
        thread.join().unwrap();
        assert_eq!(wake_list.notifier().waiting(), 0);
    });
}

#[test]
fn a_wake_that_meets_silence_rings_before_it_or_not_at_all() {
    model(|| {
        let wake_list = wake_list();
        let threads = [1, 2].map(|number| {
            let waker = wake_list.waker(number);
            thread::spawn(move || waker.wake())
        });
        wake_list.notifier().close();
        let notified = wake_list.notifier().waiting();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(wake_list.notifier().waiting(), notified);
    });
}
