//! A Deployment, StatefulSet or DaemonSet of which the text has no Pods stands for those that a cluster would make.

use meshwright::engine::{
    cluster::{Cluster, MeshConfig},
    diagnostic::Stage,
    manifest,
    mesh::{Membership, Request, Scene, Switches},
    resource::Spec,
    source::SourceFile,
};

const NAMESPACE: &str = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n";
const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: till, namespace: shop}
spec: {clusterIP: 10.96.7.1, selector: {app: till}, ports: [{name: http, port: 80, targetPort: web}]}\n";

fn controller(kind: &str, name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  {more}
  template:
    metadata: {{labels: {{app: {name}, version: v1}}}}
    spec: {{serviceAccountName: {name}, containers: [{{name: app, image: app, ports: [{{name: web, containerPort: 8080}}]}}]}}\n"
    )
}

fn deployment(name: &str, replicas: &str) -> String {
    controller("Deployment", name, &if replicas.is_empty() { String::new() } else { format!("replicas: {replicas}") })
}

fn cluster(text: &str) -> Cluster {
    Scene::of([&manifest::read(&SourceFile::new("t", text))], MeshConfig::default()).cluster
}

/// Name, address, node, whether a proxy is in it, whether it takes mutual TLS; of every Pod.
fn pods(text: &str) -> Vec<(String, String, String, bool, bool)> {
    let found = cluster(text);
    let of = |workload: &meshwright::engine::cluster::Workload| {
        (workload.name.clone(), workload.address.clone(), workload.node.to_string(), workload.has_proxy, workload.has_mtls)
    };
    found.workloads.iter().filter(|workload| workload.is_pod).map(of).collect()
}

fn names(text: &str) -> Vec<String> {
    pods(text).into_iter().map(|(name, ..)| name).collect()
}

fn scene(text: &str) -> Scene {
    let scene = Scene::in_world(None, vec![SourceFile::new("input", text)]);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene
}

fn answer(scene: &Scene, from: &str, url: &str) -> String {
    scene.send(&Request { from: from.into(), url: url.into(), ..Request::default() }).unwrap().answer.to_string()
}

#[test]
fn a_deployment_stands_for_a_pod_per_replica() {
    let place = |at: u8| format!("198.18.0.{at}");
    assert_eq!(
        pods(&deployment("till", "2")),
        [("till-1".into(), place(1), String::new(), false, false), ("till-2".into(), place(2), String::new(), false, false)]
    );
    assert_eq!(names(&deployment("till", "")), ["till-1"]);
    assert_eq!(names(&deployment("till", "0")), [""; 0]);
    assert_eq!(names(&controller("StatefulSet", "till", "replicas: 2\n  serviceName: till")), ["till-0", "till-1"]);
}

#[test]
fn a_daemon_set_has_a_pod_on_every_node() {
    let node = |name: &str| format!("---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}}}\n");
    let made = pods(&(node("a") + &node("b") + &controller("DaemonSet", "agent", "")));
    assert_eq!(made.iter().map(|(name, _, node, ..)| (name.as_str(), node.as_str())).collect::<Vec<_>>(), [("agent-1", "a"), ("agent-2", "b")]);
    assert_eq!(names(&controller("DaemonSet", "agent", "")), ["agent-1"]);
}

#[test]
fn pods_that_are_written_are_all_that_there_are() {
    let pod = |name: &str, namespace: &str, app: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {app}}}}}\nspec: {{containers: [{{name: a, image: a}}]}}\n\
             status: {{podIP: 198.18.0.1}}\n"
        )
    };
    assert_eq!(names(&(deployment("till", "3") + &pod("mine", "shop", "till"))), ["mine"]);
    // Those of another namespace or another application are none of its own; a name or an address that is taken is not given again.
    assert_eq!(names(&(deployment("till", "") + &pod("mine", "other", "till"))), ["mine", "till-1"]);
    let made = pods(&(deployment("till", "") + &pod("till-1", "shop", "cart")));
    assert_eq!(made[1].0, "till-2");
    assert_eq!(made[1].1, "198.18.0.2");
}

