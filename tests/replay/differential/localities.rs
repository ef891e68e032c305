//! Places: endpoints in several, shares and failover between them, one endpoint that is thrown out, and retries that go elsewhere.

use meshwright::engine::{
    envoy::{Call, Upstream},
    istiod::Proxy,
};
use serde_json::{Map, Value, json};

use super::{
    case::{Case, head},
    nearness::near,
};
use crate::{
    dice::Dice,
    replay::{outbound, productpage},
};

const SERVICES: usize = 3;
/// Of those that ask for near endpoints by themselves.
const NEAR: usize = 2;
pub const MOST_ENDPOINTS: usize = 7;
pub const PLACES: [&str; 6] = ["r1/z1/s1", "r1/z1/s1", "r1/z1/s2", "r1/z2/s1", "r2/z1/s1", "r3/z1/s1"];
/// As often as a call that chance decides.
pub const REPEAT: u32 = 450;
/// The answer of the endpoint with number 0; the next ones count on, so that statuses tell endpoints apart.
pub const FIRST_STATUS: usize = 240;

pub fn case(dice: &mut Dice) -> Case {
    let mut proxy = Proxy { locality: dice.pick(&["r1/z1/s1", "r1/z1/s1", "r2/z1/s1", "r1/z2", ""]).into(), ..productpage() };
    proxy.labels.insert("tier", dice.pick(&["blue", "green"]));
    let mut case = Case::new(proxy);
    case.every_endpoint = true;
    for at in 0..SERVICES {
        let count = 2 + dice.below(MOST_ENDPOINTS - 1);
        service(dice, &mut case, at, count);
    }
    for at in 0..NEAR {
        near(dice, &mut case, SERVICES + at);
    }
    case
}

/// A host with endpoints here and there, how they are chosen, and calls.
fn service(dice: &mut Dice, case: &mut Case, at: usize, count: usize) {
    let host = format!("there-{at}.example.com");
    let places: Vec<&str> = (0..count).map(|_| dice.pick(&PLACES)).collect();
    let has_weights = dice.happens(50);
    let endpoints: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(number, place)| {
            let weight = if has_weights { format!(", weight: {}", 1 + dice.below(4)) } else { String::new() };
            format!("{{address: {}, locality: {place}, labels: {{tier: {}}}{weight}}}", address(at, number), dice.pick(&["blue", "green"]))
        })
        .collect();
    let entry = format!("{{hosts: [{host}], ports: [{{number: 80, name: http, protocol: HTTP}}], resolution: STATIC, endpoints: [{}]}}", endpoints.join(", "));
    case.document("networking", "ServiceEntry", &format!("there-{at}"), "default", &entry);
    let detection = dice.pick(&[Detection::None, Detection::Idle, Detection::Awake, Detection::Awake, Detection::Awake]);
    let settings = settings(dice);
    let simple = dice.pick(&["", "simple: ROUND_ROBIN, ", "simple: LEAST_REQUEST, ", "simple: RANDOM, "]);
    let policy = format!("loadBalancer: {{{simple}localityLbSetting: {settings}}}{}", detection.text(dice));
    case.document("networking", "DestinationRule", &format!("there-{at}"), "default", &format!("{{host: {host}, trafficPolicy: {{{policy}}}}}"));
    let call = |path: &str| outbound("", 80, &host, path, &[]);
    case.calls.push(call("/plain"));
    match detection {
        Detection::Awake => {
            let victim = dice.below(count);
            let answers = (0..count).map(|number| (number, if number == victim { 503 } else { FIRST_STATUS + number }));
            case.calls.push(Call { repeat: Some(REPEAT), upstream: Some(script(at, answers)), ..call("/one-fails") });
        }
        // Only where endpoints go by nearness alone does each priority fail as a whole, so that it is certain where retries end.
        Detection::Idle if settings == "{enabled: true}" || settings.starts_with("{failover: ") => {
            let of = head(&format!("there-{at}"), "default", &host, "");
            let retries = format!("retries: {{attempts: {}, retryOn: 5xx, backoff: 1ms, retryRemoteLocalities: {}}}", 1 + dice.below(3), dice.happens(70));
            case.rule(&of, "http", format!("{{{retries}, route: [{{destination: {{host: {host}}}}}]}}"));
            let here = case.proxy.locality.clone();
            let answers = places.iter().map(|place| if *place == here { 503 } else { 200 }).enumerate();
            case.calls.push(Call { upstream: Some(script(at, answers)), ..call("/all-here-fail") });
        }
        Detection::None | Detection::Idle => {}
    }
}

pub fn address(service: usize, number: usize) -> String {
    format!("203.0.113.{}", service * 10 + number + 1)
}

pub fn script(service: usize, answers: impl Iterator<Item = (usize, usize)>) -> Upstream {
    let by_endpoint: Map<String, Value> = answers.map(|(number, status)| (address(service, number), json!({"status": [status]}))).collect();
    serde_json::from_value(json!({"by_endpoint": by_endpoint})).unwrap()
}

/// Whether endpoints that fail are thrown out.
#[derive(Debug, Clone, Copy)]
enum Detection {
    /// Nobody looks, so that there is no failover either.
    None,
    /// Never, for all practical purposes.
    Idle,
    /// At once.
    Awake,
}

impl Detection {
    fn text(self, dice: &mut Dice) -> String {
        let most = dice.pick(&["", ", maxEjectionPercent: 30", ", maxEjectionPercent: 100", ", maxEjectionPercent: 100"]);
        let panic = dice.pick(&["", "", ", minHealthPercent: 50", ", minHealthPercent: 90"]);
        match self {
            Self::None => String::new(),
            Self::Idle => format!(", outlierDetection: {{consecutive5xxErrors: 1000, baseEjectionTime: 5m{panic}}}"),
            Self::Awake => format!(", outlierDetection: {{consecutive5xxErrors: {}, baseEjectionTime: 5m{most}{panic}}}", 1 + dice.below(2)),
        }
    }
}

fn settings(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => "{enabled: false}".into(),
        1 => "{enabled: true}".into(),
        2 | 3 => {
            let from = dice.pick(&["'*'", "r1/*", "r1/z1/*", "r1/z1/s1", "r2/*"]);
            let to = dice.pick(&[
                "{r1/*: 70, r2/*: 30}",
                "{r1/z1/*: 60, r1/z2/*: 25, r2/*: 15}",
                "{r1/z1/s1: 10, r1/z1/s2: 90}",
                "{r3/*: 100}",
                "{'*': 100}",
                "{r1/z1/s1: 80, r2/z1/s1: 20}",
            ]);
            format!("{{distribute: [{{from: {from}, to: {to}}}]}}")
        }
        4 => format!("{{failover: [{}]}}", dice.pick(&["{from: r1, to: r2}", "{from: r1, to: r3}, {from: r2, to: r1}", "{from: r2, to: r3}"])),
        _ => {
            let labels = dice.pick(&[
                "tier",
                "topology.kubernetes.io/region, topology.kubernetes.io/zone",
                "tier, topology.kubernetes.io/region",
                "'tier=green'",
                "topology.istio.io/subzone",
            ]);
            // Failover by region and a priority of places contradict each other.
            let failover = if labels.contains("topology") { "" } else { dice.pick(&["", ", failover: [{from: r1, to: r2}]"]) };
            format!("{{failoverPriority: [{labels}]{failover}}}")
        }
    }
}
