//! Tables by name.

use std::collections::HashMap;

/// A table whose hash is fast and seeded anew in each process. It is made for one snapshot, of tens of thousands of names at most.
pub type Index<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
