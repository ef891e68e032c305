//! What a waypoint is told: `waypoint.go`, `listener_waypoint.go` and `cluster_waypoint.go` in `pilot/pkg/networking/core`.

use meshwright::engine::xds::{FilterChain, HttpConnectionManager, LbEndpoint, Note, ProxyConfig, RouteAction, TypedConfig};
use serde_json::Value;

use super::waypoint;

const CART: &str = "cart.shop.svc.cluster.local";

#[track_caller]
fn chain<'a>(config: &'a ProxyConfig, name: &str) -> &'a FilterChain {
    let listener = config.listeners.iter().find(|listener| listener.name == "main_internal").expect("it has main_internal");
    let names: Vec<&str> = listener.filter_chains.iter().map(|chain| chain.name.as_str()).collect();
    listener.filter_chains.iter().find(|chain| chain.name == name).unwrap_or_else(|| panic!("no chain {name} among {names:?}"))
}

#[track_caller]
fn manager<'a>(config: &'a ProxyConfig, name: &str) -> &'a HttpConnectionManager {
    let found = chain(config, name).filters.iter().find_map(|filter| match &filter.typed_config {
        Some(TypedConfig::HttpConnectionManager(manager)) => Some(&**manager),
        _ => None,
    });
    found.expect("the chain speaks HTTP")
}

/// Clusters and weights of the routes of `cart`.
#[track_caller]
fn targets(config: &str) -> Vec<(String, u32)> {
    let config = waypoint(config);
    let manager = manager(&config, &format!("inbound-vip|80|http|{CART}"));
    let routes = &manager.route_config.as_ref().unwrap().virtual_hosts[0].routes;
    let of_action = |action: &RouteAction| match &action.weighted_clusters {
        Some(weighted) => weighted.clusters.iter().map(|cluster| (cluster.name.clone(), cluster.weight.unwrap_or_default())).collect(),
        None => vec![(action.cluster.clone().unwrap_or_default(), 0)],
    };
    routes.iter().filter_map(|route| route.route.as_deref()).flat_map(of_action).collect()
}

fn filters(config: &str) -> Vec<String> {
    let config = waypoint(config);
    manager(&config, &format!("inbound-vip|80|http|{CART}")).http_filters.iter().map(|filter| filter.name.to_string()).collect()
}

#[test]
fn names_are_istiods() {
    let config = waypoint("");
    let listeners: Vec<&str> = config.listeners.iter().map(|listener| listener.name.as_str()).collect();
    assert_eq!(listeners, ["connect_terminate", "main_internal", "connect_originate"]);
    let mut clusters: Vec<&str> = config.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    clusters.sort_unstable();
    let vip = |port: u32, kind: &str| format!("inbound-vip|{port}|{kind}|{CART}");
    let mut wanted =
        vec![vip(80, "http"), vip(7000, "tcp"), vip(9000, "http"), vip(9000, "tcp"), "connect_originate".into(), "encap".into(), "main_internal".into()];
    wanted.sort_unstable();
    assert_eq!(clusters, wanted);
    assert!(config.routes.is_empty(), "routes are in the listeners");
    let chains: Vec<&str> = config.listeners[1].filter_chains.iter().map(|chain| chain.name.as_str()).collect();
    assert_eq!(chains, [vip(80, "http"), vip(7000, "tcp"), vip(9000, "tcp"), vip(9000, "http"), "direct-tcp".into(), "direct-http".into()]);
}

/// `buildWaypointConnectTerminate` and `getWaypointBindPort`.
#[test]
fn tunnels_end_on_port_15008_over_mutual_tls() {
    let config = waypoint("");
    let listener = &config.listeners[0];
    let socket = listener.address.as_ref().unwrap().socket_address.as_ref().unwrap();
    assert_eq!((socket.address.as_str(), socket.port_value), ("0.0.0.0", 15008));
    let written = serde_json::to_value(listener).unwrap();
    let context = &written["filterChains"][0]["transportSocket"]["typedConfig"];
    assert_eq!(context["requireClientCertificate"], true);
    assert_eq!(context["commonTlsContext"]["tlsParams"]["tlsMinimumProtocolVersion"], "TLSv1_3");
    let route = &written["filterChains"][0]["filters"][0]["typedConfig"]["routeConfig"]["virtualHosts"][0]["routes"][0];
    assert_eq!(route["route"]["cluster"], "main_internal");
    assert!(route["match"]["connectMatcher"].is_object());
}

