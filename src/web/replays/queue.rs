//! Who waits for the one place at which a replay runs. Nobody is kept waiting by a crowd behind one address, and who goes away
//! leaves at once.
//!
//! Knows nothing of Envoys.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::store::LearnerId;

/// Who wants a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The address that limits count by.
    pub address: IpAddr,
    /// The learner, where the browser is known.
    pub learner: Option<LearnerId>,
}

/// How somebody stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// So many have their turn first.
    Behind(usize),
    /// It is their turn.
    Turn,
    /// They asked again, and that request took over.
    Replaced,
    /// The queue was full, and somebody who had waited for nothing yet came.
    Crowded,
}

/// Why a place is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// To a later request of one's own.
    Replaced,
    /// To somebody of another address.
    Crowded,
}

/// The queue. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Queue(Arc<Mutex<Line>>);

#[derive(Debug)]
struct Line {
    /// How many may wait.
    most: usize,
    /// Whose turn it is.
    served: Option<Waiting>,
    /// Everybody else, in the order of their turns.
    waiting: Vec<Waiting>,
    next: u64,
}

#[derive(Debug)]
struct Waiting {
    /// How many of the same address were there before: addresses take turns.
    round: usize,
    number: u64,
    who: Who,
    standing: watch::Sender<Standing>,
}

impl Waiting {
    fn order(&self) -> (usize, u64) {
        (self.round, self.number)
    }
}

/// A place in the queue, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    queue: Queue,
    number: u64,
    standing: watch::Receiver<Standing>,
}

impl Queue {
    /// One in which `most` may wait while somebody has their turn.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Line { most, served: None, waiting: Vec::new(), next: 0 })))
    }

    /// A place at the end, in place of any that the same learner has. None where there is no room.
    pub fn enter(&self, who: Who) -> Option<Place> {
        let mut line = self.line();
        line.replace(&who);
        let round = line.served.iter().chain(&line.waiting).filter(|other| other.who.address == who.address).count();
        if line.waiting.len() >= line.most {
            line.waiting.pop_if(|last| last.round > round)?.standing.send_replace(Standing::Crowded);
        }
        line.next += 1;
        let (sender, standing) = watch::channel(Standing::Behind(0));
        let new = Waiting { round, number: line.next, who, standing: sender };
        let place = Place { queue: self.clone(), number: new.number, standing };
        let at = line.waiting.partition_point(|other| other.order() < new.order());
        line.waiting.insert(at, new);
        line.go_on();
        Some(place)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Whoever has their turn keeps it until they have gone; they are told to go.
    fn replace(&mut self, who: &Who) {
        let is_same = |other: &Waiting| who.learner.is_some() && other.who.learner == who.learner;
        for old in self.waiting.extract_if(.., |other| is_same(other)) {
            old.standing.send_replace(Standing::Replaced);
        }
        if let Some(served) = self.served.as_ref().filter(|served| is_same(served)) {
            served.standing.send_replace(Standing::Replaced);
        }
    }

    fn leave(&mut self, number: u64) {
        self.served.take_if(|served| served.number == number);
        self.waiting.retain(|other| other.number != number);
        self.go_on();
    }

    /// Gives the turn to the next where nobody has it, and tells all others how they stand.
    fn go_on(&mut self) {
        if self.served.is_none() && !self.waiting.is_empty() {
            let next = self.waiting.remove(0);
            next.standing.send_replace(Standing::Turn);
            self.served = Some(next);
        }
        for (at, waiting) in self.waiting.iter().enumerate() {
            waiting.standing.send_if_modified(|standing| std::mem::replace(standing, Standing::Behind(at + 1)) != Standing::Behind(at + 1));
        }
    }
}

impl Place {
    /// Waits for the turn. `tell` hears how many come first, now and whenever that changes.
    pub async fn turn(&mut self, mut tell: impl FnMut(usize)) -> Result<(), Lost> {
        loop {
            let standing = *self.standing.borrow_and_update();
            match standing {
                Standing::Turn => return Ok(()),
                Standing::Behind(before) => tell(before),
                Standing::Replaced => return Err(Lost::Replaced),
                Standing::Crowded => return Err(Lost::Crowded),
            }
            // The sender goes only with a place that is lost, which has been told by then.
            if self.standing.changed().await.is_err() {
                return Err(Lost::Crowded);
            }
        }
    }

