//! IstioOperator: refused as an object, and judged as the file that `istioctl install -f` reads, as
//! `operator/pkg/apis/validation/validation.go` and `operator/pkg/render/manifest.go` of 1.26.4 judge it.

use super::{check, verdicts};
use meshwright::engine::diagnostic::Stage;

/// A file with this spec, whose marks count; that it is no object is expected.
fn file(spec: &str) {
    check(&format!("apiVersion: install.istio.io/v1alpha1 # error: is no object of the cluster\nkind: IstioOperator\nspec:\n{spec}"));
}

#[test]
fn a_file_that_istioctl_takes_is_refused_as_an_object_and_for_nothing_else() {
    file("  profile: demo\n");
    file(
        "  profile: default
  hub: registry.example.com:5000/istio
  tag: 1.26
  revision: canary
  compatibilityVersion: '1.25'
  meshConfig:
    accessLogFile: /dev/stdout
    enable_auto_mtls: true
    outboundTrafficPolicy: {mode: 0}
    defaultConfig: {concurrency: '2', proxyMetadata: {A: b}}
    extensionProviders: [{name: logs, envoyFileAccessLog: {path: /dev/stdout, logFormat: {labels: {a: '%PROTOCOL%'}}}}]
  components:
    base: {enabled: true}
    pilot:
      k8s:
        env: [{name: PILOT_TRACE_SAMPLING, value: '1'}]
        hpaSpec: {minReplicas: 2, maxReplicas: 4, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}
        podDisruptionBudget: {minAvailable: 1}
        resources: {requests: {cpu: 200m, memory: 512Mi}}
        overlays: [{kind: Deployment, name: istiod, patches: [{path: spec.paused, value: false}]}]
    egressGateways:
    - enabled: true
    ingressGateways:
    - name: ingress
      label: {app: edge}
      k8s: {service: {type: Sideways, ports: [{port: 80, targetPort: 8080, name: http2}, {port: 8443}, {port: 90, targetPort: named}]}}
  values:
    global: {proxy: {resources: {requests: {cpu: 50m}}}, istioNamespace: istio-system}
    gateways: {istio-ingressgateway: {autoscaleMax: 4}}
    istio_cni: {chained: true}
    ztunnel: {anything: goes}
  unvalidatedValues: {anything: goes}
",
    );
}

/// `DisallowUnknownFields` in `ParseAndValidateIstioOperator`; the fields are those of `operator/pkg/apis/types.go`.
#[test]
fn what_gos_decoder_does_not_know_is_refused() {
    file("  profil: demo # error: did you mean profile?\n");
    file("  addonComponents: {grafana: {enabled: true}} # error: unknown field\n");
    file("  components:\n    telemetry: {enabled: true} # error: this takes base, cni\n    base: {namespace: a} # error: unknown field\n");
    file("  components:\n    pilot:\n      replicaCount: 2 # error: under k8s\n      k8s:\n        resource: {} # error: did you mean resources?\n");
    file(
        "  components:\n    pilot:\n      k8s:\n        replicaCount: -1 # error: too small\n        resources: {requests: {cpu: much}} # error: not an amount\n",
    );
    file("  components:\n    ingressGateways: # error: a list is wanted\n      name: a\n");
    file(
        "  components:\n    pilot: {enabled: 'true'} # error: remove the quotes\n  hub: 5 # error: in quotes\n  compatibilityVersion: 1.25 # error: in quotes\n",
    );
    file("  components:\n    pilot: {Enabled: true} # warning: unknown field \"Enabled\", which has no effect; did you mean enabled?\n");
    check(
        "apiVersion: install.istio.io/v1alpha1 # error: is no object\nkind: IstioOperator\nmetadata: {names: a} # error: did you mean name?\nstatus: {} # error: this takes\n",
    );
}

/// `validateValues` asks `operator/pkg/apis/values_types.proto`, by a decoder that takes names in both spellings and numbers in quotes.
#[test]
fn values_are_those_of_istioctl_and_not_those_of_the_charts() {
    file("  values:\n    global:\n      proxy:\n        logLevl: debug # error: did you mean logLevel?\n        tracer: jaeger # error: not one of zipkin\n");
    file(
        "  values:\n    pilot:\n      autoscaleMin: '2'\n      traceSampling: high # error: a number is wanted\n      resources: {requests: {cpu: 1}} # error: in quotes\n",
    );
    file("  values: [] # error: a mapping is wanted\n");
    file(
        "  values:\n    global:\n      proxy:\n        includeIPRanges: '10.0.0.0/8,172.16.0.0/12'\n        excludeIPRanges: 10.0.0.1 # error: ranges such as\n        excludeInboundPorts: '80, 443' # error: no spaces between\n",
    );
}

