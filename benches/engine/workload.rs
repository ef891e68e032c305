//! What is checked: Bookinfo with twenty resources, and clusters of any size, the same ones every time.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A text and where it stands.
pub struct Source {
    pub name: &'static str,
    pub path: PathBuf,
    pub text: String,
}

/// The conformance corpus' world where there is one, else the course's.
pub fn bookinfo() -> Source {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = env::var_os("MESHWRIGHT_CONFORMANCE").map_or_else(|| package.join("../shared/conformance"), PathBuf::from);
    let world = corpus.join("world/bookinfo.yaml");
    if world.is_file() { source("the conformance corpus' world", world) } else { source("the course's world", package.join("content/worlds/bookinfo.yaml")) }
}

pub fn twenty() -> Source {
    source("twenty", Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/engine/twenty.yaml"))
}

fn source(name: &'static str, path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).unwrap();
    Source { name, path, text }
}

/// A folder with `count` resources, one a file, in folders of a thousand.
pub fn folder(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (at, document) in documents(Cluster::of(count), APPLICATION).iter().enumerate() {
        let below = folder.path().join(format!("part-{}", at / 1000));
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join(format!("{at:05}.yaml")), document).unwrap();
    }
    folder
}

/// The same resources as one file, beside that folder's own files under a name that a walk through the folder passes over.
pub fn file(folder: &TempDir, count: usize) -> PathBuf {
    let path = folder.path().join("all.txt");
    fs::write(&path, resources(0, count)).unwrap();
    path
}

/// `count` resources as one text; the first of its applications has the number `first`.
pub fn resources(first: usize, count: usize) -> String {
    documents(Cluster { first, ..Cluster::of(count) }, APPLICATION).join("---\n")
}

/// `count` applications as one text, every one in every sidecar's sight; `app-0-v1.team-0` is a pod.
pub fn applications(count: usize) -> String {
    let seen_by_all: Vec<&str> = APPLICATION.iter().copied().filter(|object| !object.contains("kind: Sidecar")).collect();
    let namespaces = 50;
    let resources = namespaces + GATEWAY.len() + count * seen_by_all.len();
    documents(Cluster { first: 0, resources, namespaces }, &seen_by_all).join("---\n")
}

struct Cluster {
    /// The number of the first application.
    first: usize,
    resources: usize,
    namespaces: usize,
}

impl Cluster {
    /// One of that many resources, every twentieth a namespace: the mix is the same, whatever the size.
    fn of(resources: usize) -> Self {
        Self { first: 0, resources, namespaces: resources / 20 }
    }
}

/// Applications, each with its Service, Pods, routes and policies, behind one ingress gateway.
fn documents(Cluster { first, resources, namespaces }: Cluster, application: &[&str]) -> Vec<String> {
    let mut out: Vec<String> =
        (0..namespaces).map(|at| format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-{at}\n  labels: {{istio-injection: enabled}}\n")).collect();
    out.extend(GATEWAY.map(str::to_owned));
    for number in first.. {
        for template in application {
            if out.len() == resources {
                return out;
            }
            let mut text = template.replace("NAMESPACE", &format!("team-{}", number % namespaces)).replace("NAME", &format!("app-{number}"));
            text = text.replace("ADDRESS", &format!("10.{}.{}", number / 250 + 1, number % 250 + 1));
            out.push(text);
        }
    }
    out
}

/// The ingress gateway's pod and Service.
const GATEWAY: [&str; 2] = [
    "apiVersion: v1
kind: Pod
metadata:
  name: istio-ingressgateway
  namespace: istio-system
  labels: {istio: ingressgateway, app: istio-ingressgateway}
spec:
  containers:
  - {name: istio-proxy, image: 'docker.io/istio/proxyv2:1.26.4'}
",
    "apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
spec:
  selector: {istio: ingressgateway}
  ports:
  - {name: http2, port: 80, targetPort: 8080}
",
];

/// One application's objects.
const APPLICATION: &[&str] = &[
    "apiVersion: v1
kind: Service
metadata:
  name: NAME
  namespace: NAMESPACE
  labels: {app: NAME}
spec:
  clusterIP: ADDRESS.1
  selector: {app: NAME}
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: tcp-admin, port: 9000}
",
    "apiVersion: v1
kind: Pod
metadata:
  name: NAME-v1
  namespace: NAMESPACE
  labels: {app: NAME, version: v1}
spec:
  serviceAccountName: NAME
  containers:
  - {name: app, image: 'example/app:1.0', ports: [{containerPort: 8080}]}
  - {name: istio-proxy, image: 'docker.io/istio/proxyv2:1.26.4'}
status:
  podIP: ADDRESS.2
",
    "apiVersion: v1
kind: Pod
metadata:
  name: NAME-v2
  namespace: NAMESPACE
  labels: {app: NAME, version: v2}
spec:
  serviceAccountName: NAME
  containers:
  - {name: app, image: 'example/app:2.0', ports: [{containerPort: 8080}]}
  - {name: istio-proxy, image: 'docker.io/istio/proxyv2:1.26.4'}
status:
  podIP: ADDRESS.3
",
    "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  host: NAME
  trafficPolicy:
    connectionPool:
      http:
        http2MaxRequests: 100
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 10s
  subsets:
  - name: v1
    labels: {version: v1}
  - name: v2
    labels: {version: v2}
",
    "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  hosts: [NAME]
  http:
  - match:
    - headers:
        x-version:
          exact: v2
    - uri:
        regex: '/v2/(one|two)/.*'
    route:
    - destination: {host: NAME, subset: v2}
    timeout: 3s
  - route:
    - destination: {host: NAME, subset: v1}
      weight: 90
    - destination: {host: NAME, subset: v2}
      weight: 10
    retries: {attempts: 2, perTryTimeout: 1s, retryOn: '5xx'}
",
    "apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: [NAME.example.com]
",
    "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: NAME-outside
  namespace: NAMESPACE
spec:
  hosts: [NAME.example.com]
  gateways: [NAME]
  http:
  - match:
    - uri: {prefix: /api/}
    rewrite: {uri: /}
    route:
    - destination:
        host: NAME.NAMESPACE.svc.cluster.local
        port: {number: 80}
",
    "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  selector:
    matchLabels: {app: NAME}
  rules:
  - from:
    - source:
        principals: [cluster.local/ns/istio-system/sa/default]
    to:
    - operation:
        methods: [GET, POST]
        paths: [/api/*]
",
    "apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  hosts: [NAME.partner.example]
  location: MESH_EXTERNAL
  ports:
  - {number: 443, name: tls, protocol: TLS}
  resolution: DNS
  exportTo: ['.']
",
    "apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: NAME
  namespace: NAMESPACE
spec:
  workloadSelector:
    labels: {app: NAME}
  egress:
  - hosts: ['./*', 'istio-system/*']
",
];
