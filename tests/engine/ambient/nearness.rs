//! Endpoints near the client, as ztunnel and waypoints are told of them.
//!
//! `constructService` and `constructServiceEntries` in `pilot/pkg/serviceregistry/kube/controller/ambient/services.go`, `getPodLocality` in
//! `workloads.go` beside it; `load_balance` in `src/state.rs` of ztunnel; `waypoint.yaml` among istiod's charts.

use std::collections::BTreeMap;

use meshwright::engine::{
    envoy::{Stage, Verdict},
    istiod::ztunnel_state,
    xds::LbEndpoint,
    ztunnel::{Mode, Place},
};

use super::{cluster, journey, push, way};

const URL: &str = "http://book.shop/";
const ANNOTATION: &str = "networking.istio.io/traffic-distribution";

/// A client on the node `a1`, and `book` there, on a node of the same zone, in another zone and in another region.
fn world(annotations: &str, more: &str, labels: &str) -> String {
    let nodes = [("a1", "r1", "z1"), ("a2", "r1", "z1"), ("b1", "r1", "z2"), ("c1", "r2", "z1")].map(|(name, region, zone)| {
        format!("apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{topology.kubernetes.io/region: {region}, topology.kubernetes.io/zone: {zone}}}}}\n---\n")
    });
    let pod = |(name, app, node, address): (&str, &str, &str, &str)| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {app}}}}}
spec: {{nodeName: {node}, containers: [{{name: app, image: app}}]}}
status: {{phase: Running, podIP: {address}, conditions: [{{type: Ready, status: 'True'}}]}}\n---\n"
        )
    };
    let pods = [
        ("here-1", "here", "a1", "10.2.0.9"),
        ("book-1", "book", "a1", "10.2.0.1"),
        ("book-2", "book", "a2", "10.2.0.2"),
        ("book-3", "book", "b1", "10.2.0.3"),
        ("book-4", "book", "c1", "10.2.0.4"),
    ]
    .map(pod);
    format!(
        "{}{}apiVersion: v1\nkind: Service\nmetadata: {{name: book, namespace: shop, annotations: {{{annotations}}}, labels: {{{labels}}}}}
spec: {{clusterIP: 10.96.5.1, selector: {{app: book}}, ports: [{{name: http, port: 80}}], {more}}}\n---\n",
        nodes.concat(),
        pods.concat()
    )
}

/// Who of `book` gets connections from the client's ztunnel.
fn takers(text: &str) -> Vec<String> {
    let journey = journey(text, "here-1.shop", URL);
    journey.hops[0].outcome.clusters.iter().flat_map(|cluster| cluster.endpoints.clone()).collect()
}

fn not_ready(text: &str, pod: &str) -> String {
    let at = text.find(&format!("name: {pod},")).unwrap();
    text[..at].to_owned() + &text[at..].replacen("status: 'True'", "status: 'False'", 1)
}

#[test]
fn ztunnel_takes_the_nearest_that_are_ready() {
    assert_eq!(takers(&world("", "", "")).len(), 4);
    let close = world("", "trafficDistribution: PreferClose", "");
    assert_eq!(takers(&close), ["10.2.0.1:80", "10.2.0.2:80"], "the node counts for nothing");
    assert_eq!(takers(&not_ready(&close, "book-1")), ["10.2.0.2:80"], "unlike an Envoy it does not spill over while one is left");
    assert_eq!(takers(&not_ready(&not_ready(&close, "book-1"), "book-2")), ["10.2.0.3:80"]);
    let told = journey(&close, "here-1.shop", URL);
    let far: Vec<_> = told.hops[0].outcome.trace.iter().filter(|step| step.stage == Stage::Endpoint && step.verdict == Verdict::Lost).collect();
    let said: Vec<_> = far.iter().map(|step| (step.subject.as_str(), step.reason.as_str())).collect();
    assert_eq!(
        said,
        [
            ("10.2.0.3:80", "nearer ones take all connections: it shares its region with the caller."),
            ("10.2.0.4:80", "nearer ones take all connections: it shares nothing with the caller."),
        ]
    );
    assert_eq!(*far[0].origin.as_ref().unwrap().path, *"spec.trafficDistribution");
}

