//! Kubernetes' own kinds, as far as the engine reads them: Service, Pod, workloads, Namespace, ConfigMap.

use super::{check, check_spec};

/// A Deployment whose pods carry `app: x` and have one container.
fn check_deployment(lines: &str) {
    check_spec(
        "apps/v1",
        "Deployment",
        &format!("{lines}  template:\n    metadata: {{labels: {{app: x}}}}\n    spec: {{containers: [{{name: a, image: b}}]}}\n"),
    );
}

fn check_container(lines: &str) {
    check_spec("v1", "Pod", &format!("  containers:\n  - name: app\n{lines}"));
}

#[test]
fn ports_of_services() {
    check_spec("v1", "Service", "  ports: [{port: 80}]\n");
    check_spec("v1", "Service", "# error: a Service needs at least one port\n  selector: {app: x}\n");
    check_spec("v1", "Service", "  clusterIP: None\n");
    check_spec("v1", "Service", "  ports:\n  - port: 80 # error: needs a name for each\n  - {name: grpc, port: 81}\n");
    check_spec("v1", "Service", "  ports:\n  - {name: http, port: 80}\n  - {name: http, port: 81} # error: is taken by item 0\n");
    check_spec("v1", "Service", "  ports:\n  - {name: http, port: 80}\n  - {name: web, port: 80} # error: is already item 0\n");
    check_spec("v1", "Service", "  ports:\n  - {name: dns, port: 53, protocol: UDP}\n  - {name: dns-tcp, port: 53, protocol: TCP}\n");
    check_spec("v1", "Service", "  ports:\n  - {name: http, port: 0} # error: is not a port\n  - {name: web, port: '81'} # error: remove the quotes\n");
    check_spec("v1", "Service", "  ports: [{port: 80, protocol: HTTP}] # error: is not one of TCP, UDP, SCTP\n");
    check_spec("v1", "Service", "  ports: [{port: 80, targetPorts: 8080}] # error: did you mean targetPort?\n");
    check_spec("v1", "Service", "  ports: [{port: 80, nodePort: 30080}] # error: set type: NodePort\n");
}

#[test]
fn services_that_stand_for_a_name() {
    check_spec("v1", "Service", "  type: ExternalName\n  externalName: shop.example.com\n");
    check_spec("v1", "Service", "# error: needs externalName\n  type: ExternalName\n");
    check_spec("v1", "Service", "  type: ExternalName\n  externalName: Shop.example.com # error: is not a host name\n");
}

#[test]
fn pods_and_their_containers() {
    check_container("    image: example/app:1\n    ports: [{containerPort: 8080}]\n");
    check_container("    image: a\n    imagePullPolicy: Sometimes # error: is not one of Always\n");
    check_container("    image: a\n    command: run # error: is a string, but a list is wanted\n");
    check_container("    image: a\n    env: [{name: A, value: 1}] # error: put it in quotes\n");
    check_container("    image: a\n    volumeMounts: [{name: data, mountPath: /data}] # error: there is no volume \"data\"\n");
    check_spec("v1", "Pod", "  containers: [{name: a, image: b}, {name: a, image: c}] # error: need different names\n");
    check_spec("v1", "Pod", "  container: [{name: a, image: b}] # error: did you mean containers?\n  containers: [{name: a, image: b}]\n");
    check_spec("v1", "Pod", "  containers: [{name: A_1, image: b}] # error: must be lower-case\n");
    check_spec("v1", "Pod", "  containers:\n  - name: app # error: image\n");
}

#[test]
fn a_workloads_selector_takes_its_own_pods() {
    check_deployment("  selector: {matchLabels: {app: x}}\n");
    check_deployment("  selector:\n    matchLabels:\n      app: z # error: do not have the label app: z\n");
    check_deployment("  selector: {} # error: an empty selector would take every pod\n");
    check_deployment("  selector: {matchExpressions: [{key: app, operator: In, values: [x]}]}\n");
    check_deployment("  selector: {matchExpressions: [{key: app, operator: NotIn, values: [x]}]} # error: does not take the template's own pods\n");
    check_deployment("  replicas: two # error: a whole number is wanted\n  selector: {matchLabels: {app: x}}\n");
}

#[test]
fn names_and_labels() {
    check("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {istio-injection: enabled}\n");
    check("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop.eu # error: is not the name of a Namespace\n");
    check("apiVersion: v1\nkind: Service\nmetadata:\n  name: 1st # error: is not the name of a Service\nspec: {ports: [{port: 80}]}\n");
    check("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Settings # error: is not an object's name\ndata: {a: b}\n");
    check("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels:\n    a b: c # error: is not a label's name\ndata: {a: b}\n");
    check("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels: {d: 'e f'} # error: is not a label's value\n");
    check("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  replicas: 3 # error: put it in quotes\n");
}