    /// Resolves when a later request of the same learner wants to take over, and never else.
    pub fn replaced(&self) -> impl Future<Output = ()> + use<> {
        let mut standing = self.standing.clone();
        async move {
            if standing.wait_for(|standing| *standing == Standing::Replaced).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.line().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(address: u8, learner: &str) -> Who {
        Who { address: [192, 0, 2, address].into(), learner: (!learner.is_empty()).then(|| LearnerId::from_text(learner)) }
    }

    fn standing(place: &Place) -> Standing {
        *place.standing.borrow()
    }

    #[test]
    fn everybody_is_told_how_many_come_first() {
        let queue = Queue::new(8);
        let mut places: Vec<Place> = (1..=4).map(|address| queue.enter(who(address, "")).unwrap()).collect();
        let told = |places: &[Place]| places.iter().map(standing).collect::<Vec<_>>();
        assert_eq!(told(&places), [Standing::Turn, Standing::Behind(1), Standing::Behind(2), Standing::Behind(3)]);
        drop(places.remove(1));
        assert_eq!(told(&places), [Standing::Turn, Standing::Behind(1), Standing::Behind(2)], "who goes away does not hold up the rest");
        drop(places.remove(0));
        assert_eq!(told(&places), [Standing::Turn, Standing::Behind(1)]);
    }

    #[test]
    fn a_full_queue_takes_nobody_of_the_same_address() {
        let queue = Queue::new(2);
        let _places: Vec<Place> = (0..3).map(|_| queue.enter(who(1, "")).unwrap()).collect();
        assert!(queue.enter(who(1, "")).is_none());
    }

    #[test]
    fn addresses_take_turns_and_a_crowd_gives_way() {
        let queue = Queue::new(2);
        let crowd: Vec<Place> = (0..3).map(|_| queue.enter(who(1, "")).unwrap()).collect();
        let other = queue.enter(who(2, "")).unwrap();
        assert_eq!(crowd.iter().map(standing).collect::<Vec<_>>(), [Standing::Turn, Standing::Behind(2), Standing::Crowded]);
        assert_eq!(standing(&other), Standing::Behind(1));
        let third = queue.enter(who(3, "")).unwrap();
        assert_eq!(standing(&crowd[1]), Standing::Crowded);
        assert!(queue.enter(who(2, "")).is_none(), "nobody who waits has been there more often");
        drop((crowd, other));
        assert_eq!(standing(&third), Standing::Turn);
    }

    #[test]
    fn a_learner_has_one_place() {
        let queue = Queue::new(8);
        let first = queue.enter(who(1, "anna")).unwrap();
        let second = queue.enter(who(2, "anna")).unwrap();
        assert_eq!((standing(&first), standing(&second)), (Standing::Replaced, Standing::Behind(1)), "the turn is given back first");
        let third = queue.enter(who(2, "anna")).unwrap();
        let stranger = queue.enter(who(2, "")).unwrap();
        let another = queue.enter(who(2, "")).unwrap();
        assert_eq!([&second, &third, &stranger, &another].map(standing), [Standing::Replaced, Standing::Behind(1), Standing::Behind(2), Standing::Behind(3)]);
        drop(first);
        assert_eq!(standing(&third), Standing::Turn);
    }

    #[tokio::test]
    async fn a_turn_is_waited_for_and_a_lost_place_is_told() {
        let queue = Queue::new(1);
        let first = queue.enter(who(1, "")).unwrap();
        let mut second = queue.enter(who(1, "")).unwrap();
        let mut heard = Vec::new();
        let waiting = second.turn(|before| heard.push(before));
        let (turn, ()) = tokio::join!(waiting, async { drop(first) });
        assert_eq!((turn, heard), (Ok(()), vec![1]));
        let mut third = queue.enter(who(1, "")).unwrap();
        let _fourth = queue.enter(who(2, "")).unwrap();
        assert_eq!(third.turn(|_| {}).await, Err(Lost::Crowded));
    }
}
