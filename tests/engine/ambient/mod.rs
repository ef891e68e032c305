//! Tests of ambient mode: who is in it, which waypoint stands where, what ztunnel and waypoints are told, and what becomes of requests.
//!
//! Each says which part of istio/istio or istio/ztunnel at 1.26.4 it follows.

mod journeys;
mod members;
mod nearness;
mod odd;
mod policies;
pub(super) mod real_envoy;
mod sidecars;
mod waypoint;
mod waypoints;

use meshwright::engine::{
    cluster::Cluster,
    istiod::{self, Proxy},
    manifest,
    mesh::{Journey, Request, Scene},
    source::SourceFile,
    xds::ProxyConfig,
};

/// `cart` in two versions and `web` in an ambient namespace, `old` with sidecars, a gateway at the edge.
const WORLD: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {}}
spec: {clusterIP: 10.96.0.1, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 7000}, {name: any, port: 9000}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart, version: v1}}
spec: {serviceAccountName: cart, containers: [{name: app, image: app}]}
status: {phase: Running, podIP: 10.1.0.1, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: shop, labels: {app: cart, version: v2}}
spec: {serviceAccountName: cart, containers: [{name: app, image: app}]}
status: {phase: Running, podIP: 10.1.0.2, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
status: {phase: Running, podIP: 10.1.0.3, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Service
metadata: {name: old, namespace: default}
spec: {clusterIP: 10.96.0.2, selector: {app: old}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old-1, namespace: default, labels: {app: old, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: old, containers: [{name: app, image: app}, {name: istio-proxy, image: proxyv2}]}
status: {phase: Running, podIP: 10.1.1.1, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare-1, namespace: default, labels: {app: bare}}
spec: {serviceAccountName: bare, containers: [{name: app, image: app}]}
status: {phase: Running, podIP: 10.1.1.2, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: istio-system}
spec: {type: LoadBalancer, clusterIP: 10.96.9.1, selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: edge-1, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {serviceAccountName: edge, containers: [{name: istio-proxy, image: proxyv2}]}
status: {phase: Running, podIP: 10.1.9.1, conditions: [{type: Ready, status: 'True'}]}
";

/// A waypoint in `shop` that `cart` is behind.
const WAYPOINT: &str = "
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec: {clusterIP: 10.96.0.1, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 7000}, {name: any, port: 9000}]}
---
";

/// The world with a configuration applied to it.
#[track_caller]
fn scene(config: &str) -> Scene {
    let scene = Scene::new(&manifest::read(&SourceFile::new("world.yaml", WORLD)), "config.yaml", config);
    assert!(!scene.is_refused(), "{:#?}", scene.findings());
    scene
}

#[track_caller]
fn cluster(config: &str) -> Cluster {
    scene(config).cluster
}

/// The same, behind the waypoint.
fn behind_waypoint(config: &str) -> String {
    format!("{WAYPOINT}{config}")
}

fn push(cluster: &Cluster, namespace: &str, pod: &str) -> ProxyConfig {
    let workload = cluster.workloads.pod(namespace, pod).expect("the pod is in the world");
    istiod::push(cluster, &Proxy::of_workload(workload))
}

/// What the waypoint is told.
#[track_caller]
fn waypoint(config: &str) -> ProxyConfig {
    push(&cluster(&behind_waypoint(config)), "shop", "waypoint")
}

#[track_caller]
fn journey(config: &str, from: &str, line: &str) -> Journey {
    let (method, url) = line.split_once(' ').unwrap_or(("GET", line));
    scene(config).send(&Request { from: from.into(), method: method.into(), url: url.into(), ..Request::default() }).unwrap()
}

/// What comes out, and the proxies that are passed.
#[track_caller]
fn way(config: &str, from: &str, line: &str) -> (String, Vec<String>) {
    let journey = journey(config, from, line);
    (journey.answer.to_string(), journey.hops.iter().map(|hop| format!("{} {}", hop.role, hop.proxy)).collect())
}
