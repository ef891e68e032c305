//! Services that ask for near endpoints, or for those of the client's node alone; some of their endpoints are not ready.

use meshwright::engine::envoy::Call;

use super::{
    case::{Case, Piece},
    localities::{FIRST_STATUS, MOST_ENDPOINTS, PLACES, REPEAT, address, script},
};
use crate::{dice::Dice, replay::outbound};

const ANNOTATION: &str = "networking.istio.io/traffic-distribution";
const NODES: [&str; 2] = ["node-1", "node-2"];

/// A host whose clients are to stay near, what a rule says of it, and calls. `at`: a number that no other host of the scene has.
pub fn near(dice: &mut Dice, case: &mut Case, at: usize) {
    let count = 2 + dice.below(MOST_ENDPOINTS - 1);
    let host = if dice.happens(70) { service(dice, case, at, count) } else { entry(dice, case, at, count) };
    let watches = dice.happens(40);
    let places = dice.pick(&["", "", "", "enabled: false", "failover: [{from: r1, to: r2}]", "failoverPriority: [topology.istio.io/subzone]"]);
    let places = if places.is_empty() { dice.pick(&["simple: RANDOM", "simple: ROUND_ROBIN"]).into() } else { format!("localityLbSetting: {{{places}}}") };
    let panic = dice.pick(&["", ", minHealthPercent: 50"]);
    let outliers =
        if watches { format!(", outlierDetection: {{consecutive5xxErrors: 1, baseEjectionTime: 5m, maxEjectionPercent: 100{panic}}}") } else { String::new() };
    if watches || dice.happens(40) {
        case.document(
            "networking",
            "DestinationRule",
            &format!("near-{at}"),
            "default",
            &format!("{{host: {host}, trafficPolicy: {{loadBalancer: {{{places}}}{outliers}}}}}"),
        );
    }
    case.calls.push(outbound("", 80, &host, "/near", &[]));
    if watches {
        let victim = dice.below(count);
        let answers = (0..count).map(|number| (number, if number == victim { 503 } else { FIRST_STATUS + number }));
        case.calls.push(Call { repeat: Some(REPEAT), upstream: Some(script(at, answers)), ..outbound("", 80, &host, "/near-fails", &[]) });
    }
}

/// A Service of Kubernetes and its Pods, whose places are on their labels.
fn service(dice: &mut Dice, case: &mut Case, at: usize, count: usize) -> String {
    let name = format!("near-{at}");
    let wish = dice.pick(&[
        "trafficDistribution: PreferClose",
        "trafficDistribution: PreferClose",
        "internalTrafficPolicy: Local",
        "internalTrafficPolicy: Local, trafficDistribution: PreferClose",
        "internalTrafficPolicy: Cluster",
    ]);
    let annotation = if dice.happens(20) { format!("{ANNOTATION}: preferclose") } else { String::new() };
    let publishes = dice.happens(10);
    case.pieces.push(Piece::Document(format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: default, annotations: {{{annotation}}}}}\n\
         spec: {{clusterIP: 10.96.77.{at}, selector: {{near: '{at}'}}, ports: [{{name: http, port: 80}}], publishNotReadyAddresses: {publishes}, {wish}}}\n"
    )));
    for number in 0..count {
        let place = dice.pick(&PLACES).replace('/', ".");
        let ready = if dice.happens(70) { "True" } else { "False" };
        case.pieces.push(Piece::Document(format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}-{number}, namespace: default, labels: {{near: '{at}', istio-locality: {place}}}}}\n\
             spec: {{nodeName: {}, containers: [{{name: app, image: app}}]}}\n\
             status: {{podIP: {}, phase: Running, conditions: [{{type: Ready, status: '{ready}'}}]}}\n",
            dice.pick(&NODES),
            address(at, number)
        )));
    }
    format!("{name}.default.svc.cluster.local")
}

/// A host outside, whose endpoints are always ready.
fn entry(dice: &mut Dice, case: &mut Case, at: usize, count: usize) -> String {
    let host = format!("near-{at}.example.com");
    let endpoints: Vec<String> =
        (0..count).map(|number| format!("{{address: {}, locality: {}, weight: {}}}", address(at, number), dice.pick(&PLACES), 1 + dice.below(3))).collect();
    case.pieces.push(Piece::Document(format!(
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: near-{at}, namespace: default, annotations: {{{ANNOTATION}: PreferClose}}}}\n\
         spec: {{hosts: [{host}], ports: [{{number: 80, name: http, protocol: HTTP}}], resolution: STATIC, endpoints: [{}]}}\n",
        endpoints.join(", ")
    )));
    host
}
