//! Namespaces and their labels.

use std::collections::BTreeMap;

use crate::engine::resource::{Kind, Labels, Resource};

/// The label by which the API server notes a namespace's name.
const NAME: &str = "kubernetes.io/metadata.name";

/// The labels of each namespace. One that objects lie in is there, written or not: no cluster would have taken them otherwise.
pub(super) fn namespaces(resources: &[Resource]) -> BTreeMap<String, Labels> {
    let mut all: BTreeMap<String, Labels> = BTreeMap::new();
    for Resource { kind, metadata, .. } in resources {
        if *kind == Kind::Namespace {
            all.entry(metadata.name.to_string()).or_default().extend(&metadata.labels);
        } else if !metadata.namespace.is_empty() && !all.contains_key(metadata.namespace.as_str()) {
            all.insert(metadata.namespace.to_string(), Labels::new());
        }
    }
    for (name, labels) in &mut all {
        labels.insert(NAME, name.as_str());
    }
    all
}
