//! LDS of a sidecar.

use super::{chains, listener, sidecar};

#[test]
fn http_services_share_a_port_and_others_have_their_own_address() {
    let config = sidecar("");
    let names: Vec<&str> = config.listeners.iter().map(|listener| listener.name.as_str()).collect();
    assert_eq!(names, ["0.0.0.0_80", "10.96.9.1_443", "10.96.0.4_3306", "10.96.0.4_8888", "virtualOutbound", "virtualInbound"]);
    assert_eq!(chains(listener(&config, "0.0.0.0_80"))[0].1, "routes 80");
    assert_eq!(listener(&config, "0.0.0.0_80").default_filter_chain.as_ref().unwrap().destination(), "PassthroughCluster");
}

#[test]
fn a_port_that_declares_nothing_is_looked_at_and_has_routes_of_its_own() {
    let config = sidecar("");
    let admin = listener(&config, "10.96.0.4_8888");
    assert_eq!(chains(admin)[0].1, "routes db.shop.svc.cluster.local:8888");
    assert_eq!(admin.default_filter_chain.as_ref().unwrap().destination(), "outbound|8888||db.shop.svc.cluster.local");
    let own = super::routes(&config, "db.shop.svc.cluster.local:8888");
    assert_eq!(own.virtual_hosts.len(), 1);
    assert_eq!(own.virtual_hosts[0].domains, ["*"]);
}

#[test]
fn tls_is_split_by_server_name_and_tcp_by_weight() {
    let config = sidecar(
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: shop}
spec: {hosts: [a.example.com, b.example.org], resolution: NONE, ports: [{number: 443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: split, namespace: shop}
spec:\n  hosts: [a.example.com]\n  tls:
  - {match: [{port: 443, sniHosts: [a.example.com]}], route: [{destination: {host: web, port: {number: 80}}}]}
---
apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: db, namespace: shop}
spec:\n  hosts: [db]\n  tcp:\n  - route:\n    - {destination: {host: db, subset: v1}, weight: 30}\n    - {destination: {host: cart}, weight: 70}\n",
    );
    let tls = chains(listener(&config, "0.0.0.0_443"));
    assert_eq!(
        tls,
        [
            (vec!["a.example.com".to_owned()], "outbound|80||web.shop.svc.cluster.local".to_owned()),
            (vec!["b.example.org".to_owned()], "outbound|443||b.example.org".to_owned()),
        ]
    );
    assert_eq!(chains(listener(&config, "10.96.0.4_3306"))[0].1, "outbound|3306|v1|db.shop.svc.cluster.local, outbound|80||cart.shop.svc.cluster.local");
}

#[test]
fn the_workloads_own_port_takes_mtls_and_plain_text() {
    let config = sidecar("");
    let inbound = listener(&config, "virtualInbound");
    let own: Vec<_> = inbound.filter_chains.iter().filter(|chain| chain.filter_chain_match.as_ref().unwrap().destination_port == Some(8080)).collect();
    let ends_tls: Vec<bool> = own.iter().map(|chain| chain.transport_socket.is_some()).collect();
    assert_eq!(ends_tls, [true, false]);
    assert_eq!(own[0].destination(), "routes inbound|8080|| (inline)");
}