/// `buildEnvoyLbEndpoint`: an endpoint in ambient mode is behind the listener that opens tunnels.
#[test]
fn endpoints_lie_behind_tunnels() {
    let config = waypoint("");
    let name = format!("inbound-vip|80|http|{CART}");
    let assignment = config.endpoints.iter().find(|assignment| assignment.cluster_name == name).unwrap();
    let endpoint = &assignment.endpoints[0].lb_endpoints[0];
    let internal = endpoint.internal_address().unwrap();
    assert_eq!((internal.server_listener_name.as_str(), internal.endpoint_id.as_str()), ("connect_originate", "10.1.0.1:8080"));
    let tunnel = endpoint.metadata.as_ref().unwrap().filter_metadata.get("envoy.filters.listener.original_dst").unwrap();
    assert_eq!(tunnel.get("local").and_then(Note::as_str), Some("10.1.0.1:8080"));
}

#[test]
fn without_routes_everything_goes_to_the_services_own_cluster() {
    assert_eq!(targets(""), [(format!("inbound-vip|80|http|{CART}"), 0)]);
}

#[test]
fn routes_attached_to_the_service_hold_at_the_waypoint() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: canary, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}\nspec: {clusterIP: 10.96.0.8, selector: {app: \
                   cart, version: v2}, ports: [{name: http, port: 80, targetPort: 8080}]}\n---\n";
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: cart, namespace: shop}\nspec:\n  parentRefs: [{group: '', kind: Service, name: cart}]\n  \
                 rules: [{backendRefs: [{name: cart, port: 80, weight: 9}, {name: canary, port: 80, weight: 1}]}]\n";
    let own = |name: &str| format!("inbound-vip|80|http|{name}.shop.svc.cluster.local");
    assert_eq!(targets(&format!("{service}{route}")), [(own("cart"), 9), (own("canary"), 1)]);
    // A service that is not the waypoint's is reached as any client reaches it (`filterWaypointOutboundServices`).
    let foreign = service.replace(", labels: {istio.io/use-waypoint: waypoint}", "");
    assert_eq!(targets(&format!("{foreign}{route}")), [(own("cart"), 9), ("outbound|80||canary.shop.svc.cluster.local".into(), 1)]);
}

const SUBSETS: &str = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: cart, namespace: shop}\nspec:\n  host: cart.shop.svc.cluster.local\n  trafficPolicy: \
                       {connectionPool: {http: {http1MaxPendingRequests: 7}}, loadBalancer: {simple: RANDOM}, tls: {mode: ISTIO_MUTUAL}}\n  subsets: [{name: v1, labels: {version: \
                       v1}}, {name: v2, labels: {version: v2}}]\n---\n";

/// `getVirtualServiceForWaypoint`: a VirtualService of the service's namespace or the waypoint's holds, one of elsewhere does not.
#[test]
fn a_virtual_service_holds_too() {
    let rules = |home: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: cart, namespace: {home}}}\nspec:\n  hosts: [{CART}]\n  http: [{{route: [{{destination: \
             {{host: {CART}, subset: v2}}}}]}}]\n---\n"
        )
    };
    assert_eq!(targets(&format!("{SUBSETS}{}", rules("shop"))), [(format!("inbound-vip|80|http/v2|{CART}"), 0)]);
    assert_eq!(targets(&format!("{SUBSETS}{}", rules("default"))), [(format!("inbound-vip|80|http|{CART}"), 0)]);
}

/// `buildWaypointInboundVIPCluster`: pool, outlier detection and load balancing are the rule's; mutual TLS is the tunnel's business.
#[test]
fn destination_rules_hold_at_the_waypoint() {
    let config = waypoint(SUBSETS);
    for name in [format!("inbound-vip|80|http|{CART}"), format!("inbound-vip|80|http/v1|{CART}")] {
        let cluster = config.clusters.iter().find(|cluster| cluster.name == name).unwrap();
        assert_eq!(cluster.lb_policy, "RANDOM", "{name}");
        let written = serde_json::to_value(cluster).unwrap();
        assert_eq!(written["circuitBreakers"]["thresholds"][0]["maxPendingRequests"], 7);
        assert_eq!(written["transportSocket"]["name"], "internal_upstream");
        assert_eq!(written["transportSocket"]["typedConfig"]["transportSocket"]["name"], "envoy.transport_sockets.raw_buffer");
        assert_eq!(written["metadata"]["filterMetadata"]["istio"]["config"], "/apis/networking.istio.io/v1/namespaces/shop/destination-rule/cart");
    }
    let assignment = config.endpoints.iter().find(|assignment| assignment.cluster_name == format!("inbound-vip|80|http/v1|{CART}")).unwrap();
    let ids: Vec<_> = assignment.endpoints.iter().flat_map(|group| &group.lb_endpoints).filter_map(LbEndpoint::destination).collect();
    assert_eq!(ids, ["10.1.0.1:8080"]);
}

