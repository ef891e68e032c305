//! Which pods are in ambient mode: `PodRedirectionEnabled` in `cni/pkg/util/podutil.go`.

use meshwright::engine::ztunnel::Protocol;

use super::cluster;

/// The object whose label takes a pod in.
#[track_caller]
fn taken_by(config: &str, namespace: &str, pod: &str) -> Option<String> {
    cluster(config).ambient.captured(namespace, pod).map(|origin| origin.resource.to_string())
}

fn pod(name: &str, namespace: &str, labels: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}\nspec: {{{spec} containers: [{{name: app, image: app}}]}}\n\
         status: {{phase: Running, podIP: 10.1.7.1, conditions: [{{type: Ready, status: 'True'}}]}}\n---\n"
    )
}

#[test]
fn a_namespace_takes_its_pods_in() {
    assert_eq!(taken_by("", "shop", "cart-1").as_deref(), Some("Namespace/shop"));
    assert_eq!(taken_by("", "default", "bare-1"), None);
}

#[test]
fn a_pod_takes_itself_in_or_out() {
    assert_eq!(taken_by(&pod("p", "default", "istio.io/dataplane-mode: ambient", ""), "default", "p").as_deref(), Some("Pod/default/p"));
    assert_eq!(taken_by(&pod("p", "shop", "istio.io/dataplane-mode: none", ""), "shop", "p"), None);
}

/// `setTunnelProtocol` in `workloads.go` of istiod goes by what the node's agent has noted.
#[test]
fn what_the_nodes_agent_has_noted_counts() {
    let noted = pod("p", "default", "app: p", "").replace("labels: {app: p}", "labels: {app: p}, annotations: {ambient.istio.io/redirection: enabled}");
    assert_eq!(taken_by(&noted, "default", "p").as_deref(), Some("Pod/default/p"));
    assert_eq!(taken_by(&noted.replace("app: p}", "istio.io/dataplane-mode: none}"), "default", "p"), None);
}

/// `setTunnelProtocol` in `workloads.go` asks WorkloadEntries the same, and there it is all that counts.
#[test]
fn a_workload_entry_takes_tunnels_where_that_is_noted() {
    let text = |noted: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {{name: vm, namespace: default, labels: {{app: vm}}, annotations: {{{noted}}}}}\nspec: {{address: 10.2.0.1}}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: vm, namespace: default}}\nspec: {{hosts: [vm.example.com], location: MESH_INTERNAL, \
             resolution: STATIC, ports: [{{number: 80, name: http, protocol: HTTP}}], workloadSelector: {{labels: {{app: vm}}}}}}\n"
        )
    };
    let is_tunnelled = |noted: &str| {
        let cluster = cluster(&text(noted));
        let told = super::push(&cluster, "istio-system", "edge-1");
        let endpoints = told.endpoints.iter().find(|endpoints| endpoints.cluster_name.ends_with("|vm.example.com")).unwrap();
        let of_ztunnel = super::istiod::ztunnel_state(&cluster).workload("10.2.0.1").unwrap().protocol;
        (endpoints.endpoints[0].lb_endpoints[0].internal_address().is_some(), of_ztunnel == Protocol::Hbone)
    };
    assert_eq!(is_tunnelled("ambient.istio.io/redirection: enabled"), (true, true));
    assert_eq!(is_tunnelled("ambient.istio.io/redirection: pending"), (false, false));
}

#[test]
fn a_pod_with_a_sidecar_or_the_nodes_network_stays_out() {
    let sidecar = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, labels: {app: p}}\nspec: {containers: [{name: app, image: app}, {name: istio-proxy, image: p}]}\n\
                   status: {phase: Running, podIP: 10.1.7.1}\n";
    assert_eq!(taken_by(sidecar, "shop", "p"), None);
    assert_eq!(taken_by(&pod("p", "shop", "app: p", "hostNetwork: true,"), "shop", "p"), None);
}

#[test]
fn a_mesh_without_ambient_mode_is_told_nothing_of_it() {
    let plain = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {}}\n";
    let cluster = cluster(plain);
    assert!(!cluster.ambient.is_on());
    let told = super::push(&cluster, "default", "old-1");
    assert!(told.listeners.iter().all(|listener| listener.name != "connect_originate"));
    assert!(told.clusters.iter().all(|cluster| cluster.name != "connect_originate"));
}
