//! Sidecar (`ValidateSidecar`).

use std::collections::{BTreeMap, BTreeSet};

use super::{connection_pool, tls};
use crate::engine::validate::webhook::{
    hosts::{self, check_ip, check_namespaced_host},
    part::{Context, Part, check_port},
    protocol::{Protocol, check_port_name, check_protocol, check_unix_path},
    selector::{check_workload_selector, warn_of_no_labels},
    virtual_service::destination,
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    if !check_workload_selector(context, &spec.get("workloadSelector")) {
        return;
    }
    let (egress, ingress, policy) = (spec.get("egress"), spec.get("ingress"), spec.get("outboundTrafficPolicy"));
    if ![&egress, &ingress, &policy, &spec.get("inboundConnectionPool")].iter().any(|part| part.is_set()) {
        return context.refuse(spec, "an empty Sidecar says nothing; set egress, ingress, outboundTrafficPolicy or inboundConnectionPool");
    }
    warn_of_no_labels(context, &spec.get("workloadSelector"));
    let mut numbers = BTreeSet::new();
    for listener in ingress.items() {
        judge_ingress(context, &listener, &mut numbers);
    }
    connection_pool::check(context, &spec.get("inboundConnectionPool"));
    judge_egress(context, &egress);
    judge_policy(context, &policy);
}

fn judge_ingress(context: &mut Context<'_, '_>, listener: &Part<'_>, numbers: &mut BTreeSet<i64>) {
    let port = listener.get("port");
    if !port.is_set() {
        return context.refuse(&port, "an ingress listener needs its port");
    }
    check_target_port(context, &port);
    check_listener_port(context, &port);
    let bind = listener.get("bind");
    if !bind.text().is_empty() {
        check_ip(context, &bind);
    }
    let number = port.get("number");
    if !numbers.insert(number.whole()) {
        context.refuse_as("port taken", &number, format!("port {} has an ingress listener already", number.whole()));
    }
    judge_default_endpoint(context, &listener.get("defaultEndpoint"));
    let protocol = Protocol::parse(port.get("protocol").text());
    let settings = listener.get("tls");
    if settings.is_set() {
        judge_ingress_tls(context, &settings, protocol);
    }
    let pool = listener.get("connectionPool");
    connection_pool::check(context, &pool);
    if pool.get("http").is_set() && protocol != Protocol::Http {
        let gist = format!("HTTP settings for {} {} {}", port.get("number").whole(), port.get("name").text(), port.get("protocol").text());
        context.warn_as(gist, &pool.get("http"), format!("the port's protocol is {:?}, so only the tcp settings count", port.get("protocol").text()));
    }
}

fn judge_ingress_tls(context: &mut Context<'_, '_>, settings: &Part<'_>, protocol: Protocol) {
    for (key, is_used) in [
        ("subjectAltNames", settings.get("subjectAltNames").is_set()),
        ("httpsRedirect", settings.get("httpsRedirect").flag()),
        ("credentialName", !settings.get("credentialName").text().is_empty()),
    ] {
        if is_used {
            context.refuse(&settings.get(key), format!("{key} is not supported in a Sidecar; remove it"));
        }
    }
    let mode = settings.get("mode");
    if matches!(mode.text(), "ISTIO_MUTUAL" | "AUTO_PASSTHROUGH") {
        context.refuse(&mode, format!("a Sidecar terminates TLS with SIMPLE or MUTUAL, not {}", mode.text()));
    }
    if protocol != Protocol::Tls {
        context.refuse_as("TLS settings without TLS", settings, "tls goes with a port of protocol HTTPS or TLS");
    }
    tls::check_server(context, settings);
}

fn judge_default_endpoint(context: &mut Context<'_, '_>, endpoint: &Part<'_>) {
    let text = endpoint.text();
    if text.is_empty() {
        return;
    }
    if let Some(path) = text.strip_prefix("unix://") {
        return check_unix_path(context, endpoint, path);
    }
    let form = "write 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///path";
    let Some((host, port)) = split_host_port(text) else {
        context.refuse(endpoint, format!("{text:?} is not an address with a port; {form}"));
        return context.echo("endpoint port \"\"", endpoint, "an empty port is no number");
    };
    if !matches!(host, "" | "127.0.0.1" | "0.0.0.0" | "::1" | "::") {
        context.refuse_as("endpoint host", endpoint, format!("{host:?} is not this workload; {form}"));
    }
    match port.parse::<i64>() {
        Ok(1..=65_535) => {}
        Ok(number) => context.refuse(endpoint, format!("{number} is not a port; ports are 1 to 65535")),
        Err(_) => context.refuse_as(format!("endpoint port {port:?}"), endpoint, format!("{port:?} is not a port; ports are 1 to 65535")),
    }
}

