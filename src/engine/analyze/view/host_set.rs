//! Host names, exact and with a leading star, asked for any that has a name in common with another
//! (`pkg/config/host/name.go`, `Matches`).

use super::Index;
use std::{collections::BTreeMap, ops::Bound};

/// Values by host name; of values under one name the first stays.
#[derive(Debug)]
pub struct HostSet<V> {
    exact: Backwards<V>,
    /// By what follows the star.
    wildcard: Index<String, V>,
    /// The same names, for those that are wider.
    tails: Backwards<V>,
}

/// By the name read from its end, so that names with one ending stand together.
type Backwards<V> = BTreeMap<Vec<u8>, V>;

impl<V> Default for HostSet<V> {
    fn default() -> Self {
        Self { exact: BTreeMap::new(), wildcard: Index::default(), tails: BTreeMap::new() }
    }
}

impl<V: Copy> HostSet<V> {
    /// Adds a host.
    pub fn insert(&mut self, host: &str, value: V) {
        match host.strip_prefix('*') {
            Some(tail) => {
                self.wildcard.entry(tail.to_owned()).or_insert(value);
                self.tails.entry(backwards(tail)).or_insert(value);
            }
            None => {
                self.exact.entry(backwards(host)).or_insert(value);
            }
        }
    }

    /// A host that has a name in common with the given one.
    pub fn overlapping(&self, host: &str) -> Option<V> {
        match host.strip_prefix('*') {
            None => self.exact.get(&backwards(host)).copied().or_else(|| self.covering(host)),
            Some(tail) => ending(&self.exact, tail).or_else(|| ending(&self.tails, tail)).or_else(|| self.covering(tail)),
        }
    }

    /// A wildcard host whose tail a name ends with.
    fn covering(&self, name: &str) -> Option<V> {
        if self.wildcard.is_empty() {
            return None;
        }
        let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
        ends.find_map(|at| self.wildcard.get(&name[at..])).copied()
    }
}

fn backwards(name: &str) -> Vec<u8> {
    name.bytes().rev().collect()
}

fn ending<V: Copy>(names: &Backwards<V>, tail: &str) -> Option<V> {
    let tail = backwards(tail);
    let next = names.range::<[u8], _>((Bound::Included(tail.as_slice()), Bound::Unbounded)).next();
    next.filter(|(name, _)| name.starts_with(&tail)).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::HostSet;
    use crate::engine::cluster::host::overlap;

    #[test]
    fn finds_what_comparing_pairs_would_find() {
        let hosts = ["*", "a.com", "*.com", "*.a.com", "x.a.com", "*a.com", "com", "*.b.org", "b.org", "*.x.b.org", "", "*m"];
        for one in hosts {
            let mut set = HostSet::default();
            set.insert(one, ());
            for other in hosts {
                assert_eq!(set.overlapping(other).is_some(), overlap(one, other), "{one:?} and {other:?}");
            }
        }
    }
}
