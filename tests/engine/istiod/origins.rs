//! Every piece that a resource causes says which field of it did.

use meshwright::engine::xds::Origin;

use super::{gateway, listener, sidecar, virtual_host, xds_cluster};

fn text(origin: Option<&Origin>) -> String {
    origin.map(|origin| format!("{} {}", origin.resource, origin.path)).unwrap_or_default()
}

#[test]
fn routes_weights_clusters_and_chains_point_at_their_lines() {
    let config = sidecar(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}
spec:\n  hosts: [cart]\n  http:\n  - match: [{uri: {exact: /a}}, {uri: {exact: /b}}]\n    route: [{destination: {host: cart}}]
  - route:\n    - {destination: {host: cart, subset: v1}, weight: 1}\n    - {destination: {host: web}, weight: 1}
---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: rule, namespace: shop}
spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}]}\n",
    );
    let host = virtual_host(&config, "80", "cart.shop.svc.cluster.local:80");
    assert_eq!(text(host.origin.as_ref()), "VirtualService/shop/cart spec.hosts");
    assert_eq!(text(host.routes[1].origin.as_ref()), "VirtualService/shop/cart spec.http[0].match[1]");
    assert_eq!(text(host.routes[2].origin.as_ref()), "VirtualService/shop/cart spec.http[1]");
    let weighted = &host.routes[2].route.as_ref().unwrap().weighted_clusters.as_ref().unwrap().clusters;
    assert_eq!(text(weighted[1].origin.as_ref()), "VirtualService/shop/cart spec.http[1].route[1]");
    assert_eq!(text(xds_cluster(&config, "outbound|80|v1|cart.shop.svc.cluster.local").origin.as_ref()), "DestinationRule/shop/rule spec.subsets[0]");
    assert_eq!(text(xds_cluster(&config, "outbound|80||web.shop.svc.cluster.local").origin.as_ref()), "Service/shop/web ");
}

#[test]
fn a_gateways_chains_point_at_its_servers() {
    let config = gateway(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}
spec:\n  selector: {istio: ingressgateway}\n  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: a}}\n",
    );
    assert_eq!(text(listener(&config, "0.0.0.0_8443").filter_chains[0].origin.as_ref()), "Gateway/shop/edge spec.servers[1]");
    assert_eq!(text(virtual_host(&config, "http.8080", "blackhole:80").origin.as_ref()), "Gateway/shop/edge spec.servers[0]");
}
