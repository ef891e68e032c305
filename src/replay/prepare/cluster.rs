//! Clusters whose endpoints are stubs on loopback.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value, json};

use super::{ReplayError, written};
use crate::{
    engine::xds::{Cluster, ClusterLoadAssignment, LbEndpoint, ProxyConfig},
    replay::authorizer::{GRPC_CLUSTER, HTTP_CLUSTER},
};

/// What the stub is called that stands in for wherever a connection was going before it was captured.
pub(in crate::replay) const ORIGINAL_DESTINATION: &str = "original destination";

/// What stays as it is pushed. Everything else would look something up or connect in another way.
const KEPT: &[&str] = &[
    "altStatName",
    "connectTimeout",
    "circuitBreakers",
    "outlierDetection",
    "typedExtensionProtocolOptions",
    "maxRequestsPerConnection",
    "commonLbConfig",
    "ringHashLbConfig",
    "maglevLbConfig",
    "leastRequestLbConfig",
    "roundRobinLbConfig",
    "metadata",
];

/// Every endpoint of a cluster, as `address:port`.
pub(in crate::replay) fn endpoint_labels(config: &ProxyConfig, cluster: &Cluster) -> Vec<String> {
    if cluster.r#type == "ORIGINAL_DST" {
        return vec![ORIGINAL_DESTINATION.into()];
    }
    if is_way_in(config, cluster) {
        return Vec::new();
    }
    let groups = assignment(config, cluster).map(|assignment| assignment.endpoints.as_slice()).unwrap_or_default();
    groups.iter().flat_map(|group| &group.lb_endpoints).filter_map(label).collect()
}

/// What goes into a tunnel that is told no more goes where the connection was going.
fn label(endpoint: &LbEndpoint) -> Option<String> {
    endpoint.destination().or_else(|| endpoint.internal_address().map(|_| ORIGINAL_DESTINATION.to_owned()))
}

/// Whether a cluster leads from the end of tunnels to the listener behind it.
fn is_way_in(config: &ProxyConfig, cluster: &Cluster) -> bool {
    let endpoints = cluster.load_assignment.iter().flat_map(|assignment| &assignment.endpoints).flat_map(|group| &group.lb_endpoints);
    let leads_in = |name: &str| config.listeners.iter().any(|listener| listener.name == name && listener.filter_chain_matcher.is_some());
    endpoints.filter_map(LbEndpoint::internal_address).any(|address| leads_in(&address.server_listener_name))
}

fn assignment<'a>(config: &'a ProxyConfig, cluster: &'a Cluster) -> Option<&'a ClusterLoadAssignment> {
    if cluster.r#type != "EDS" {
        return cluster.load_assignment.as_ref();
    }
    let service = cluster.eds_cluster_config.as_ref().map(|eds| eds.service_name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&cluster.name);
    config.endpoints.iter().find(|assignment| assignment.cluster_name == service)
}

pub(super) fn write(config: &ProxyConfig, cluster: &Cluster, stubs: &BTreeMap<String, SocketAddr>) -> Result<Value, ReplayError> {
    let all = written(cluster)?;
    if is_way_in(config, cluster) {
        return Ok(all);
    }
    let mut kept = json!({"name": cluster.name, "type": "STATIC"});
    for &field in KEPT {
        if let Some(value) = all.get(field) {
            kept[field] = value.clone();
        }
    }
    // A stock load balancer stays; the one that goes with original destinations cannot.
    if !matches!(cluster.lb_policy.as_ref(), "" | "CLUSTER_PROVIDED") {
        kept["lbPolicy"] = cluster.lb_policy.as_ref().into();
    }
    let groups = if cluster.r#type == "ORIGINAL_DST" {
        let stub = stubs.get(ORIGINAL_DESTINATION).map(|&stub| json!({"endpoint": {"address": address(stub)}}));
        vec![json!({"lbEndpoints": stub.into_iter().collect::<Vec<_>>()})]
    } else {
        let groups = assignment(config, cluster).map(|assignment| assignment.endpoints.as_slice()).unwrap_or_default();
        groups
            .iter()
            .map(|group| {
                let mut written = written(group)?;
                written["lbEndpoints"] = group.lb_endpoints.iter().filter_map(|endpoint| on_loopback(endpoint, stubs)).collect();
                Ok(written)
            })
            .collect::<Result<Vec<_>, ReplayError>>()?
    };
    kept["loadAssignment"] = json!({"clusterName": cluster.name, "endpoints": groups});
    Ok(kept)
}

/// The endpoint with its weight, health, metadata and name, but a stub's address.
fn on_loopback(endpoint: &LbEndpoint, stubs: &BTreeMap<String, SocketAddr>) -> Option<Value> {
    let stub = *stubs.get(&label(endpoint)?)?;
    // A name that would have been looked up is the host's name, as it is with DNS.
    let named = endpoint.socket_address().map(|socket| socket.address.clone()).filter(|name| name.parse::<std::net::IpAddr>().is_err());
    let hostname = endpoint.endpoint.as_ref().map(|target| target.hostname.clone()).filter(|name| !name.is_empty()).or(named).unwrap_or_default();
    let mut out = written(endpoint).ok()?;
    out["endpoint"] = json!({"address": address(stub), "hostname": hostname});
    Some(out)
}

/// Two ways to the authorizer: HTTP/1.1, and HTTP/2 for gRPC.
pub(super) fn authorizer(at: SocketAddr) -> [Value; 2] {
    let to = |name: &str, protocol: &str| {
        json!({
            "name": name,
            "type": "STATIC",
            "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": [{"endpoint": {"address": address(at)}}]}]},
            "typedExtensionProtocolOptions": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicitHttpConfig": {protocol: {}},
            }},
        })
    };
    [to(HTTP_CLUSTER, "httpProtocolOptions"), to(GRPC_CLUSTER, "http2ProtocolOptions")]
}

fn address(stub: SocketAddr) -> Value {
    json!({"socketAddress": {"address": stub.ip().to_string(), "portValue": stub.port()}})
}