/// Go's `net.SplitHostPort`.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').and_then(|(host, rest)| Some((host, rest.strip_prefix(':')?)))?,
        None => text.split_once(':')?,
    };
    let has_more = |part: &str, more: &[char]| part.contains(more);
    (!has_more(host, &['[', ']']) && !has_more(port, &[':', '[', ']'])).then_some((host, port))
}

fn judge_egress(context: &mut Context<'_, '_>, egress: &Part<'_>) {
    let (mut numbers, mut sockets) = (BTreeSet::new(), BTreeSet::new());
    let last = egress.len().saturating_sub(1);
    for (at, listener) in egress.items().enumerate() {
        let (port, bind) = (listener.get("port"), listener.get("bind"));
        if port.is_set() {
            check_target_port(context, &port);
            judge_egress_port(context, &listener, &port, &bind);
            let number = port.get("number");
            if number.whole() == 0 {
                if !sockets.insert(bind.text()) {
                    context.refuse_as("socket taken", &bind, format!("{:?} has a listener already", bind.text()));
                }
            } else if !numbers.insert(number.whole()) {
                context.refuse_as("port taken", &number, format!("port {} has an egress listener already", number.whole()));
            }
        } else if at != last {
            context.refuse(&listener, "a listener without port catches all that the others leave, so it must be the last, and the only one");
        }
        judge_hosts(context, &listener.get("hosts"));
    }
}

fn judge_egress_port(context: &mut Context<'_, '_>, listener: &Part<'_>, port: &Part<'_>, bind: &Part<'_>) {
    if port.get("number").whole() != 0 {
        check_listener_port(context, port);
        if !bind.text().is_empty() {
            check_ip(context, bind);
        }
        return;
    }
    if !port.get("name").text().is_empty() {
        check_port_name(context, &port.get("name"), port.get("name").text());
    }
    check_protocol(context, &port.get("protocol"));
    match bind.text().strip_prefix("unix://") {
        Some(path) => check_unix_path(context, bind, path),
        None => context.refuse(&port.get("number"), "port 0 goes with a Unix domain socket in bind only; give the port's number"),
    }
    let capture = listener.get("captureMode");
    if !matches!(capture.text(), "" | "DEFAULT" | "NONE") {
        context.refuse(&capture, "a Unix domain socket is not captured; use DEFAULT or NONE");
    }
}

fn judge_hosts(context: &mut Context<'_, '_>, list: &Part<'_>) {
    if !list.is_set() {
        return context.refuse(list, "an egress listener needs at least one host; \"./*\" is all of this namespace, \"~/*\" none");
    }
    let own = context.namespace.to_owned();
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for host in list.items() {
        if let Some((namespace, name)) = host.text().split_once('/') {
            let names = seen.entry(if namespace == "." { own.as_str() } else { namespace }).or_default();
            let is_repeated = if name == "*" { !names.is_empty() } else { names.contains(name) || names.contains("*") };
            if is_repeated {
                context.warn(&host, format!("{:?} is covered by, or covers, another host of the list", host.text()));
            }
            names.insert(name);
        }
        check_namespaced_host(context, &host, false);
    }
    if seen.len() > 1 && seen.get("*").is_some_and(|names| names.contains("*")) {
        context.warn(list, "\"*/*\" means everything; the other hosts add nothing");
    }
}

fn judge_policy(context: &mut Context<'_, '_>, policy: &Part<'_>) {
    let proxy = policy.get("egressProxy");
    if !proxy.is_set() {
        return;
    }
    // An absent mode is REGISTRY_ONLY here, the first of the enumeration.
    if policy.get("mode").text() != "ALLOW_ANY" {
        return context.refuse(&proxy, "an egressProxy goes with mode ALLOW_ANY only");
    }
    let verdict = hosts::fqdn(proxy.get("host").text());
    let is_fine = verdict.is_ok();
    if let Err(reason) = verdict {
        reason.refuse(context, &proxy.get("host"));
    }
    if !proxy.get("port").is_set() {
        context.refuse(&proxy.get("port"), "an egressProxy needs its port");
    } else if is_fine || context.is_counting() {
        destination::check(context, &proxy);
    } else {
        destination::check_part(context, &proxy);
    }
}

fn check_listener_port(context: &mut Context<'_, '_>, port: &Part<'_>) {
    let name = port.get("name");
    if !name.text().is_empty() {
        check_port_name(context, &name, name.text());
    }
    check_protocol(context, &port.get("protocol"));
    check_port(context, &port.get("number"));
}

fn check_target_port(context: &mut Context<'_, '_>, port: &Part<'_>) {
    let target = port.get("targetPort");
    if target.whole() > 0 {
        context.refuse(&target, "targetPort has no effect in a Sidecar; remove it");
    }
}
