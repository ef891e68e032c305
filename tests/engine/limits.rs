//! What is accepted and left out is said where it stands: what the engine does not compute, and what istiod passes over as it is installed.

use meshwright::engine::{cluster::MeshConfig, diagnostic::Stage, manifest, mesh::Scene, source::SourceFile};

fn scene(text: &str) -> Scene {
    let scene = Scene::new(&manifest::read(&SourceFile::new("none", "")), "input", text);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene
}

/// Path and words of each note.
fn notes(text: &str) -> Vec<(String, String)> {
    let scene = scene(text);
    scene.findings().iter().filter(|note| note.stage == Stage::Simulation).map(|note| (note.path.clone(), note.message.clone())).collect()
}

#[track_caller]
fn says(text: &str, wanted: &[(&str, &str)]) {
    let said = notes(text);
    assert_eq!(said.len(), wanted.len(), "{said:#?}");
    for ((path, words), (wanted_path, wanted_words)) in said.iter().zip(wanted) {
        assert!(path == wanted_path && words.contains(wanted_words), "{path}: {words}");
    }
}

fn telemetry(spec: &str) -> String {
    format!("apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{name: t, namespace: shop}}\nspec: {spec}\n")
}

#[test]
fn of_a_telemetry_metrics_and_traces_are_left_out_and_access_logs_are_not() {
    says(&telemetry("{accessLogging: [{providers: [{name: envoy}]}]}"), &[]);
    says(
        &telemetry("{metrics: [{providers: [{name: prometheus}]}], tracing: [{randomSamplingPercentage: 5}]}"),
        &[("spec.metrics", "only accessLogging"), ("spec.tracing", "only accessLogging")],
    );
}

/// `fetchProvider` and `telemetryAccessLog` in `pilot/pkg/model/`.
#[test]
fn a_provider_that_gets_no_access_logs_is_named() {
    says(
        &telemetry("{accessLogging: [{}, {providers: [{name: envoy}, {name: otel}, {name: prometheus}]}]}"),
        &[
            ("spec.accessLogging[1].providers[1].name", "MeshConfig has no extensionProvider called \"otel\""),
            ("spec.accessLogging[1].providers[2].name", "\"prometheus\" writes no access logs"),
        ],
    );
}

fn pod(address: &str, network: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: at-{address}, labels: {{topology.istio.io/network: {network}}}}}
spec: {{containers: [{{name: a, image: a}}]}}\nstatus: {{podIP: {address}}}\n"
    )
}

#[test]
fn several_networks_are_not_told_apart() {
    says(&(pod("10.1.9.1", "one") + &pod("10.1.9.2", "one")), &[]);
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e}
spec: {hosts: [e.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 198.51.100.1}, {address: 198.51.100.2, network: two}]}
---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: w}\nspec: {address: 198.51.100.3, network: three}\n";
    says(
        &(pod("10.1.9.1", "one") + entry),
        &[
            ("metadata.labels[topology.istio.io/network]", "the network one apart from others"),
            ("spec.endpoints[1].network", "the network two"),
            ("spec.network", "the network three"),
        ],
    );
}

#[test]
fn settings_of_istiod_that_would_change_the_answer_are_named() {
    let istiod = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: istiod, namespace: istio-system}
spec: {selector: {matchLabels: {app: istiod}}, template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, image: pilot,
  env: [{name: REVISION, value: default}, {name: PILOT_AUTO_ALLOW_WAYPOINT_POLICY, value: 'true'}]}]}}}\n";
    says(istiod, &[("spec.template.spec.containers[0].env[1].name", "PILOT_AUTO_ALLOW_WAYPOINT_POLICY; istiod is taken as it is by default")]);
}

/// `pilot/pkg/networking/core/listener_inbound.go` looks at the field only where `ENABLE_TLS_ON_SIDECAR_INGRESS` is on.
#[test]
fn tls_of_a_sidecars_listener_is_passed_over() {
    let sidecar = "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: shop}
spec:
  workloadSelector: {labels: {app: till}}
  ingress:
  - {port: {number: 9080, name: http, protocol: HTTP}, defaultEndpoint: '127.0.0.1:8080'}
  - {port: {number: 9443, name: https, protocol: HTTPS}, defaultEndpoint: '127.0.0.1:8080', tls: {mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem}}\n";
    says(sidecar, &[("spec.ingress[1].tls", "ENABLE_TLS_ON_SIDECAR_INGRESS=true, which is off by default")]);
}

/// `GetTrafficDistribution` in `pilot/pkg/serviceregistry/kube/conversion.go`: what Kubernetes knows beside it means nothing to istiod.
#[test]
fn of_the_ways_to_distribute_traffic_all_but_the_near_are_passed_over() {
    let service = |annotations: &str, more: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a, namespace: shop, annotations: {{{annotations}}}}}
