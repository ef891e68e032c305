//! Objects that select pods of their own namespace by labels, and how Kubernetes writes such a selector.

use super::{Index, index_of};
use crate::engine::{diagnostic::istio::ReferencedResourceNotFound, resource::Labels};

/// A selector as Kubernetes writes it: `app=web,tier=front`.
pub fn selector_text(labels: &Labels) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// The field whose line istioctl names for a selector: that of its first label.
pub fn first_label(field: &str, labels: &Labels) -> String {
    labels.keys().next().map_or_else(String::new, |key| format!("{field}[{key}]"))
}

/// What is said of a selector that finds no pod.
pub fn selects_nothing(labels: &Labels, cure: impl Into<String>) -> ReferencedResourceNotFound {
    ReferencedResourceNotFound { kind: "pod with the labels", name: selector_text(labels), cure: cure.into() }
}

/// Selecting objects, found by the labels of a pod.
#[derive(Debug)]
pub struct Selectors<'a, T> {
    all: Vec<(&'a Labels, T)>,
    /// Each under the label that the fewest others of its namespace ask for.
    by_label: Index<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// Those that ask for no label, by namespace: they select every pod.
    of_all: Index<&'a str, Vec<usize>>,
}

impl<'a, T: Copy> Selectors<'a, T> {
    /// Takes objects with their namespaces and selectors.
    pub fn new(selecting: impl IntoIterator<Item = (&'a str, &'a Labels, T)>) -> Self {
        let selecting: Vec<_> = selecting.into_iter().collect();
        let mut askers: Index<(&str, &str, &str), usize> = index_of(selecting.len());
        for (namespace, labels, _) in &selecting {
            labels.iter().for_each(|(key, value)| *askers.entry((namespace, key, value)).or_default() += 1);
        }
        let mut selectors = Self { all: Vec::with_capacity(selecting.len()), by_label: index_of(selecting.len()), of_all: Index::default() };
        for (at, (namespace, labels, object)) in selecting.into_iter().enumerate() {
            let rarest = labels.iter().map(|(key, value)| (namespace, key, value)).min_by_key(|label| askers.get(label));
            match rarest {
                Some(label) => selectors.by_label.entry(label).or_default().push(at),
                None => selectors.of_all.entry(namespace).or_default().push(at),
            }
            selectors.all.push((labels, object));
        }
        selectors
    }

    /// Those that select a pod of a namespace that has these labels.
    pub fn selecting<'s>(&'s self, namespace: &'s str, pod: &'s Labels) -> impl Iterator<Item = T> + use<'s, 'a, T> {
        let by_label = pod.iter().filter_map(move |(key, value)| self.by_label.get(&(namespace, key, value))).flatten();
        let candidates = by_label.chain(self.of_all.get(namespace).into_iter().flatten());
        candidates.map(|&at| &self.all[at]).filter(|(labels, _)| super::carries(pod, labels)).map(|(_, object)| *object)
    }
}
