//! What is said of a text in a world: by its verdicts, by `istioctl analyze` and by our hints, each thing once and in the text's order.

use std::sync::Arc;

use meshwright::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{self, Manifest},
    mesh::{Request, Scene},
    source::SourceFile,
};

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

fn told(findings: &[Diagnostic]) -> Vec<(usize, Stage, Level, &str)> {
    findings.iter().map(|finding| (finding.position().line, finding.stage, finding.level, finding.code.map_or("", |code| code.id))).collect()
}

const STRAY: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: stray, namespace: default}
spec:
  hosts: [shop.example.com]
  gateways: [nowhere]
  http:
  - match:
    - uri: {prefix: /}
    route:
    - destination: {host: reviews}
  - match:
    - uri: {prefix: /v2}
    route:
    - destination: {host: reviews}
";

#[test]
fn the_cluster_is_looked_at_from_the_texts_point_of_view() {
    let world = world();
    let scene = Scene::new(&world, "input", STRAY);
    assert!(!scene.is_refused());
    // The webhook's warning has its own code and is not said by the rule that repeats it.
    assert_eq!(
        told(&scene.findings_in_cluster(false)),
        [(6, Stage::Analyze, Level::Error, "IST0101"), (6, Stage::Analyze, Level::Warning, "IST0132"), (13, Stage::Webhook, Level::Warning, "IST0131"),]
    );
    assert!(scene.findings().iter().all(|finding| finding.stage != Stage::Analyze), "who only sends does not pay for it");
    assert!(Scene::new(&world, "input", "").findings_in_cluster(true).is_empty(), "of the world itself nothing is said");
}

/// Sends `GET http://reviews:9080/reviews/0` from a pod; its answer, and the proxies that it passes.
fn way(yaml: &str, from: &str) -> (String, Vec<String>) {
    let request = Request { from: from.into(), url: "http://reviews.default:9080/reviews/0".into(), ..Request::default() };
    let scene = Scene::new(&world(), "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let journey = scene.send(&request).unwrap();
    (journey.answer.to_string(), journey.hops.iter().map(|hop| format!("{} {}", hop.role, hop.proxy)).collect())
}

const ROUTE: &str = "\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 75}
    - {destination: {host: reviews, subset: v2}, weight: 25}
---
";

#[test]
fn the_servers_sidecar_is_the_last_proxy() {
    let (answer, hops) = way(ROUTE, "sleep-a.default");
    assert_eq!(answer, "200 reviews/v1 75%, 200 reviews/v2 25%");
    assert_eq!(hops, ["client sidecar sleep-a.default", "server sidecar reviews-v1-a.default"]);
}

#[test]
fn policies_hold_at_the_server_for_whom_they_select() {
    let deny = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: not-v2}
spec:
  selector: {matchLabels: {app: reviews, version: v2}}
  action: DENY
  rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/sleep]}}]}]
";
    let text = format!("{ROUTE}{deny}");
    let (answer, hops) = way(&text, "sleep-a.default");
    assert_eq!(answer, "200 reviews/v1 75%, 403 25%");
    assert_eq!(hops.last().unwrap(), "server sidecar reviews-v2-a.default");
    // Another caller is another identity.
    assert_eq!(way(&text, "sleep-a.foo").0, "200 reviews/v1 75%, 200 reviews/v2 25%");
}

#[test]
fn a_caller_without_a_certificate_is_turned_away_where_mutual_tls_is_strict() {
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: strict}\nspec: {mtls: {mode: STRICT}}\n";
    assert_eq!(way("", "sleep-a.legacy").0, "200 reviews");
    assert_eq!(way(strict, "sleep-a.legacy").0, "connection closed");
    assert_eq!(way(strict, "sleep-a.foo").0, "200 reviews");
    // A DestinationRule that turns TLS off is a caller without a certificate too, and its proxy makes a reply of it.
    let plain = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: plain}\nspec: {host: reviews, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    assert_eq!(way(&format!("{strict}{plain}"), "sleep-a.default").0, "503");
}

#[test]
fn what_is_refused_is_looked_at_too() {
    let yaml = STRAY.replace("  http:", "  htpp: []\n  http:");
    let scene = Scene::new(&world(), "input", &yaml);
    assert!(scene.is_refused());
    let findings = scene.findings_in_cluster(false);
    assert!(told(&findings).contains(&(6, Stage::Analyze, Level::Error, "IST0101")), "{:?}", told(&findings));
}

#[test]
fn what_the_webhook_refuses_has_the_code_of_istioctl() {
    let yaml = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [reviews]\n";
    let findings = Scene::new(&world(), "input", yaml).findings_in_cluster(false);
    assert!(
        told(&findings).iter().any(|(_, stage, level, code)| (*stage, *level, *code) == (Stage::Webhook, Level::Error, "IST0106")),
        "{:?}",
        told(&findings)
    );
}

#[test]
fn several_texts_are_one_cluster_and_each_keeps_its_own_findings() {
    let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: nowhere, namespace: default}\n\
                   spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['shop.example.com']}]}\n";
    let files = |texts: &[&str]| texts.iter().map(|text| SourceFile::new("same-name.yaml", *text)).collect::<Vec<_>>();
    let alone = Scene::in_world(Some(&world()), files(&[STRAY]));
    assert!(alone.findings_in_cluster(false).iter().any(|finding| finding.code.is_some_and(|code| code.id == "IST0101")));
    let both = Scene::in_world(Some(&world()), files(&[STRAY, gateway]));
    let findings = both.findings_in_cluster(false);
    assert!(findings.iter().all(|finding| finding.code.is_none_or(|code| code.id != "IST0101")), "{:?}", told(&findings));
    assert!(findings.iter().all(|finding| Arc::ptr_eq(&finding.file, &both.files[0])), "{:?}", told(&findings));
    assert_eq!(both.verdicts.len(), 2, "a document each, none of the world");
}
