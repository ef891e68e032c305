//! The tables of `istioctl proxy-config`, made from what istiod pushes (`istioctl/pkg/writer/envoy/configdump`, `…/clusters`).

use meshwright::engine::mesh::{ConfigKind, ProxyConfigFilter as Filter, Pushed, Table};

use super::{cluster, push};

const CONFIG: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - match: [{uri: {prefix: /a}}, {uri: {regex: /b.*}}, {uri: {exact: /c}}]
    route: [{destination: {host: cart, subset: v1}}]
  - route: [{destination: {host: cart, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart-rule, namespace: shop}
spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outer, namespace: shop}
spec: {hosts: [outer.example.com], resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
";

fn with<T>(namespace: &str, pod: &str, of: impl FnOnce(&Pushed<'_>) -> T) -> T {
    let cluster = cluster(CONFIG);
    of(&Pushed::new(&cluster, pod, push(&cluster, namespace, pod)))
}

/// The table of `web-1.shop`.
fn table(kind: ConfigKind, filter: &Filter) -> Table {
    with("shop", "web-1", |pushed| pushed.table(kind, filter))
}

fn lines(table: &Table) -> Vec<String> {
    table.rows.iter().map(|row| row.cells.join(" | ")).collect()
}

fn all(kind: ConfigKind) -> Vec<String> {
    lines(&table(kind, &Filter::default()))
}

/// `PrintListenerSummary`: sorted by port, address and type; of one listener by destination, backwards. `getMatches`, `getFilterType`.
#[test]
fn listeners_are_listed_chain_by_chain_with_istioctls_words() {
    let table = table(ConfigKind::Listener, &Filter::default());
    assert_eq!(table.columns, ["ADDRESSES", "PORT", "MATCH", "DESTINATION"]);
    let lines = lines(&table);
    let of = |start: &str| lines.iter().filter(|line| line.starts_with(start)).cloned().collect::<Vec<_>>();
    assert_eq!(of("0.0.0.0 | 80 |"), ["0.0.0.0 | 80 | Trans: raw_buffer; App: http/1.1,h2c | Route: 80", "0.0.0.0 | 80 | ALL | PassthroughCluster"]);
    assert_eq!(of("10.96.0.4 | 3306 |"), ["10.96.0.4 | 3306 | ALL | Cluster: outbound|3306||db.shop.svc.cluster.local"]);
    assert_eq!(
        of("0.0.0.0 | 443 |"),
        ["0.0.0.0 | 443 | ALL | PassthroughCluster", "0.0.0.0 | 443 | SNI: outer.example.com | Cluster: outbound|443||outer.example.com"]
    );
    assert_eq!(of("0.0.0.0 | 15001 |"), ["0.0.0.0 | 15001 | ALL | PassthroughCluster", "0.0.0.0 | 15001 | Addr: *:15001 | Non-HTTP/Non-TCP"]);
    let inbound = of("0.0.0.0 | 15006 |");
    assert!(
        inbound.contains(
            &"0.0.0.0 | 15006 | Trans: tls; App: istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2; Addr: *:8080 | Cluster: inbound|8080||"
                .to_owned()
        ),
        "{inbound:#?}"
    );
    assert!(inbound.contains(&"0.0.0.0 | 15006 | Trans: tls; App: TCP TLS | InboundPassthroughCluster".to_owned()), "{inbound:#?}");
    let ports: Vec<u32> = table.rows.iter().map(|row| row.cells[1].parse().unwrap()).collect();
    assert!(ports.is_sorted(), "{ports:?}");
}

/// `PrintRouteSummary`: ports by number, `describeRouteDomains`, `describeMatch`, and `describeManagement` for the VirtualService.
#[test]
fn routes_are_listed_with_their_domains_and_the_virtual_service() {
    let table = table(ConfigKind::Route, &Filter::default());
    assert_eq!(table.columns, ["NAME", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE"]);
    let lines = lines(&table);
    let cart = "80 | cart.shop.svc.cluster.local:80 | cart, cart.shop + 1 more... |";
    for path in ["/a*", "regex /b.*", "/c", "/*"] {
        assert!(lines.contains(&format!("{cart} {path} | cart.shop")), "{path}: {lines:#?}");
    }
    assert!(lines.contains(&"80 | web.other.svc.cluster.local:80 | web.other, 10.96.0.3 | /* | ".to_owned()), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("allow_any")), "a route to PassthroughCluster is not listed: {lines:#?}");
    // What stands within listeners is listed too, after what RDS delivers.
    assert!(lines.contains(&"inbound|8080|| | inbound|http|80 | * | /* | ".to_owned()), "{lines:#?}");
    let numbers: Vec<u64> = table.rows.iter().map_while(|row| row.cells[0].parse().ok()).collect();
    assert!(numbers.is_sorted() && numbers.len() > 3, "{numbers:?}");
}

/// `PrintClusterSummary`: by host, subset, port and direction; `-` for what a name does not say.
#[test]
fn clusters_are_listed_by_the_parts_of_their_names() {
    let table = table(ConfigKind::Cluster, &Filter::default());
    assert_eq!(table.columns, ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"]);
    assert_eq!(
        lines(&table),
        [
            " | 8080 | - | inbound | ORIGINAL_DST | ",
            "BlackHoleCluster | - | - | - | STATIC | ",
            "InboundPassthroughCluster | - | - | - | ORIGINAL_DST | ",
            "PassthroughCluster | - | - | - | ORIGINAL_DST | ",
            "cart.shop.svc.cluster.local | 80 | - | outbound | EDS | cart-rule.shop",
            "cart.shop.svc.cluster.local | 80 | v1 | outbound | EDS | cart-rule.shop",
            "db.shop.svc.cluster.local | 3306 | - | outbound | EDS | ",
            "db.shop.svc.cluster.local | 8888 | - | outbound | EDS | ",
            "edge.istio-system.svc.cluster.local | 80 | - | outbound | EDS | ",
            "edge.istio-system.svc.cluster.local | 443 | - | outbound | EDS | ",
            "outer.example.com | 443 | - | outbound | STRICT_DNS | ",
            "web.other.svc.cluster.local | 80 | - | outbound | EDS | ",
            "web.shop.svc.cluster.local | 80 | - | outbound | EDS | ",
        ]
    );
}

/// `clusters.PrintEndpointsSummary`: by address, port and cluster; clusters that look a name up have it as their endpoint.
#[test]
fn endpoints_are_listed_by_address() {
    assert_eq!(
        all(ConfigKind::Endpoint),
        [
            "10.1.0.1:8080 | HEALTHY | OK | outbound|80||web.shop.svc.cluster.local",
            "10.1.0.2:7000 | HEALTHY | OK | outbound|80|v1|cart.shop.svc.cluster.local",
            "10.1.0.2:7000 | HEALTHY | OK | outbound|80||cart.shop.svc.cluster.local",
            "10.1.0.3:7002 | HEALTHY | OK | outbound|80||cart.shop.svc.cluster.local",
            "10.1.9.1:8080 | HEALTHY | OK | outbound|80||edge.istio-system.svc.cluster.local",
            "10.1.9.1:8443 | HEALTHY | OK | outbound|443||edge.istio-system.svc.cluster.local",
            "outer.example.com:443 | HEALTHY | OK | outbound|443||outer.example.com",
        ]
    );
}

/// The `Verify` of each filter: parts of cluster names, whole names of route configurations, addresses whatever their case.
#[test]
fn filters_keep_what_istioctls_keep() {
    let count = |kind, filter: Filter| table(kind, &filter).rows.len();
    let text = |text: &str| text.to_owned();
    assert_eq!(count(ConfigKind::Cluster, Filter { fqdn: text("cart.shop"), ..Filter::default() }), 2);
    assert_eq!(count(ConfigKind::Cluster, Filter { fqdn: text("cart.shop"), subset: text("v1"), ..Filter::default() }), 1);
    assert_eq!(count(ConfigKind::Cluster, Filter { direction: text("inbound"), ..Filter::default() }), 1);
    assert_eq!(count(ConfigKind::Cluster, Filter { port: Some(443), ..Filter::default() }), 2);
    assert_eq!(count(ConfigKind::Route, Filter { name: text("8"), ..Filter::default() }), 0);
    assert!(table(ConfigKind::Route, &Filter { name: text("80"), ..Filter::default() }).rows.iter().all(|row| row.cells[0] == "80"));
    let tcp = table(ConfigKind::Listener, &Filter { r#type: text("tcp"), port: Some(3306), ..Filter::default() });
    assert_eq!(lines(&tcp), ["10.96.0.4 | 3306 | ALL | Cluster: outbound|3306||db.shop.svc.cluster.local"]);
    assert_eq!(count(ConfigKind::Listener, Filter { address: text("10.96.0.4"), ..Filter::default() }), 3);
    assert_eq!(count(ConfigKind::Endpoint, Filter { address: text("10.1.0.2"), ..Filter::default() }), 2);
    assert_eq!(count(ConfigKind::Endpoint, Filter { status: text("unhealthy"), ..Filter::default() }), 0);
    assert_eq!(count(ConfigKind::Endpoint, Filter { cluster: text("outbound|80|v1|cart.shop.svc.cluster.local"), ..Filter::default() }), 1);
}

/// Of the configuration a filter leaves what the table shows; without one nothing is missing.
#[test]
fn json_is_filtered_as_the_table_is() {
    with("shop", "web-1", |pushed| {
        let whole = pushed.filtered(&ConfigKind::ALL, &Filter::default());
        let sizes =
            |config: &meshwright::engine::xds::ProxyConfig| [config.listeners.len(), config.routes.len(), config.clusters.len(), config.endpoints.len()];
        assert_eq!(sizes(&whole), sizes(&pushed.config));
        let left = pushed.filtered(&[ConfigKind::Endpoint], &Filter { address: "10.1.0.3".into(), ..Filter::default() });
        assert_eq!(sizes(&left), [0, 0, 0, 1]);
        assert_eq!(left.endpoints[0].endpoints.iter().map(|group| group.lb_endpoints.len()).sum::<usize>(), 1);
    });
}

/// `PrintFullSummary` with `SetPrintConfigTypeInSummary(true)`: names in front; endpoints of EDS with their locality.
#[test]
fn all_puts_kind_and_name_in_front() {
    with("shop", "web-1", |pushed| {
        let tables = pushed.all(&Filter { fqdn: "BlackHole".into(), name: "80".into(), port: None, ..Filter::default() });
        assert_eq!(tables.iter().map(|table| table.kind).collect::<Vec<_>>(), ConfigKind::ALL);
        assert_eq!(lines(&tables[0]), ["cluster/BlackHoleCluster | cluster/BlackHoleCluster | - | - | - | STATIC | "]);
        assert!(lines(&tables[1]).contains(&"listener/virtualOutbound | 0.0.0.0 | 15001 | ALL | PassthroughCluster".to_owned()), "{:#?}", tables[1]);
        assert!(tables[2].rows.iter().all(|row| row.cells[0] == "route/80"), "{:#?}", tables[2]);
        assert_eq!(tables[3].columns, ["NAME", "STATUS", "LOCALITY", "CLUSTER"]);
        assert!(tables.iter().all(|table| table.rows.iter().all(|row| row.cells.len() == table.columns.len())));
    });
}

#[test]
fn rows_know_the_fields_that_they_come_from() {
    let origins = |kind, wanted: &str| {
        let table = table(kind, &Filter::default());
        let row = table.rows.iter().find(|row| row.cells.join(" | ").contains(wanted)).unwrap_or_else(|| panic!("{wanted}: {table:#?}"));
        row.origins.iter().map(|origin| format!("{} {}", origin.resource, origin.path)).collect::<Vec<_>>()
    };
    assert_eq!(origins(ConfigKind::Route, "regex /b"), ["VirtualService/shop/cart spec.http[0].match[1]"]);
    assert_eq!(origins(ConfigKind::Cluster, "| v1 |"), ["DestinationRule/shop/cart-rule spec.subsets[0]", "Service/shop/cart "]);
    assert_eq!(origins(ConfigKind::Endpoint, "10.1.0.3:7002"), ["Pod/shop/cart-2 status.podIP"]);
    assert_eq!(origins(ConfigKind::Cluster, "outer.example.com"), ["ServiceEntry/shop/outer spec.hosts[0]"]);
    assert_eq!(origins(ConfigKind::Listener, "| 3306 |"), ["Service/shop/db "]);
    assert!(origins(ConfigKind::Cluster, "BlackHoleCluster").is_empty());
}

/// Gateways have no way in, and their routes are named after the port of the pod.
#[test]
fn a_gateways_tables_are_its_own() {
    with("istio-system", "edge-1", |pushed| {
        let clusters = lines(&pushed.table(ConfigKind::Cluster, &Filter::default()));
        assert!(!clusters.iter().any(|line| line.contains("| inbound |")), "{clusters:#?}");
        assert!(pushed.table(ConfigKind::Listener, &Filter::default()).rows.is_empty());
    });
}
