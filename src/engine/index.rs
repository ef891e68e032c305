//! Tables by name.

use std::collections::{HashMap, HashSet};

/// A table whose hash is fast and seeded anew in each process. It is made for one cluster, of tens of thousands of names at most, and nothing goes by its order.
pub type Index<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The names alone.
pub type Set<K> = HashSet<K, foldhash::fast::RandomState>;
