//! Tests of the control plane: manifests in, what one proxy is told out.

mod access_logs;
mod behaviour;
mod clusters;
mod gateway_api;
mod gateways;
mod listeners;
mod origins;
mod robustness;
mod routes;
mod security;
mod sidecars;
mod tables;

use meshwright::engine::{
    cluster::{Cluster, MeshConfig},
    istiod::{self, Proxy},
    manifest, mesh,
    source::SourceFile,
    xds::{self, FilterChain, Listener, ProxyConfig, RouteConfiguration, VirtualHost},
};

/// Two services of two versions in `shop`, one in `other`, a database, and an ingress gateway.
const WORLD: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 10.96.0.2, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: main}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: other}
spec: {clusterIP: 10.96.0.3, selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.4, selector: {app: db}, ports: [{name: tcp, port: 3306}, {name: admin, port: 8888}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: web, containers: [{name: web, image: web}, {name: istio-proxy, image: istio-proxy}]}
status: {phase: Running, podIP: 10.1.0.1, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart, version: v1, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: main, containerPort: 7000}]}, {name: istio-proxy, image: istio-proxy}]}
status: {phase: Running, podIP: 10.1.0.2, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: shop, labels: {app: cart, version: v2}}
spec: {containers: [{name: cart, image: cart, ports: [{name: main, containerPort: 7002}]}]}
status: {phase: Running, podIP: 10.1.0.3, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-3, namespace: shop, labels: {app: cart, version: v2}}
spec: {containers: [{name: cart, image: cart, ports: [{name: main, containerPort: 7002}]}]}
status: {phase: Running, podIP: 10.1.0.4, conditions: [{type: Ready, status: 'False'}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: istio-system}
spec: {clusterIP: 10.96.9.1, selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]}
---
apiVersion: v1
kind: Pod
metadata: {name: edge-1, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {containers: [{name: istio-proxy, image: istio-proxy}]}
status: {phase: Running, podIP: 10.1.9.1, conditions: [{type: Ready, status: 'True'}]}
";

/// The world with a configuration applied to it.
fn cluster(config: &str) -> Cluster {
    cluster_with(config, MeshConfig::default())
}

fn cluster_with(config: &str, mesh_config: MeshConfig) -> Cluster {
    let texts = [("world.yaml", WORLD), ("config.yaml", config)];
    let manifests = texts.map(|(name, text)| manifest::read(&SourceFile::new(name, text)));
    let applied = mesh::apply(&manifests);
    let refused: Vec<_> = applied.verdicts.iter().flatten().filter(|verdict| !verdict.is_accepted()).collect();
    let said: Vec<_> = refused.iter().flat_map(|verdict| &verdict.diagnostics).map(|told| format!("{}: {}", told.path, told.message)).collect();
    assert!(refused.is_empty(), "{said:#?}");
    Cluster::new(applied.resources, mesh_config)
}

/// What the proxy of a pod is told.
fn push(cluster: &Cluster, namespace: &str, pod: &str) -> ProxyConfig {
    let workload = cluster.workloads.pod(namespace, pod).expect("the pod is in the world");
    istiod::push(cluster, &Proxy::of_workload(workload))
}

/// What `web-1.shop` is told.
fn sidecar(config: &str) -> ProxyConfig {
    push(&cluster(config), "shop", "web-1")
}

/// What the ingress gateway is told.
fn gateway(config: &str) -> ProxyConfig {
    push(&cluster(config), "istio-system", "edge-1")
}

fn routes<'a>(config: &'a ProxyConfig, name: &str) -> &'a RouteConfiguration {
    config.routes.iter().find(|routes| routes.name == name).unwrap_or_else(|| panic!("no routes {name}"))
}

fn virtual_host<'a>(config: &'a ProxyConfig, routes_name: &str, name: &str) -> &'a VirtualHost {
    routes(config, routes_name).virtual_hosts.iter().find(|host| host.name == name).unwrap_or_else(|| panic!("no virtual host {name}"))
}

fn listener<'a>(config: &'a ProxyConfig, name: &str) -> &'a Listener {
    config.listeners.iter().find(|listener| listener.name == name).unwrap_or_else(|| panic!("no listener {name}"))
}

fn xds_cluster<'a>(config: &'a ProxyConfig, name: &str) -> &'a xds::Cluster {
    config.clusters.iter().find(|cluster| cluster.name == name).unwrap_or_else(|| panic!("no cluster {name}"))
}

/// `address:port` of a cluster's endpoints.
fn endpoints(config: &ProxyConfig, name: &str) -> Vec<String> {
    let assignment = config.endpoints.iter().find(|assignment| assignment.cluster_name == name).unwrap_or_else(|| panic!("no endpoints {name}"));
    let addresses = assignment.endpoints.iter().flat_map(|group| &group.lb_endpoints).filter_map(|endpoint| endpoint.socket_address());
    addresses.map(|at| format!("{}:{}", at.address, at.port_value)).collect()
}

/// Server names and destination of each chain.
fn chains(listener: &Listener) -> Vec<(Vec<String>, String)> {
    let names = |chain: &FilterChain| chain.filter_chain_match.as_ref().map(|matching| matching.server_names.clone()).unwrap_or_default();
    listener.filter_chains.iter().map(|chain| (names(chain), chain.destination())).collect()
}
