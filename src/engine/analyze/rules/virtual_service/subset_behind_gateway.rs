//! Requests that come through a gateway meet the subsets that were chosen for their host (`analyzeSubset` of
//! `analyzers/virtualservice/destinationhosts.go` of 1.26.4).
//!
//! Hosts are compared as they are written. A VirtualService may be found at odds with itself. For the line, Istio takes the name
//! of the rule for its protocol, so that it finds one only in rules that are called `http`, `tcp` or `tls`.

use std::collections::{BTreeSet, HashMap};

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0140, IngressRouteRulesNotAffected},
    resource::{Destination, HttpRouteDestination, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "subset_behind_gateway",
    set: Set::Istio,
    summary: "routes from gateways choose the subsets that other VirtualServices choose",
    reads: &[Kind::VirtualService],
    emits: &[&IST0140],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut chosen: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for item in context.each::<VirtualService>() {
        let hosts: BTreeSet<&str> = item.spec.hosts.iter().map(String::as_str).collect();
        let to_subsets = item.spec.http.iter().flat_map(|http| &http.route).map(target).filter(|(_, subset)| !subset.is_empty());
        for (host, _) in to_subsets.filter(|(host, _)| hosts.contains(host)) {
            chosen.entry(host).or_default().insert(item.full_name());
        }
    }
    for item in context.each::<VirtualService>().filter(|item| !item.spec.gateways.is_empty()) {
        for (rule, http) in item.spec.http.iter().enumerate() {
            for (at, (host, _)) in http.route.iter().map(target).enumerate().filter(|(_, (_, subset))| subset.is_empty()) {
                for other in chosen.get(host).into_iter().flatten() {
                    let message = IngressRouteRulesNotAffected { virtual_service: other.clone(), entry: item.full_name() };
                    let end = format!("[{rule}].route[{at}].destination.host");
                    let line_of = if matches!(http.name.as_str(), "http" | "tcp" | "tls") { format!("spec.{}{end}", http.name) } else { String::new() };
                    context.report_at(item.resource, &line_of, &format!("spec.http{end}"), message);
                }
            }
        }
    }
}

/// Host and subset; a route that names no destination leads to a host without a name.
fn target(route: &HttpRouteDestination) -> (&str, &str) {
    route.destination.as_ref().map_or(("", ""), |Destination { host, subset, .. }| (host, subset))
}
