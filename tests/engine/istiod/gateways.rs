//! LDS and RDS of a gateway.

use super::{chains, gateway, listener, routes, virtual_host};

fn bound(server: &str, hosts: &str) -> String {
    format!(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: edge, namespace: shop}}\nspec:\n  selector: {{istio: ingressgateway}}\n  servers:\n{server}
---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: web, namespace: shop}}
spec:\n  hosts: {hosts}\n  gateways: [edge]\n  http: [{{name: web, route: [{{destination: {{host: web}}}}]}}]\n"
    )
}

#[test]
fn a_service_port_stands_for_the_port_of_the_pod_and_hosts_meet_at_the_narrower() {
    let config = gateway(&bound("  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*.example.com']}", "[shop.example.com, other.org]"));
    assert_eq!(chains(listener(&config, "0.0.0.0_8080"))[0].1, "routes http.8080");
    assert_eq!(routes(&config, "http.8080").virtual_hosts.len(), 1);
    let host = virtual_host(&config, "http.8080", "shop.example.com:80");
    assert_eq!((host.domains[0].as_str(), host.routes[0].name.as_str()), ("shop.example.com", "web"));
}

#[test]
fn a_server_without_a_virtual_service_answers_404_to_every_host() {
    let config = gateway(&bound("  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['other/*']}", "[shop.example.com]"));
    let host = virtual_host(&config, "http.8080", "blackhole:80");
    assert_eq!((host.domains[0].as_str(), host.routes.len()), ("*", 0));
}

#[test]
fn https_servers_have_routes_of_their_own_and_plain_ones_can_redirect() {
    let config = gateway(&bound(
        "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com], tls: {httpsRedirect: true}}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: a-cert}}",
        "[a.example.com]",
    ));
    assert_eq!(virtual_host(&config, "http.8080", "a.example.com:80").require_tls, "ALL");
    assert_eq!(chains(listener(&config, "0.0.0.0_8443")), [(vec!["a.example.com".to_owned()], "routes https.443.https.edge.shop".to_owned())]);
    assert_eq!(virtual_host(&config, "https.443.https.edge.shop", "a.example.com:443").routes[0].name, "web");
    assert_eq!(config.secrets, Some(std::collections::BTreeSet::new()), "nobody made the Secret");
}

#[test]
fn certificates_come_from_the_namespace_of_the_gateways_pod() {
    let server = "  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example.com], tls: {mode: MUTUAL, credentialName: a-cert}}";
    let secret = |namespace: &str| {
        let data = "{tls.crt: YQ==, tls.key: YQ==, ca.crt: YQ==}";
        format!("---\napiVersion: v1\nkind: Secret\nmetadata: {{name: a-cert, namespace: {namespace}}}\ntype: kubernetes.io/tls\ndata: {data}\n")
    };
    let here = gateway(&format!("{}{}", bound(server, "[a.example.com]"), secret("istio-system")));
    assert_eq!(here.secrets.unwrap().into_iter().collect::<Vec<_>>(), ["kubernetes://a-cert", "kubernetes://a-cert-cacert"]);
    let elsewhere = gateway(&format!("{}{}", bound(server, "[a.example.com]"), secret("shop")));
    assert!(elsewhere.secrets.unwrap().is_empty());
}

#[test]
fn of_two_protocols_on_a_port_the_older_gateway_has_it() {
    let config = gateway(&format!(
        "{}---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: late, namespace: shop, creationTimestamp: '2026-06-01T00:00:00Z'}}
spec: {{selector: {{istio: ingressgateway}}, servers: [{{port: {{number: 80, name: tcp, protocol: TCP}}, hosts: ['*']}}]}}\n",
        bound("  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}", "[a.example.com]")
    ));
    assert_eq!(chains(listener(&config, "0.0.0.0_8080")), [(vec![], "routes http.8080".to_owned())]);
}

#[test]
fn routes_of_several_virtual_services_of_a_host_follow_each_other() {
    let second = "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: zz-later, namespace: shop}
spec:\n  hosts: [a.example.com]\n  gateways: [shop/edge]\n  http: [{name: later, match: [{uri: {prefix: /later}}], route: [{destination: {host: cart}}]}]\n";
    let config = gateway(&format!("{}{second}", bound("  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}", "[a.example.com]")));
    let names: Vec<_> = virtual_host(&config, "http.8080", "a.example.com:80").routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!(names, ["later", "web"], "the one that takes all comes last");
}

/// `pilot/pkg/config/kube/ingress/conversion.go` of istio/istio at 1.26.4.
#[test]
fn an_ingress_of_istios_class_opens_the_ingress_gateway_with_the_longest_path_first() {
    let ingress = |annotations: &str, class: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: shop, annotations: {annotations}}}
spec:\n  {class}tls: [{{hosts: [a.example.com], secretName: a-cert}}]\n  rules:\n  - host: a.example.com\n    http:\n      paths:
      - {{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{name: http}}}}}}}}
      - {{path: /cart, pathType: Prefix, backend: {{service: {{name: cart, port: {{number: 80}}}}}}}}
      - {{path: /cart, pathType: Exact, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}\n"
        )
    };
    let config = gateway(&ingress("{kubernetes.io/ingress.class: istio}", ""));
    let host = virtual_host(&config, "http.8080", "a.example.com:80");
    let paths: Vec<_> = host.routes.iter().map(|route| (route.r#match.path.as_deref(), route.r#match.path_separated_prefix.as_deref())).collect();
    assert_eq!(paths, [(Some("/cart"), None), (None, Some("/cart")), (None, None)]);
    assert_eq!(host.routes[2].route.as_ref().unwrap().cluster.as_deref(), Some("outbound|80||web.shop.svc.cluster.local"));
    assert_eq!(*host.routes[1].origin.as_ref().unwrap().path, *"spec.rules[0].http.paths[1]");
    assert_eq!(listener(&config, "0.0.0.0_8443").filter_chains.len(), 1);
    assert!(gateway(&ingress("{}", "")).listeners.is_empty(), "an Ingress without a class is for others");
    let class = "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: istio}\nspec: {controller: istio.io/ingress-controller}\n";
    assert_eq!(gateway(&format!("{}{class}", ingress("{}", "ingressClassName: istio\n  "))).listeners.len(), 2);
}
