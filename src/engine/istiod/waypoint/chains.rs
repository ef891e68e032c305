//! The filter chains behind a waypoint's inner listener: a service's policies, then its routes.

use serde_json::json;

use super::Realm;
use crate::engine::{
    cluster::{MESH, Port, Service, VirtualService, WorkloadMode},
    istiod::{
        access_log::AccessLogs,
        hcm::{Routes, Side, connection_manager, http_filter, metadata_exchange, waypoint_filters},
        inbound::{inbound_routes, one_host},
        outbound::is_for,
        route::{Place, build_routes},
        security::Security,
        tcp::from_waypoint,
    },
    resource::{L4MatchAttributes, Labels, RouteDestination, TlsMatchAttributes},
    xds::{Filter, FilterChain, RouteConfiguration, TypedConfig},
};

/// A chain that speaks HTTP. Without a service it is for what is addressed to workloads.
pub(super) fn http_chain(realm: &Realm, service: Option<&Service>, port: &Port, cluster: &str, name: &str) -> FilterChain {
    let security = Security::for_service(realm.scope, service);
    let routes = service.and_then(|service| http_routes(realm, service, port, cluster));
    let host = service.map(|service| service.hostname.as_str()).unwrap_or_default();
    let routes = routes.unwrap_or_else(|| inbound_routes(cluster, host, port.number, port.protocol));
    let stat_prefix = format!("inbound_0.0.0.0_{}", port.number);
    let mut manager = connection_manager(realm.scope, Side::Waypoint, &stat_prefix, Routes::Inline(routes));
    manager.http_filters = waypoint_filters(&security.http);
    manager.access_log = AccessLogs::for_service(realm.scope, service).http(WorkloadMode::Server);
    if port.protocol.is_http2() {
        manager.http2_protocol_options = Some(json!({}));
    }
    chain(service, name, vec![http_filter(manager)])
}

/// A chain that passes bytes on.
pub(super) fn tcp_chain(realm: &Realm, service: Option<&Service>, port: &Port, cluster: &str, name: &str) -> FilterChain {
    let scope = realm.scope;
    let place = Place { scope, known: None, port: port.number, is_tls: false, gateways: &[MESH], own_hosts: Some(&realm.hosts) };
    let routes = service.and_then(|service| tcp_routes(realm, service, &place)).unwrap_or_default();
    let first = routes.first().and_then(|route| route.destination.as_ref());
    let called = first.map_or(service, |to| scope.service(&to.host));
    let rule = called.and_then(|service| scope.destination_rule(service));
    let mut filters = vec![metadata_exchange()];
    filters.extend(Security::for_service(scope, service).network);
    filters.extend(from_waypoint(cluster, routes, port.protocol, rule, &place, &AccessLogs::for_service(scope, service)));
    chain(service, name, filters)
}

fn chain(service: Option<&Service>, name: &str, mut filters: Vec<Filter>) -> FilterChain {
    if service.is_none() {
        filters.insert(0, connect_authority());
    }
    FilterChain { name: name.to_owned(), filters, origin: service.map(|service| service.origin.clone()), ..FilterChain::default() }
}

/// Carries along where the tunnel was going, for the tunnel that is opened next.
fn connect_authority() -> Filter {
    let note = json!({
        "objectKey": "envoy.filters.listener.original_dst.local_ip",
        "formatString": {"textFormatSource": {"inlineString": "%FILTER_STATE(envoy.filters.listener.original_dst.local_ip:PLAIN)%"}},
        "sharedWithUpstream": "ONCE",
    });
    let config = TypedConfig::other("envoy.extensions.filters.network.set_filter_state.v3.Config", json!({"onNewConnection": [note]}));
    Filter { name: "connect_authority".into(), typed_config: Some(config), ..Filter::default() }
}

/// The routes of the first VirtualService that has HTTP rules; none where nothing of it is for this place.
fn http_routes(realm: &Realm, service: &Service, port: &Port, cluster: &str) -> Option<RouteConfiguration> {
    let rules = realm.rules_of(service).find(|rules| !rules.http.is_empty())?;
    let place = Place { scope: realm.scope, known: None, port: port.number, is_tls: false, gateways: &[MESH], own_hosts: Some(&realm.hosts) };
    let routes = build_routes(&without_source_labels(rules), &place);
    (!routes.is_empty()).then(|| one_host(cluster, port.number, routes))
}

/// A waypoint does not know the labels of who calls, so matches on them are left out (`waypointInboundRoute`).
fn without_source_labels(rules: &VirtualService) -> VirtualService {
    let mut rules = rules.clone();
    rules.http.retain_mut(|rule| {
        let had_matches = !rule.rule.r#match.is_empty();
        let mut keep = rule.rule.r#match.iter().map(|condition| condition.source_labels.is_empty()).collect::<Vec<_>>().into_iter();
        rule.match_origins.retain({
            let mut keep = keep.clone();
            move |_| keep.next().unwrap_or(true)
        });
        rule.rule.r#match.retain(|_| keep.next().unwrap_or(true));
        !had_matches || !rule.rule.r#match.is_empty()
    });
    rules
}

/// The destinations of the first rule that holds, TLS before TCP; server names count only where they name the service itself.
fn tcp_routes<'a>(realm: &Realm<'a>, service: &Service, place: &Place) -> Option<&'a [RouteDestination]> {
    // Who calls is not known beyond its identity.
    let is_for_all = |labels: &Labels, namespace: &str| labels.is_empty() && namespace.is_empty();
    let tls = realm.rules_of(service).flat_map(|rules| &rules.tls).find(|tls| {
        let names_it = |m: &TlsMatchAttributes| matches!(m.sni_hosts.as_slice(), [only] if *only == service.hostname);
        let holds = |m: &TlsMatchAttributes| {
            names_it(m) && is_for_all(&m.source_labels, &m.source_namespace) && is_for(place, &m.gateways, &m.source_labels, m.port, "")
        };
        tls.r#match.is_empty() || tls.r#match.iter().any(holds)
    });
    let tcp = || {
        realm.rules_of(service).flat_map(|rules| &rules.tcp).find(|tcp| {
            let holds = |m: &L4MatchAttributes| is_for_all(&m.source_labels, &m.source_namespace) && is_for(place, &m.gateways, &m.source_labels, m.port, "");
            tcp.r#match.is_empty() || tcp.r#match.iter().any(holds)
        })
    };
    tls.map(|tls| tls.route.as_slice()).or_else(|| tcp().map(|tcp| tcp.route.as_slice()))
}
