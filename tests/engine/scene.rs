//! What is said of a text in a world: by its verdicts, by `istioctl analyze` and by our hints, each thing once and in the text's order.

use std::sync::Arc;

use meshwright::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{self, Manifest},
    mesh::Scene,
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
