//! Sidecars: which one holds for a workload, what it lets the workload see, and its ways in
//! (`pilot/pkg/model/sidecar.go`, `pilot/pkg/networking/core/listener.go`, `listener_inbound.go` and `cluster.go` of
//! istio/istio at 1.26.4).

use std::collections::BTreeSet;

use meshwright::engine::xds::ProxyConfig;

use super::{chains, cluster, endpoints, listener, push, routes, sidecar, virtual_host, xds_cluster};

/// A Sidecar in `namespace`, by the lines of its `spec`.
fn of(namespace: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n{spec}---\n")
}

/// The hosts that a proxy has clusters for.
fn known(config: &ProxyConfig) -> BTreeSet<&str> {
    config.clusters.iter().filter_map(|cluster| cluster.name.strip_prefix("outbound|")).filter_map(|name| name.rsplit('|').next()).collect()
}

#[test]
fn the_oldest_sidecar_that_selects_the_workload_goes_before_that_of_its_namespace_and_that_of_the_mesh() {
    let mesh = of("istio-system", "mesh", "  egress: [{hosts: ['./*', 'istio-system/*']}]\n");
    let namespace = of("shop", "all", "  egress: [{hosts: ['other/*']}]\n");
    let chosen = of("shop", "web", "  workloadSelector: {labels: {app: web}}\n  egress: [{hosts: ['./db.shop.svc.cluster.local']}]\n");
    let hosts = |config: &str, pod: &str| known(&push(&cluster(config), "shop", pod)).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let all = format!("{mesh}{namespace}{chosen}");
    assert_eq!(hosts(&all, "web-1"), ["db.shop.svc.cluster.local"]);
    assert_eq!(hosts(&all, "cart-1"), ["web.other.svc.cluster.local"]);
    // `./*` of the root namespace's is the client's own namespace.
    let of_mesh = ["cart.shop.svc.cluster.local", "db.shop.svc.cluster.local", "edge.istio-system.svc.cluster.local", "web.shop.svc.cluster.local"];
    assert_eq!(hosts(&mesh, "cart-1"), of_mesh);
}

#[test]
fn hosts_import_by_namespace_and_name_and_the_rest_is_unknown() {
    let import =
        |hosts: &str| known(&sidecar(&of("shop", "s", &format!("  egress: [{{hosts: {hosts}}}]\n")))).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(import("['*/web.other.svc.cluster.local']"), ["web.other.svc.cluster.local"]);
    assert_eq!(import("['shop/*.shop.svc.cluster.local']").len(), 3);
    assert_eq!(import("['other/web.shop.svc.cluster.local']"), [""; 0], "the host is in another namespace");
    assert_eq!(import("['~/*']"), [""; 0]);
}

#[test]
fn destinations_of_imported_rules_are_known_by_the_ports_that_rules_name() {
    let rule = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: r, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: db, port: {number: 8888}}}]}]}\n";
    let config = sidecar(&format!("{}{rule}", of("shop", "s", "  egress: [{hosts: ['./web.shop.svc.cluster.local']}]\n")));
    let clusters: Vec<&str> = config.clusters.iter().map(|cluster| cluster.name.as_str()).filter(|name| name.starts_with("outbound|")).collect();
    assert_eq!(clusters, ["outbound|80||web.shop.svc.cluster.local", "outbound|8888||db.shop.svc.cluster.local"]);
}

#[test]
fn a_listener_with_a_port_has_its_own_hosts_and_the_last_one_takes_what_is_left() {
    let config = sidecar(&of(
        "shop",
        "s",
        "  egress:\n  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['./cart.shop.svc.cluster.local']}
  - {port: {number: 3306, name: db, protocol: TCP}, bind: 127.0.0.9, captureMode: NONE, hosts: ['./db.shop.svc.cluster.local']}\n  - {hosts: ['./*', 'other/*']}\n",
    ));
    let names = |name: &str| routes(&config, name).virtual_hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("80"), ["cart.shop.svc.cluster.local:80", "allow_any"]);
    assert_eq!(listener(&config, "127.0.0.9_3306").bind_to_port, None, "it listens for itself");
    assert_eq!(listener(&config, "0.0.0.0_80").bind_to_port, Some(false));
    assert_eq!(chains(listener(&config, "10.96.0.4_3306"))[0].1, "outbound|3306||db.shop.svc.cluster.local");
    let chain = &listener(&config, "0.0.0.0_80").filter_chains[0];
    assert_eq!(*chain.origin.as_ref().unwrap().path, *"spec.egress[0]");
}

