//! What a Sidecar lets a workload see (`pilot/pkg/model/sidecar.go`, `pilot/pkg/model/push_context.go`).

use super::{CART_80, document, document_with, gateway, hosts, knows, made, names, service_entry, sidecar, to, virtual_service};

fn of(name: &str, namespace: &str, spec: &str) -> String {
    document("networking", "Sidecar", name, namespace, spec)
}

const WEB_OTHER: &str = "outbound|80||web.other.svc.cluster.local";
const CART: &str = "outbound|80||cart.shop.svc.cluster.local";

/// `getSidecarScope` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_sidecar_that_selects_the_workload_goes_before_that_of_the_namespace_and_that_before_that_of_the_mesh() {
    let mesh = of("mesh", "istio-system", "{egress: [{hosts: ['./*']}]}");
    let namespace = of("all", "shop", "{egress: [{hosts: ['other/*']}]}");
    let chosen = of("web", "shop", "{workloadSelector: {labels: {app: web}}, egress: [{hosts: ['~/*']}]}");
    let sees = |text: &str| (knows(&sidecar(text), CART), knows(&sidecar(text), WEB_OTHER));
    assert_eq!(sees(&mesh), (true, false));
    assert_eq!(sees(&format!("{mesh}{namespace}")), (false, true));
    assert_eq!(sees(&format!("{mesh}{namespace}{chosen}")), (false, false));
}

/// `initSidecarScopes` in `pilot/pkg/model/push_context.go`: sorted by the time at which they were made.
#[test]
fn of_two_sidecars_the_older_one_counts() {
    let at = |name: &str, day, hosts: &str| document_with("networking", "Sidecar", &made(name, "shop", day), &format!("{{egress: [{{hosts: [{hosts}]}}]}}"));
    assert!(knows(&sidecar(&(at("b", 1, "'./*'") + &at("a", 2, "'other/*'"))), CART));
    assert!(!knows(&sidecar(&(at("b", 2, "'./*'") + &at("a", 1, "'other/*'"))), CART));
}

/// `getSidecarScope` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_gateway_sees_all_whatever_a_sidecar_says() {
    assert!(knows(&gateway(&of("s", "istio-system", "{egress: [{hosts: ['~/*']}]}")), CART));
}

/// `selectServices` and `matchingService` in `pilot/pkg/model/sidecar.go`: `SubsetOf`.
#[test]
fn services_are_imported_where_they_are_part_of_what_is_named() {
    let entry = service_entry("e", "shop", "{hosts: ['*.example.com'], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}");
    let sees =
        |host: &str| knows(&sidecar(&format!("{entry}{}", of("s", "shop", &format!("{{egress: [{{hosts: ['./{host}']}}]}}")))), "outbound|80||*.example.com");
    assert!(sees("*.example.com") && sees("*") && !sees("a.example.com"));
}

/// `SelectVirtualServices` in `pilot/pkg/model/virtualservice.go`: `Matches`, from both sides.
#[test]
fn virtual_services_are_imported_where_either_is_part_of_the_other() {
    let rule = virtual_service("v", "shop", &format!("{{hosts: ['*.example.com'], http: [{}]}}", to("r", "cart")));
    let sees = |host: &str| {
        hosts(&sidecar(&format!("{rule}{}", of("s", "shop", &format!("{{egress: [{{hosts: ['./{host}', './web.shop.svc.cluster.local']}}]}}")))), "80")
            .contains(&"*.example.com:80".to_owned())
    };
    assert!(sees("*.example.com") && sees("a.example.com") && !sees("a.example.org"));
}

/// `collectImportedServices` in `pilot/pkg/model/sidecar.go`.
#[test]
fn where_a_rule_leads_is_known_though_nobody_names_it() {
    let rule = virtual_service("v", "shop", &format!("{{hosts: [cart], http: [{}]}}", to("r", "web.other.svc.cluster.local")));
    let config = sidecar(&(rule + &of("s", "shop", "{egress: [{hosts: ['./cart.shop.svc.cluster.local']}]}")));
    assert!(knows(&config, WEB_OTHER) && knows(&config, CART));
    assert_eq!(names(&config, "80", CART_80), ["r"]);
    assert!(!hosts(&config, "80").iter().any(|host| host.starts_with("web.other")), "it has a cluster and no name of its own");
}

/// `convertToSidecarScope` in `pilot/pkg/model/sidecar.go`.
#[test]
fn without_ways_out_everything_is_seen() {
    let config = sidecar(&of("s", "shop", "{ingress: [{port: {number: 8080, name: http, protocol: HTTP}, defaultEndpoint: '127.0.0.1:8080'}]}"));
    assert!(knows(&config, CART) && knows(&config, WEB_OTHER));
}

/// `convertIstioListenerToWrapper` in `pilot/pkg/model/sidecar.go`: `~` is no namespace.
#[test]
fn a_tilde_imports_nothing() {
    let config = sidecar(&of("s", "shop", "{egress: [{hosts: ['~/*']}]}"));
    assert!(!knows(&config, CART) && !knows(&config, WEB_OTHER));
}
