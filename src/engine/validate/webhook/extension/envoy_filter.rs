//! EnvoyFilter (`envoyfilter/envoyfilter.go`).

use super::{
    super::{
        part::{Context, Part},
        selector::{check_workload_selector, warn_of_no_labels},
    },
    xds,
};
use crate::engine::re2;

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    if !check_workload_selector(context, &spec.get("workloadSelector")) {
        return;
    }
    context.warn(spec, "an EnvoyFilter reaches into Envoy's own configuration, which may change with any upgrade; use another API where there is one");
    warn_of_no_labels(context, &spec.get("workloadSelector"));
    for patch in spec.get("configPatches").items() {
        judge_patch(context, &patch);
    }
}

fn judge_patch(context: &mut Context<'_, '_>, entry: &Part<'_>) {
    let (apply_to, patch) = (entry.get("applyTo"), entry.get("patch"));
    if matches!(apply_to.text(), "" | "INVALID") {
        return context.refuse(&apply_to, "a patch needs applyTo, such as HTTP_FILTER or CLUSTER");
    }
    if !patch.is_set() {
        return context.refuse(&patch, "a patch needs patch, with operation and value");
    }
    let (operation, value) = (patch.get("operation"), patch.get("value"));
    if matches!(operation.text(), "" | "INVALID") {
        return context.refuse(&operation, "a patch needs an operation, such as MERGE or INSERT_BEFORE");
    }
    if operation.text() != "REMOVE" && !value.is_set() {
        return context.refuse_as("no value", &value, format!("the operation {} needs a value; only REMOVE has none", operation.text()));
    }
    let version = entry.get("match").get("proxy").get("proxyVersion");
    if let Err(fault) = re2::translate(version.text()) {
        return context.refuse_as(format!("version {}", version.text()), &version, format!("is not a regular expression: {fault}"));
    }
    if judge_match(context, &apply_to, &entry.get("match")) {
        xds::check(context, apply_to.text(), &value);
    }
}

/// What is matched must be of the class that is patched. Returns whether the value is looked at.
fn judge_match(context: &mut Context<'_, '_>, apply_to: &Part<'_>, found: &Part<'_>) -> bool {
    let wanted = match apply_to.text() {
        "LISTENER" | "FILTER_CHAIN" | "NETWORK_FILTER" | "HTTP_FILTER" => "listener",
        "ROUTE_CONFIGURATION" | "VIRTUAL_HOST" | "HTTP_ROUTE" => "routeConfiguration",
        "CLUSTER" => "cluster",
        _ => return true,
    };
    if let Some(other) = ["listener", "routeConfiguration", "cluster"].into_iter().find(|key| *key != wanted && found.get(key).is_set()) {
        context.refuse_as(format!("no {wanted}"), &found.get(other), format!("{} is found by {wanted}, not by {other}", apply_to.text()));
        return wanted != "listener";
    }
    let before = context.refusals;
    if wanted == "listener" {
        judge_filter(context, apply_to.text(), &found.get("listener").get("filterChain").get("filter"));
    }
    context.refusals == before
}

fn judge_filter(context: &mut Context<'_, '_>, apply_to: &str, filter: &Part<'_>) {
    if !filter.is_set() {
        return;
    }
    let (name, inner) = (filter.get("name"), filter.get("subFilter"));
    if matches!(apply_to, "LISTENER" | "FILTER_CHAIN") {
        context.warn(filter, format!("a filter in the match has no effect on a {apply_to}"));
    }
    if name.text().is_empty() {
        return context.refuse_as("filter without name", &name, "a filter is found by its name");
    }
    if inner.is_set() {
        if apply_to != "HTTP_FILTER" {
            return context.refuse(&inner, "subFilter goes with applyTo: HTTP_FILTER only");
        }
        if !matches!(name.text(), "envoy.filters.network.http_connection_manager" | "envoy.http_connection_manager") {
            return context.refuse(&name, "HTTP filters stand in envoy.filters.network.http_connection_manager; name that filter");
        }
        if inner.get("name").text().is_empty() {
            return context.refuse_as("subFilter without name", &inner.get("name"), "a filter is found by its name");
        }
    }
    for part in [name, inner.get("name")] {
        if let Some(new) = renamed(part.text()) {
            context.warn(&part, format!("{} is the old name of {new}", part.text()));
        }
    }
}

/// Today's name of a filter that goes by an old one (`pkg/config/xds/deprecated.go`).
fn renamed(name: &str) -> Option<&'static str> {
    Some(match name {
        "envoy.buffer" => "envoy.filters.http.buffer",
        "envoy.cors" => "envoy.filters.http.cors",
        "envoy.csrf" => "envoy.filters.http.csrf",
        "envoy.http_dynamo_filter" => "envoy.filters.http.dynamo",
        "envoy.ext_authz" => "envoy.filters.http.ext_authz",
        "envoy.fault" => "envoy.filters.http.fault",
        "envoy.grpc_http1_bridge" => "envoy.filters.http.grpc_http1_bridge",
        "envoy.grpc_json_transcoder" => "envoy.filters.http.grpc_json_transcoder",
        "envoy.grpc_web" => "envoy.filters.http.grpc_web",
        "envoy.gzip" => "envoy.filters.http.gzip",
        "envoy.health_check" => "envoy.filters.http.health_check",
        "envoy.ip_tagging" => "envoy.filters.http.ip_tagging",
        "envoy.lua" => "envoy.filters.http.lua",
        "envoy.rate_limit" => "envoy.filters.http.ratelimit",
        "envoy.router" => "envoy.filters.http.router",
        "envoy.squash" => "envoy.filters.http.squash",
        "envoy.listener.http_inspector" => "envoy.filters.listener.http_inspector",
        "envoy.listener.original_dst" => "envoy.filters.listener.original_dst",
        "envoy.listener.original_src" => "envoy.filters.listener.original_src",
        "envoy.listener.proxy_protocol" => "envoy.filters.listener.proxy_protocol",
        "envoy.listener.tls_inspector" => "envoy.filters.listener.tls_inspector",
        "envoy.client_ssl_auth" => "envoy.filters.network.client_ssl_auth",
        "envoy.http_connection_manager" => "envoy.filters.network.http_connection_manager",
        "envoy.mongo_proxy" => "envoy.filters.network.mongo_proxy",
        "envoy.ratelimit" => "envoy.filters.network.ratelimit",
        "envoy.redis_proxy" => "envoy.filters.network.redis_proxy",
        "envoy.tcp_proxy" => "envoy.filters.network.tcp_proxy",
        _ => return None,
    })
}