#[test]
fn a_proxy_port_answers_for_all_services_by_host_and_port() {
    let config = sidecar(&of(
        "shop",
        "s",
        "  egress: [{port: {number: 3128, name: proxy, protocol: HTTP_PROXY}, bind: 127.0.0.1, captureMode: NONE, hosts: ['./*']}]\n",
    ));
    assert_eq!(chains(listener(&config, "127.0.0.1_3128"))[0].1, "routes 3128");
    let web = virtual_host(&config, "3128", "web.shop.svc.cluster.local:80");
    assert!(web.domains.contains(&"web:80".to_owned()) && web.domains.contains(&"web".to_owned()));
    assert!(virtual_host(&config, "3128", "db.shop.svc.cluster.local:8888").domains.iter().all(|domain| domain.ends_with(":8888")));
}

#[test]
fn the_outbound_policy_of_a_sidecar_replaces_that_of_the_mesh() {
    let fate = |policy: &str| {
        let config = sidecar(&of("shop", "s", &format!("  outboundTrafficPolicy: {policy}\n")));
        let host = routes(&config, "80").virtual_hosts.last().unwrap().clone();
        assert_eq!(*host.origin.unwrap().path, *"spec.outboundTrafficPolicy");
        let cluster = host.routes[0].route.as_ref().and_then(|action| action.cluster.clone());
        (host.name, cluster.unwrap_or_default())
    };
    assert_eq!(fate("{mode: REGISTRY_ONLY}").0, "block_all");
    assert_eq!(fate("{mode: ALLOW_ANY}").1, "PassthroughCluster");
    let proxy = "{mode: ALLOW_ANY, egressProxy: {host: edge.istio-system.svc.cluster.local, port: {number: 80}}}";
    assert_eq!(fate(proxy).1, "outbound|80||edge.istio-system.svc.cluster.local");
}

#[test]
fn ingress_listeners_take_the_place_of_what_services_imply() {
    let config = sidecar(&of(
        "shop",
        "s",
        "  inboundConnectionPool: {tcp: {maxConnections: 7}}\n  ingress:
  - {port: {number: 8080, name: http, protocol: HTTP}, defaultEndpoint: '127.0.0.1:9999'}
  - {port: {number: 9090, name: grpc, protocol: GRPC}, defaultEndpoint: 'unix:///run/app.sock', connectionPool: {tcp: {maxConnections: 3}}}
  - {port: {number: 7070, name: tcp, protocol: TCP}, bind: 10.1.0.1, captureMode: NONE}\n",
    ));
    let inbound: Vec<&str> = config.clusters.iter().map(|cluster| cluster.name.as_str()).filter(|name| name.starts_with("inbound|")).collect();
    assert_eq!(inbound, ["inbound|7070||", "inbound|8080||", "inbound|9090||"]);
    let limit = |name: &str| xds_cluster(&config, name).circuit_breakers.as_ref().unwrap().thresholds[0].max_connections;
    assert_eq!((limit("inbound|8080||"), limit("inbound|9090||")), (Some(7), Some(3)));
    let http = xds_cluster(&config, "inbound|8080||");
    assert_eq!((http.r#type.as_ref(), &*http.origin.as_ref().unwrap().path), ("STATIC", "spec.ingress[0]"));
    let address = http.load_assignment.as_ref().unwrap().endpoints[0].lb_endpoints[0].socket_address().unwrap();
    assert_eq!((address.address.as_str(), address.port_value), ("127.0.0.1", 9999));
    assert_eq!(xds_cluster(&config, "inbound|7070||").r#type, "ORIGINAL_DST");
    assert_eq!(listener(&config, "10.1.0.1_7070").traffic_direction, "INBOUND");
    let chain = listener(&config, "virtualInbound").filter_chains.iter().find(|chain| chain.name == "10.1.0.1_8080").expect("named after the pod's address");
    assert_eq!(*chain.origin.as_ref().unwrap().resource, *"Sidecar/shop/s");
}

#[test]
fn gateways_pay_no_heed_to_sidecars() {
    let config = push(&cluster(&of("istio-system", "s", "  egress: [{hosts: ['./*']}]\n")), "istio-system", "edge-1");
    assert_eq!(endpoints(&config, "outbound|80||web.shop.svc.cluster.local"), ["10.1.0.1:8080"]);
}
