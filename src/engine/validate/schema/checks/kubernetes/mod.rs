//! What the API server asks of Kubernetes' own kinds beside their structure (`pkg/apis/*/validation` of kubernetes/kubernetes).

mod endpoints;
mod ingress;
mod pod;
mod secret;
mod service;
mod text;
mod workload;

use super::{Check, Faults, items, set, text as field};
use crate::engine::{
    manifest::{Node, Value},
    validate::report::{first_of, place},
};

/// All of them, by subject.
pub(super) static CHECKS: &[&[(&str, Check)]] =
    &[endpoints::CHECKS, ingress::CHECKS, pod::CHECKS, secret::CHECKS, service::CHECKS, text::CHECKS, workload::CHECKS];

/// The first of these fields that are set, and how many are.
fn chosen<'n>(node: &'n Node, fields: &[&'n str]) -> (Option<&'n str>, usize) {
    let mut found = fields.iter().copied().filter(|field| set(node, field).is_some());
    let first = found.next();
    (first, usize::from(first.is_some()) + found.count())
}

/// Exactly one of these fields, as of a probe's actions.
fn exactly_one(node: &Node, faults: &mut Faults<'_, '_>, fields: &[&str], what: &str) {
    match chosen(node, fields) {
        (None, _) => faults.here(format!("{what}: set one of {}", fields.join(", "))),
        (Some(_), 1) => {}
        (Some(first), _) => {
            let second = fields.iter().filter(|field| **field != first).find(|field| set(node, field).is_some()).copied().unwrap_or(first);
            faults.of_key(node, second, format!("only one of {} can be set, and {first} is already; remove one", fields.join(", ")));
        }
    }
}

/// Items that have the name of an earlier one; those without a name count as unnamed where `may_lack` is false.
fn repeated_names(node: &Node, faults: &mut Faults<'_, '_>, may_lack: bool) {
    let mut seen = std::collections::BTreeMap::new();
    for (at, item) in node.items().iter().enumerate() {
        let name = field(item, "name", "");
        if name.is_empty() && may_lack {
            continue;
        }
        if let Some(first) = seen.insert(name, at) {
            let span = item.entry("name").map_or_else(|| first_of(item), |entry| place(&entry.value, entry.key_span));
            faults.at(&format!("[{at}].name"), span, format!("the name {name:?} is taken by item {first}; names must be unique here"));
        }
    }
}

/// A whole number, or text, of a field that may be either.
enum Port<'n> {
    Number(i128),
    Name(&'n str),
}

fn port_of(node: &Node) -> Option<Port<'_>> {
    match &node.value {
        Value::String(name) => Some(Port::Name(name)),
        _ => node.as_whole().map(Port::Number),
    }
}
