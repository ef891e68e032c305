//! Who may call whom: mutual TLS and authorization for every caller and Service.

use meshwright::engine::{
    manifest,
    mesh::{Access, AccessCell, AccessVerdict, Request, Scene, Transport},
    source::SourceFile,
};

fn access(yaml: &str, method: &str, path: &str) -> Access {
    let world = manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")));
    let scene = Scene::new(&world, "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene.access(&Request { method: method.into(), ..Request::default() }, path).unwrap()
}

fn cell<'a>(access: &'a Access, caller: &str, service: &str) -> &'a AccessCell {
    let at = access.services.iter().position(|name| name == service).unwrap_or_else(|| panic!("{service}: {:?}", access.services));
    let (_, cells) = access.rows.iter().find(|(known, _)| known.id == caller).unwrap_or_else(|| panic!("{caller}"));
    &cells[at]
}

fn origins(cell: &AccessCell) -> Vec<String> {
    cell.origins.iter().map(|origin| format!("{} {}", origin.resource, origin.path)).collect()
}

/// Only ratings' own caller may, and only with GET below /ratings.
const POLICY: &str = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ratings, namespace: default}
spec:
  selector: {matchLabels: {app: ratings}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/default/sa/bookinfo-productpage]}}]
    to: [{operation: {methods: [GET], paths: ['/ratings*']}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: foo}
spec: {mtls: {mode: STRICT}}
";

#[test]
fn an_allow_policy_decides_by_caller_method_and_path() {
    let told = access(POLICY, "GET", "/ratings/1");
    let allowed = cell(&told, "productpage-v1-a.default", "ratings:9080");
    assert_eq!((allowed.verdict, allowed.transport), (AccessVerdict::Allowed, Transport::Mtls));
    assert_eq!(origins(allowed), ["AuthorizationPolicy/default/ratings spec.rules[0]"]);
    let denied = cell(&told, "sleep-a.foo", "ratings:9080");
    assert_eq!(denied.verdict, AccessVerdict::Denied);
    assert_eq!(origins(denied)[0], "AuthorizationPolicy/default/ratings spec.rules[0]");
    assert!(denied.answer.starts_with("403"), "{}", denied.answer);
    for (method, path) in [("POST", "/ratings/1"), ("GET", "/other")] {
        assert_eq!(cell(&access(POLICY, method, path), "productpage-v1-a.default", "ratings:9080").verdict, AccessVerdict::Denied, "{method} {path}");
    }
}

#[test]
fn strict_mutual_tls_keeps_those_without_a_sidecar_out() {
    let told = access(POLICY, "", "/");
    let outside = cell(&told, "sleep-a.legacy", "httpbin.foo:8000");
    assert_eq!((outside.verdict, outside.transport), (AccessVerdict::Denied, Transport::Plaintext));
    assert!(origins(outside).iter().any(|origin| origin.starts_with("PeerAuthentication/foo/default")), "{:?}", origins(outside));
    let inside = cell(&told, "sleep-a.default", "httpbin.foo:8000");
    assert_eq!((inside.verdict, inside.transport), (AccessVerdict::Allowed, Transport::Mtls));
    let plain = cell(&told, "sleep-a.legacy", "details:9080");
    assert_eq!((plain.verdict, plain.transport), (AccessVerdict::Allowed, Transport::Plaintext));
}

#[test]
fn the_table_is_bounded() {
    let service = |n: usize| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{n}, namespace: foo}}\nspec: {{clusterIP: 10.97.0.{n}, selector: {{app: x}}, ports: [{{name: http, port: 80}}]}}\n"
        )
    };
    let told = access(&(1..60).map(service).collect::<String>(), "", "/");
    assert_eq!(told.services.len(), 12);
    assert!(told.services_omitted > 40 && told.rows.iter().all(|(_, cells)| cells.len() == 12));
}

/// A waypoint asks for the Service's policies, and ztunnels speak mTLS with each other.
#[test]
fn in_ambient_mode_the_waypoint_decides_and_the_tunnel_secures() {
    let world = manifest::read(&SourceFile::new("shop", include_str!("../fixtures/ambient/shop.yaml")));
    let scene = Scene::new(&world, "input", "");
    let ask = |method: &str| scene.access(&Request { method: method.into(), ..Request::default() }, "/").unwrap();
    let (get, post) = (ask("GET"), ask("POST"));
    let allowed = cell(&get, "web-1.shop", "cart.shop:80");
    assert_eq!((allowed.verdict, allowed.transport), (AccessVerdict::Allowed, Transport::Mtls), "{allowed:?}");
    assert_eq!(origins(allowed), ["AuthorizationPolicy/shop/only-get spec.rules[0]"]);
    let denied = cell(&post, "web-1.shop", "cart.shop:80");
    assert_eq!((denied.verdict, denied.transport), (AccessVerdict::Denied, Transport::Mtls), "{denied:?}");
}
