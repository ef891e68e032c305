//! The Gateway API as istiod reads it (`pilot/pkg/config/kube/gateway/conversion.go`, `route_collections.go` and
//! `gateway_collection.go` of istio/istio at 1.26.4).

use meshwright::engine::xds::{Note, Route, VirtualHost};

use super::{chains, cluster, gateway, listener, push, routes, sidecar, virtual_host};

const API: &str = "apiVersion: gateway.networking.k8s.io/v1";

fn route(name: &str, namespace: &str, spec: &str) -> String {
    format!("{API}\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n{spec}---\n")
}

/// A route whose parent is the Service `web`, by the lines of its rules.
fn of_web(rules: &str) -> VirtualHost {
    let config = sidecar(&route("r", "shop", &format!("  parentRefs: [{{group: '', kind: Service, name: web}}]\n  rules:\n{rules}")));
    virtual_host(&config, "80", "web.shop.svc.cluster.local:80").clone()
}

fn path(route: &Route) -> String {
    let matching = &route.r#match;
    let parts = [&matching.path, &matching.path_separated_prefix, &matching.prefix];
    parts.into_iter().flatten().cloned().chain(matching.safe_regex.iter().map(|regex| regex.regex.clone())).collect()
}

#[test]
fn the_most_specific_match_goes_first_and_each_has_a_route() {
    let host = of_web(
        "  - {matches: [{path: {value: /api/}}, {path: {type: Exact, value: /a}}], backendRefs: [{name: web, port: 80}]}
  - {matches: [{path: {value: /api}, method: GET}, {path: {type: RegularExpression, value: '/.*'}}], backendRefs: [{name: web, port: 80}]}
  - {backendRefs: [{name: web, port: 80}]}\n",
    );
    let found: Vec<(String, &str)> = host.routes.iter().map(|route| (path(route), route.name.as_str())).collect();
    let wanted = [("/a", "shop.r.0"), ("/api", "shop.r.1"), ("/api", "shop.r.0"), ("/", "shop.r.2")];
    assert_eq!(found, wanted.map(|(path, name)| (path.to_owned(), name)), "what stands behind a route that takes all is left out");
    assert_eq!(host.routes[2].origin.as_ref().map(|origin| (&*origin.resource, &*origin.path)), Some(("HTTPRoute/shop/r", "spec.rules[0].matches[0]")));
}

#[test]
fn filters_change_requests_as_the_api_says() {
    let host = of_web(
        "  - {matches: [{path: {value: /gone}}], filters: [{type: RequestRedirect, requestRedirect: {hostname: a.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]}
  - {matches: [{path: {value: /cut}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}], backendRefs: [{name: web, port: 80}]}
  - {matches: [{path: {value: /b}}], filters: [{type: RequestMirror, requestMirror: {backendRef: {name: cart, port: 80}, percent: 5}}, {type: RequestMirror, requestMirror: {backendRef: {name: nobody, port: 80}}}], backendRefs: [{name: web, port: 80}]}\n",
    );
    let of = |wanted: &str| host.routes.iter().find(|route| path(route) == wanted).unwrap();
    let redirect = of("/gone").redirect.as_ref().unwrap();
    assert_eq!((redirect.host_redirect.as_str(), redirect.prefix_rewrite.as_deref(), redirect.response_code.as_str()), ("a.com", Some("/new"), "FOUND"));
    let rewrite = of("/cut").route.as_ref().unwrap().regex_rewrite.as_ref().unwrap();
    assert_eq!((rewrite.pattern.regex.as_str(), rewrite.substitution.as_str()), ("^/cut(/?)(.*)", r"/\2"));
    assert_eq!(of("/b").route.as_ref().unwrap().request_mirror_policies.len(), 1, "a mirror that is not there is left out");
}

#[test]
fn without_a_backend_that_has_a_share_or_is_there_the_answer_is_500() {
    let host = of_web(
        "  - {matches: [{path: {value: /dark}}], backendRefs: [{name: web, port: 80, weight: 0}]}
  - {matches: [{path: {value: /lost}}], backendRefs: [{name: nobody, port: 80}]}\n",
    );
    assert_eq!(host.routes[0].direct_response.as_ref().unwrap().status, 500);
    let action = host.routes[1].route.as_ref().unwrap();
    assert_eq!(action.cluster_not_found_response_code, "INTERNAL_SERVER_ERROR");
    assert_eq!(action.cluster.as_deref(), Some("outbound|80||nobody.shop.svc.cluster.local"));
}

#[test]
fn the_time_of_one_try_is_that_of_all_where_nothing_is_tried_again() {
    let host = of_web(
        "  - {matches: [{path: {value: /aaa}}], timeouts: {request: 3s, backendRequest: 500ms}, backendRefs: [{name: web, port: 80}]}
  - {matches: [{path: {value: /bb}}], timeouts: {request: 0s}, backendRefs: [{name: web, port: 80}]}\n",
    );
    let timeout = |at: usize| host.routes[at].route.as_ref().unwrap().timeout.unwrap().to_string();
    assert_eq!((timeout(0), timeout(1)), ("0.500s".to_owned(), "0s".to_owned()));
}

