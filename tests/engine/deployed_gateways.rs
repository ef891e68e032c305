//! What istiod deploys for a Gateway of the Gateway API that names no gateway of its own
//! (`manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml`, `pilot/pkg/config/kube/gateway/deploymentcontroller.go`).

use meshwright::engine::{
    cluster::{Cluster, Protocol},
    mesh::{Request, Scene},
    resource::{Kind, Spec},
    source::SourceFile,
};

const TILL: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: till, namespace: shop}\nspec: {clusterIP: 10.96.7.1, selector: {app: till}, ports: [{name: http, port: 80}]}
---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till, namespace: shop}\nspec: {selector: {matchLabels: {app: till}}, template: {metadata: {labels: {app: till}}, spec: {containers: [{name: a, image: a}]}}}\n";

fn gateway(name: &str, metadata: &str, spec: &str, host: &str) -> String {
    format!(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: {name}, namespace: shop{metadata}}}
spec:
  gatewayClassName: istio
  listeners: [{{name: web.main, port: 80, protocol: HTTP, hostname: {host}}}, {{name: other, port: 80, protocol: HTTP, hostname: other.{host}}}, {{name: tls, port: 443, protocol: TLS, hostname: {host}}}]{spec}
---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: shop}}
spec: {{parentRefs: [{{name: {name}}}], hostnames: [{host}], rules: [{{matches: [{{path: {{type: PathPrefix, value: /{name}}}}}], backendRefs: [{{name: till, port: 80}}]}}]}}\n"
    )
}

fn scene(text: &str) -> Scene {
    let scene = Scene::in_world(None, vec![SourceFile::new("input", text)]);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene
}

/// The answer to a client from outside, and whom it reached first.
fn visit(scene: &Scene, url: &str) -> (String, String) {
    let journey = scene.send(&Request { from: "outside".into(), url: url.into(), ..Request::default() }).unwrap();
    (journey.answer.to_string(), journey.hops.first().map(|hop| hop.proxy.clone()).unwrap_or_default())
}

/// Kinds and names of what was made.
fn made(cluster: &Cluster) -> Vec<(Kind, &str)> {
    let of = |resource: &'_ meshwright::engine::resource::Resource| (resource.kind, resource.metadata.name.as_str().to_owned());
    let names = cluster.resources[cluster.written().len()..].iter().map(of);
    let ours = names.filter(|(_, name)| !name.starts_with("till")).collect::<Vec<_>>();
    ours.into_iter().map(|(kind, name)| (kind, &*name.leak())).collect()
}

#[test]
fn a_gateway_without_addresses_gets_a_load_balancer_and_a_pod() {
    let scene = scene(&(gateway("books", "", "", "books.example.com") + TILL));
    assert_eq!(made(&scene.cluster), [(Kind::Pod, "books-istio"), (Kind::Service, "books-istio")]);
    let service = scene.cluster.services.iter().find(|service| service.name == "books-istio").unwrap();
    let ports: Vec<_> = service.ports.iter().map(|port| (port.name.as_str(), port.number, port.protocol)).collect();
    assert_eq!(ports, [("status-port", 15021, Protocol::Tcp), ("web-main", 80, Protocol::Http), ("tls", 443, Protocol::Tls)]);
    assert_eq!(visit(&scene, "http://books.example.com/books"), ("200 till.shop".into(), "books-istio.shop".into()));
    assert_eq!(visit(&scene, "http://books.example.com/else").0, "404");
    assert_eq!(visit(&scene, "http://books.example.com:8080/books"), ("connection refused".into(), String::new()));
}

#[test]
fn the_gateway_says_how() {
    let annotations = ", labels: {team: red}, annotations: {gateway.istio.io/name-override: door, gateway.istio.io/service-account: porter, networking.istio.io/service-type: ClusterIP}";
    let scene = self::scene(&(gateway("books", annotations, "", "books.example.com") + TILL));
    assert_eq!(made(&scene.cluster), [(Kind::Pod, "door"), (Kind::Service, "door")]);
    let pod = scene.cluster.workloads.pod("shop", "door").unwrap();
    assert_eq!(
        (pod.service_account.as_str(), pod.labels.get("team"), pod.labels.get("gateway.istio.io/managed")),
        ("porter", Some("red"), Some("istio.io-gateway-controller"))
    );
    assert_eq!(visit(&scene, "http://books.example.com/books").0, "connection refused", "nobody reaches a ClusterIP from outside");
    let of_infrastructure = "\n  infrastructure: {labels: {team: blue, gateway.networking.k8s.io/gateway-name: x}}";
    let scene = self::scene(&gateway("books", ", labels: {team: red}", of_infrastructure, "books.example.com"));
    let pod = scene.cluster.workloads.pod("shop", "books-istio").unwrap();
    assert_eq!((pod.labels.get("team"), pod.labels.get("gateway.networking.k8s.io/gateway-name")), (Some("blue"), Some("books")));
}

#[test]
fn what_is_written_is_not_made_again() {
    let own = "---\napiVersion: v1\nkind: Service\nmetadata: {name: books-istio, namespace: shop}\nspec: {type: NodePort, clusterIP: 10.96.7.9, selector: {gateway.networking.k8s.io/gateway-name: books}, ports: [{name: http, port: 80}]}
---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: mine, namespace: shop}\nspec: {selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: books}}, template: {metadata: {labels: {gateway.networking.k8s.io/gateway-name: books}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}\n";
    let scene = self::scene(&(gateway("books", "", "", "books.example.com") + TILL + own));
    assert_eq!(made(&scene.cluster), [(Kind::Pod, "mine-1")], "by its Deployment");
    assert_eq!(visit(&scene, "http://books.example.com/books"), ("200 till.shop".into(), "mine-1.shop".into()));
    let elsewhere = "\n  addresses: [{type: Hostname, value: gate.shop.svc.cluster.local}]";
    assert_eq!(made(&self::scene(&gateway("books", "", elsewhere, "books.example.com")).cluster), []);
    let class = gateway("books", "", "", "books.example.com").replace("gatewayClassName: istio", "gatewayClassName: nginx");
    assert_eq!(made(&self::scene(&class).cluster), []);
}

/// Public DNS is taken to lead to the gateway that serves the host.
#[test]
fn of_several_gateways_the_one_that_serves_the_host_is_reached() {
    let text = gateway("books", "", "", "books.example.com") + &gateway("toys", "", "", "toys.example.com") + TILL;
    let scene = self::scene(&text);
    assert_eq!(visit(&scene, "http://books.example.com/books"), ("200 till.shop".into(), "books-istio.shop".into()));
    assert_eq!(visit(&scene, "http://toys.example.com/toys"), ("200 till.shop".into(), "toys-istio.shop".into()));
    assert_eq!(visit(&scene, "http://toys.example.com/books"), ("404".into(), "toys-istio.shop".into()));
    assert_eq!(visit(&scene, "http://nobody.example.com/"), ("404".into(), "books-istio.shop".into()));
    let found = scene.cluster.resources.iter().filter(|resource| matches!(resource.spec, Spec::Pod(_))).filter(|pod| pod.metadata.name == "toys-istio");
    assert_eq!(found.map(|pod| pod.document.file.position(pod.span_of("metadata.name").start()).line).collect::<Vec<_>>(), [16]);
}