/// Where the field says anything, the annotation is not asked, as it is for Envoys.
#[test]
fn for_ztunnel_the_field_goes_before_the_annotation() {
    let count = |annotation: &str, more: &str| takers(&world(&format!("{ANNOTATION}: {annotation}"), more, "")).len();
    assert_eq!(count("preferCLOSE", ""), 2);
    assert_eq!(count("Any", ""), 4);
    assert_eq!(count("PreferClose", "trafficDistribution: PreferSameZone"), 4);
    assert_eq!(count("Any", "trafficDistribution: PreferClose"), 2);
}

#[test]
fn a_local_policy_is_strict() {
    let local = world("", "internalTrafficPolicy: Local, trafficDistribution: PreferClose", "");
    assert_eq!(takers(&local), ["10.2.0.1:80"]);
    let gone = not_ready(&local, "book-1");
    assert_eq!(way(&gone, "here-1.shop", URL).0, "connection closed");
    let told = journey(&gone, "here-1.shop", URL);
    let end = told.hops[0].outcome.trace.last().unwrap();
    assert_eq!(end.reason, "none of its workloads on the caller's node is ready, so the connection is closed.");
    assert_eq!(*end.origin.as_ref().unwrap().path, *"spec.internalTrafficPolicy");
}

#[test]
fn what_ztunnel_is_told_is_what_the_service_says() {
    let text = world("", "trafficDistribution: PreferClose", "")
        + &format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: e, namespace: shop, annotations: {{{ANNOTATION}: PreferClose}}}}
spec: {{hosts: [e.example.com], addresses: [192.0.2.77], resolution: STATIC, ports: [{{number: 80, name: http, protocol: HTTP}}], endpoints: [{{address: 198.51.100.9, locality: r7/z7/s7}}]}}\n---\n"
        );
    let state = ztunnel_state(&cluster(&text));
    for name in ["book.shop.svc.cluster.local", "e.example.com"] {
        let told = state.services.iter().find(|service| service.hostname == name).unwrap().load_balancing.as_ref().unwrap();
        assert_eq!((told.mode, told.routing_preference), (Mode::Failover, [Place::Region, Place::Zone, Place::Subzone].as_slice()), "{name}");
    }
    let away = state.workload("198.51.100.9").unwrap();
    assert_eq!(away.locality, ["r7", "z7", "s7"]);
    let near = state.workload("10.2.0.1").unwrap();
    assert_eq!((near.locality.clone(), near.node.as_str()), (["r1", "z1", ""].map(str::to_owned), "a1"));
    // ztunnel is told of nodes alone, Envoys of the label too.
    let labelled = cluster(&text.replace("name: book-1, namespace: shop, labels: {", "name: book-1, namespace: shop, labels: {istio-locality: r9.z9, "));
    assert_eq!(ztunnel_state(&labelled).workload("10.2.0.1").unwrap().locality[0], "r1");
    assert_eq!(labelled.workloads.at_address("10.2.0.1").unwrap().locality, "r9/z9");
}

const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n---\n";

/// Last numbers of the addresses that a waypoint knows, by priority.
fn behind(text: &str) -> Vec<String> {
    let config = push(&cluster(text), "shop", "waypoint");
    let name = "inbound-vip|80|http|book.shop.svc.cluster.local";
    let mut priorities: BTreeMap<u32, String> = BTreeMap::new();
    for group in &config.endpoints.iter().find(|assignment| assignment.cluster_name == name).unwrap().endpoints {
        let numbers: String = group.lb_endpoints.iter().filter_map(|endpoint| endpoint.destination()?.split(':').next()?.chars().last()).collect();
        priorities.entry(group.priority).or_default().push_str(&numbers);
    }
    priorities.into_values().collect()
}

fn waypoint_pod(name: &str, node: &str, address: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller, istio.io/dataplane-mode: none}}}}
spec: {{nodeName: {node}, serviceAccountName: waypoint, containers: [{{name: istio-proxy, image: p}}]}}
status: {{phase: Running, podIP: {address}, conditions: [{{type: Ready, status: 'True'}}]}}\n---\n"
    )
}

