//! Whatever the objects say, a push ends, and it ends the same way every time.

use meshwright::engine::{
    cluster::{Cluster, MeshConfig},
    istiod::{self, Proxy, ProxyType},
    manifest,
    resource::load,
    source::SourceFile,
};

use super::{WORLD, cluster, push};

/// Objects that no API server would take, as the engine may still be given them.
const NONSENSE: &str = "
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a}, spec: {hosts: ['', '*', '*.', 'a/b'], http: [{}, {route: []}, {route: [{}, {}]}, {match: [{}], delegate: {name: a}}], tls: [{match: [{}]}], tcp: [{}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: b}, spec: {hosts: [web.shop.svc.cluster.local], gateways: ['', '.', '/', ./x, mesh], http: [{redirect: {redirectCode: 999}}, {fault: {delay: {}, abort: {}}}, {directResponse: {}}], tcp: [{match: [{destinationSubnets: [x/y, 10.0.0.0/99]}]}]}}
---
{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: d}, spec: {host: '*', trafficPolicy: {portLevelSettings: [{}], loadBalancer: {consistentHash: {}, localityLbSetting: {distribute: [{from: '*', to: {'*': 4294967295}}]}}, outlierDetection: {minHealthPercent: -1, maxEjectionPercent: -5}, connectionPool: {tcp: {maxConnections: -1}, http: {maxRetries: -1}}}, subsets: [{}, {name: x}]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g}, spec: {servers: [{}, {port: {number: 80, protocol: TLS}}, {port: {number: 80, protocol: HTTPS}, hosts: ['*/*', './*'], tls: {}}, {port: {number: 80, protocol: X}}]}}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: s}, spec: {hosts: ['', '*', web.shop.svc.cluster.local], addresses: [x, 1.2.3.4/99], resolution: DNS, ports: [{}, {number: 80, protocol: HTTP}, {number: 80, protocol: TCP}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: alias, namespace: shop}, spec: {type: ExternalName, externalName: alias.shop.svc.cluster.local, ports: [{port: 80}]}}
";

#[test]
fn nonsense_is_pushed_without_a_panic() {
    let documents: Vec<_> = [WORLD, NONSENSE].iter().flat_map(|text| manifest::read(&SourceFile::new("x.yaml", *text)).documents).collect();
    let loaded = load(&documents);
    assert!(loaded.resources.len() > 12, "{:#?}", loaded.diagnostics);
    let cluster = Cluster::new(loaded.resources, MeshConfig::default());
    for r#type in [ProxyType::Sidecar, ProxyType::Gateway] {
        let proxy = Proxy { r#type, namespace: "shop".into(), ip: "10.1.0.1".into(), ..Proxy::default() };
        assert!(!istiod::push(&cluster, &proxy).clusters.is_empty());
    }
}

#[test]
fn equal_input_gives_equal_output_to_the_byte() {
    let write = || serde_json::to_string(&push(&cluster(""), "shop", "web-1")).unwrap();
    assert_eq!(write(), write());
}
