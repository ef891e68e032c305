//! `exportTo` (`validateExportTo`).

use std::collections::BTreeSet;

use super::{
    super::names::is_dns_label,
    part::{Context, Part},
};

/// Whose `exportTo` it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    ServiceEntry,
    /// A DestinationRule for some workloads only.
    SelectingRule,
    Other,
}

/// Judges the list.
pub(super) fn check(context: &mut Context<'_, '_>, list: &Part<'_>, owner: Owner) {
    let namespace = context.namespace.to_owned();
    let mut seen = BTreeSet::new();
    for item in list.items() {
        let text = item.text();
        let key = if text == "." { namespace.as_str() } else { text };
        if seen.contains(key) {
            let message = if text == "." {
                format!("\".\" is the namespace {namespace}, which stands here already; remove one")
            } else {
                format!("{text:?} stands here already; remove one")
            };
            context.refuse(&item, message);
        } else if text == "~" && owner != Owner::ServiceEntry {
            context.refuse(&item, "only a ServiceEntry can be exported to no one (\"~\"); use \".\" to keep it in this namespace");
        } else if matches!(key, "~" | "*") || is_dns_label(key) {
            seen.insert(key.to_owned());
        } else {
            context.refuse_as("not a namespace", &item, format!("{text:?} is not a namespace; use a name, \".\" for this one or \"*\" for all"));
        }
    }
    if owner == Owner::SelectingRule && !seen.is_empty() {
        if !seen.contains(&namespace) {
            context.refuse(list, "a DestinationRule with a workloadSelector works in its own namespace only; use \".\" or remove exportTo");
        } else if seen.len() > 1 {
            context.refuse(list, "a DestinationRule with a workloadSelector works in its own namespace only; leave \".\" alone");
        }
    }
    if list.len() > 1 {
        if seen.contains("*") {
            context.refuse(list, "\"*\" means every namespace; remove the others");
        }
        if seen.contains("~") {
            context.refuse(list, "\"~\" means no one; it must stand alone");
        }
    }
}
