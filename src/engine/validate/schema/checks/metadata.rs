//! What the API server asks of every object's metadata
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>).

use super::{Check, Faults};
use crate::engine::{manifest::Node, validate::names};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("object-name", object_name),
    ("namespace-name", namespace_name),
    ("qualified-keys", qualified_keys),
    ("annotation-keys", annotation_keys),
    ("label-value", label_value),
];

/// All of an object's annotations together, in bytes.
const ANNOTATIONS_MAX: usize = 256 * 1024;

fn object_name(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(name) = node.as_str() else { return };
    if !names::is_subdomain(name) && !name.is_empty() {
        faults.here(format!("{name:?} is not an object's name; use lower-case letters, digits, - and ., at most 253, with a letter or digit at both ends"));
    }
}

fn namespace_name(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(name) = node.as_str() else { return };
    if !name.is_empty() && !names::is_lower_label(name) {
        faults.here(format!("{name:?} is not a namespace; use lower-case letters, digits and -, at most 63, with a letter or digit at both ends"));
    }
}

fn qualified_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries() {
        if !names::is_qualified(&entry.key) {
            faults.of_key(
                node,
                &entry.key,
                format!("{:?} is not a label's name; use letters, digits, -, _ and ., at most 63, behind an optional domain and a slash", entry.key),
            );
        }
    }
}

fn annotation_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries() {
        if !names::is_qualified(&entry.key.to_lowercase()) {
            faults.of_key(
                node,
                &entry.key,
                format!("{:?} is not an annotation's name; use letters, digits, -, _ and ., at most 63, behind an optional domain and a slash", entry.key),
            );
        }
    }
    let size: usize = node.entries().iter().map(|entry| entry.key.len() + entry.value.as_str().map_or(0, str::len)).sum();
    if size > ANNOTATIONS_MAX {
        faults.here(format!("annotations of {size} bytes; all together may have {ANNOTATIONS_MAX}"));
    }
}

fn label_value(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(value) = node.as_str() else { return };
    if value.len() > 63 || !names::is_label_value(value) {
        faults.here(format!("{value:?} is not a label's value; use letters, digits, -, _ and ., at most 63, with a letter or digit at both ends"));
    }
}
