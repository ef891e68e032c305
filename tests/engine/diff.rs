//! What is otherwise than before: the answer, the way, and what its proxies are told.

use meshwright::engine::{
    manifest::{self, Manifest},
    mesh::{ChangeKind, ConfigKind, Difference, Request, Scene},
    source::SourceFile,
};

const BEFORE: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{headers: {end-user: {exact: jason}}}]
    name: jason
    route: [{destination: {host: reviews, subset: v2}}]
  - name: all
    route: [{destination: {host: reviews, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
";

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

fn between(before: &str, now: &str) -> Difference {
    let world = world();
    let request = Request { from: "productpage-v1-a".into(), url: "http://reviews:9080/".into(), ..Request::default() };
    let [old, new] = [before, now].map(|text| Scene::new(&world, "input", text));
    let (before, now) = (old.send(&request).unwrap(), new.send(&request).unwrap());
    Difference::between((&old, Some(&before)), (&new, Some(&now)))
}

/// `path: before → now` of every field of a resource of the caller's proxy.
fn fields(difference: &Difference, what: ConfigKind, name: &str) -> Vec<String> {
    let proxy = difference.proxies.iter().find(|proxy| proxy.proxy == "productpage-v1-a.default").unwrap_or_else(|| panic!("{difference:#?}"));
    let resource = proxy.resources.iter().find(|resource| resource.what == what && resource.name == name).unwrap_or_else(|| panic!("{proxy:#?}"));
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".into());
    resource.fields.iter().map(|field| format!("{}: {} → {}", field.path, word(&field.before), word(&field.now))).collect()
}

#[test]
fn nothing_has_changed_where_only_the_order_has() {
    assert!(between(BEFORE, BEFORE).is_none());
    let (first, second) = BEFORE.split_once("---\n").unwrap();
    let turned = format!("{second}---\n{first}");
    let subsets = turned.replace(
        "[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]",
        "[{name: v2, labels: {version: v2}}, {name: v1, labels: {version: v1}}]",
    );
    assert_ne!(subsets, turned);
    let difference = between(BEFORE, &subsets);
    assert!(difference.is_none(), "{difference:#?}");
}

#[test]
fn a_split_changes_the_answer_the_way_and_one_route() {
    let now = BEFORE.replace(
        "route: [{destination: {host: reviews, subset: v1}}]",
        "route: [{destination: {host: reviews, subset: v1}, weight: 90}, {destination: {host: reviews, subset: v2}, weight: 10}]",
    );
    let difference = between(BEFORE, &now);
    let parts: Vec<(&str, f64, f64)> = difference.parts.iter().map(|part| (part.text.as_str(), part.before, part.now)).collect();
    assert_eq!(parts.iter().map(|part| part.0).collect::<Vec<_>>(), ["200 reviews/v1", "200 reviews/v2"]);
    assert!((parts[0].1 - 1.0).abs() < 1e-9 && (parts[0].2 - 0.9).abs() < 1e-9 && parts[1].1 == 0.0, "{parts:?}");
    let hop = difference.hops.iter().find(|hop| hop.proxy == "productpage-v1-a.default").unwrap();
    assert_eq!(hop.kind, ChangeKind::Changed);
    let cluster = hop.decisions.iter().find(|decision| decision.path == "cluster").unwrap();
    assert_eq!(cluster.now.as_deref(), Some("outbound|9080|v1|reviews.default.svc.cluster.local 90%, outbound|9080|v2|reviews.default.svc.cluster.local 10%"));
    let told = fields(&difference, ConfigKind::Route, "9080");
    assert!(told.iter().all(|field| field.starts_with("virtualHosts[reviews.default.svc.cluster.local:9080].routes[all].")), "{told:#?}");
    assert!(told.iter().any(|field| field.ends_with("route.cluster: outbound|9080|v1|reviews.default.svc.cluster.local → –")), "{told:#?}");
}

#[test]
fn the_order_of_routes_decides_and_is_told() {
    let jason = "  - match: [{headers: {end-user: {exact: jason}}}]\n    name: jason\n    route: [{destination: {host: reviews, subset: v2}}]\n";
    let any = "  - name: any\n    match: [{headers: {end-user: {exact: anna}}}]\n    route: [{destination: {host: reviews, subset: v1}}]\n";
    let before = BEFORE.replace(jason, &format!("{jason}{any}"));
    let now = BEFORE.replace(jason, &format!("{any}{jason}"));
    let told = fields(&between(&before, &now), ConfigKind::Route, "9080");
    assert_eq!(told, ["virtualHosts[reviews.default.svc.cluster.local:9080].routes in this order: jason, any, all → any, jason, all"]);
}

#[test]
fn clusters_come_and_go_with_their_endpoints() {
    let now = BEFORE.replace("subsets: [{name: v1", "subsets: [{name: v3, labels: {version: v3}}, {name: v1");
    let difference = between(BEFORE, &now);
    assert!(difference.parts.is_empty() && difference.hops.is_empty(), "{difference:#?}");
    let came: Vec<(ConfigKind, &str)> = difference.proxies[0]
        .resources
        .iter()
        .filter(|resource| resource.kind == ChangeKind::Came)
        .map(|resource| (resource.what, resource.name.as_str()))
        .collect();
    let v3 = "outbound|9080|v3|reviews.default.svc.cluster.local";
    assert_eq!(came, [(ConfigKind::Cluster, v3), (ConfigKind::Endpoint, v3)]);
    let gone = between(&now, BEFORE);
    assert!(gone.proxies[0].resources.iter().all(|resource| resource.kind == ChangeKind::Went), "{gone:#?}");
}

#[test]
fn a_policy_changes_what_the_server_decides() {
    let deny = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: nobody, namespace: default}\nspec: {selector: {matchLabels: {app: reviews}}}\n";
    let difference = between(BEFORE, &format!("{BEFORE}{deny}"));
    assert_eq!(difference.parts[0].text, "403");
    let server = difference.hops.iter().find(|hop| hop.proxy.starts_with("reviews-v1")).unwrap();
    let decided: Vec<&str> = server.decisions.iter().map(|decision| decision.path.as_str()).collect();
    assert!(decided.contains(&"status") && decided.contains(&"filter"), "{server:#?}");
    let told = difference.proxies.iter().find(|proxy| proxy.proxy.starts_with("reviews-v1")).unwrap();
    assert!(told.resources.iter().any(|resource| resource.what == ConfigKind::Listener), "{told:#?}");
}

#[test]
fn much_is_counted_not_told() {
    let entry = |n: u32| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e{n}, namespace: default}}\nspec: {{hosts: [h{n}.example], resolution: DNS, ports: [{{number: 80, name: http, protocol: HTTP}}]}}\n"
        )
    };
    let now: String = std::iter::once(BEFORE.to_owned()).chain((0..200).map(entry)).collect();
    let difference = between(BEFORE, &now);
    let proxy = &difference.proxies[0];
    assert_eq!(proxy.resources.len(), 60);
    assert!(proxy.omitted >= 140, "{}", proxy.omitted);
}
