//! Objects in the order in which a processor likes to work on them.

/// Objects that are worked on together: as many as a processor's own cache holds.
pub const BATCH: usize = 128;

/// Where the objects of a batch stand, those of a kind one after the other, so that their code and tables stay at hand.
pub fn by_kind<T, K: Ord>(batch: &[T], kind: impl Fn(&T) -> K) -> Vec<usize> {
    let mut places: Vec<usize> = (0..batch.len()).collect();
    places.sort_by_key(|at| kind(&batch[*at]));
    places
}
