//! ServiceEntry (`ValidateServiceEntry`).

use std::collections::{BTreeMap, BTreeSet};

use super::workload::{self, Within};
use crate::engine::validate::{
    names::is_ip,
    webhook::{
        export_to::{self, Owner},
        hosts::{self, check_subnet, is_partial_wildcard},
        part::{Context, Part, check_port},
        protocol::{Protocol, check_port_name, check_protocol},
        selector::{check_labels, check_workload_selector, warn_of_no_labels},
    },
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, root: &Part<'_>, spec: &Part<'_>) {
    let selector = spec.get("workloadSelector");
    if !check_workload_selector(context, &selector) {
        return;
    }
    warn_of_no_labels(context, &selector);
    let endpoints = spec.get("endpoints");
    if selector.is_set() && endpoints.is_set() {
        context.refuse(&endpoints, "workloadSelector and endpoints both say where the service runs; remove one");
    }
    check_hosts(context, spec);
    let resolution = match spec.get("resolution").text() {
        "" => "NONE",
        word => word,
    };
    check_addresses(context, spec, resolution);
    let ports = check_ports(context, root, spec, resolution);
    match resolution {
        "NONE" => {
            if endpoints.is_set() {
                context.refuse(
                    &endpoints,
                    "resolution NONE sends each connection to the address it asked for, so there can be no endpoints; set resolution to STATIC or DNS",
                );
            }
            if selector.is_set() {
                context.warn(&selector, "resolution NONE looks at no workloads, so the workloadSelector has no effect; set resolution to STATIC");
            }
        }
        "STATIC" => {
            for endpoint in endpoints.items() {
                workload::check(context, &endpoint, Within::Service(&ports));
            }
        }
        "DNS" | "DNS_ROUND_ROBIN" => check_dns(context, spec, resolution, &ports),
        _ => context.refuse(&spec.get("resolution"), format!("{resolution} is no way to find endpoints; use NONE, STATIC, DNS or DNS_ROUND_ROBIN")),
    }
    check_many_hosts(context, spec, resolution);
    export_to::check(context, &spec.get("exportTo"), Owner::ServiceEntry);
}

fn check_hosts(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    let names = spec.get("hosts");
    if !names.is_set() {
        context.refuse(&names, "a ServiceEntry needs at least one host");
    }
    for host in names.items() {
        if host.text() == "*" {
            context.refuse(&host, "a ServiceEntry cannot stand for every host; name one, or a domain such as *.example.com");
            continue;
        }
        let verdict = hosts::wildcard_domain(host.text());
        let is_fine = verdict.is_ok();
        if let Err(reason) = verdict {
            reason.refuse(context, &host);
        }
        if is_partial_wildcard(host.text()) && (is_fine || context.is_counting()) {
            context.warn(&host, format!("{:?}: a wildcard works only as the whole first part, such as *.example.com", host.text()));
        }
    }
}

fn check_addresses(context: &mut Context<'_, '_>, spec: &Part<'_>, resolution: &str) {
    let addresses = spec.get("addresses");
    for address in addresses.items() {
        check_subnet(context, &address);
    }
    if !matches!(resolution, "NONE" | "STATIC") && addresses.items().any(|address| address.text().contains('/')) {
        context.refuse(&addresses, format!("address ranges (CIDR) go with resolution NONE or STATIC only, not {resolution}"));
    }
}

/// The names of the ports, for endpoints to refer to.
fn check_ports<'n>(context: &mut Context<'_, '_>, root: &Part<'_>, spec: &Part<'n>, resolution: &str) -> BTreeSet<&'n str> {
    // Labels do not reach istiod's validation where istioctl asks it.
    let opted_out =
        !context.is_counting() && root.get("metadata").get("labels").get("networking.istio.io/enable-autoallocate-ip").text().eq_ignore_ascii_case("false");
    // With auto-allocation istiod gives the host an address of its own, which TCP needs to be told apart.
    let lacks_address = !spec.get("addresses").is_set() && (resolution == "NONE" || opted_out);
    let (mut names, mut numbers) = (BTreeSet::new(), BTreeMap::new());
    for (at, port) in spec.get("ports").items().enumerate() {
        let (name, number, protocol) = (port.get("name"), port.get("number"), port.get("protocol"));
        if !names.insert(name.text()) {
            context.refuse(&name, format!("the port name {:?} is taken; each can stand once", name.text()));
        }
        if let Some(first) = numbers.insert(number.whole(), at) {
            let gist = format!("port {} again", number.whole());
            context.refuse_as(gist, &number, format!("port {} is item {first} already; each number can stand once", number.whole()));
        }
        if port.get("targetPort").whole() != 0 {
            check_port(context, &port.get("targetPort"));
        }
        if lacks_address && matches!(protocol.text(), "" | "TCP") {
            context.warn(
                &port,
                "without addresses a TCP port catches the traffic of every destination on its number; list addresses, or give a protocol such as TLS or HTTP",
            );
        }
        check_port_name(context, &name, name.text());
        check_protocol(context, &protocol);
        check_port(context, &number);
    }
    names
}

fn check_dns(context: &mut Context<'_, '_>, spec: &Part<'_>, resolution: &str, ports: &BTreeSet<&str>) {
    let (names, endpoints) = (spec.get("hosts"), spec.get("endpoints"));
    if !endpoints.is_set() {
        for host in names.items() {
            if hosts::fqdn(host.text()).is_err() {
                context.refuse_as(
                    "no host for DNS",
                    &host,
                    format!("{:?} cannot be looked up in DNS; with resolution {resolution} name a host in full, or list endpoints", host.text()),
                );
            }
        }
    }
    if resolution == "DNS_ROUND_ROBIN" && endpoints.len() > 1 {
        context.refuse(&endpoints, "DNS_ROUND_ROBIN takes at most one endpoint; use DNS for several");
    }
    for endpoint in endpoints.items() {
        let address = endpoint.get("address");
        if !is_ip(address.text())
            && let Err(reason) = hosts::fqdn(address.text())
        {
            context.refuse_as(format!("endpoint {}", address.text()), &address, reason.message);
        }
        check_labels(context, &endpoint.get("labels"));
        workload::check_ports(context, &endpoint, Some(ports));
    }
    let has_tcp = spec.get("ports").items().any(|port| matches!(Protocol::parse(port.get("protocol").text()), Protocol::Tcp | Protocol::Tls));
    if spec.get("addresses").is_set() && names.len() > 1 && has_tcp {
        context.warn(&names, "with addresses and a TCP port the hosts cannot be told apart; make a ServiceEntry for each");
    }
}

fn check_many_hosts(context: &mut Context<'_, '_>, spec: &Part<'_>, resolution: &str) {
    if resolution == "NONE" || spec.get("hosts").len() < 2 {
        return;
    }
    let opaque = spec.get("ports").items().find(|port| !matches!(Protocol::parse(port.get("protocol").text()), Protocol::Http | Protocol::Tls));
    if let Some(port) = opaque {
        let name = port.get("protocol").text();
        let name = if name.is_empty() { "no protocol" } else { name };
        context.refuse(
            &spec.get("hosts"),
            format!("several hosts share a port with {name}, where nothing tells them apart; make a ServiceEntry for each, or use HTTP or TLS"),
        );
    }
}
