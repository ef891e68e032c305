//! Whom VirtualServices, DestinationRules and services are exported to (`pilot/pkg/model/push_context.go`).

use meshwright::engine::{manifest, mesh, source::SourceFile};

use super::{CART_80, cluster, destination_rule, hosts, knows, names, push, service_entry, sidecar, to, virtual_service, xds_cluster};

const CART: &str = "outbound|80||cart.shop.svc.cluster.local";

/// `initDefaultExportMaps` in `pilot/pkg/model/push_context.go`.
#[test]
fn what_says_nothing_of_it_is_exported_to_all() {
    let rule = virtual_service("v", "other", &format!("{{hosts: [cart.shop.svc.cluster.local], http: [{}]}}", to("r", "web.shop.svc.cluster.local")));
    assert_eq!(names(&sidecar(&rule), "80", CART_80), ["r"]);
    let policy = destination_rule("d", "shop", "{host: cart, trafficPolicy: {loadBalancer: {simple: RANDOM}}}");
    assert_eq!(xds_cluster(&push(&cluster(&policy), "istio-system", "edge-1"), CART).lb_policy, "RANDOM");
    let entry = service_entry("e", "other", "{hosts: [e.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}");
    assert!(knows(&sidecar(&entry), "outbound|80||e.example.com"));
}

/// `ValidateVirtualService` and `validateExportTo` in `pkg/config/validation/validation.go`.
#[test]
fn a_virtual_service_for_nobody_is_refused() {
    let text = virtual_service("v", "shop", &format!("{{hosts: [cart], exportTo: ['~'], http: [{}]}}", to("r", "web")));
    let applied = mesh::apply(&[manifest::read(&SourceFile::new("v.yaml", text.as_str()))]);
    assert!(applied.verdicts.iter().flatten().any(|verdict| !verdict.is_accepted()));
}

/// `initServiceRegistry` in `pilot/pkg/model/push_context.go`, `ConvertService` in `pilot/pkg/serviceregistry/kube/conversion.go`.
#[test]
fn a_service_is_exported_by_its_annotation() {
    let of = |export: &str| {
        sidecar(&format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: hidden, namespace: other, annotations: {{networking.istio.io/exportTo: '{export}'}}}}
spec: {{clusterIP: 10.96.0.9, ports: [{{name: http, port: 80}}]}}\n"
        ))
    };
    let sees = |export: &str| hosts(&of(export), "80").contains(&"hidden.other.svc.cluster.local:80".to_owned());
    assert!(sees("*") && sees("shop") && !sees(".") && !sees("~"));
}

/// `setDestinationRules` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_destination_rule_for_chosen_workloads_is_private() {
    let text = destination_rule(
        "d",
        "shop",
        "{host: cart, workloadSelector: {matchLabels: {istio: ingressgateway}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}",
    );
    assert_eq!(xds_cluster(&push(&cluster(&text), "istio-system", "edge-1"), CART).lb_policy, "LEAST_REQUEST");
}

/// `setDestinationRules` in `pilot/pkg/model/push_context.go`.
#[test]
fn a_private_destination_rule_is_for_its_own_namespace() {
    let text = destination_rule("d", "shop", "{host: cart, exportTo: ['.'], trafficPolicy: {loadBalancer: {simple: RANDOM}}}");
    let cluster = cluster(&text);
    assert_eq!(xds_cluster(&push(&cluster, "shop", "web-1"), CART).lb_policy, "RANDOM");
    assert_eq!(xds_cluster(&push(&cluster, "istio-system", "edge-1"), CART).lb_policy, "LEAST_REQUEST");
}