/// `ApplyJSON` in `pkg/util/protomarshal` passes over unknown fields of MeshConfig; what cannot be decoded is refused, as is what
/// `ValidateMeshConfigProxyConfig` refuses.
#[test]
fn unknown_settings_of_the_mesh_have_no_effect_and_wrong_ones_are_refused() {
    file("  meshConfig:\n    accesLogFile: /dev/stdout # warning: which has no effect; did you mean accessLogFile?\n");
    file("  values:\n    meshConfig:\n      defaultConfig: {zipkinAddres: a} # warning: did you mean zipkinAddress?\n");
    file(
        "  meshConfig:\n    outboundTrafficPolicy:\n      mode: REGISTRY # error: not one of REGISTRY_ONLY\n    connectTimeout: soon # error: is not a duration\n",
    );
    file("  meshConfig:\n    defaultConfig: # error: discoveryAddress \"istiod\" is not a host with a port\n      discoveryAddress: istiod\n");
    file("  meshConfig: accessLogFile # error: a mapping is wanted\n");
    file(
        "  meshConfig:\n    connectTimeout: 2h # error: 1ms to 1h\n    protocol_detection_timeout: 1500us # error: whole milliseconds\n    proxyListenPort: 0 # error: not a port\n",
    );
    file("  meshConfig:\n    trustDomain: a_b # error: not a domain\n    trustDomainAliases: # error: \"\" is not a domain\n    - a.b.\n    - ''\n");
    file("  meshConfig: {meshMTLS: {ecdhCurves: [P-256]}} # error: tlsDefaults takes them\n");
}

/// `readProfile` in `operator/pkg/render/manifest.go`, `templates/zzz_profile.yaml` of the charts.
#[test]
fn profiles_and_versions_are_those_that_istio_brings_along() {
    file("  profile: defualt # error: did you mean default?\n");
    file("  profile: external # error: it has default, demo, minimal\n");
    file("  profile: external\n  installPackagePath: /tmp/istio\n");
    file("  values: {profile: minimal} # error: no profile of the charts\n");
    file("  compatibilityVersion: '1.20' # error: no compatibilityVersion\n");
}

/// `validateHub`, `validateTag`, `validateRevision`, `validateComponentNames`, `checkServicePorts` and `checkAutoScaleAndReplicaCount`.
#[test]
fn names_and_ports_have_their_rules() {
    file("  hub: docker.io/Istio # error: where images are\n  tag: 1.26:4 # error: a tag of an image\n  revision: 1.26 # error: in quotes\n");
    file("  revision: '1.26' # error: a label of DNS\n");
    file("  components:\n    egressGateways:\n    - name: Out # error: not the name of a gateway\n");
    let ports = "  components:\n    ingressGateways:\n    - name: in\n      k8s:\n        service:\n          ports:\n          - {port: 80} # error: is the targetPort too\n          - {port: 443, targetPort: 443} # error: needs root\n";
    file(ports);
    file(&(ports.split(" # error").next().unwrap_or_default().to_owned() + "\n  values: {gateways: {istio-ingressgateway: {runAsRoot: true}}}\n"));
    file("  components:\n    pilot: {k8s: {replicaCount: 2}} # warning: the autoscaler decides\n  values: {pilot: {autoscaleEnabled: true}}\n");
}

/// `AllComponents` in `operator/pkg/component/component.go` has none of that name.
#[test]
fn a_component_that_is_gone_has_no_effect() {
    file("  components:\n    istiodRemote: {enabled: true} # warning: use profile: remote\n");
}

#[test]
fn a_file_needs_no_name_and_its_other_faults_are_of_the_schema() {
    let all = verdicts("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {profil: demo}\n");
    assert!(!all[0].is_accepted());
    assert_eq!(
        all[0].diagnostics.iter().map(|d| (d.stage, d.path.as_str())).collect::<Vec<_>>(),
        [(Stage::Kind, "apiVersion"), (Stage::Schema, "spec.profil")]
    );
    let other = verdicts("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperators\nmetadata: {name: a}\nspec: {profil: demo}\n");
    assert_eq!(other[0].diagnostics.len(), 1, "of what is no IstioOperator nothing more is said");
}
