//! The last look at a bootstrap before an Envoy gets it: nothing in it binds or dials anything but loopback, reads a file of the
//! machine or loads an extension that has not been thought about.
//!
//! The bootstrap is put together from what is allowed; this makes sure of it, whatever the input.

use std::{collections::BTreeSet, net::IpAddr, path::Path};

use serde_json::{Map, Value, json};

use super::{
    ReplayError,
    authorizer::{GRPC_CLUSTER, HTTP_CLUSTER},
};

/// Messages that may be loaded: each decides from what it is told and calls nobody but the stub
/// that stands in for an authorizer.
const EXTENSIONS: &[&str] = &[
    "envoy.config.route.v3.WeightedCluster",
    "envoy.extensions.access_loggers.file.v3.FileAccessLog",
    "envoy.extensions.filters.http.cors.v3.Cors",
    "envoy.extensions.filters.http.cors.v3.CorsPolicy",
    "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
    "envoy.extensions.filters.http.fault.v3.HTTPFault",
    "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb",
    "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
    "envoy.extensions.filters.http.rbac.v3.RBAC",
    "envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
    "envoy.extensions.filters.http.router.v3.Router",
    "envoy.extensions.filters.http.set_filter_state.v3.Config",
    "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector",
    "envoy.extensions.filters.listener.original_dst.v3.OriginalDst",
    "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
    "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    "envoy.extensions.filters.network.rbac.v3.RBAC",
    "envoy.extensions.filters.network.set_filter_state.v3.Config",
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
    "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig",
    "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
    "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
    "envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport",
    "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
    "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    "envoy.extensions.matching.common_inputs.network.v3.ApplicationProtocolInput",
    "envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput",
    "envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput",
    "google.protobuf.StringValue",
    "xds.core.v3.CidrRange",
    "xds.type.matcher.v3.IPMatcher",
];
/// The one extension of the bootstrap: connections from one listener to another within Envoy.
const INTERNAL_LISTENERS: &str = "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener";
/// Fields by which an Envoy would read, look up or call something.
const FORBIDDEN: &[&str] = &[
    "ads",
    "apiConfigSource",
    "clusterType",
    "configDiscovery",
    "configSource",
    "dnsResolutionConfig",
    "dnsResolvers",
    "dynamicResources",
    "edsClusterConfig",
    "environmentVariable",
    "filename",
    "googleGrpc",
    "httpUri",
    "rds",
    "remoteJwks",
    "scopedRoutes",
    "transportSocketMatches",
    "tunnelingConfig",
    "typedDnsResolverConfig",
    "upstreamBindConfig",
    "watchedDirectory",
];

/// What a bootstrap may name.
struct Own<'a> {
    folder: &'a Path,
    /// Listeners that only this Envoy connects to.
    inside: BTreeSet<&'a str>,
}

/// Refuses a bootstrap that reaches beyond loopback and the folder.
pub(super) fn audit(bootstrap: &Value, folder: &Path) -> Result<(), ReplayError> {
    let resources = &bootstrap["staticResources"];
    let listeners = || resources["listeners"].as_array().into_iter().flatten();
    let own = &Own { folder, inside: listeners().filter(|listener| is_inside_only(listener)).filter_map(|listener| listener["name"].as_str()).collect() };
    for listener in listeners() {
        let is_bound = listener["bindToPort"] != false && !is_inside_only(listener);
        if is_bound && !is_loopback(&listener["address"]["socketAddress"]) {
            return refuse(format!("the listener {} would be bound to {}", listener["name"], listener["address"]));
        }
        for (field, value) in listener.as_object().into_iter().flatten().filter(|(field, _)| *field != "address") {
            walk(field, value, own)?;
        }
    }
    for cluster in resources["clusters"].as_array().into_iter().flatten() {
        if cluster["type"] != "STATIC" {
            return refuse(format!("the cluster {} would look up its endpoints", cluster["name"]));
        }
        walk("cluster", cluster, own)?;
    }
    let known = |object: &Value, fields: &[&str]| object.as_object().is_some_and(|object| object.keys().all(|field| fields.contains(&field.as_str())));
    if bootstrap["bootstrapExtensions"].as_array().into_iter().flatten().any(|extension| extension["typedConfig"] != json!({"@type": INTERNAL_LISTENERS})) {
        return refuse("the bootstrap has an extension that has not been thought about".into());
    }
    if !known(bootstrap, &["admin", "bootstrapExtensions", "layeredRuntime", "node", "staticResources"]) || !known(resources, &["listeners", "clusters"]) {
        return refuse("the bootstrap has more than listeners and clusters".into());
    }
    if bootstrap["admin"]["address"].as_object().is_none_or(|address| address.keys().any(|kind| kind != "pipe")) {
        return refuse("the admin interface would be more than a file".into());
    }
    walk("pipe", &bootstrap["admin"]["address"]["pipe"], own)
}

fn is_inside_only(listener: &Value) -> bool {
    listener.get("internalListener").is_some() && listener.get("address").is_none()
}

fn walk(field: &str, value: &Value, own: &Own<'_>) -> Result<(), ReplayError> {
    if FORBIDDEN.contains(&field) {
        return refuse(format!("it has {field}"));
    }
    match value {
        Value::Array(list) => list.iter().try_for_each(|entry| walk("", entry, own)),
        Value::Object(object) => {
            check(field, object, own)?;
            // What metadata says is for matching only.
            object.iter().filter(|(name, _)| *name != "filterMetadata").try_for_each(|(name, entry)| walk(name, entry, own))
        }
        _ => Ok(()),
    }
}

