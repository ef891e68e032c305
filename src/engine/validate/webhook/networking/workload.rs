//! WorkloadEntry, as an object and as an endpoint of a ServiceEntry, and WorkloadGroup
//! (`ValidateWorkloadEntry`, `ValidateWorkloadGroup`).

use std::collections::BTreeSet;

use crate::engine::validate::{
    names::is_ip,
    webhook::{
        hosts,
        part::{Context, Part, check_port},
        protocol::{check_port_name, check_unix_path},
        selector::check_labels,
    },
};

/// Where a workload entry stands.
#[derive(Clone, Copy)]
pub(super) enum Within<'p> {
    /// For itself: its address may be a name.
    Object,
    /// In a ServiceEntry of resolution STATIC with ports of these names.
    Service(&'p BTreeSet<&'p str>),
}

/// Judges a WorkloadEntry.
pub(in super::super) fn judge_entry(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check(context, spec, Within::Object);
}

/// `validateWorkloadEntry`.
pub(super) fn check(context: &mut Context<'_, '_>, entry: &Part<'_>, within: Within<'_>) {
    let address = entry.get("address");
    let text = address.text();
    if text.is_empty() {
        if entry.get("network").text().is_empty() {
            return context.refuse(&address, "an address is needed (or a network, to reach the workload through its gateway)");
        }
        let gist = format!("network {}", entry.get("network").text());
        context.warn_as(gist, &address, "has no address, so it is reached through the gateway of its network");
    }
    let ports = match within {
        Within::Object => None,
        Within::Service(ports) => Some(ports),
    };
    if let Some(path) = text.strip_prefix("unix://") {
        check_unix_path(context, &address, path);
        if entry.get("ports").len() > 0 {
            context.refuse_as(format!("ports of {text}"), &entry.get("ports"), "a Unix domain socket has no ports; remove them");
        }
        if ports.is_some_and(|ports| ports.len() != 1) {
            context.refuse(&address, "a Unix domain socket serves exactly one port of the service");
        }
    } else if !text.is_empty() && !is_ip(text) {
        if ports.is_some() {
            context.refuse(&address, format!("{text:?} is not an IP address, which resolution STATIC needs; for host names use DNS"));
        } else if let Err(reason) = hosts::fqdn(text) {
            context.refuse_as(format!("address {text}"), &address, reason.message);
        }
    }
    check_ports(context, entry, ports);
    check_labels(context, &entry.get("labels"));
}

/// The ports of an endpoint: each by a name that the service defines, where there is one.
pub(super) fn check_ports(context: &mut Context<'_, '_>, entry: &Part<'_>, known: Option<&BTreeSet<&str>>) {
    for (name, port) in entry.get("ports").entries() {
        if known.is_some_and(|known| !known.contains(name)) {
            context.refuse_as(
                format!("unknown port {}", port.whole()),
                &port,
                format!("the service has no port {name:?}; the keys here are the names of its ports"),
            );
        }
        check_port_name(context, &port, name);
        check_port(context, &port);
    }
}

/// Judges a WorkloadGroup.
pub(in super::super) fn judge_group(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    if !spec.get("template").is_set() {
        return context.refuse(&spec.get("template"), "a WorkloadGroup needs a template for its workloads; an empty one, {}, will do");
    }
    if has_wrong_labels(context, &spec.get("metadata").get("labels")) && context.is_counting() {
        return;
    }
    let probe = spec.get("probe");
    if probe.is_set() {
        check_probe(context, &probe);
    }
}

/// istiod puts all that is wrong with the labels into one error, and stops there.
fn has_wrong_labels(context: &mut Context<'_, '_>, labels: &Part<'_>) -> bool {
    let (before, length) = (context.refusals, context.report.diagnostics.len());
    check_labels(context, labels);
    if context.is_counting() {
        context.report.diagnostics.truncate(length + 1);
    }
    context.refusals > before
}

fn check_probe(context: &mut Context<'_, '_>, probe: &Part<'_>) {
    for key in ["periodSeconds", "initialDelaySeconds", "timeoutSeconds", "successThreshold", "failureThreshold"] {
        if probe.get(key).whole() < 0 {
            context.refuse_as(format!("negative {key}"), &probe.get(key), "must not be negative");
        }
    }
    let (http, tcp, exec) = (probe.get("httpGet"), probe.get("tcpSocket"), probe.get("exec"));
    if http.is_set() {
        check_port(context, &http.get("port"));
        if !matches!(http.get("scheme").text(), "" | "HTTP" | "HTTPS") {
            context.refuse(&http.get("scheme"), "the scheme is HTTP or HTTPS");
        }
        for header in http.get("httpHeaders").items() {
            let name = header.get("name");
            if name.text().is_empty() || !name.text().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                context.refuse(&name, format!("{:?} is not a header's name; use letters, digits and -", name.text()));
            }
        }
    } else if tcp.is_set() {
        check_port(context, &tcp.get("port"));
    } else if exec.is_set() {
        if !exec.get("command").is_set() {
            context.refuse(&exec.get("command"), "the command is missing");
        }
    } else {
        // istiod 1.26 knows no gRPC probe here, although the schema does.
        context.refuse(probe, "a probe needs httpGet, tcpSocket or exec");
    }
}
