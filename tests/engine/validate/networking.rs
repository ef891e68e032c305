//! Gateway, ServiceEntry, Sidecar, WorkloadEntry, WorkloadGroup, ProxyConfig.

use super::check_spec;

fn check(kind: &str, spec: &str) {
    let version = if kind == "ProxyConfig" { "networking.istio.io/v1beta1" } else { "networking.istio.io/v1" };
    check_spec(version, kind, spec);
}

/// One server with these lines beside its hosts.
fn check_server(lines: &str) {
    check("Gateway", &format!("  servers:\n  - hosts: ['*']\n{lines}"));
}

#[test]
fn gateways() {
    check_server("    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: SIMPLE, credentialName: cert}\n");
    check_server("    port: {number: 80, name: http, protocol: http}\n    tls: {httpsRedirect: true}\n");
    check("Gateway", "  servers:\n  - hosts: ['*'] # error: needs tls settings\n    port: {number: 443, name: https, protocol: HTTPS}\n");
    check_server("    port: {number: 80, name: http, protocol: HTTP}\n    tls: {mode: SIMPLE, credentialName: a} # error: takes httpsRedirect alone\n");
    check_server("    port: {number: 80, name: tcp, protocol: TCP}\n    tls: {} # error: has no tls\n");
    check_server("    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: SIMPLE} # error: needs serverCertificate & needs privateKey\n");
    check_server(
        "    port: {number: 443, name: https, protocol: HTTPS}\n    tls: {mode: PASSTHROUGH, credentialName: a, cipherSuites: [X, X]} # warning: credentialName is not used & that Istio passes on & that Istio passes on\n",
    );
    check_server("    port: {number: 443, name: tls, protocol: TLS}\n    tls: {mode: PASSTHROUGH, httpsRedirect: true} # warning: answers plain HTTP\n");
    check_server("    port: {number: 0, name: http, protocol: HTTPX, targetPort: 1} # error: is not a port & is no protocol & targetPort has no effect\n");
    check(
        "Gateway",
        "  servers:\n  - hosts: [short, 'a/b_.c', '*foo.com'] # error: is a short name & is not a host name & must be the whole first part\n    port: {number: 80, name: http, protocol: HTTP}\n  - hosts: ['./*']\n    port: {number: 81, name: http, protocol: HTTP} # error: is taken by server 0\n",
    );
    check("Gateway", "  servers: [] # error: at least one server\n  selector: {app: a}\n");
    check("Gateway", "# error: at least one server\n  selector: {app: a}\n");
}

#[test]
fn a_gateways_name_is_a_dns_label() {
    super::check(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: my.gateway} # error: without dots\nspec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}\n",
    );
}

#[test]
fn service_entries() {
    check("ServiceEntry", "  hosts: [api.example.com]\n  ports: [{number: 443, name: tls, protocol: TLS}]\n  resolution: DNS\n");
    check("ServiceEntry", "  hosts: ['*'] # error: cannot stand for every host\n");
    check("ServiceEntry", "  hosts: ['*.example.com'] # error: cannot be looked up in DNS\n  resolution: DNS\n");
    check("ServiceEntry", "  hosts: [a.com]\n  endpoints: [{address: 1.2.3.4}] # error: there can be no endpoints\n");
    check("ServiceEntry", "  hosts: [a.com]\n  addresses: [10.0.0.0/8] # error: go with resolution NONE or STATIC only\n  resolution: DNS\n");
    check(
        "ServiceEntry",
        "  hosts: [a.com, b.com] # error: several hosts share a port\n  ports: [{number: 9000, name: tcp, protocol: TCP}]\n  resolution: STATIC\n  endpoints: [{address: 1.2.3.4}]\n",
    );
    check(
        "ServiceEntry",
        "  hosts: [a.com]\n  ports:\n  - {number: 80, name: http, protocol: HTTP}\n  - {number: 80, name: http2, protocol: HTTPX} # error: is already item 0\n",
    );
    check("ServiceEntry", "  hosts: [a.com]\n  ports:\n  - {number: 9000, name: tcp, protocol: TCP} # warning: without addresses\n");
    check(
        "ServiceEntry",
        "  hosts: [a.com]\n  ports: [{number: 9000, name: tcp}]\n  resolution: STATIC\n  endpoints: [{address: a.com, ports: {http: 80}}] # error: is not an IP address & has no port \"http\"\n",
    );
    check(
        "ServiceEntry",
        "  hosts: [a.com]\n  resolution: static # error: did you mean STATIC?\n  workloadSelector: {labels: {a: b}}\n  endpoints: [] # error: only one of\n",
    );
    check("ServiceEntry", "  hosts: [a.com]\n  addresses: [\n    300.1.1.1] # error: is not an IP address\n  exportTo: ['~', a] # error: must stand alone\n");
}

#[test]
fn sidecars() {
    check("Sidecar", "  egress: [{hosts: ['./*', 'istio-system/*']}]\n");
    check("Sidecar", "  workloadSelector: {labels: {app: a}}\n  outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n");
    check("Sidecar", "# error: an empty Sidecar\n  workloadSelector: {labels: {app: a}}\n");
    check(
        "Sidecar",
        "  egress:\n  - hosts: [reviews] # error: must be the last & needs the form namespace/host\n  - port: {number: 80, protocol: HTTP, name: http}\n    hosts: ['./*']\n",
    );
    check("Sidecar", "  egress:\n  - hosts: ['*/*', 'a/b.com'] # warning: add nothing\n");
    check(
        "Sidecar",
        "  ingress:\n  - port: {number: 80, protocol: HTTP, name: http}\n    defaultEndpoint: 10.0.0.1:80 # error: is not this workload\n    tls: {mode: SIMPLE, privateKey: a, serverCertificate: b} # error: protocol HTTPS or TLS\n  - port: {number: 80, protocol: TCP, name: tcp} # error: has an ingress listener already\n    connectionPool: {http: {maxRetries: 1}} # warning: only the tcp settings count\n",
    );
    check("Sidecar", "  outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: 'a*b', port: {number: 80}}} # error: is not a host name\n");
    check("Sidecar", "  workloadSelector: {matchLabels: {app: a}} # error: this takes labels\n  egress: [{hosts: ['./*']}]\n");
}

#[test]
fn workloads() {
    check("WorkloadEntry", "  address: vm.example.com\n  ports: {http: 8080}\n");
    check("WorkloadEntry", "# warning: has no address\n  network: a\n");
    check("WorkloadEntry", "# error: an address is needed\n  weight: 1\n");
    check("WorkloadEntry", "  address: a.com\n  ports: {a_b: 80} # error: is not a port name\n");
    check("WorkloadEntry", "  address: 'unix://relative' # error: needs an absolute path\n");
    check("WorkloadGroup", "  template: {}\n  probe: {httpGet: {port: 80, httpHeaders: [{name: a}]}}\n");
    check("WorkloadGroup", "  template: {}\n  probe: {grpc: {port: 80}} # error: needs httpGet, tcpSocket or exec\n");
    check("ProxyConfig", "  concurrency: -1 # error: the least is 0\n");
}
