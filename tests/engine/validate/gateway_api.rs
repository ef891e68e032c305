//! The kinds of the Gateway API.

use super::check_spec;

fn check(kind: &str, spec: &str) {
    let version = match kind {
        "ReferenceGrant" => "v1beta1",
        "TLSRoute" | "TCPRoute" => "v1alpha2",
        _ => "v1",
    };
    check_spec(&format!("gateway.networking.k8s.io/{version}"), kind, spec);
}

#[test]
fn gateways() {
    check("Gateway", "  gatewayClassName: istio\n  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]\n");
    check(
        "Gateway",
        "# error: gatewayClassName must be set\n  listeners:\n  - name: a # error: protocol must be set\n    port: 70000 # error: is not a port\n",
    );
    check(
        "Gateway",
        "  gatewayClassName: istio\n  listeners:\n  - {name: a, port: 80, protocol: HTTP}\n  - {name: a, port: 81, protocol: HTTP} # error: has the same name\n",
    );
    check(
        "Gateway",
        "  gatewayClassName: istio\n  listeners:\n  - {name: a, port: 443, protocol: HTTPS, tls: {mode: Passthrough}} # error: terminates TLS\n  - {name: b, port: 80, protocol: HTTP, tls: {certificateRefs: [{name: c}]}} # error: has no tls\n  - {name: c, port: 80, protocol: HTTP} # error: has the port, protocol and hostname\n",
    );
    check("Gateway", "  gatewayClassName: istio\n  listeners: [{name: a, port: 443, protocol: HTTPS, tls: {}}] # error: a certificate is needed\n");
}

#[test]
fn http_routes() {
    check("HTTPRoute", "  parentRefs: [{name: web}]\n  rules: [{matches: [{path: {value: /a}}], backendRefs: [{name: a, port: 80, weight: 1}]}]\n");
    check(
        "HTTPRoute",
        "  rules:\n  - backendRefs: [{name: a}] # error: needs its port\n  - matches: [{path: {value: a}}] # error: must start with\n    filters: [{type: URLRewrite}] # error: needs urlRewrite\n",
    );
    check(
        "HTTPRoute",
        "  rules:\n  - matches: [{path: {type: Exact, value: /a}}] # error: exactly one match\n    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]\n",
    );
    check(
        "HTTPRoute",
        "  rules:\n  - filters: [{type: RequestRedirect, requestRedirect: {statusCode: 307}}] # error: is not one of 301, 302\n    backendRefs: [{name: a, port: 80}]\n    timeouts: {request: 10, backendRequest: 5s} # error: put it in quotes\n",
    );
    check(
        "HTTPRoute",
        "  parentRefs:\n  - {name: a}\n  - {name: a, kind: Gateway} # error: repeats item 0\n  rules: [{timeouts: {request: 1s, backendRequest: 2s}}] # error: cannot be longer\n",
    );
}

#[test]
fn other_routes_and_grants() {
    check("GRPCRoute", "  rules: [{matches: [{method: {service: a.B}}], backendRefs: [{name: a, port: 80}]}]\n");
    check("GRPCRoute", "  rules: [{matches: [{path: {value: /a}}]}] # error: unknown field \"path\"\n");
    check("TCPRoute", "  rules: [{backendRefs: []}] # error: needs at least one item\n");
    check(
        "ReferenceGrant",
        "  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute}] # error: namespace must be set\n  to: [{group: '', kind: Service}]\n",
    );
    check("TLSRoute", "  hostnames: [a.com]\n  rules: [{backendRefs: [{name: a, port: 443}]}]\n");
}
