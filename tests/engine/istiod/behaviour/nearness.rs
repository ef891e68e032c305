//! Endpoints near the client: `trafficDistribution`, its annotation and `internalTrafficPolicy`.
//!
//! `GetTrafficDistribution` in `pilot/pkg/serviceregistry/kube/conversion.go`, `GetLocalityLbSetting` in
//! `pilot/pkg/networking/core/loadbalancer/loadbalancer.go`, `filterIstioEndpoint` and `BuildClusterLoadAssignment` in
//! `pilot/pkg/xds/endpoints/endpoint_builder.go`, `SupportsUnhealthyEndpoints` in `pilot/pkg/model/service.go`.

use std::collections::BTreeMap;

use meshwright::engine::{
    cluster::MeshConfig,
    envoy::{self, Outcome, Stage},
    xds::{ClusterLoadAssignment, ProxyConfig},
};
use serde_json::json;

use super::{destination_rule, out, push, service_entry, xds_cluster};
use crate::engine::istiod::cluster_with;

const BOOK: &str = "outbound|80||book.shop.svc.cluster.local";
const ANNOTATION: &str = "networking.istio.io/traffic-distribution";
const CLOSE: &str = "trafficDistribution: PreferClose";
const LOCAL: &str = "internalTrafficPolicy: Local";
const OUTLIERS: &str = "outlierDetection: {consecutive5xxErrors: 3}";

fn node(name: &str, region: &str, zone: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{topology.kubernetes.io/region: {region}, topology.kubernetes.io/zone: {zone}}}}}\n"
    )
}

fn pod(name: &str, address: &str, node: &str, more: &str) -> String {
    let ready = if more.contains("unready") { "False" } else { "True" };
    let app = name.split('-').next().unwrap_or_default();
    let proxy = if app == "book" { "" } else { ", {name: istio-proxy, image: p}" };
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {app}}}}}
spec: {{nodeName: {node}, containers: [{{name: app, image: app}}{proxy}]}}
status: {{phase: Running, podIP: {address}, conditions: [{{type: Ready, status: '{ready}'}}]}}\n"
    )
}

fn service(annotations: &str, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: book, namespace: shop, annotations: {{{annotations}}}}}
spec: {{clusterIP: 10.96.5.1, selector: {{app: book}}, ports: [{{name: http, port: 80}}], {more}}}\n"
    )
}

/// A client on the node `a1`, and `book` there, on a node of the same zone, in another zone and in another region.
fn world(unready: &[&str]) -> String {
    let pods = [("book-1", "a1"), ("book-2", "a2"), ("book-3", "b1"), ("book-4", "c1")];
    let nodes = [("a1", "r1", "z1"), ("a2", "r1", "z1"), ("b1", "r1", "z2"), ("c1", "r2", "z1")].map(|(name, region, zone)| node(name, region, zone));
    let books = pods.iter().zip(1..).map(|((name, node), at)| pod(name, &format!("10.2.0.{at}"), node, if unready.contains(name) { "unready" } else { "" }));
    nodes.into_iter().chain(books).collect::<String>() + &pod("here-1", "10.2.0.9", "a1", "")
}

fn config_of(text: &str, settings: MeshConfig) -> ProxyConfig {
    push(&cluster_with(text, settings), "shop", "here-1")
}

/// What the client is told of `book`.
fn told(unready: &[&str], service: &str) -> ProxyConfig {
    config_of(&(world(unready) + service), MeshConfig::default())
}

fn assignment<'a>(config: &'a ProxyConfig, cluster: &str) -> &'a ClusterLoadAssignment {
    config.endpoints.iter().find(|assignment| assignment.cluster_name == cluster).unwrap()
}

/// The last numbers of the addresses by priority, with `!` where one is said to be unhealthy: `1 2! | 3`.
fn order_of(config: &ProxyConfig, cluster: &str) -> String {
    let mut priorities: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for group in &assignment(config, cluster).endpoints {
        let name = |endpoint: &meshwright::engine::xds::LbEndpoint| {
            let address = endpoint.destination().unwrap_or_default();
            let last = address.split(':').next().and_then(|address| address.rsplit('.').next()).unwrap_or_default().to_owned();
            if endpoint.health_status == "UNHEALTHY" { last + "!" } else { last }
        };
        priorities.entry(group.priority).or_default().extend(group.lb_endpoints.iter().map(name));
    }
    priorities.into_values().map(|names| names.join(" ")).collect::<Vec<_>>().join(" | ")
}

fn order(config: &ProxyConfig) -> String {
    order_of(config, BOOK)
}

