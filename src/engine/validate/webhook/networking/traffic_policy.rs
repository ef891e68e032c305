//! Traffic policies (`validateTrafficPolicy`).

use super::{connection_pool, load_balancer, tls};
use crate::engine::validate::{
    names::is_ip,
    webhook::{
        hosts,
        part::{Context, Part, check_duration},
    },
};

/// A policy for all ports.
pub(super) fn check(context: &mut Context<'_, '_>, policy: &Part<'_>) {
    if !policy.is_set() {
        return;
    }
    let fields = ["outlierDetection", "connectionPool", "loadBalancer", "tls", "portLevelSettings", "tunnel", "proxyProtocol"];
    if !fields.iter().any(|field| policy.get(field).is_set()) {
        return context.refuse(policy, format!("an empty trafficPolicy says nothing; set one of {}, or remove it", fields.join(", ")));
    }
    if policy.get("tunnel").is_set() && policy.get("proxyProtocol").is_set() {
        return context.refuse(&policy.get("proxyProtocol"), "tunnel and proxyProtocol cannot be combined; remove one");
    }
    check_parts(context, policy);
    for port in policy.get("portLevelSettings").items() {
        context.without_warnings(|context| check_for_port(context, &port));
    }
    check_tunnel(context, &policy.get("tunnel"));
    let version = policy.get("proxyProtocol").get("version");
    if !matches!(version.text(), "" | "V1" | "V2") {
        context.refuse(&version, format!("{:?} is no version of the proxy protocol; use V1 or V2", version.text()));
    }
}

fn check_parts(context: &mut Context<'_, '_>, policy: &Part<'_>) {
    check_outliers(context, &policy.get("outlierDetection"));
    connection_pool::check(context, &policy.get("connectionPool"));
    load_balancer::check(context, &policy.get("loadBalancer"), policy.get("outlierDetection").is_set());
    tls::check_client(context, &policy.get("tls"));
}

fn check_for_port(context: &mut Context<'_, '_>, policy: &Part<'_>) {
    if !policy.get("port").is_set() {
        context.refuse(&policy.get("port"), "settings by port need the port: {number: …}");
    }
    let fields = ["outlierDetection", "connectionPool", "loadBalancer", "tls"];
    if fields.iter().any(|field| policy.get(field).is_set()) {
        check_parts(context, policy);
    } else {
        context.refuse(policy, format!("settings by port must say something; set one of {}", fields.join(", ")));
    }
}

fn check_tunnel(context: &mut Context<'_, '_>, tunnel: &Part<'_>) {
    if !tunnel.is_set() {
        return;
    }
    let (protocol, host) = (tunnel.get("protocol"), tunnel.get("targetHost"));
    if !matches!(protocol.text(), "" | "CONNECT" | "POST") {
        context.refuse_as("tunnel protocol", &protocol, format!("a tunnel goes by CONNECT or POST, not {:?}", protocol.text()));
    }
    if let Err(reason) = hosts::fqdn(host.text())
        && !is_ip(host.text())
    {
        context.refuse_as(format!("tunnel host {}", host.text()), &host, reason.message);
    }
    let port = tunnel.get("targetPort");
    if !(1..=65_535).contains(&port.whole()) {
        context.refuse_as(format!("tunnel port {}", port.whole()), &port, format!("{} is not a port; ports are 1 to 65535", port.whole()));
    }
}

/// `validateOutlierDetection`.
fn check_outliers(context: &mut Context<'_, '_>, outliers: &Part<'_>) {
    if !outliers.is_set() {
        return;
    }
    check_duration(context, &outliers.get("baseEjectionTime"));
    check_duration(context, &outliers.get("interval"));
    let old = outliers.get("consecutiveErrors");
    if old.whole() != 0 {
        context.warn(&old, "consecutiveErrors is deprecated; use consecutive5xxErrors or consecutiveGatewayErrors");
    }
    let local = outliers.get("consecutiveLocalOriginFailures");
    if local.whole() > 0 && !outliers.get("splitExternalLocalOriginErrors").flag() {
        context.refuse(&local, "local origin failures are counted apart only with splitExternalLocalOriginErrors: true");
    }
    for key in ["maxEjectionPercent", "minHealthPercent"] {
        let percent = outliers.get(key);
        if !(0..=100).contains(&percent.whole()) {
            context.refuse(&percent, format!("{} is not a percentage from 0 to 100", percent.whole()));
        }
    }
}
