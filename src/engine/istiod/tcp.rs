//! Filters that pass bytes on.

use serde_json::json;

use super::{Scope, access_log::AccessLogs, route::Place};
use crate::engine::{
    cluster::{DestinationRule, Protocol, WorkloadMode, cluster_name},
    duration::Duration,
    resource::{Destination, RouteDestination},
    xds::{AccessLog, ClusterWeight, Filter, TcpProxy, TypedConfig, WeightedCluster},
};

/// The proxy filter alone.
pub(super) fn tcp_filter(proxy: TcpProxy) -> Filter {
    Filter { name: "envoy.filters.network.tcp_proxy".into(), typed_config: Some(TypedConfig::TcpProxy(Box::new(proxy))), config_discovery: None }
}

/// Everything to one cluster, which also names the statistics; nothing is logged.
pub(super) fn to_cluster(cluster: &str) -> Filter {
    tcp_filter(one_cluster(cluster, Vec::new()))
}

fn one_cluster(cluster: &str, access_log: Vec<AccessLog>) -> TcpProxy {
    TcpProxy { stat_prefix: cluster.to_owned(), cluster: Some(cluster.to_owned()), access_log, ..TcpProxy::default() }
}

/// Everything to one cluster, as the service's DestinationRule wants connections treated.
pub(super) fn to_service(scope: &Scope, cluster: &str, subset: &str, protocol: Protocol, rule: Option<&DestinationRule>) -> Vec<Filter> {
    let proxy = one_cluster(cluster, scope.access_logs.tcp(WorkloadMode::Client));
    stack(protocol, under_rule(proxy, rule, subset))
}

/// To the destinations of a TCP or TLS route; those without weight get nothing.
pub(super) fn to_destinations(routes: &[RouteDestination], protocol: Protocol, service_name: &str, namespace: &str, place: &Place) -> Vec<Filter> {
    let scope = place.scope;
    let first = routes.first().and_then(|route| route.destination.as_ref());
    let rule = first.and_then(|to| scope.service(&to.host)).and_then(|service| scope.destination_rule(service));
    if let ([_], Some(to)) = (routes, first) {
        return to_service(scope, &place.tcp_cluster(to), &to.subset, protocol, rule);
    }
    let weighted = routes.iter().filter_map(|route| Some((route.destination.as_ref()?, u32::try_from(route.weight).ok().filter(|weight| *weight > 0)?)));
    let clusters = weighted.map(|(to, weight)| ClusterWeight { name: place.tcp_cluster(to), weight: Some(weight), ..ClusterWeight::default() });
    let proxy = TcpProxy {
        stat_prefix: format!("{service_name}.{namespace}"),
        weighted_clusters: Some(WeightedCluster { clusters: clusters.collect() }),
        access_log: scope.access_logs.tcp(WorkloadMode::Client),
        ..TcpProxy::default()
    };
    stack(protocol, under_rule(proxy, rule, ""))
}

/// From a waypoint: to the destinations of a route, else to the cluster of the port that was called, which also names the statistics.
/// `rule` is that of the first destination's service, `logs` those of the service that was called.
pub(super) fn from_waypoint(
    cluster: &str,
    routes: &[RouteDestination],
    protocol: Protocol,
    rule: Option<&DestinationRule>,
    place: &Place,
    logs: &AccessLogs,
) -> Vec<Filter> {
    let mut proxy = one_cluster(cluster, logs.tcp(WorkloadMode::Server));
    let mut subset = "";
    if let [RouteDestination { destination: Some(to), .. }] = routes {
        proxy.cluster = Some(place.tcp_cluster(to));
        subset = &to.subset;
    } else if !routes.is_empty() {
        let weighted = routes.iter().filter_map(|route| Some((route.destination.as_ref()?, u32::try_from(route.weight).ok().filter(|weight| *weight > 0)?)));
        let clusters = weighted.map(|(to, weight)| ClusterWeight { name: place.tcp_cluster(to), weight: Some(weight), ..ClusterWeight::default() });
        proxy.cluster = None;
        proxy.weighted_clusters = Some(WeightedCluster { clusters: clusters.collect() });
    }
    stack(protocol, under_rule(proxy, rule, subset))
}

/// The filters of a protocol, the proxy last.
pub(super) fn stack(protocol: Protocol, proxy: TcpProxy) -> Vec<Filter> {
    let mut filters = Vec::new();
    if protocol == Protocol::Mongo {
        let config = TypedConfig::other("envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy", json!({"statPrefix": proxy.stat_prefix}));
        filters.push(Filter { name: "envoy.filters.network.mongo_proxy".into(), typed_config: Some(config), config_discovery: None });
    }
    filters.push(tcp_filter(proxy));
    filters
}

fn under_rule(mut proxy: TcpProxy, rule: Option<&DestinationRule>, subset: &str) -> TcpProxy {
    let Some(rule) = rule else { return proxy };
    let whole = rule.traffic_policy.as_deref();
    let of_subset = rule.subset(subset).and_then(|subset| subset.subset.traffic_policy.as_deref());
    if let Some(tcp) = whole.and_then(|policy| policy.connection_pool.as_ref()).and_then(|pool| pool.tcp.as_ref()) {
        proxy.idle_timeout = tcp.idle_timeout;
        proxy.max_downstream_connection_duration = tcp.max_connection_duration;
    }
    let balancer = of_subset.and_then(|policy| policy.load_balancer.as_ref()).or_else(|| whole.and_then(|policy| policy.load_balancer.as_ref()));
    if balancer.and_then(|lb| lb.consistent_hash.as_ref()).and_then(|hash| hash.use_source_ip) == Some(true) {
        proxy.hash_policy = vec![json!({"sourceIp": {}})];
    }
    let tunnel = if subset.is_empty() { whole } else { of_subset }.and_then(|policy| policy.tunnel.as_ref());
    if let Some(tunnel) = tunnel {
        let mut config = json!({"hostname": format!("{}:{}", tunnel.target_host, tunnel.target_port)});
        if let Some(fields) = config.as_object_mut().filter(|_| tunnel.protocol == "POST") {
            fields.insert("usePost".into(), true.into());
        }
        proxy.tunneling_config = Some(config);
    }
    proxy
}

/// Where traffic goes that no rule speaks of.
pub(super) fn fallthrough(scope: &Scope) -> Filter {
    let cluster = unknown_cluster(scope);
    tcp_filter(one_cluster(cluster.as_deref().unwrap_or("BlackHoleCluster"), scope.access_logs.tcp(WorkloadMode::Client)))
}

/// The cluster of traffic to what nobody registered; none where that is refused.
pub(super) fn unknown_cluster(scope: &Scope) -> Option<String> {
    if scope.is_registry_only() {
        return None;
    }
    let to = |proxy: &Destination| cluster_name(&proxy.host, proxy.port.as_ref().map(|port| port.number).unwrap_or_default(), &proxy.subset);
    Some(scope.egress_proxy().map_or_else(|| "PassthroughCluster".into(), to))
}

/// How long a TLS handshake may take.
pub(super) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