/// `applyLoadBalancer` with `applyLocalityLoadBalancer` is called for these clusters too; without its note Envoy keeps to no shares.
#[test]
fn shares_between_places_hold_at_the_waypoint() {
    let rule = |settings: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: cart, namespace: shop}}\nspec: {{host: cart.shop.svc.cluster.local, trafficPolicy: \
             {{loadBalancer: {{localityLbSetting: {{{settings}}}}}}}}}\n"
        )
    };
    let keeps_shares = |settings: &str| {
        let config = waypoint(&rule(settings));
        let cluster = config.clusters.iter().find(|cluster| cluster.name == format!("inbound-vip|80|http|{CART}")).unwrap();
        cluster.common_lb_config.as_ref().unwrap().locality_weighted_lb_config.is_some()
    };
    assert!(keeps_shares("distribute: [{from: near/*, to: {near/*: 80, far/*: 20}}]"));
    assert!(!keeps_shares("enabled: false"));
}

fn policy(target: &str) -> String {
    let home = if target.contains("GatewayClass") { "istio-system" } else { "shop" };
    format!(
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p, namespace: {home}}}\nspec: {{{target}rules: [{{to: [{{operation: {{methods: [GET]}}}}], \
         from: [{{source: {{principals: [a]}}}}]}}]}}\n---\n"
    )
}

const RBAC: &str = "envoy.filters.http.rbac";

/// `GetAuthorizationPolicies` and `policyattachment.go`: `targetRefs` bind, selectors and whole namespaces do not.
#[test]
fn policies_are_bound_by_what_they_target_alone() {
    for target in [
        "targetRefs: [{group: '', kind: Service, name: cart}], ",
        "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}], ",
        "targetRefs: [{group: gateway.networking.k8s.io, kind: GatewayClass, name: istio-waypoint}], ",
    ] {
        assert!(filters(&policy(target)).iter().any(|name| name == RBAC), "{target}");
    }
    for other in [
        "targetRefs: [{group: '', kind: Service, name: other}], ",
        "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: other}], ",
        "selector: {matchLabels: {app: cart}}, ",
        "selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}, ",
        "",
    ] {
        assert!(!filters(&policy(other)).iter().any(|name| name == RBAC), "{other}");
    }
}

/// `builder.go` in `pilot/pkg/security/authz` with `UseFilterState`: who calls is noted at the end of the tunnel.
#[test]
fn the_principal_is_the_one_of_the_tunnel() {
    let config = waypoint(&policy("targetRefs: [{group: '', kind: Service, name: cart}], "));
    let written = serde_json::to_value(manager(&config, &format!("inbound-vip|80|http|{CART}"))).unwrap();
    let rbac = written["httpFilters"].as_array().unwrap().iter().find(|filter| filter["name"] == RBAC).unwrap().to_string();
    assert!(rbac.contains(r#""filterState":{"key":"io.istio.peer_principal""#), "{rbac}");
    assert!(!rbac.contains("\"authenticated\""), "{rbac}");
}

#[test]
fn tokens_are_asked_for_at_the_waypoint() {
    let jwt = "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: jwt, namespace: shop}\nspec:\n  TARGETjwtRules: [{issuer: x, jwks: '{\"keys\":[]}'}]\n---\n";
    let has = |target: &str| filters(&jwt.replace("TARGET", target)).iter().any(|name| name == "envoy.filters.http.jwt_authn");
    assert!(has("targetRefs: [{group: '', kind: Service, name: cart}]\n  "));
    assert!(!has("selector: {matchLabels: {app: cart}}\n  "));
}

#[test]
fn a_service_entry_may_be_behind_it() {
    let entry = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: outside, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}\nspec: {hosts: \
                 [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}\n---\n";
    let policy = policy("targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: outside}], ");
    let config = waypoint(&format!("{entry}{policy}"));
    let name = "inbound-vip|80|http|api.example.com";
    assert!(manager(&config, name).http_filters.iter().any(|filter| filter.name == RBAC));
    assert_eq!(config.clusters.iter().find(|cluster| cluster.name == name).unwrap().r#type, "STRICT_DNS");
    let matcher: &Value = config.listeners[1].filter_chain_matcher.as_ref().unwrap();
    assert!(matcher.to_string().contains("240.240."), "its address is one that istiod makes up: {matcher}");
}