/// The whole path between what two Deployments stand for, each by its own name.
#[test]
fn requests_go_from_one_to_another_with_an_identity() {
    let policy = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: shop}
spec: {selector: {matchLabels: {app: till}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}\n";
    let text = [NAMESPACE, SERVICE, &deployment("till", "3"), &deployment("cart", ""), &deployment("thief", ""), policy].concat();
    let scene = scene(&text);
    assert!(scene.findings().iter().all(|finding| finding.stage != Stage::Simulation), "{:?}", scene.findings());
    let to_till = |from: &str| answer(&scene, from, "http://till.shop/");
    assert_eq!(to_till("cart-1.shop"), "200 till.shop");
    assert_eq!(to_till("thief-1.shop"), "403");
    assert_eq!(
        (to_till("cart.shop"), to_till("deploy/cart.shop"), to_till("pod/cart-1.shop")),
        (to_till("cart-1.shop"), to_till("cart-1.shop"), to_till("cart-1.shop"))
    );
    let journey = scene.send(&Request { from: "cart.shop".into(), url: "http://till.shop/".into(), ..Request::default() }).unwrap();
    let endpoints = &journey.hops[0].outcome.clusters[0].endpoints;
    assert_eq!(endpoints, &["198.18.0.1:8080", "198.18.0.2:8080", "198.18.0.3:8080"]);
    assert_eq!(scene.proxy_config("deployment/till", "shop").map(drop), Ok(()));
    assert!(scene.proxy_config("deployment/nobody", "shop").is_err() && scene.proxy_config("pod/nobody.shop", "shop").is_err());
}

#[test]
fn what_was_made_leads_to_where_it_is_written() {
    let found = cluster(&(NAMESPACE.to_owned() + &deployment("till", "")));
    let pod = found.resources.iter().find(|resource| matches!(resource.spec, Spec::Pod(_))).unwrap();
    assert_eq!(pod.document.file.position(pod.span_of("metadata.name").start()).line, 8);
    assert!(found.written().iter().all(|resource| !matches!(resource.spec, Spec::Pod(_))), "istioctl sees no Pods");
}

#[test]
fn the_gateway_of_a_template_is_one() {
    let gateway = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gate, namespace: shop}
spec:
  selector: {matchLabels: {istio: gate}}
  template:
    metadata: {labels: {istio: gate, sidecar.istio.io/inject: 'true'}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
---\napiVersion: v1\nkind: Service\nmetadata: {name: gate, namespace: shop}\nspec: {type: LoadBalancer, clusterIP: 10.96.7.2, selector: {istio: gate}, ports: [{name: http, port: 80}]}
---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {selector: {istio: gate}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: shop}\nspec: {hosts: [shop.example.com], gateways: [g], http: [{route: [{destination: {host: till}}]}]}\n";
    let scene = scene(&[gateway, SERVICE, &deployment("till", "")].concat());
    assert_eq!(answer(&scene, "outside", "http://shop.example.com/"), "200 till.shop");
    assert_eq!(scene.cluster.workloads.pod("shop", "gate-1").map(|gate| (gate.is_gateway, gate.has_mtls)), Some((true, false)));
}

#[test]
fn a_namespace_in_ambient_mode_takes_them_in() {
    let ambient = NAMESPACE.replace("istio-injection: enabled", "istio.io/dataplane-mode: ambient");
    let scene = scene(&[&ambient, SERVICE, &deployment("till", ""), &deployment("cart", "")].concat());
    let journey = scene.send(&Request { from: "cart.shop".into(), url: "http://till.shop/".into(), ..Request::default() }).unwrap();
    assert_eq!(journey.hops.iter().map(|hop| hop.role.to_string()).collect::<Vec<_>>(), ["client ztunnel", "server ztunnel"]);
}

