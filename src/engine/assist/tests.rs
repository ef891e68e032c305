//! What is offered and what is said, in a small cluster.

use super::*;
use crate::engine::{cluster::MeshConfig, manifest, resource::load, source::SourceFile};

const CLUSTER: &str = "
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {selector: {app: reviews}, clusterIP: 10.0.0.1, ports: [{name: http, port: 9080}, {name: grpc, port: 9090}]}
---
apiVersion: v1
kind: Service
metadata: {name: sleep, namespace: foo}
spec: {selector: {app: sleep}, clusterIP: 10.0.0.2, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reviews-v1, namespace: default, labels: {app: reviews, version: v1}}
spec: {serviceAccountName: reviews, containers: [{name: reviews, image: reviews}, {name: istio-proxy, image: proxyv2}]}
status: {phase: Running, podIP: 10.1.0.1, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*.example.com']}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: default}
spec: {hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
";

const HEAD: &str = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: default}\nspec:\n";

fn cluster() -> Cluster {
    let manifest = manifest::read(&SourceFile::new("cluster", CLUSTER));
    Cluster::new(load(&manifest.documents).resources, MeshConfig::default())
}

/// Offers at the mark `|` behind a VirtualService's head.
fn offers(body: &str) -> Vec<Offer> {
    of_text(&format!("{HEAD}{body}")).1
}

fn of_text(text: &str) -> (String, Vec<Offer>) {
    let at = text.find('|').expect("a text with a mark");
    let text = text.replacen('|', "", 1);
    let completion = complete(&text, at, &cluster());
    (text[completion.span.range()].to_owned(), completion.offers)
}

fn labels(offers: &[Offer]) -> Vec<&str> {
    offers.iter().map(|offer| offer.label.as_str()).collect()
}

fn insert_of(offers: &[Offer], label: &str) -> String {
    offers.iter().find(|offer| offer.label == label).unwrap_or_else(|| panic!("no {label} in {:?}", labels(offers))).insert.clone()
}

#[test]
fn fields_that_are_there_are_left_out_and_required_ones_come_first() {
    let found = offers("  http:\n  - route:\n    - weight: 1\n      |\n");
    assert_eq!(labels(&found), ["destination", "headers"]);
    assert!(found[0].is_required && found[0].detail.ends_with("required") && found[0].doc.starts_with("The service"));
    assert_eq!(found[0].insert, "destination:\n        ");
    assert_eq!(insert_of(&offers("  |"), "http"), "http:\n  - ");
    assert_eq!(insert_of(&offers("  http:\n  - ti|"), "timeout"), "timeout: ");
    assert!(offers("  http:\n  - ti|")[0].doc.contains("Default") || !offers("  http:\n  - ti|").is_empty());
}

#[test]
fn a_list_without_its_dash_gets_one() {
    assert_eq!(insert_of(&offers("  http:\n    |\n"), "route"), "- route:\n      - ");
    let (_, hosts) = of_text(&format!("{HEAD}  hosts:\n  |\n"));
    assert!(labels(&hosts).contains(&"http"), "at the column of its key the next key follows: {hosts:?}");
    assert_eq!(insert_of(&offers("  hosts:\n    |\n"), "reviews"), "- reviews");
}

#[test]
fn fields_that_exclude_each_other_are_offered_alone() {
    assert_eq!(labels(&offers("  http:\n  - match:\n    - uri:\n        exact: /a\n        |")), [""; 0]);
    assert_eq!(labels(&offers("  http:\n  - match:\n    - uri:\n        |")), ["exact", "prefix", "regex"]);
}

#[test]
fn values_of_lists_and_booleans_are_offered() {
    let rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec:\n  host: reviews\n  trafficPolicy:\n    tls: {mode: |}\n";
    let (_, modes) = of_text(rule);
    assert_eq!(labels(&modes), ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]);
    assert!(modes[3].doc.contains("Istio issues"));
    assert_eq!(labels(&offers("  http:\n  - match:\n    - ignoreUriCase: t|")), ["true", "false"]);
}

#[test]
fn names_of_the_cluster_are_offered() {
    let hosts = offers("  http:\n  - route:\n    - destination: {host: re|\n      weight: 90\n");
    assert_eq!(labels(&hosts)[0], "reviews");
    assert!(labels(&hosts).contains(&"reviews.default.svc.cluster.local") && labels(&hosts).contains(&"sleep.foo.svc.cluster.local"));
    assert!(labels(&hosts).contains(&"api.example.com") && !labels(&hosts).contains(&"sleep"), "a short name means this namespace");

    let subsets = offers("  http:\n  - route:\n    - destination:\n        host: reviews.default.svc.cluster.local\n        subset: |\n");
    assert_eq!(labels(&subsets), ["v1", "v2"]);
    assert!(subsets[0].detail.contains("version=v1"));
    assert_eq!(labels(&offers("  http:\n  - route:\n    - destination: {subset: |, host: reviews}\n")), ["v1", "v2"]);

    let ports = offers("  http:\n  - route:\n    - destination: {host: reviews, port: {number: |}}\n");
    assert_eq!(labels(&ports), ["9080", "9090"]);
    assert_eq!(ports[0].insert, "9080");

    assert_eq!(labels(&offers("  gateways: [|]")), ["istio-system/front", "mesh"]);
    assert_eq!(insert_of(&offers("  gateways: |"), "istio-system/front"), "[istio-system/front]");
    assert!(labels(&offers("  exportTo: [|]")).starts_with(&[".", "*"]));
    assert_eq!(insert_of(&offers("  exportTo: [|]"), "*"), "\"*\"");
}

