//! What the consumer is done with: who drops it, and when.

use super::*;

/// A stream whose consumer has drained so many batches of one item, and is done with all but the last.
struct Fixture {
    stream: Stream<Held>,
    witness: Arc<()>,
    items: VecDeque<Held>,
}

impl Fixture {
    fn new() -> Self {
        let mut fixture = Fixture {
            stream: Stream::blocking(4),
            witness: Arc::new(()),
            items: VecDeque::new(),
        };
        fixture.send();
        assert_eq!(fixture.drain(), Drained::Items);
        fixture
    }

    fn send(&self) {
        assert!(self
            .stream
            .producer
            .try_send(Held::new(&self.witness))
            .is_ok());
    }

    fn drain(&mut self) -> Drained<&'static str> {
        match self.stream.queue.drain(&mut self.items, &self.stream.waker) {
            Drained::Items => Drained::Items,
            Drained::Parked => Drained::Parked,
            Drained::Closed => Drained::Closed,
            Drained::Failed(_) => Drained::Failed("an error"),
        }
    }

    fn alive(&self) -> usize {
        Arc::strong_count(&self.witness) - 1
    }
}

#[test]
fn the_next_send_drops_what_the_consumer_is_done_with() {
    let mut fixture = Fixture::new();
    fixture.send();
    assert_eq!(fixture.drain(), Drained::Items);
    assert_eq!(fixture.alive(), 2);
    fixture.send();
    // The drained one, and the one that was sent.
    assert_eq!(fixture.alive(), 2);
}

#[test]
fn a_batch_that_is_refused_drops_it_as_well() {
    let mut fixture = Fixture::new();
    fixture.send();
    assert_eq!(fixture.drain(), Drained::Items);
    fixture.stream.queue.close();
    let mut batch = VecDeque::from([Held::new(&fixture.witness)]);
    assert!(at_once(fixture.stream.producer.send_batch(&mut batch)).is_err());
    assert_eq!(fixture.alive(), 2);
}

#[test]
fn a_large_batch_does_not_stay_while_small_ones_come_and_go() {
    let mut fixture = Fixture::new();
    (0..4).for_each(|_| fixture.send());
    for _ in 0..10 {
        assert_eq!(fixture.drain(), Drained::Items);
        assert!(fixture.alive() <= 6);
        fixture.send();
    }
    assert!(fixture.alive() <= 4, "{} alive", fixture.alive());
}

#[test]
fn a_parked_consumer_releases_it() {
    let mut fixture = Fixture::new();
    fixture.send();
    assert_eq!(fixture.drain(), Drained::Items);
    fixture.stream.queue.release();
    assert_eq!(fixture.alive(), 2, "the consumer is not parked");
    assert_eq!(fixture.drain(), Drained::Parked);
    assert_eq!(fixture.alive(), 2);
    fixture.stream.queue.release();
    // What the caller is done with stays with the caller.
    fixture.items.clear();
    assert_eq!(fixture.alive(), 0);
}

#[test]
fn nothing_of_it_is_left_once_the_consumer_has_left() {
    let mut fixture = Fixture::new();
    fixture.send();
    assert_eq!(fixture.drain(), Drained::Items);
    fixture.stream.queue.cancel();
    fixture.items.clear();
    assert_eq!(fixture.alive(), 0);
}

#[test]
fn senders_and_the_consumer_hand_the_same_memory_round() {
    let mut fixture = Fixture::new();
    let mut seen = Vec::new();
    for _ in 0..20 {
        fixture.send();
        fixture.send();
        assert_eq!(fixture.drain(), Drained::Items);
        seen.push(fixture.items.as_slices().0.as_ptr());
    }
    seen.sort();
    seen.dedup();
    // The queue's and the consumer's own, two spent and two spare ones.
    assert!(seen.len() <= 6, "{} pieces of memory", seen.len());
}

#[test]
fn a_parked_consumer_releases_the_memory_of_bursts_that_were_dropped() {
    let mut fixture = Fixture {
        stream: Stream::blocking(1000),
        witness: Arc::new(()),
        items: VecDeque::new(),
    };
    for _ in 0..3 {
        (0..1000).for_each(|_| fixture.send());
        assert_eq!(fixture.drain(), Drained::Items);
    }
    assert_eq!(fixture.drain(), Drained::Parked);
    fixture.stream.queue.release();
    fixture.items = VecDeque::new();
    for _ in 0..3 {
        fixture.send();
        assert_eq!(fixture.drain(), Drained::Items);
        assert!(fixture.items.capacity() < 100);
    }
}

#[test]
fn a_consumer_that_waits_for_a_moment_keeps_the_memory() {
    let mut fixture = Fixture {
        stream: Stream::blocking(1000),
        witness: Arc::new(()),
        items: VecDeque::new(),
    };
    for _ in 0..3 {
        (0..1000).for_each(|_| fixture.send());
        assert_eq!(fixture.drain(), Drained::Items);
        assert_eq!(fixture.drain(), Drained::Parked);
    }
    fixture.send();
    assert_eq!(fixture.drain(), Drained::Items);
    assert!(fixture.items.capacity() >= 1000);
}

#[test]
fn an_item_whose_drop_panics_does_no_harm_to_whoever_sends_next() {
    struct Bomb;
    impl Item for Bomb {
        fn layout() -> Layout {
            Layout::array([])
        }
        fn bytes(&self) -> usize {
            1
        }
        fn encode(&self, _columns: &mut Columns<'_>) {}
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !thread::panicking() {
                std::panic::resume_unwind(Box::new("a bomb"));
            }
        }
    }

    let stream = Stream::<Bomb>::blocking(4);
    let mut items = VecDeque::new();
    for _ in 0..2 {
        assert!(stream.producer.try_send(Bomb).is_ok());
        stream.queue.drain(&mut items, &stream.waker);
    }
    assert!(stream.producer.try_send(Bomb).is_ok());
    items.into_iter().for_each(std::mem::forget);
    assert!(stream.producer.try_send(Bomb).is_ok());
    assert!(stream.queue.cancel(), "two bombs in one batch");
}
