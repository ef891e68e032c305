//! RDS of a sidecar.

use super::{cluster_with, push, routes, sidecar, virtual_host};

const CART: &str = "cart.shop.svc.cluster.local";

fn virtual_service(http: &str) -> String {
    format!("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: cart, namespace: shop}}\nspec:\n  hosts: [cart]\n  http:\n{http}")
}

#[test]
fn a_service_answers_to_all_of_its_names_and_short_ones_only_at_home() {
    let config = sidecar("");
    assert_eq!(virtual_host(&config, "80", "cart.shop.svc.cluster.local:80").domains, [CART, "cart", "cart.shop.svc", "cart.shop", "10.96.0.2"]);
    assert_eq!(
        virtual_host(&config, "80", "web.other.svc.cluster.local:80").domains,
        ["web.other.svc.cluster.local", "web.other", "web.other.svc", "10.96.0.3"]
    );
    assert_eq!(routes(&config, "80").virtual_hosts.last().unwrap().name, "allow_any");
}

#[test]
fn unknown_hosts_are_refused_where_only_the_registry_counts() {
    let mesh_config = serde_json::from_value(serde_json::json!({"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}})).unwrap();
    let config = push(&cluster_with("", mesh_config), "shop", "web-1");
    let last = routes(&config, "80").virtual_hosts.last().unwrap();
    assert_eq!((last.name.as_str(), last.routes[0].direct_response.as_ref().unwrap().status), ("block_all", 502));
}

#[test]
fn each_match_is_a_route_and_nothing_follows_one_that_takes_all() {
    let config = sidecar(&virtual_service(
        "  - name: a\n    match: [{uri: {exact: /a}, name: one}, {headers: {x-b: {}}}]\n    route: [{destination: {host: cart}}]
  - match: [{uri: {prefix: /}}]\n    route: [{destination: {host: cart}}]
  - name: never\n    route: [{destination: {host: cart}}]\n",
    ));
    let host = virtual_host(&config, "80", "cart.shop.svc.cluster.local:80");
    assert_eq!(host.routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>(), ["a.one", "a", ""]);
    assert_eq!(host.routes[1].r#match.headers[0].present_match, Some(true));
    assert_eq!(host.routes[0].decorator.as_ref().unwrap().operation, "cart.shop.svc.cluster.local:80/a");
}

#[test]
fn weights_stay_and_destinations_without_weight_go() {
    let config = sidecar(&virtual_service(
        "  - route:\n    - {destination: {host: cart, subset: v1}, weight: 90}\n    - {destination: {host: web}, weight: 0}\n    - {destination: {host: web.other.svc.cluster.local}, weight: 20}\n",
    ));
    let action = virtual_host(&config, "80", "cart.shop.svc.cluster.local:80").routes[0].route.as_ref().unwrap();
    let weighted: Vec<_> = action.weighted_clusters.as_ref().unwrap().clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.weight.unwrap())).collect();
    assert_eq!(weighted, [("outbound|80|v1|cart.shop.svc.cluster.local", 90), ("outbound|80||web.other.svc.cluster.local", 20)]);
}

#[test]
fn retries_keep_their_conditions_and_move_status_codes_to_a_list() {
    let config = sidecar(&virtual_service(
        "  - match: [{uri: {prefix: /tuned}}]\n    retries: {attempts: 3, perTryTimeout: 2s, retryOn: '503,reset'}\n    route: [{destination: {host: cart}}]
  - match: [{uri: {prefix: /off}}]\n    retries: {attempts: 0}\n    route: [{destination: {host: cart}}]\n  - route: [{destination: {host: cart}}]\n",
    ));
    let policies: Vec<_> =
        virtual_host(&config, "80", "cart.shop.svc.cluster.local:80").routes.iter().map(|route| route.route.as_ref().unwrap().retry_policy.clone()).collect();
    let tuned = policies[0].as_ref().unwrap();
    assert_eq!((tuned.retry_on.as_ref(), tuned.retriable_status_codes.as_slice(), tuned.num_retries), ("reset,retriable-status-codes", &[503][..], Some(3)));
    assert_eq!(policies[1], None);
    let default = policies[2].as_ref().unwrap();
    assert_eq!((default.retry_on.as_ref(), default.num_retries), ("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", Some(2)));
}

#[test]
fn a_delegate_narrows_its_root_and_a_missing_one_drops_one_rule() {
    let delegate = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: team, namespace: other}\nspec:\n  http:
  - {name: in, match: [{uri: {prefix: /team/in}}], route: [{destination: {host: web}}]}
  - {name: out, match: [{uri: {prefix: /elsewhere}}], route: [{destination: {host: web}}]}\n";
    let root = virtual_service(
        "  - {name: root, match: [{uri: {prefix: /team}}], delegate: {name: team, namespace: other}}
  - {match: [{uri: {prefix: /gone}}], delegate: {name: nobody}}\n  - {name: rest, route: [{destination: {host: cart}}]}\n",
    );
    let config = sidecar(&format!("{root}---\n{delegate}"));
    let routes = &virtual_host(&config, "80", "cart.shop.svc.cluster.local:80").routes;
    assert_eq!(routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>(), ["root-in", "rest"]);
    assert_eq!(routes[0].route.as_ref().unwrap().cluster.as_deref(), Some("outbound|80||web.other.svc.cluster.local"));
    let origin = routes[0].origin.as_ref().unwrap();
    assert_eq!((&*origin.resource, &*origin.path), ("VirtualService/other/team", "spec.http[0].match[0]"));
}

#[test]
fn rules_for_other_clients_and_private_ones_of_other_namespaces_are_not_told() {
    let config = sidecar(&virtual_service(
        "  - {name: labelled, match: [{sourceLabels: {app: other}}], route: [{destination: {host: web}}]}
  - {name: ported, match: [{port: 81}], route: [{destination: {host: web}}]}\n  - {name: rest, route: [{destination: {host: cart}}]}\n",
    ));
    assert_eq!(virtual_host(&config, "80", "cart.shop.svc.cluster.local:80").routes[0].name, "rest");
    let hidden = sidecar(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x, namespace: other}\nspec:\n  exportTo: ['.']\n  hosts: [cart.shop.svc.cluster.local]
  http: [{name: hidden, route: [{destination: {host: web}}]}]\n",
    );
    assert_eq!(virtual_host(&hidden, "80", "cart.shop.svc.cluster.local:80").routes[0].name, "default");
}
