//! The CEL rules on a route's `parentRefs`.

use super::{Check, Faults, set, text};
use crate::engine::manifest::Node;

pub(super) static CHECKS: &[(&str, Check)] = &[("distinct-parents", distinct_parents)];

fn distinct_parents(node: &Node, faults: &mut Faults<'_, '_>) {
    let parent = |reference: &Node| {
        (
            text(reference, "group", "gateway.networking.k8s.io").to_owned(),
            text(reference, "kind", "Gateway").to_owned(),
            text(reference, "name", "").to_owned(),
            text(reference, "namespace", "").to_owned(),
        )
    };
    let part = |reference: &Node| (text(reference, "sectionName", "").to_owned(), set(reference, "port").and_then(Node::as_whole).unwrap_or(0));
    let references = node.items();
    for (at, second) in references.iter().enumerate() {
        for (first_at, first) in references[..at].iter().enumerate() {
            if parent(first) != parent(second) {
                continue;
            }
            let ((section_a, port_a), (section_b, port_b)) = (part(first), part(second));
            if section_a.is_empty() != section_b.is_empty() || (port_a == 0) != (port_b == 0) {
                faults.at_item(node, at, format!("names the parent of item {first_at}; then both need a sectionName, or both a port"));
            } else if section_a == section_b && port_a == port_b {
                faults.at_item(node, at, format!("repeats item {first_at}; give another sectionName or port, or remove it"));
            }
        }
    }
}