#[test]
fn a_route_of_the_mesh_is_for_its_services_clients_or_for_the_clients_of_its_namespace() {
    let rules = "  rules: [{backendRefs: [{name: web, port: 80}]}]\n";
    let parents = "  parentRefs: [{group: '', kind: Service, name: web, namespace: shop}]\n";
    let both = cluster(&format!("{}{}", route("producer", "shop", &format!("{parents}{rules}")), route("consumer", "other", &format!("{parents}{rules}"))));
    let name = |namespace: &str, pod: &str| virtual_host(&push(&both, namespace, pod), "80", "web.shop.svc.cluster.local:80").routes[0].name.clone();
    assert_eq!(name("shop", "cart-1"), "shop.producer.0");
    assert_eq!(name("shop", "web-1"), "shop.producer.0");
}

/// A Gateway on the ingress gateway's Service.
fn edge(listeners: &str) -> String {
    let spec = "gatewayClassName: istio, addresses: [{type: Hostname, value: edge}]";
    format!("{API}\nkind: Gateway\nmetadata: {{name: gw, namespace: istio-system}}\nspec: {{{spec}, listeners: {listeners}}}\n---\n")
}

#[test]
fn listeners_take_the_routes_of_allowed_namespaces_and_the_more_exact_one_has_the_host() {
    let listeners = "[{name: any, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}, {name: one, port: 80, protocol: HTTP, hostname: a.example.com, allowedRoutes: {namespaces: {from: All}}}, {name: own, port: 443, protocol: HTTP}]";
    let rules = "  rules: [{backendRefs: [{name: web, port: 80}]}]\n";
    let config = gateway(&format!(
        "{}{}",
        edge(listeners),
        route("r", "shop", &format!("  parentRefs: [{{name: gw, namespace: istio-system}}]\n  hostnames: [a.example.com, b.example.com]\n{rules}"))
    ));
    assert_eq!(chains(listener(&config, "0.0.0.0_8080"))[0].1, "routes http.8080");
    let names: Vec<&str> = routes(&config, "http.8080").virtual_hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["a.example.com:80", "b.example.com:80"]);
    let of = |host: &str| {
        let notes = &virtual_host(&config, "http.8080", host).routes[0].metadata.as_ref().unwrap().filter_metadata;
        notes.get("istio").and_then(|notes| notes.get("config")).and_then(Note::as_str).unwrap().to_owned()
    };
    assert!(of("a.example.com:80").contains("gateway-one~a.example.com") && of("b.example.com:80").contains("gateway-any~b.example.com"));
    assert_eq!(virtual_host(&config, "http.8443", "blackhole:443").routes.len(), 0, "only routes beside the Gateway may come in by default");
}

#[test]
fn namespaces_are_selected_by_their_names_where_no_text_has_them() {
    let hosts = |selector: &str| {
        let listeners = format!("[{{name: any, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {{from: Selector, selector: {selector}}}}}}}]");
        let spec = "  parentRefs: [{name: gw, namespace: istio-system}]\n  rules: [{backendRefs: [{name: web, port: 80}]}]\n";
        let config = gateway(&format!("{}{}", edge(&listeners), route("r", "shop", spec)));
        routes(&config, "http.8080").virtual_hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(hosts("{matchLabels: {kubernetes.io/metadata.name: shop}}"), ["*:80"]);
    assert_eq!(hosts("{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [other, shop]}]}"), ["*:80"]);
    assert_eq!(hosts("{matchLabels: {kubernetes.io/metadata.name: other}}"), ["blackhole:80"]);
}

#[test]
fn backends_in_other_namespaces_need_a_grant_at_a_gateway_and_none_in_the_mesh() {
    let spec = "  parentRefs: [{name: gw, namespace: istio-system}, {group: '', kind: Service, name: cart}]\n  rules: [{backendRefs: [{name: web, namespace: other, port: 80}]}]\n";
    let grant = "apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: g, namespace: other}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: '', kind: Service, name: web}]}\n";
    let listeners = "[{name: any, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]";
    let refused = format!("{}{}", edge(listeners), route("r", "shop", spec));
    let backend = |host: &VirtualHost| host.routes[0].route.as_ref().unwrap().cluster.clone().unwrap();
    assert_eq!(backend(virtual_host(&gateway(&refused), "http.8080", "*:80")), "UnknownService");
    assert_eq!(backend(virtual_host(&gateway(&format!("{refused}{grant}")), "http.8080", "*:80")), "outbound|80||web.other.svc.cluster.local");
    assert_eq!(backend(virtual_host(&sidecar(&refused), "80", "cart.shop.svc.cluster.local:80")), "outbound|80||web.other.svc.cluster.local");
}

#[test]
fn grpc_routes_match_calls_by_their_paths_where_the_installed_api_is_new_enough() {
    let spec = "{parentRefs: [{group: '', kind: Service, name: web}], rules: [{matches: [{method: {service: a.B}}, {method: {service: a.B, method: C}}], backendRefs: [{name: cart, port: 80}]}]}";
    let grpc = format!("{API}\nkind: GRPCRoute\nmetadata: {{name: g, namespace: shop}}\nspec: {spec}\n---\n");
    let crd = |version: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: grpcroutes.gateway.networking.k8s.io, annotations: {{gateway.networking.k8s.io/bundle-version: {version}}}}}\nspec: {{group: gateway.networking.k8s.io, names: {{kind: GRPCRoute, plural: grpcroutes}}}}\n"
        )
    };
    let paths = |config: &str| virtual_host(&sidecar(config), "80", "web.shop.svc.cluster.local:80").routes.iter().map(path).collect::<Vec<_>>();
    assert_eq!(paths(&format!("{grpc}{}", crd("v1.3.0"))), ["/a.B/C", "/a.B"]);
    assert_eq!(paths(&format!("{grpc}{}", crd("v1.0.0"))), ["/"]);
    assert_eq!(paths(&grpc), ["/"]);
}