fn get(config: &ProxyConfig) -> Outcome {
    envoy::run(config, &out("10.96.5.1", 80, "book", "/"))
}

/// Whether Envoy keeps to the weights of places, and below which share of healthy endpoints it panics.
fn balance(config: &ProxyConfig) -> (bool, Option<f64>) {
    let common = xds_cluster(config, BOOK).common_lb_config.as_ref().unwrap();
    (common.locality_weighted_lb_config.is_some(), common.healthy_panic_threshold.as_ref().map(|percent| percent.value))
}

#[test]
fn near_endpoints_go_first_though_no_rule_looks_for_outliers() {
    let plain = told(&[], &service("", ""));
    assert_eq!((order(&plain), balance(&plain)), ("1 2 3 4".into(), (false, None)));
    let close = told(&[], &service("", CLOSE));
    assert_eq!((order(&close), balance(&close)), ("1 2 | 3 | 4".into(), (true, Some(0.0))));
    assert_eq!(get(&close).clusters[0].endpoints, ["10.2.0.1:80", "10.2.0.2:80"]);
}

/// The field is compared as it is, the annotation without regard to case, and the annotation holds where the field says something else.
#[test]
fn the_field_and_the_annotation_are_spelt_in_their_own_ways() {
    let is_close = |annotation: &str, field: &str| {
        let annotations = if annotation.is_empty() { String::new() } else { format!("{ANNOTATION}: {annotation}") };
        let field = if field.is_empty() { String::new() } else { format!("trafficDistribution: {field}") };
        order(&told(&[], &service(&annotations, &field))).contains('|')
    };
    assert!(is_close("", "PreferClose") && is_close("preferclose", "") && is_close("PREFERCLOSE", "PreferSameZone"));
    assert!(!is_close("", "preferclose") && !is_close("", "PreferSameZone") && !is_close("Any", "") && !is_close("PreferSameNode", ""));
    assert!(is_close("Any", "PreferClose"));
}

#[test]
fn the_annotation_of_a_namespace_means_nothing() {
    let namespace = format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, annotations: {{{ANNOTATION}: PreferClose}}}}\n");
    assert_eq!(order(&told(&[], &(namespace + &service("", "")))), "1 2 3 4");
}

/// A rule's word on places takes the place of the service's, and then needs outlier detection as ever.
#[test]
fn a_rule_that_speaks_of_places_goes_first() {
    let with = |policy: &str| told(&[], &(service("", CLOSE) + &destination_rule("d", "shop", &format!("{{host: book, trafficPolicy: {{{policy}}}}}"))));
    let places = |settings: &str| format!("loadBalancer: {{localityLbSetting: {{{settings}}}}}");
    assert_eq!(order(&with("loadBalancer: {simple: RANDOM}")), "1 2 | 3 | 4");
    let off = with(&places("enabled: false"));
    assert_eq!((order(&off), balance(&off)), ("1 2 3 4".into(), (false, Some(0.0))), "it still knows by itself who is ready");
    let failover = places("failover: [{from: r1, to: r2}]");
    assert_eq!(order(&with(&failover)), "1 2 3 4");
    assert_eq!(order(&with(&format!("{failover}, {OUTLIERS}"))), "1 2 | 3 | 4");
    let priority = places("failoverPriority: [kubernetes.io/hostname]");
    assert_eq!(order(&with(&priority)), "1 2 3 4");
    assert_eq!(order(&with(&format!("{priority}, {OUTLIERS}"))), "1 | 2 3 4");
    let shares = with(&places("distribute: [{from: r1/*, to: {r1/z1: 80, r2/*: 20}}]"));
    let weights: Vec<_> = assignment(&shares, BOOK).endpoints.iter().map(|group| (group.load_balancing_weight.unwrap(), group.lb_endpoints.len())).collect();
    assert_eq!((weights, order(&shares)), (vec![(80, 2), (1, 0), (20, 1)], "1 2 4".into()));
}

/// `applyOutlierDetection` and `applyLoadBalancer` in `cluster_traffic_policy.go`: nobody panics where unready endpoints are told of.
#[test]
fn outlier_detection_changes_neither_the_order_nor_the_panic() {
    let rule = destination_rule("d", "shop", "{host: book, trafficPolicy: {outlierDetection: {minHealthPercent: 60}}}");
    let config = told(&[], &(service("", CLOSE) + &rule));
    assert_eq!((order(&config), balance(&config)), ("1 2 | 3 | 4".into(), (true, Some(0.0))));
    let alone = told(&[], &(service("", "") + &rule));
    assert_eq!((order(&alone), balance(&alone)), ("1 2 | 3 | 4".into(), (false, Some(60.0))));
}

