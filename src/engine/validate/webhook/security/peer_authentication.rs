//! PeerAuthentication (`ValidatePeerAuthentication`).

use crate::engine::validate::webhook::{
    part::{Context, Part},
    selector::check_selector,
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let (selector, ports) = (spec.get("selector"), spec.get("portLevelMtls"));
    if selector.get("matchLabels").len() == 0 && ports.len() > 0 {
        context.refuse(&ports, "settings by port need a selector with matchLabels: they belong to workloads, not to a whole namespace");
    }
    if ports.is_set() && ports.len() == 0 {
        context.refuse(&ports, "is empty; name a port, or remove it");
    }
    for (port, part) in ports.entries() {
        if !port.parse::<i64>().is_ok_and(|port| (1..=65_535).contains(&port)) {
            context.refuse_as("port range", &part, format!("{port:?} is not a port; ports are 1 to 65535"));
        } else if port.starts_with(['+', '0']) {
            // The API server takes it for a number; istiod's reader of JSON does not.
            context.refuse(&part, format!("istiod cannot read {port:?} as a port; write it without + and without 0 at the start"));
        }
    }
    check_selector(context, &selector);
}