#[test]
fn labels_and_identities_are_offered() {
    let policy = |body: &str| of_text(&format!("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec:\n{body}")).1;
    assert_eq!(labels(&policy("  selector:\n    matchLabels:\n      |\n")), ["app", "version"]);
    assert_eq!(labels(&policy("  selector: {matchLabels: {app: |}}\n")), ["reviews"]);
    assert_eq!(labels(&policy("  rules:\n  - from:\n    - source:\n        principals:\n        - |\n")), ["cluster.local/ns/default/sa/reviews"]);
    assert!(labels(&policy("  rules:\n  - from:\n    - source: {namespaces: [|]}\n")).contains(&"default"));
    assert!(labels(&policy("  rules:\n  - when:\n    - key: |\n")).contains(&"source.principal"));
    let rule =
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {namespace: default}\nspec:\n  host: reviews\n  subsets:\n  - labels: {|}\n";
    assert_eq!(labels(&of_text(rule).1), ["app", "version"]);
}

#[test]
fn references_of_the_gateway_api_find_their_services() {
    let route = |body: &str| of_text(&format!("apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{namespace: default}}\nspec:\n{body}")).1;
    assert_eq!(labels(&route("  rules:\n  - backendRefs:\n    - name: |\n")), ["reviews"]);
    assert_eq!(labels(&route("  rules:\n  - backendRefs:\n    - {name: reviews, port: |}\n")), ["9080", "9090"]);
    assert_eq!(labels(&route("  rules:\n  - backendRefs:\n    - {name: sleep, namespace: foo, port: |}\n")), ["80"]);
    let grpc = "apiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\nmetadata: {namespace: default}\nspec: {rules: [{backendRefs: [{name: reviews, port: |}]}]}\n";
    assert_eq!(labels(&of_text(grpc).1), ["9080", "9090"]);
}

#[test]
fn kinds_and_versions_go_together() {
    let (_, kinds) = of_text("apiVersion: security.istio.io/v1\nkind: |\n");
    assert_eq!(labels(&kinds), ["PeerAuthentication", "RequestAuthentication", "AuthorizationPolicy"]);
    let (_, versions) = of_text("apiVersion: |\nkind: Telemetry\n");
    assert_eq!(labels(&versions), ["telemetry.istio.io/v1", "telemetry.istio.io/v1alpha1"]);
    let (_, fresh) = of_text("a: 1\n---\n|");
    assert!(labels(&fresh).starts_with(&["VirtualService", "DestinationRule"]) && labels(&fresh).contains(&"apiVersion"));
    let (word, typed) = of_text("Virt|");
    assert_eq!(word, "Virt");
    assert!(labels(&typed).contains(&"VirtualService"));
}

#[test]
fn what_is_written_is_replaced_and_nothing_else() {
    let (word, offers) = of_text(&format!("{HEAD}  http:\n  - route:\n    - destination: {{host: \"re|v\"}}\n"));
    assert_eq!(word, "rev", "without its quotes");
    assert_eq!(insert_of(&offers, "reviews"), "reviews");
    let (word, offers) = of_text(&format!("{HEAD}  ho|: [a]\n"));
    assert_eq!((word.as_str(), insert_of(&offers, "hosts").as_str()), ("ho", "hosts"), "the colon is there already");
    assert_eq!(insert_of(&of_text(&format!("{HEAD}  http:\n  - route:\n    - destination:\n        host:|\n")).1, "reviews"), " reviews");
}

#[test]
fn a_field_explains_itself_and_a_name_says_what_it_stands_for() {
    let hover = |body: &str| {
        let text = format!("{HEAD}{body}");
        let at = text.find('|').expect("a mark");
        hover(&text.replacen('|', "", 1), at, &cluster())
    };
    let attempts = hover("  http:\n  - retries: {att|empts: 3}\n").expect("a field");
    assert_eq!((attempts.path.as_str(), attempts.r#type.as_str(), attempts.default.as_str()), ("spec.http[0].retries.attempts", "whole number", "2"));
    let host = hover("  http:\n  - route:\n    - destination: {host: rev|iews}\n").expect("a value");
    assert!(host.is_required && host.notes[0].starts_with("reviews.default.svc.cluster.local: Service in default, ports 9080, 9090; 1 endpoint"), "{host:?}");
    let subset = hover("  http:\n  - route:\n    - destination: {host: reviews, subset: v|1}\n").expect("a value");
    assert!(subset.notes[0].contains("version=v1 of the DestinationRule reviews; 1 endpoint"), "{subset:?}");
    let stray = hover("  http:\n  - route:\n    - destination: {host: no|body}\n").expect("a value");
    assert_eq!(stray.notes, ["no service of this cluster is called nobody"]);
    let gateway = hover("  gateways: [istio-system/fr|ont]\n").expect("a value");
    assert!(gateway.notes[0].contains("HTTP 80 for *.example.com"), "{gateway:?}");
    assert!(hover("  nobody: kn|ows\n").is_none());
    let kind = super::hover("apiVersion: networking.istio.io/v1\nkind: Sidecar\n", 42, &cluster()).expect("a kind");
    assert!(kind.doc.starts_with("Trims") && kind.notes[0].contains("networking.istio.io/v1beta1"));
    let pod = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - livenessProbe: {httpGet: {path: /}}\n";
    let probe = super::hover(pod, pod.find("httpGet").expect("it is there"), &cluster()).expect("a field");
    assert!(probe.path == "spec.template.spec.containers[0].livenessProbe.httpGet" && probe.doc.contains("15020"), "{probe:?}");
}
