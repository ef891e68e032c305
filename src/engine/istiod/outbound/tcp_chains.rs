//! Filter chains of a sidecar for services that are no HTTP: by server name where it is TLS, else by address.

use std::collections::HashSet;

use super::super::{
    Scope,
    chains::{Chain, ChainKind},
    metadata::config_metadata,
    route::Place,
    tcp::{to_destinations, to_service},
};
use crate::engine::{
    cluster::{MESH, NO_ADDRESS, Port, Service, VirtualService, cluster_name, endpoint::selects, host::overlap},
    resource::Labels,
    xds::{Filter, Origin},
};

/// The chains of one port of one service. `connection_rules`: the VirtualServices with TCP or TLS routes, of which those count that speak of
/// its host.
pub(in crate::engine::istiod) fn tcp_chains(
    scope: &Scope,
    connection_rules: &[&VirtualService],
    service: &Service,
    port: &Port,
    bind: &str,
    cidrs: &[String],
) -> Vec<Chain> {
    let place = Place { scope, known: None, port: port.number, is_tls: false, gateways: &[MESH], own_hosts: None };
    let rules: Vec<&VirtualService> =
        connection_rules.iter().copied().filter(|rules| rules.hosts.iter().any(|host| overlap(host, &service.hostname))).collect();
    if port.protocol.is_tls() { by_server_name(&place, service, port, bind, cidrs, &rules) } else { by_address(&place, service, port, cidrs, &rules) }
}

fn by_server_name(place: &Place, service: &Service, port: &Port, bind: &str, cidrs: &[String], rules: &[&VirtualService]) -> Vec<Chain> {
    let mut chains = Vec::new();
    let mut seen = HashSet::new();
    let mut ranges = cidrs.to_vec();
    for &rule in rules {
        for (at, tls) in rule.tls.iter().enumerate() {
            for (i, condition) in tls.r#match.iter().enumerate() {
                if !is_for(place, &condition.gateways, &condition.source_labels, condition.port, &condition.source_namespace) {
                    continue;
                }
                if !condition.destination_subnets.is_empty() {
                    ranges.clone_from(&condition.destination_subnets);
                }
                // A second rule for the same connections would never be reached.
                if seen.insert((condition.sni_hosts.clone(), condition.destination_subnets.clone())) {
                    chains.push(Chain {
                        sni_hosts: condition.sni_hosts.clone(),
                        cidrs: ranges.clone(),
                        kind: ChainKind::Tcp(to_destinations(&tls.route, port.protocol, &rule.name, &rule.namespace, place)),
                        metadata: Some(config_metadata("virtual-service", &rule.namespace, &rule.name)),
                        origin: Some(rule.field(format!("spec.tls[{at}].match[{i}]"))),
                        ..Chain::default()
                    });
                }
            }
        }
    }
    if chains.is_empty() {
        let address = if service.address().contains('/') { "" } else { service.address() };
        let is_shared = !ranges.is_empty() || address.is_empty() || address == NO_ADDRESS && bind == NO_ADDRESS;
        // Only on a shared address does the server name have to tell services apart.
        let sni_hosts = if is_shared { std::iter::once(service.hostname.clone()).chain(service.aliases.iter().cloned()).collect() } else { Vec::new() };
        chains.push(Chain {
            sni_hosts,
            cidrs: ranges,
            kind: ChainKind::Tcp(default_filters(place.scope, service, port)),
            origin: Some(service.origin.clone()),
            ..Chain::default()
        });
    }
    chains
}

fn by_address(place: &Place, service: &Service, port: &Port, cidrs: &[String], rules: &[&VirtualService]) -> Vec<Chain> {
    let mut chains = Vec::new();
    let mut has_default = false;
    for &rule in rules {
        for (at, tcp) in rule.tcp.iter().enumerate() {
            let chain = |cidrs: &[String], origin: Origin, with_metadata: bool| Chain {
                cidrs: cidrs.to_vec(),
                kind: ChainKind::Tcp(to_destinations(&tcp.route, port.protocol, &rule.name, &rule.namespace, place)),
                metadata: with_metadata.then(|| config_metadata("virtual-service", &rule.namespace, &rule.name)),
                origin: Some(origin),
                ..Chain::default()
            };
            if tcp.r#match.is_empty() {
                chains.push(chain(cidrs, rule.field(format!("spec.tcp[{at}]")), true));
                return chains;
            }
            let mut subnets: Vec<String> = Vec::new();
            for (i, condition) in tcp.r#match.iter().enumerate() {
                if !is_for(place, &condition.gateways, &condition.source_labels, condition.port, &condition.source_namespace) {
                    continue;
                }
                if condition.destination_subnets.is_empty() {
                    chains.push(chain(cidrs, rule.field(format!("spec.tcp[{at}].match[{i}]")), true));
                    return chains;
                }
                subnets.extend(condition.destination_subnets.iter().cloned());
            }
            if !subnets.is_empty() {
                subnets.sort();
                let mut own = cidrs.to_vec();
                own.sort();
                has_default |= own == subnets;
                chains.push(chain(&subnets, rule.field(format!("spec.tcp[{at}]")), false));
            }
        }
    }
    if !has_default {
        chains.push(Chain {
            cidrs: cidrs.to_vec(),
            kind: ChainKind::Tcp(default_filters(place.scope, service, port)),
            origin: Some(service.origin.clone()),
            ..Chain::default()
        });
    }
    chains
}

fn default_filters(scope: &Scope, service: &Service, port: &Port) -> Vec<Filter> {
    to_service(scope, &cluster_name(&service.hostname, port.number, ""), "", port.protocol, scope.destination_rule(service))
}

/// Whether the parts of a match that can be decided beforehand hold here.
pub(in crate::engine::istiod) fn is_for(place: &Place, gateways: &[String], labels: &Labels, port: u32, namespace: &str) -> bool {
    let proxy = place.scope.proxy;
    (gateways.is_empty() || gateways.iter().any(|gateway| place.gateways.contains(&gateway.as_str())))
        && selects(labels, &proxy.labels)
        && (port == 0 || port == place.port)
        && (namespace.is_empty() || namespace == proxy.namespace)
}
