//! Routes out of a VirtualService's HTTP rules: each match of a rule is a route of its own, in order, up to the first that takes all.

mod action;
mod filters;
mod hash;
mod headers;
mod matching;
mod retry;

use std::collections::{BTreeMap, BTreeSet};

use action::{direct_response, forward, redirect};
use filters::per_route_filters;
pub(super) use hash::hash_policy;
use headers::HeaderChanges;
use matching::route_match;
pub(super) use retry::retry_policy;

use super::{Scope, clusters::vip_cluster_name, metadata::config_metadata};
use crate::engine::{
    cluster::{HttpRule, RouteSemantics, Service, VirtualService, cluster_name, endpoint::selects},
    duration::Duration,
    resource::{Destination, HttpMatchRequest},
    xds::{Decorator, Origin, Route, RouteAction, RouteConfiguration, RouteMatch, VirtualHost},
};

/// The place that routes are built for.
pub(super) struct Place<'a> {
    pub scope: &'a Scope<'a>,
    /// The services that a sidecar's listener knows by their hosts; none for gateways and for TCP.
    pub known: Option<&'a BTreeMap<&'a str, &'a Service>>,
    /// The port that traffic arrives at.
    pub port: u32,
    /// Whether TLS ends here.
    pub is_tls: bool,
    /// The gateways that this place belongs to: `namespace/name`s, or `mesh`.
    pub gateways: &'a [&'a str],
    /// Of a waypoint, the hosts of the services that it stands before.
    pub own_hosts: Option<&'a BTreeSet<&'a str>>,
}

impl Place<'_> {
    /// The service of a destination, as far as this place knows it.
    fn service(&self, host: &str) -> Option<&Service> {
        match self.known {
            Some(known) => known.get(host).copied(),
            None => self.scope.service(host),
        }
    }

    /// The cluster of an HTTP destination.
    pub fn cluster(&self, destination: &Destination) -> String {
        if let Some(own) = self.own_hosts {
            return self.waypoint_cluster(destination, own);
        }
        // Of a service that is known by the port of this place, that is the only one that counts.
        let is_here = self.known.is_some() && self.port != 0;
        self.cluster_of(destination, self.service(&destination.host), is_here)
    }

    /// The cluster of a TCP or TLS destination, whose service is looked up with all of its ports.
    pub fn tcp_cluster(&self, destination: &Destination) -> String {
        if let Some(own) = self.own_hosts {
            return self.waypoint_cluster(destination, own);
        }
        self.cluster_of(destination, self.scope.service(&destination.host), false)
    }

    /// What is a waypoint's own is sent on by its own clusters, the rest goes out as from any proxy
    /// (`getWaypointDestinationCluster`, `listener_waypoint.go`).
    fn waypoint_cluster(&self, destination: &Destination, own: &BTreeSet<&str>) -> String {
        let host = destination.host.as_str();
        if host.is_empty() {
            return "UnknownService".into();
        }
        let service = self.scope.service(host);
        let only_port = service.and_then(|service| match service.ports.as_slice() {
            [only] => Some(only.number),
            _ => None,
        });
        let port = destination.port.as_ref().map(|port| port.number).or(only_port).unwrap_or(self.port);
        if service.is_some() && !own.contains(host) {
            return cluster_name(host, port, &destination.subset);
        }
        // A port that nobody knows counts as HTTP.
        let is_http = service.and_then(|service| service.port(port)).is_none_or(|port| port.protocol.is_http_or_auto());
        let kind = if is_http { "http" } else { "tcp" };
        let subset = if destination.subset.is_empty() { kind.to_owned() } else { format!("{kind}/{}", destination.subset) };
        vip_cluster_name(host, port, &subset)
    }

    /// A port that is not given is the service's only one, else that of this place. `is_here`: the service was found by the
    /// port of this place, which then is the only one that counts.
    fn cluster_of(&self, destination: &Destination, service: Option<&Service>, is_here: bool) -> String {
        if destination.host.is_empty() {
            // Nobody may go, or nothing can be, where the reference of a route leads.
            return "UnknownService".into();
        }
        let host = service.map(|service| service.external_name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&destination.host);
        let only_port = service.filter(|_| !is_here).and_then(|service| match service.ports.as_slice() {
            [only] => Some(only.number),
            _ => None,
        });
        let port = destination.port.as_ref().map(|port| port.number).or(only_port).unwrap_or(self.port);
        cluster_name(host, port, &destination.subset)
    }
}

/// What is pushed for a name over RDS: its virtual hosts, with the settings that are the same for sidecars and gateways.
pub(super) fn configuration(name: &str, virtual_hosts: Vec<VirtualHost>) -> RouteConfiguration {
    RouteConfiguration {
        name: name.to_owned(),
        virtual_hosts,
        validate_clusters: Some(false),
        max_direct_response_body_size_bytes: Some(1024 * 1024),
        ignore_port_in_host_matching: true,
        ..RouteConfiguration::default()
    }
}

