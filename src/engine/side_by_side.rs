//! Two pieces of work at once.

use std::{panic::resume_unwind, thread};

/// What both pieces of work give, the second from a thread of its own where the machine has one left.
///
/// A thread costs some 0.1 ms, so the work should take ten times that. A panic in either goes on here.
pub fn both<A, B: Send>(first: impl FnOnce() -> A, second: impl Fn() -> B + Sync) -> (A, B) {
    thread::scope(|scope| {
        let helper = thread::Builder::new().spawn_scoped(scope, &second).ok();
        let first = first();
        let second = helper.map_or_else(&second, |helper| helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (first, second)
    })
}

/// Objects whose reading, judging or decoding is worth a second thread: some milliseconds of work.
pub const MANY: usize = 2_000;

/// Works on a list, on both its halves at once where it is long; `join` puts what comes of the second half behind that of the first.
pub fn by_halves<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync, join: impl FnOnce(&mut R, R)) -> R {
    if items.len() < MANY {
        return work(items);
    }
    let (first, second) = items.split_at(items.len() / 2);
    let (mut all, rest) = both(|| work(first), || work(second));
    join(&mut all, rest);
    all
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn both_run_at_once() {
        // Either waits for the other.
        let meeting = Barrier::new(2);
        let side = |name| {
            meeting.wait();
            name
        };
        assert_eq!(both(|| side("first"), || side("second")), ("first", "second"));
    }

    #[test]
    fn halves_come_out_in_order() {
        let items: Vec<usize> = (0..=MANY).collect();
        assert_eq!(by_halves(&items, <[usize]>::to_vec, Vec::extend), items);
        let lengths = |count: usize| by_halves(&items[..count], |some| vec![some.len()], Vec::extend);
        assert_eq!((lengths(MANY - 1), lengths(MANY)), (vec![MANY - 1], vec![MANY / 2, MANY / 2]));
    }

    #[test]
    fn a_panic_goes_on() {
        let outcome = std::panic::catch_unwind(|| both(|| 1, || -> u8 { resume_unwind(Box::new("of the second")) }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"of the second"));
    }
}
