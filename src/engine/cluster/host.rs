//! Host names as Istio compares them: exact names and names with a leading `*`.

use std::net::IpAddr;

use crate::engine::index::Index;

/// The domain of the cluster's services.
pub const DOMAIN: &str = "cluster.local";

/// Whether a name starts with `*`.
pub fn is_wildcard(host: &str) -> bool {
    host.starts_with('*')
}

/// Whether two names have a name in common.
pub fn overlap(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(a_tail), Some(b_tail)) => a_tail.ends_with(b_tail) || b_tail.ends_with(a_tail),
        (Some(a_tail), None) => b.ends_with(a_tail),
        (None, Some(b_tail)) => a.ends_with(b_tail),
        (None, None) => a == b,
    }
}

/// Whether every name that `a` stands for is one that `b` stands for.
pub fn is_subset(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(a_tail), Some(b_tail)) => a.len() >= b.len() && a_tail.ends_with(b_tail),
        (Some(_), None) => false,
        (None, Some(b_tail)) => a.ends_with(b_tail),
        (None, None) => a == b,
    }
}

/// Most specific first: exact names, then the longest, then by the alphabet.
pub fn by_specificity(a: &str, b: &str) -> std::cmp::Ordering {
    is_wildcard(a).cmp(&is_wildcard(b)).then(b.len().cmp(&a.len())).then(a.cmp(b))
}

/// A short name in full: a name without a dot is a service of `namespace`.
pub fn resolve_short_name(host: &str, namespace: &str) -> String {
    if host.is_empty() || host == "*" || host.contains('.') || host.parse::<IpAddr>().is_ok() {
        return host.to_owned();
    }
    [host, ".", namespace, ".svc.", DOMAIN].concat()
}

/// Values by host name, found by the most specific name that covers a host.
#[derive(Debug, Clone)]
pub struct HostMap<V> {
    exact: Index<String, V>,
    /// By the part behind the `*`.
    wildcard: Index<String, V>,
    longest: usize,
}

impl<V> Default for HostMap<V> {
    fn default() -> Self {
        Self { exact: Index::default(), wildcard: Index::default(), longest: 0 }
    }
}

impl<V> HostMap<V> {
    /// The value under exactly this name, made where there is none.
    pub fn entry(&mut self, host: &str) -> std::collections::hash_map::Entry<'_, String, V> {
        match host.strip_prefix('*') {
            Some(tail) => {
                self.longest = self.longest.max(tail.len());
                self.wildcard.entry(tail.to_owned())
            }
            None => self.exact.entry(host.to_owned()),
        }
    }

    /// The value of the most specific name that covers `host`.
    pub fn find(&self, host: &str) -> Option<&V> {
        let name = if let Some(tail) = host.strip_prefix('*') {
            tail
        } else {
            if let Some(value) = self.exact.get(host) {
                return Some(value);
            }
            host
        };
        if self.wildcard.is_empty() {
            return None;
        }
        let first = name.len().saturating_sub(self.longest);
        (first..=name.len()).filter(|at| name.is_char_boundary(*at)).find_map(|at| self.wildcard.get(&name[at..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_overlap_both_ways_and_contain_one_way() {
        assert!(overlap("*.example.com", "a.example.com") && overlap("a.example.com", "*.example.com") && overlap("*.com", "*.example.com"));
        assert!(!overlap("*.foo.com", "foo.com") && !overlap("*.a.com", "*.b.com"));
        assert!(is_subset("*.example.com", "*.com") && !is_subset("*.com", "*.example.com") && !is_subset("*.com", "a.com"));
    }

    #[test]
    fn only_names_without_a_dot_are_short() {
        assert_eq!(resolve_short_name("reviews", "prod"), "reviews.prod.svc.cluster.local");
        assert_eq!(resolve_short_name("reviews.prod", "prod"), "reviews.prod");
        assert_eq!(resolve_short_name("*", "prod"), "*");
    }

    #[test]
    fn the_most_specific_name_is_found() {
        let mut map = HostMap::default();
        for (host, value) in [("*", 1), ("*.example.com", 2), ("a.example.com", 3), ("*.b.example.com", 4)] {
            map.entry(host).or_insert(value);
        }
        for (host, value) in
            [("a.example.com", 3), ("c.example.com", 2), ("x.b.example.com", 4), ("example.com", 1), ("*.example.com", 2), ("*.d.example.com", 2)]
        {
            assert_eq!(map.find(host), Some(&value), "{host}");
        }
    }
}
