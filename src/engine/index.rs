//! Tables by name.

use std::collections::{HashMap, HashSet};

/// A table whose hash is fast and seeded anew in each process. It is made for one cluster, of tens of thousands of names at most, and nothing goes by its order.
pub type Index<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// One with room for so many, where it is known how many there will be.
pub fn index_of<K, V>(count: usize) -> Index<K, V> {
    Index::with_capacity_and_hasher(count, foldhash::fast::RandomState::default())
}

/// The names alone.
pub type Set<K> = HashSet<K, foldhash::fast::RandomState>;