spec: {{selector: {{app: a}}, ports: [{{name: http, port: 80}}], {more}}}\n"
        )
    };
    let annotation = "networking.istio.io/traffic-distribution";
    let at = format!("metadata.annotations[{annotation}]");
    let other = "passed over by istiod: Service/shop/a; of all ways to distribute traffic it knows PreferClose alone";
    says(&service("", "internalTrafficPolicy: Cluster, trafficDistribution: PreferClose"), &[]);
    says(&service(&format!("{annotation}: preferclose"), ""), &[]);
    says(&service(&format!("{annotation}: any"), ""), &[]);
    says(&service(&format!("{annotation}: PreferSameNode"), "trafficDistribution: PreferSameZone"), &[(&at, other), ("spec.trafficDistribution", other)]);
}

#[test]
fn without_nodes_nobody_knows_who_is_on_the_callers() {
    let text = |node: &str, policy: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{selector: {{app: a}}, ports: [{{name: http, port: 80}}], internalTrafficPolicy: {policy}}}
---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a-1, labels: {{app: a}}}}\nspec: {{{node}containers: [{{name: a, image: a}}]}}\nstatus: {{podIP: 10.1.9.1}}\n"
        )
    };
    says(&text("", "Local"), &[("spec.internalTrafficPolicy", "count as on one node")]);
    says(&text("nodeName: n1, ", "Local"), &[]);
    says(&text("", "Cluster"), &[]);
}

const EDGE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: edge-istio, namespace: shop}
spec: {clusterIP: 10.96.9.1, selector: {gateway.networking.k8s.io/gateway-name: edge}, ports: [{name: http, port: 80}, {name: tls, port: 443}, {name: tcp, port: 7000}]}
---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}, {name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}, {name: tcp, port: 7000, protocol: TCP}]}\n";

/// `NewController` in `pilot/pkg/config/kube/gateway/controller.go` watches neither kind, and `listenerProtocolToIstio` in
/// `conversion.go` takes neither protocol, unless `PILOT_ENABLE_ALPHA_GATEWAY_API` is on, which it is not
/// (`pilot/pkg/features/experimental.go`).
#[test]
fn tls_routes_and_tcp_routes_are_passed_over_with_their_listeners() {
    let route = |kind: &str, more: &str| {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1alpha2\nkind: {kind}\nmetadata: {{name: r, namespace: shop}}
spec: {{parentRefs: [{{name: edge}}], {more}rules: [{{backendRefs: [{{name: edge-istio, port: 7000}}]}}]}}\n"
        )
    };
    let text = EDGE.to_owned() + &route("TLSRoute", "hostnames: [a.example.com], ") + &route("TCPRoute", "");
    let off = "PILOT_ENABLE_ALPHA_GATEWAY_API=true, which is off by default";
    says(&text, &[("spec.listeners[1].protocol", off), ("spec.listeners[2].protocol", off), ("", off), ("", off)]);
    let cluster = scene(&text).cluster;
    let names: Vec<&str> = cluster.gateways.iter().map(|gateway| gateway.name.as_str()).collect();
    assert_eq!(names, ["edge-istio-autogenerated-k8s-gateway-http"]);
    assert_eq!(cluster.virtual_services.iter().count(), 0);
}

fn mesh(settings: &str) -> String {
    let settings = settings.trim_end().replace('\n', "\n    ");
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata:\n  mesh: |\n    {settings}\n")
}

/// The mesh's settings are where istiod looks for them.
#[test]
fn the_config_map_of_the_mesh_holds_its_settings() {
    let text = mesh("accessLogFile: /dev/stdout\noutboundTrafficPolicy: {mode: REGISTRY_ONLY}\nenablePrometheusMerge: true\n");
    says(&text, &[]);
    let settings = scene(&text).cluster.mesh_config;
    assert_eq!((settings.access_log_file.as_str(), settings.is_registry_only()), ("/dev/stdout", true));
    says(&mesh("proxyHttpPort: 15080\nrootNamespace: istio-config\n"), &[("data.mesh", "proxyHttpPort of MeshConfig")]);
    for broken in ["outboundTrafficPolicy: [\n", "outboundTrafficPolicy: 7\n", "a: 1\n---\nb: 2\n"] {
        says(&mesh(broken), &[("data.mesh", "MeshConfig cannot be read, so the mesh has Istio's defaults")]);
    }
    let elsewhere = text.replace("istio-system", "default");
    assert!(scene(&elsewhere).cluster.mesh_config.access_log_file.is_empty());
    let world = manifest::read(&SourceFile::new("mesh", text.as_str()));
    let given = MeshConfig { access_log_file: "/dev/stderr".into(), ..MeshConfig::default() };
    assert_eq!(Scene::of([&world], given).cluster.mesh_config.access_log_file, "/dev/stderr", "what is given goes before it");
}