/// A cluster gives every Service an address unless it wants none; without it, ztunnel would not know where a call goes.
#[test]
fn services_without_an_address_are_given_one() {
    let service = |name: &str, more: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: till}}, ports: [{{name: tcp, port: 80, targetPort: web}}]{more}}}\n"
        )
    };
    let services = [
        service("till", ""),
        service("own", ", clusterIP: 198.19.0.1"),
        service("none", ", clusterIP: None"),
        service("alias", ", type: ExternalName, externalName: a.example.com"),
    ]
    .concat();
    let ambient = NAMESPACE.replace("istio-injection: enabled", "istio.io/dataplane-mode: ambient");
    for namespace in [NAMESPACE, &ambient] {
        let scene = scene(&[namespace, &services, &deployment("till", ""), &deployment("cart", "")].concat());
        let mut addresses: Vec<(&str, &str)> = scene.cluster.services.iter().map(|service| (service.name.as_str(), service.address())).collect();
        addresses.sort_unstable();
        assert_eq!(addresses, [("alias", "0.0.0.0"), ("none", "0.0.0.0"), ("own", "198.19.0.1"), ("till", "198.19.0.2")]);
        assert_eq!(answer(&scene, "cart.shop", "http://till.shop/"), "200 till.shop");
    }
}

#[test]
fn they_are_switched_with_their_namespace() {
    let text = [SERVICE, &deployment("till", ""), &deployment("cart", "")].concat();
    let roles = |mode: &str, text: &str| {
        let switches = Switches::read([("shop", mode)], "", "").unwrap();
        let scene = Scene::switched(None, &switches, vec![SourceFile::new("input", text)]).unwrap();
        let journey = scene.send(&Request { from: "cart.shop".into(), url: "http://till.shop/".into(), ..Request::default() }).unwrap();
        (journey.hops.iter().map(|hop| hop.role.to_string()).collect::<Vec<_>>(), scene.memberships())
    };
    let here = |mode| vec![("shop".to_owned(), Some(mode))];
    for text in [text.clone(), NAMESPACE.to_owned() + &text, text.replace("version: v1", "version: v1, sidecar.istio.io/inject: 'true'")] {
        assert_eq!(roles("sidecar", &text), (vec!["client sidecar".to_owned(), "server sidecar".to_owned()], here(Membership::Sidecar)));
        assert_eq!(roles("ambient", &text), (vec!["client ztunnel".to_owned(), "server ztunnel".to_owned()], here(Membership::Ambient)));
        assert_eq!(roles("none", &text), (vec!["no sidecar".to_owned()], here(Membership::None)));
    }
}

#[test]
fn of_very_many_replicas_some_take_part_and_that_is_said() {
    let many = scene(&deployment("till", "2000000000"));
    assert_eq!(many.cluster.workloads.iter().count(), 20);
    let said: Vec<_> = many
        .findings()
        .into_iter()
        .filter(|finding| finding.stage == Stage::Simulation)
        .map(|finding| (finding.position().line, finding.message.as_str()))
        .collect();
    assert_eq!(said, [(7, "accepted, and computed with fewer Pods: 20 stand for all of Deployment/shop/till")]);
    let all: String = (0..200).map(|at| deployment(&format!("d{at}"), "20")).collect();
    let found = cluster(&all);
    assert_eq!((found.workloads.iter().count(), found.fewer_pods.len()), (200 + 200, 200 - 200 / 19));
}

/// Every service can select every Pod, so that a text of a megabyte names millions.
#[test]
fn of_very_many_endpoints_some_take_part_and_that_is_said() {
    let pods: Vec<String> = (0..600).map(|at| format!("---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p{at}, labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: a}}]}}, status: {{podIP: 10.3.{}.{}}}}}\n", at / 250, at % 250)).collect();
    let services = |count: usize| {
        (0..count)
            .map(|at| format!("---\n{{apiVersion: v1, kind: Service, metadata: {{name: s{at}}}, spec: {{selector: {{a: b}}, ports: [{{port: 80}}]}}}}\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    for (count, is_all) in [(333, true), (334, false)] {
        let scene = scene(&(services(count) + &pods.concat()));
        let said: Vec<&str> =
            scene.findings().into_iter().filter(|finding| finding.stage == Stage::Simulation).map(|finding| finding.message.as_str()).collect();
        assert_eq!((said.is_empty(), scene.cluster.has_all_endpoints), (is_all, is_all), "{said:?}");
        assert!(said.iter().all(|words| words.contains("the first 200000 endpoints")), "{said:?}");
    }
}
