//! Envoy takes the listener that istiod makes of `tls` rules.
//!
//! istiod makes a filter chain of each match; it leaves one out only where names and subnets are wholly those of one before, and where
//! a match has no subnets it goes on with those of one before (`buildSidecarOutboundTLSFilterChainOpts` in
//! `pilot/pkg/networking/core/tls.go` of 1.26.4). Envoy takes no listener of which two chains share a name and a range, and none with a
//! star for a part of a label (`source/common/listener_manager/filter_chain_manager_impl.cc`).
//!
//! Said is what is certain: of matches of one VirtualService, at a port that a service has, for sidecars for which both hold.

use std::collections::{HashMap, HashSet};

use super::tls_condition::Condition;
use crate::engine::{
    analyze::{Context, Rule, Set, view::Registry},
    cluster::{MESH, NO_ADDRESS, Resolution, host::overlap, resolve_short_name},
    diagnostic::hints::{MW0023, TlsMatchRefused},
    resource::{Kind, TlsMatchAttributes, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "tls_match_refused",
    set: Set::Hints,
    summary: "Envoy takes the listener that becomes of tls rules",
    reads: reads!(VirtualService registry),
    emits: &[&MW0023],
    check,
};

/// Matches with a name in common that are looked at for one VirtualService.
const MOST_COMPARED: usize = 100_000;

fn check(context: &mut Context<'_>) {
    let registry = context.registry();
    let is_for_mesh = |gateways: &[String]| gateways.is_empty() || gateways.iter().any(|gateway| gateway == MESH);
    for item in context.each::<VirtualService>().filter(|item| !item.spec.tls.is_empty() && is_for_mesh(&item.spec.gateways)) {
        let ports = ports(registry, item.namespace(), &item.spec.hosts);
        if ports.is_empty() {
            continue;
        }
        let matches = item.spec.tls.iter().enumerate().flat_map(|(at, rule)| rule.r#match.iter().enumerate().map(move |(nth, one)| (at, nth, one)));
        let matches = matches.filter(|(.., one)| is_for_mesh(&one.gateways));
        for (place, fault) in faults(&conditions(matches.map(|(at, nth, one)| (format!("tls[{at}].match[{nth}]"), one))), &ports) {
            context.report(item.resource, &format!("spec.{place}"), TlsMatchRefused { fault });
        }
    }
}

/// A port on which TLS is spoken to a service.
#[derive(Clone, Copy, PartialEq)]
struct TlsPort {
    number: u32,
    /// Whether the service has an address, and so the listener for itself.
    is_apart: bool,
}

fn ports(registry: &Registry<'_>, namespace: &str, hosts: &[String]) -> Vec<TlsPort> {
    let mut ports: Vec<TlsPort> = Vec::new();
    for host in hosts.iter().map(|host| resolve_short_name(host, namespace)) {
        let services = registry.matching(&host).into_iter();
        for service in services.filter(|service| service.resolution != Resolution::Alias && overlap(&host, &service.hostname)) {
            let is_apart = service.address() != NO_ADDRESS && !service.address().contains('/');
            for port in service.ports.iter().filter(|port| port.protocol.is_tls()) {
                let found = TlsPort { number: port.number, is_apart };
                if !ports.contains(&found) {
                    ports.push(found);
                }
            }
        }
    }
    ports
}

/// The matches that chains are made of, in order.
fn conditions<'a>(matches: impl Iterator<Item = (String, &'a TlsMatchAttributes)>) -> Vec<Condition<'a>> {
    let mut known = HashSet::new();
    let mut last_with_subnets = None;
    let mut conditions = Vec::new();
    for (at, (place, spec)) in matches.enumerate() {
        if !spec.destination_subnets.is_empty() {
            last_with_subnets = Some(at);
        }
        if known.insert((&spec.sni_hosts, &spec.destination_subnets)) {
            conditions.push(Condition::new(at, place, spec, last_with_subnets));
        }
    }
    conditions
}

/// The places of matches that Envoy does not take, each with what is wrong with it.
fn faults(conditions: &[Condition<'_>], ports: &[TlsPort]) -> Vec<(String, String)> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut left = MOST_COMPARED;
    let mut faults = Vec::new();
    for (at, condition) in conditions.iter().enumerate() {
        let names = condition.names_or_any();
        let mut before: Vec<usize> = names.iter().filter_map(|name| by_name.get(name)).flatten().copied().take(left).collect();
        left -= before.len();
        before.sort_unstable();
        before.dedup();
        let overlaps = |other: &&Condition<'_>| {
            let is_certain = |port: &TlsPort| other.is_for(port.number) && condition.is_for(port.number) && (port.is_apart || !condition.is_same(other));
            condition.meets(other) && ports.iter().any(is_certain)
        };
        let own = condition.own_fault().filter(|_| ports.iter().any(|port| condition.is_for(port.number)));
        let shared = || before.iter().map(|&other| &conditions[other]).find(overlaps).map(|other| condition.shared_with(other));
        faults.extend(own.or_else(shared).map(|fault| (condition.place.clone(), fault)));
        for name in names {
            by_name.entry(name).or_default().push(at);
        }
    }
    faults
}