fn check(field: &str, object: &Map<String, Value>, own: &Own<'_>) -> Result<(), ReplayError> {
    if field == "envoyInternalAddress" && !object.get("serverListenerName").and_then(Value::as_str).is_some_and(|name| own.inside.contains(name)) {
        return refuse(format!("{} is no listener of its own", Value::Object(object.clone())));
    }
    if field == "socketAddress" && !is_loopback(&Value::Object(object.clone())) {
        return refuse(format!("{} is not on loopback", Value::Object(object.clone())));
    }
    let kind = object.get("@type").and_then(Value::as_str);
    if let Some(kind) = kind {
        let name = kind.rsplit('/').next().unwrap_or_default();
        if !EXTENSIONS.contains(&name) {
            return refuse(format!("{name} is not run"));
        }
    }
    let asked = match field {
        "envoyGrpc" => Some((object.get("clusterName"), GRPC_CLUSTER)),
        "serverUri" => Some((object.get("cluster"), HTTP_CLUSTER)),
        _ => None,
    };
    if let Some((cluster, ours)) = asked.filter(|(cluster, ours)| cluster.and_then(Value::as_str) != Some(ours)) {
        return refuse(format!("{} would be asked, which is not {ours}", cluster.unwrap_or(&Value::Null)));
    }
    let names_a_file = matches!(field, "pipe" | "pathConfigSource") || kind.is_some_and(|kind| kind.ends_with(".FileAccessLog"));
    if names_a_file && !object.get("path").and_then(Value::as_str).is_some_and(|path| is_inside(Path::new(path), own.folder)) {
        return refuse(format!("{field} is outside the folder of the replay"));
    }
    Ok(())
}

/// A file right in the folder, and nothing that climbs out of it.
fn is_inside(path: &Path, folder: &Path) -> bool {
    path.parent() == Some(folder) && path.file_name().is_some()
}

fn is_loopback(socket: &Value) -> bool {
    socket["address"].as_str().and_then(|address| address.parse::<IpAddr>().ok()).is_some_and(|address| address.is_loopback())
}

fn refuse(reason: String) -> Result<(), ReplayError> {
    Err(ReplayError::Unsafe(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap() -> Value {
        json!({
            "admin": {"address": {"pipe": {"path": "/tmp/r/admin"}}},
            "staticResources": {
                "listeners": [{"name": "a", "address": {"socketAddress": {"address": "127.0.0.1", "portValue": 0}}},
                    {"name": "b", "bindToPort": false, "address": {"socketAddress": {"address": "0.0.0.0", "portValue": 80}}}],
                "clusters": [{"name": "c", "type": "STATIC", "loadAssignment": {"endpoints": [{"lbEndpoints": [
                    {"endpoint": {"address": {"socketAddress": {"address": "127.0.0.1", "portValue": 1}}}}]}]}}],
            },
        })
    }

    #[test]
    fn what_stays_on_loopback_may_run() {
        audit(&bootstrap(), Path::new("/tmp/r")).unwrap();
    }

    #[test]
    fn listeners_within_envoy_are_its_own_or_none() {
        let mut inside = bootstrap();
        inside["bootstrapExtensions"] = json!([{"name": "inside", "typedConfig": {"@type": INTERNAL_LISTENERS}}]);
        inside["staticResources"]["listeners"][1] = json!({"name": "b", "internalListener": {}});
        inside["staticResources"]["clusters"][0]["loadAssignment"]["endpoints"][0]["lbEndpoints"][0]["endpoint"]["address"] =
            json!({"envoyInternalAddress": {"serverListenerName": "b"}});
        audit(&inside, Path::new("/tmp/r")).unwrap();
        inside["bootstrapExtensions"][0]["typedConfig"]["@type"] = "type.googleapis.com/envoy.extensions.wasm.v3.WasmService".into();
        assert!(audit(&inside, Path::new("/tmp/r")).is_err());
    }

    #[test]
    fn what_reaches_further_may_not() {
        let changes: &[(&str, Value)] = &[
            ("/staticResources/listeners/0/address/socketAddress/address", json!("0.0.0.0")),
            ("/staticResources/listeners/1/bindToPort", json!(true)),
            ("/staticResources/listeners/0/name", json!({"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"})),
            ("/staticResources/listeners/0/name", json!({"certificate": {"filename": "/etc/shadow"}})),
            ("/staticResources/listeners/0/name", json!({"pathConfigSource": {"path": "/tmp/r/../secret"}})),
            ("/staticResources/listeners/0/name", json!({"grpcService": {"envoyGrpc": {"clusterName": "c"}}})),
            ("/staticResources/listeners/0/name", json!({"httpService": {"serverUri": {"uri": "http://a", "cluster": "c"}}})),
            ("/staticResources/clusters/0/type", json!("STRICT_DNS")),
            ("/staticResources/clusters/0/name", json!({"upstreamBindConfig": {}})),
            ("/staticResources/clusters/0/loadAssignment/endpoints/0/lbEndpoints/0/endpoint/address/socketAddress/address", json!("203.0.113.10")),
            ("/staticResources/clusters/0/loadAssignment/endpoints/0/lbEndpoints/0/endpoint/address", json!({"pipe": {"path": "/var/run/docker.sock"}})),
            ("/admin/address", json!({"socketAddress": {"address": "0.0.0.0", "portValue": 15000}})),
            ("/admin/address/pipe/path", json!("/tmp/other/admin")),
            (
                "/staticResources/clusters/0/loadAssignment/endpoints/0/lbEndpoints/0/endpoint/address",
                json!({"envoyInternalAddress": {"serverListenerName": "b"}}),
            ),
            ("/staticResources", json!({"listeners": [], "clusters": [], "secrets": []})),
        ];
        for (pointer, value) in changes {
            let mut changed = bootstrap();
            *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
            assert!(audit(&changed, Path::new("/tmp/r")).is_err(), "{pointer} {value}");
        }
    }
}
