//! Sidecars that take tunnels, as injection makes them where ambient mode is installed: `EnableHBONEListen` in `pilot/pkg/model/context.go`
//! and `buildInboundHBONEListeners` in `pilot/pkg/networking/core/listener_inbound.go`; `setTunnelProtocol` in
//! `pilot/pkg/serviceregistry/kube/controller/ambient/workloads.go` tells ztunnel of them.

use super::{WORLD, behind_waypoint, cluster, journey, push, real_envoy::takes, way};

/// `old-1` as it is injected there.
fn tunnelled() -> String {
    let pods = WORLD.split("---\n");
    let old = pods.into_iter().find(|document| document.contains("name: old-1")).expect("the pod is in the world");
    format!("---\n{}", old.replace("security.istio.io/tlsMode: istio", "security.istio.io/tlsMode: istio, networking.istio.io/tunnel: http"))
}

const STRICT: &str =
    "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: strict, namespace: default}\nspec: {mtls: {mode: STRICT}}\n";
const OLD: &str = "http://old.default/";

#[test]
fn ztunnel_opens_a_tunnel_to_a_sidecar_that_takes_one() {
    assert_eq!(way(STRICT, "web-1.shop", OLD).0, "connection closed", "plain text is all that ztunnel has for another sidecar");
    let (answer, hops) = way(&(tunnelled() + STRICT), "web-1.shop", OLD);
    assert_eq!((answer.as_str(), hops), ("200 old", vec!["client ztunnel web-1.shop".into(), "server sidecar old-1.default".into()]));
    let sidecar = &journey(&(tunnelled() + STRICT), "web-1.shop", OLD).hops[1].outcome;
    assert_eq!((sidecar.listener.as_str(), sidecar.route_config.as_str()), ("main_internal", "inbound|8080||"));
}

#[test]
fn who_opens_the_tunnel_is_the_one_that_policies_ask_about() {
    let policy = |action: &str, account: &str| {
        let from = format!("{{source: {{principals: [cluster.local/ns/shop/sa/{account}]}}}}");
        format!(
            "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p, namespace: default}}\nspec: {{action: {action}, rules: [{{from: [{from}], to: [{{operation: \
             {{methods: [GET]}}}}]}}]}}\n"
        )
    };
    let answer = |text: &str| way(&(tunnelled() + text), "web-1.shop", OLD).0;
    assert_eq!(answer(&policy("ALLOW", "web")), "200 old");
    assert_eq!(answer(&policy("ALLOW", "cart")), "403");
    assert_eq!(answer(&policy("DENY", "web")), "403");
}

#[test]
fn sidecars_and_those_outside_the_mesh_come_as_ever() {
    let config = push(&cluster(&(tunnelled() + STRICT)), "istio-system", "edge-1");
    let endpoints = config.endpoints.iter().find(|endpoints| endpoints.cluster_name.contains("old.default")).expect("the gateway knows it");
    let endpoint = &endpoints.endpoints[0].lb_endpoints[0];
    assert!(endpoint.internal_address().is_none() && endpoint.socket_address().is_some(), "mutual TLS goes before tunnels");
    assert_eq!(way(&tunnelled(), "bare-1.default", OLD).0, "200 old");
    assert_eq!(way(&(tunnelled() + STRICT), "bare-1.default", OLD).0, "connection closed");
}

/// `buildEnvoyLbEndpoint` in `pilot/pkg/xds/endpoints/endpoint_builder.go`: a waypoint has nothing but tunnels.
#[test]
fn a_waypoint_reaches_it_by_a_tunnel() {
    let behind = "---\napiVersion: v1\nkind: Service\nmetadata: {name: old, namespace: default, labels: {istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: shop}}
spec: {clusterIP: 10.96.0.2, selector: {app: old}, ports: [{name: http, port: 80, targetPort: 8080}]}\n";
    let allowing = behind_waypoint(behind).replace("protocol: HBONE}", "protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}");
    let (answer, hops) = way(&(allowing.clone() + &tunnelled() + STRICT), "web-1.shop", OLD);
    assert_eq!((answer.as_str(), hops.last().map(String::as_str)), ("200 old", Some("server sidecar old-1.default")));
    assert_eq!(hops[1], "waypoint waypoint.shop");
    let from_waypoint = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: default}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}\n";
    assert_eq!(way(&(allowing + &tunnelled() + from_waypoint), "web-1.shop", OLD).0, "200 old", "the waypoint is the one who calls");
}

#[test]
fn a_real_envoy_takes_a_sidecar_where_tunnels_end() {
    let config = push(&cluster(&(tunnelled() + STRICT)), "default", "old-1");
    let names: Vec<&str> = config.listeners.iter().map(|listener| listener.name.as_str()).collect();
    assert!(names.ends_with(&["virtualInbound", "connect_terminate", "main_internal"]), "{names:?}");
    takes(&config);
    let without = push(&cluster(STRICT), "default", "old-1");
    assert!(without.listeners.iter().all(|listener| listener.name != "connect_terminate"));
}