/// Near is near to the waypoint, which is the one that picks.
#[test]
fn a_waypoint_goes_by_where_it_is_itself() {
    let behind_one = |more: &str| world("", more, "istio.io/use-waypoint: waypoint") + GATEWAY + &waypoint_pod("waypoint", "b1", "10.2.1.1");
    assert_eq!(behind(&behind_one("")), ["1234"]);
    assert_eq!(behind(&behind_one("trafficDistribution: PreferClose")), ["3", "12", "4"]);
    assert_eq!(behind(&behind_one("internalTrafficPolicy: Local")), ["3"]);
}

/// The Service that istiod deploys for a waypoint is annotated, and a Gateway may say otherwise.
#[test]
fn the_nearest_pods_of_a_waypoint_are_taken() {
    let pods = waypoint_pod("waypoint-far", "c1", "10.2.1.1") + &waypoint_pod("waypoint-near", "a2", "10.2.1.2");
    let text = |gateway: &str| world("", "", "istio.io/use-waypoint: waypoint") + gateway + &pods;
    let passed = |gateway: &str| journey(&text(gateway), "here-1.shop", URL).hops[0].outcome.clusters[0].endpoints.clone();
    assert_eq!(passed(GATEWAY), ["10.2.1.2:15008"]);
    let annotated = GATEWAY.replace("namespace: shop}", &format!("namespace: shop, annotations: {{{ANNOTATION}: Any}}}}"));
    assert_eq!(passed(&annotated), ["10.2.1.1:15008", "10.2.1.2:15008"]);
    let of_deployed = annotated.replace("listeners:", &format!("infrastructure: {{annotations: {{{ANNOTATION}: PreferClose}}}}, listeners:"));
    assert_eq!(passed(&of_deployed), ["10.2.1.2:15008"]);
}

/// `BuildClusterLoadAssignment`: of a gateway's endpoints that are a waypoint's, those are told that the service called lets through.
#[test]
fn a_gateway_goes_to_waypoints_of_its_node_where_the_service_is_local() {
    let pods = waypoint_pod("waypoint-far", "c1", "10.2.1.1") + &waypoint_pod("waypoint-near", "a2", "10.2.1.2");
    let labels = "istio.io/use-waypoint: waypoint, istio.io/ingress-use-waypoint: 'true'";
    let edge = "apiVersion: v1\nkind: Pod\nmetadata: {name: edge-2, namespace: istio-system, labels: {istio: other}}
spec: {nodeName: a2, containers: [{name: istio-proxy, image: p}]}\nstatus: {phase: Running, podIP: 10.2.0.8, conditions: [{type: Ready, status: 'True'}]}\n---\n";
    let told = |more: &str| -> Vec<(String, Vec<String>)> {
        let config = push(&cluster(&(world("", more, labels) + GATEWAY + &pods + edge)), "istio-system", "edge-2");
        let assignment = config.endpoints.iter().find(|assignment| assignment.cluster_name == "outbound|80||book.shop.svc.cluster.local").unwrap();
        let groups = assignment.endpoints.iter().map(|group| {
            assert_eq!(group.priority, 0);
            (group.locality.as_ref().unwrap().region.clone(), group.lb_endpoints.iter().filter_map(LbEndpoint::destination).collect())
        });
        groups.collect()
    };
    let (near, far) = (("r1".to_owned(), vec!["10.2.1.2:15008".to_owned()]), ("r2".to_owned(), vec!["10.2.1.1:15008".to_owned()]));
    assert_eq!(told("trafficDistribution: PreferClose"), [near.clone(), far]);
    assert_eq!(told("internalTrafficPolicy: Local"), [near]);
}

/// `internalTrafficPolicy` is Kubernetes' own word first: kube-proxy keeps to it for a caller whom no proxy serves.
#[test]
fn kube_proxy_stays_on_the_node_as_well() {
    let from = |node: &str| {
        let bare = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: bare-9, namespace: default}}\nspec: {{nodeName: {node}, containers: [{{name: app, image: app}}]}}
status: {{phase: Running, podIP: 10.2.0.7, conditions: [{{type: Ready, status: 'True'}}]}}\n---\n"
        );
        way(&(world("", "internalTrafficPolicy: Local", "") + &bare), "bare-9.default", URL)
    };
    let (answer, hops) = from("b1");
    assert_eq!((answer.as_str(), hops.last().unwrap().as_str()), ("200 book.shop", "server ztunnel book-3.shop"));
    assert_eq!(from("d1").0, "connection refused");
}
