//! What istiod's validation alone says of an object, as `istioctl analyze` counts it.

use meshwright::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    manifest,
    resource::{Kind, KindLookup},
    source::SourceFile,
    validate,
};

/// The findings on the one object of a text.
fn alone(yaml: &str) -> Vec<Diagnostic> {
    let manifest = manifest::read(&SourceFile::new("test.yaml", yaml));
    let [document] = manifest.documents.as_slice() else { panic!("one document, not {}: {yaml}", manifest.documents.len()) };
    let text = |key: &str| document.root.get(key).and_then(|node| node.as_str()).unwrap_or_default();
    let KindLookup::Known(kind) = Kind::lookup(text("apiVersion"), text("kind")) else { panic!("no kind: {yaml}") };
    validate::webhook(document, &document.root, kind, "shop")
}

fn virtual_service(spec: &str) -> Vec<Diagnostic> {
    alone(&format!("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: x, namespace: shop}}\nspec:\n{spec}"))
}

fn count(found: &[Diagnostic], level: Level, code: Option<&str>) -> usize {
    found.iter().filter(|d| d.stage == Stage::Webhook && d.level == level && d.code.map(|code| code.id) == code).count()
}

#[test]
fn what_reads_alike_counts_once() {
    let found = virtual_service(
        "  hosts: [reviews]\n  http:\n  - timeout: 0s\n    route: [{destination: {host: reviews}}]\n    retries: {attempts: 1, perTryTimeout: 0.1ms}\n",
    );
    assert_eq!(count(&found, Level::Error, None), 1, "{found:#?}");
}

#[test]
fn unused_rules_and_matches_have_codes() {
    let found = virtual_service(
        "  hosts: [reviews]\n  http:\n  - match: [{uri: {prefix: /a}}]\n    route: [{destination: {host: reviews}}]\n  - match: [{uri: {prefix: /a}}]\n    route: [{destination: {host: reviews}}]\n",
    );
    assert_eq!(count(&found, Level::Warning, Some("IST0130")), 1, "{found:#?}");
    assert_eq!(count(&found, Level::Warning, Some("IST0131")), 1, "{found:#?}");
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn what_a_decoder_forgives_is_forgiven() {
    let found = virtual_service(
        "  hosts: [reviews]\n  gateways: null\n  surplus: 1\n  http:\n  - name: null\n    route:\n    - destination: {host: reviews, port: {number: '80'}}\n      weight: '100'\n    cors_policy: {allow_methods: [get]}\n",
    );
    assert_eq!(count(&found, Level::Error, None), 1, "{found:#?}");
    assert!(found[0].message.contains("get"), "{found:#?}");
}

#[test]
fn what_cannot_be_decoded_says_so_and_nothing_else() {
    for spec in [
        "  hosts: reviews\n",
        "  hosts: [1]\n",
        "  hosts: []\n  http: [{timeout: soon}]\n",
        "  http: [{route: [{weight: 1.5}]}]\n",
        "  http: [{redirect: {derivePort: NOWHERE}}]\n",
    ] {
        let found = virtual_service(spec);
        assert!(matches!(found.as_slice(), [only] if only.stage == Stage::Schema && only.level == Level::Error), "{spec}: {found:#?}");
    }
}

#[test]
fn annotations_are_not_seen() {
    let found = alone(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x, annotations: {istio.io/dry-run: 'true'}}\nspec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}\n",
    );
    assert!(found.is_empty(), "{found:#?}");
}

/// How many errors, and how many warnings without a code, istioctl would list.
fn counts(api_version: &str, kind: &str, spec: &str) -> (usize, usize) {
    let found = alone(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x, namespace: shop}}\nspec:\n{spec}"));
    assert!(found.iter().all(|d| d.stage == Stage::Webhook), "{spec}: {found:#?}");
    (count(&found, Level::Error, None), count(&found, Level::Warning, None))
}

#[test]
fn findings_are_counted_as_istiod_words_them() {
    const NETWORKING: &str = "networking.istio.io/v1";
    const SECURITY: &str = "security.istio.io/v1";
    for (api_version, kind, spec, wanted) in [
        // One sentence for all hosts, ports and durations of a kind of fault.
        (NETWORKING, "Sidecar", "  egress: [{hosts: [reviews, ratings]}]\n", (1, 0)),
        (
            NETWORKING,
            "DestinationRule",
            "  host: reviews\n  trafficPolicy: {connectionPool: {http: {maxRetries: -1, idleTimeout: 0s}, tcp: {maxConnections: -1, connectTimeout: 0s}}}\n",
            (3, 0),
        ),
        // Two for one fault.
        (SECURITY, "AuthorizationPolicy", "  rules: [{when: [{key: request.time, values: [noon]}]}]\n", (2, 0)),
        (SECURITY, "AuthorizationPolicy", "  rules: [{from: [{source: {ipBlocks: ['']}}]}]\n", (2, 0)),
        (NETWORKING, "Gateway", "  servers: [{hosts: ['shop.*.example.com'], port: {number: 80, name: http, protocol: HTTP}}]\n", (2, 0)),
        (NETWORKING, "DestinationRule", "  host: reviews\n  trafficPolicy: {loadBalancer: {consistentHash: {maglev: {}}}}\n", (2, 0)),
        (NETWORKING, "Sidecar", "  ingress: [{port: {number: 80, protocol: HTTP}, defaultEndpoint: reviews}]\n", (2, 0)),
        // Where it stops at the first.
        (NETWORKING, "VirtualService", "  hosts: [a.b]\n  http: [{redirect: {uri: /x, redirectCode: 200, scheme: ftp}}]\n", (1, 0)),
        (
            NETWORKING,
            "DestinationRule",
            "  host: reviews\n  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 0, c: 200}}, {from: a/, to: {b: 1}}]}}}\n",
            (1, 0),
        ),
        (NETWORKING, "WorkloadGroup", "  metadata: {labels: {a: '-', b: '_'}}\n  template: {}\n  probe: {}\n", (1, 0)),
        (NETWORKING, "Sidecar", "  workloadSelector: {}\n", (1, 0)),
        // What it says of a list as a whole.
        (
            NETWORKING,
            "Gateway",
            "  servers:\n  - hosts: ['*']\n    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: SIMPLE, credentialName: x, cipherSuites: [A, B, AES128-SHA, AES128-SHA]}\n",
            (0, 2),
        ),
        (NETWORKING, "VirtualService", "  hosts: ['*.b', x.b, y.b]\n  gateways: [g]\n  http: [{route: [{destination: {host: a}}]}]\n", (2, 0)),
    ] {
        assert_eq!(counts(api_version, kind, spec), wanted, "{kind}\n{spec}");
    }
}

#[test]
fn weights_beyond_every_bound_are_refused_and_do_not_overflow() {
    let spec = "  host: reviews\n  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 9223372036854775807, c: 9223372036854775807}}]}}}\n";
    let text = format!("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: x}}\nspec:\n{spec}");
    assert!(super::verdicts(&text).iter().all(|verdict| !verdict.is_accepted()));
    assert!(alone(&text).iter().any(|d| d.level == Level::Error));
}