#[test]
fn the_meshs_word_on_places_comes_last() {
    let settings = |places: serde_json::Value| serde_json::from_value(json!({"localityLbSetting": places})).unwrap();
    let shares = json!({"distribute": [{"from": "r1/*", "to": {"r2/*": 100}}]});
    let order = |service: String, places: serde_json::Value| order(&config_of(&(world(&[]) + &service), settings(places)));
    assert_eq!(order(service("", CLOSE), shares.clone()), "1 2 | 3 | 4");
    assert_eq!(order(service("", CLOSE), json!({"enabled": false})), "1 2 | 3 | 4");
    assert_eq!(order(service("", ""), shares), "4");
}

/// Health decides when requests go further: the first priority counts whole while 100 of 140 of it are healthy.
#[test]
fn endpoints_that_are_not_ready_are_told_of_and_count() {
    assert_eq!(order(&told(&["book-1"], &service("", ""))), "2 3 4");
    let half = told(&["book-1"], &service("", CLOSE));
    assert_eq!(order(&half), "1! 2 | 3 | 4");
    let cluster = get(&half).clusters.remove(0);
    assert_eq!((cluster.endpoints, cluster.endpoint_shares), (vec!["10.2.0.2:80".to_owned(), "10.2.0.3:80".to_owned()], vec![0.7, 0.3]));
    let none_near = told(&["book-1", "book-2"], &service("", CLOSE));
    assert_eq!(get(&none_near).clusters[0].endpoints, ["10.2.0.3:80"]);
    let none = get(&told(&["book-1", "book-2", "book-3", "book-4"], &service("", CLOSE)));
    assert_eq!((none.response.status, none.response.flags), (Some(503), vec!["UH".to_owned()]), "nobody panics");
    let at_once = told(&["book-1"], &service("", "trafficDistribution: PreferClose, publishNotReadyAddresses: true"));
    assert_eq!(order(&at_once), "1 2 | 3 | 4");
}

/// `endpointHealthStatus` in `pilot/pkg/serviceregistry/kube/controller/endpointslice.go`.
#[test]
fn endpoints_that_are_going_away_are_never_told_of() {
    let slice = |conditions: &str| {
        format!(
            "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4
metadata: {{name: book-a, namespace: shop, labels: {{kubernetes.io/service-name: book}}}}
ports: [{{name: http, port: 80, protocol: TCP}}]\nendpoints:\n- {{addresses: [10.2.0.1], targetRef: {{kind: Pod, name: book-1}}, conditions: {{{conditions}}}}}
- {{addresses: [10.2.0.2], targetRef: {{kind: Pod, name: book-2}}}}\n"
        )
    };
    let order = |conditions: &str| order(&told(&[], &(service("", CLOSE) + &slice(conditions))));
    assert_eq!(order("ready: true, terminating: true"), "1 2");
    assert_eq!(order("ready: false, terminating: false"), "1! 2");
    assert_eq!(order("ready: false, serving: true, terminating: true"), "2");
    assert_eq!(order("ready: false"), "2", "what is not said to stay is taken to go");
    let deleted = world(&[]).replace("{name: book-1,", "{name: book-1, deletionTimestamp: '2026-03-01T00:00:00Z',");
    assert_eq!(self::order(&config_of(&(deleted + &service("", CLOSE)), MeshConfig::default())), "2 | 3 | 4");
}

/// `convertServices` in `pilot/pkg/serviceregistry/serviceentry/conversion.go`; `AugmentLabels` gives an endpoint's network as a label,
/// the first that is compared.
#[test]
fn a_service_entry_is_annotated_the_same_way() {
    let spec = "{hosts: [away.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [\
                {address: 198.51.100.1, locality: r1/z1}, {address: 198.51.100.2, locality: r1/z1/s1}, {address: 198.51.100.3, locality: r1/z9}, \
                {address: 198.51.100.4, locality: r1/z1, network: vms}]}";
    let away = "outbound|80||away.example.com";
    let annotated = service_entry("e", "shop", spec).replace("{name: e,", &format!("{{name: e, annotations: {{{ANNOTATION}: PreferClose}},"));
    assert_eq!(order_of(&told(&[], &annotated), away), "1 | 2 | 3 | 4");
    assert_eq!(order_of(&told(&[], &service_entry("e", "shop", spec)), away), "1 4 2 3");
    // Of names that DNS resolves none goes first, for `applyFailoverPriorities` is not given what they were made of.
    let by_name = told(&[], &annotated.replace("STATIC", "DNS"));
    let cluster = xds_cluster(&by_name, away);
    assert!(cluster.load_assignment.as_ref().unwrap().endpoints.iter().all(|group| group.priority == 0));
    assert!(cluster.common_lb_config.as_ref().unwrap().locality_weighted_lb_config.is_some());
}

