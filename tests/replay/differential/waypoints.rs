//! Waypoints: rules and policies of a service that stands behind one, and callers who come through tunnels.

use meshwright::engine::{
    envoy::{Call, Mode, Peer, Protocol},
    istiod::{Proxy, ProxyType},
};

use super::{
    case::{Case, Piece, head},
    inbound::{PRINCIPALS, authorization},
    rules::{self, Target},
};
use crate::{dice::Dice, replay::outbound};

const RULES: usize = 7;
const POLICIES: usize = 4;
const CALLS: usize = 40;
const LEDGER: Target = Target { host: "ledger.bank.svc.cluster.local", port: 80, subsets: &["v1", "v2"] };
const ADDRESS: &str = "10.0.1.1";
/// The service's other ports, and a pod's own.
const ELSEWHERE: [(&str, u32); 5] = [(ADDRESS, 7000), (ADDRESS, 9000), (ADDRESS, 9999), ("10.1.1.1", 8080), ("10.9.9.9", 80)];

pub fn case(dice: &mut Dice) -> Case {
    let labels = [("gateway.networking.k8s.io/gateway-name", "gate")].into();
    let ip = "198.51.100.1".to_owned();
    let mut case = Case::new(Proxy { id: "gate".into(), r#type: ProxyType::Waypoint, namespace: "bank".into(), labels, ip, ..Proxy::default() });
    case.pieces.push(Piece::Document(world(dice)));
    let subsets = "subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]";
    case.document("networking", "DestinationRule", "ledger", "bank", &format!("{{host: {}, {subsets}}}", LEDGER.host));
    for at in 0..dice.below(POLICIES) {
        let of = dice.pick(&["{group: '', kind: Service, name: ledger}", "{group: gateway.networking.k8s.io, kind: Gateway, name: gate}"]);
        let spec = authorization(dice, LEDGER.port, false);
        let spec = format!("{{targetRefs: [{of}], {}", spec.trim_start_matches('{'));
        case.document("security", "AuthorizationPolicy", &format!("policy-{at}"), "bank", &spec);
    }
    let of = head("ledger", "bank", LEDGER.host, "");
    let base = Call { mode: Mode::Tunnel, ..outbound(ADDRESS, LEDGER.port, "ledger.bank", "/", &[]) };
    for at in 0..RULES {
        let made = rules::rule(dice, at, LEDGER, &base);
        case.rule(&of, "http", made.text);
        case.calls.extend(made.calls.into_iter().map(|call| of_somebody(dice, call)));
    }
    for at in 0..CALLS {
        let path = dice.pick(&["/a", "/a/b", "/b.txt", "/admin/x", "/", "/A"]);
        let mut call = Call { path: path.into(), method: dice.pick(&["GET", "PUT", "DELETE"]).into(), name: format!("{at} {path}"), ..base.clone() };
        call.host = dice.pick(&["a.example", "web", "ledger.bank:80"]).into();
        if dice.happens(30) {
            (call.address, call.port) = dice.pick(&ELSEWHERE.map(|(address, port)| (address.to_owned(), port)));
            call.protocol = dice.pick(&[Protocol::Http, Protocol::Http2, Protocol::Tcp]);
        }
        if dice.happens(30) {
            call.headers.insert("x-a".into(), dice.pick(&["1", "abc", "xyz"]).into());
        }
        let call = of_somebody(dice, call);
        case.calls.push(call);
    }
    case
}

fn of_somebody(dice: &mut Dice, call: Call) -> Call {
    // Of all callers the last one is not of this mesh.
    let principal = if dice.happens(90) { dice.pick(&PRINCIPALS[..3]) } else { PRINCIPALS[3] };
    let trusted = dice.happens(5).then_some(false);
    let source = dice.happens(40).then(|| dice.pick(&["10.1.0.71", "198.51.100.7"]).to_owned());
    Call { peer: Some(Peer { principal: principal.into(), trusted, ..Peer::default() }), source_ip: source, ..call }
}

/// A service in two versions, and the waypoint that it is behind.
fn world(dice: &mut Dice) -> String {
    let kind = dice.pick(&["service", "all"]);
    let pod = |number: u8| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: ledger-{number}, namespace: bank, labels: {{app: ledger, version: v{number}}}}}\n\
             spec: {{serviceAccountName: ledger, containers: [{{name: app, image: app}}]}}\n\
             status: {{podIP: 10.1.1.{number}, phase: Running, conditions: [{{type: Ready, status: 'True'}}]}}\n"
        )
    };
    format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: bank, labels: {{istio.io/dataplane-mode: ambient, istio.io/use-waypoint: gate}}}}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: ledger, namespace: bank}}\n\
         spec: {{clusterIP: {ADDRESS}, selector: {{app: ledger}}, ports: [{{name: http, port: 80, targetPort: 8080}}, {{name: tcp, port: 7000}}, {{name: any, port: 9000}}]}}\n---\n\
         {}---\n{}---\n\
         apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: gate, namespace: bank, labels: {{istio.io/waypoint-for: {kind}}}}}\n\
         spec: {{gatewayClassName: istio-waypoint, listeners: [{{name: mesh, port: 15008, protocol: HBONE}}]}}\n",
        pod(1),
        pod(2)
    )
}