/// The routes of one VirtualService; none where nothing in it is meant for this place.
pub(super) fn build_routes(service: &VirtualService, place: &Place) -> Vec<Route> {
    let mut routes = Vec::new();
    for rule in &service.http {
        if rule.rule.r#match.is_empty() {
            routes.extend(build_route(service, rule, None, &rule.origin, place));
            break;
        }
        for (condition, origin) in rule.rule.r#match.iter().zip(&rule.match_origins) {
            let Some(route) = build_route(service, rule, Some(condition), origin, place) else { continue };
            let takes_all = takes_all(&route.r#match);
            routes.push(route);
            if takes_all {
                return routes;
            }
        }
    }
    routes
}

/// Whether a match leaves nothing for the routes behind it.
pub(super) fn takes_all(matching: &RouteMatch) -> bool {
    let any_path = matching.prefix.as_deref() == Some("/") || matching.safe_regex.as_ref().is_some_and(|regex| regex.regex == ".*");
    any_path && matching.headers.is_empty() && matching.query_parameters.is_empty() && matching.dynamic_metadata.is_empty()
}

fn build_route(service: &VirtualService, rule: &HttpRule, condition: Option<&HttpMatchRequest>, origin: &Origin, place: &Place) -> Option<Route> {
    if condition.is_some_and(|condition| !is_for(condition, place)) {
        return None;
    }
    let spec = &rule.rule;
    let match_name = condition.map(|condition| condition.name.as_str()).filter(|name| !name.is_empty());
    let mut route = Route {
        name: match_name.map_or_else(|| spec.name.clone(), |name| format!("{}.{name}", spec.name)),
        r#match: route_match(condition, service.semantics),
        metadata: Some(config_metadata("virtual-service", &service.namespace, &service.name)),
        stat_prefix: condition.map(|condition| condition.stat_prefix.clone()).unwrap_or_default(),
        typed_per_filter_config: per_route_filters(spec),
        origin: Some(origin.clone()),
        ..Route::default()
    };
    let mut changes = spec.headers.as_deref().map(HeaderChanges::new).unwrap_or_default();
    let authority = std::mem::take(&mut changes.authority);
    changes.add_to(&mut route);
    if let Some(to) = &spec.redirect {
        route.redirect = redirect(to, place, service.semantics);
    } else if let Some(reply) = &spec.direct_response {
        route.direct_response = Some(direct_response(reply));
    } else {
        route.route = Some(Box::new(forward(rule, authority, place, service.semantics, &mut route)));
    }
    route.decorator = Some(Decorator { operation: operation(&route, &service.name, place.port) });
    Some(route)
}

/// Whether the parts of a match that are about the client, not the request, hold here.
fn is_for(condition: &HttpMatchRequest, place: &Place) -> bool {
    if condition.port != 0 && condition.port != place.port {
        return false;
    }
    if !condition.gateways.is_empty() {
        return condition.gateways.iter().any(|gateway| place.gateways.contains(&gateway.as_str()));
    }
    let proxy = place.scope.proxy;
    selects(&condition.source_labels, &proxy.labels) && (condition.source_namespace.is_empty() || condition.source_namespace == proxy.namespace)
}

/// What a trace calls the route: destination and path, or the VirtualService where there are several destinations.
fn operation(route: &Route, service_name: &str, port: u32) -> String {
    let matching = &route.r#match;
    let path = match (&matching.prefix, &matching.path, &matching.safe_regex) {
        (Some(prefix), ..) => format!("{prefix}*"),
        (_, Some(path), _) => path.clone(),
        (.., Some(regex)) => regex.regex.clone(),
        _ => "/*".into(),
    };
    let cluster = route.route.as_ref().and_then(|action| action.cluster.as_deref()).unwrap_or_default();
    match cluster.split('|').collect::<Vec<_>>().as_slice() {
        [_, cluster_port, _, host] => format!("{host}:{cluster_port}{path}"),
        _ => format!("{service_name}:{port}{path}"),
    }
}

/// The route of a service that no VirtualService speaks of.
pub(super) fn default_route(scope: &Scope, cluster: &str, operation: String) -> Route {
    let action = RouteAction {
        cluster: Some(cluster.to_owned()),
        timeout: Some(Duration::ZERO),
        max_grpc_timeout: Some(Duration::ZERO),
        retry_policy: retry_policy(scope.mesh().default_http_retry_policy.as_ref(), false),
        ..RouteAction::default()
    };
    Route {
        name: "default".into(),
        r#match: route_match(None, RouteSemantics::Istio),
        route: Some(Box::new(action)),
        decorator: Some(Decorator { operation }),
        ..Route::default()
    }
}