#[test]
fn with_a_local_policy_only_endpoints_of_the_own_node_are_told() {
    assert_eq!(order(&told(&[], &service("", LOCAL))), "1");
    assert_eq!(order(&told(&[], &service("", "internalTrafficPolicy: Cluster"))), "1 2 3 4");
    assert_eq!(order(&told(&["book-1"], &service("", &format!("{LOCAL}, {CLOSE}")))), "1!");
    let rule = destination_rule("d", "shop", "{host: book, subsets: [{name: a, labels: {app: book}}]}");
    assert_eq!(order_of(&told(&[], &(service("", LOCAL) + &rule)), "outbound|80|a|book.shop.svc.cluster.local"), "1");
    let none = told(&["book-1"], &service("", LOCAL));
    let outcome = get(&none);
    assert_eq!((outcome.response.status, outcome.response.flags), (Some(503), vec!["UH".to_owned()]));
}

/// A gateway is a proxy on a node like any other. To one that is on none, those count that are on none as well.
#[test]
fn a_gateway_is_on_a_node_too() {
    let on = |node: &str| {
        let edge = format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: edge-2, namespace: istio-system, labels: {{istio: other}}}}
spec: {{{node}containers: [{{name: istio-proxy, image: p}}]}}\nstatus: {{phase: Running, podIP: 10.2.0.8, conditions: [{{type: Ready, status: 'True'}}]}}\n"
        );
        push(&cluster_with(&(world(&[]) + &service("", LOCAL) + &edge), MeshConfig::default()), "istio-system", "edge-2")
    };
    assert_eq!((order(&on("nodeName: b1, ")), order(&on(""))), ("3".into(), String::new()));
    let nowhere = |text: String| text.replace("nodeName: c1, ", "");
    let cluster = cluster_with(&nowhere(world(&[]) + &service("", LOCAL)), MeshConfig::default());
    assert_eq!(order(&push(&cluster, "istio-system", "edge-1")), "4");
}

/// Without a virtual address a sidecar goes where the client wanted; a gateway picks among the endpoints it is told.
#[test]
fn without_a_virtual_address_only_gateways_are_kept_to_the_node() {
    let headless = service("", LOCAL).replace("10.96.5.1", "None");
    let sidecar = told(&[], &headless);
    assert_eq!(xds_cluster(&sidecar, BOOK).r#type, "ORIGINAL_DST");
    let outcome = envoy::run(&sidecar, &out("10.2.0.3", 80, "book", "/"));
    assert_eq!(outcome.clusters[0].endpoints, ["10.2.0.3:80"]);
    let on_no_node = push(&cluster_with(&(world(&[]) + &headless), MeshConfig::default()), "istio-system", "edge-1");
    assert_eq!(order(&on_no_node), "");
}

#[test]
fn what_made_an_endpoint_near_is_told() {
    let path = |service: &str| assignment(&told(&[], service), BOOK).origin.as_ref().map(|origin| format!("{} {}", origin.resource, origin.path));
    assert_eq!(path(&service("", CLOSE)).unwrap(), "Service/shop/book spec.trafficDistribution");
    assert_eq!(path(&service(&format!("{ANNOTATION}: PreferClose"), "")).unwrap(), format!("Service/shop/book metadata.annotations[{ANNOTATION}]"));
    assert_eq!(path(&service("", &format!("{LOCAL}, {CLOSE}"))).unwrap(), "Service/shop/book spec.internalTrafficPolicy");
    assert_eq!(path(&service("", "")), None);
    let outcome = get(&told(&[], &service("", CLOSE)));
    let steps: Vec<_> = outcome.trace.iter().filter(|step| step.stage == Stage::Endpoint).map(|step| step.reason.as_str()).collect();
    assert_eq!(steps[0], format!("it gets 50 % of what goes to {BOOK}, at priority 0 in r1/z1."));
    assert_eq!(steps[3], "endpoints of a better priority or locality take all requests, at priority 2 in r2/z1.");
    let origin = outcome.trace.iter().find(|step| step.stage == Stage::Endpoint).and_then(|step| step.origin.clone()).unwrap();
    assert_eq!(*origin.path, *"spec.trafficDistribution");
    let nobody = get(&told(&["book-1"], &service("", LOCAL)));
    let step = nobody.trace.iter().find(|step| step.stage == Stage::Endpoint).unwrap();
    assert_eq!(*step.origin.as_ref().unwrap().path, *"spec.internalTrafficPolicy");
}
