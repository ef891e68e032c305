//! Clients: VirtualServices, DestinationRules and ServiceEntries for hosts that exist, are added, or are unknown.

use meshwright::engine::envoy::Call;

use super::{
    case::{Case, head},
    rules::{self, DETAILS, HTTPBIN, RATINGS, REVIEWS, Target},
};
use crate::{
    dice::Dice,
    replay::{outbound, productpage},
};

/// Rules of each host with rules.
const RULES: usize = 7;

pub fn case(dice: &mut Dice) -> Case {
    let mut case = Case::new(productpage());
    if dice.happens(20) {
        case.mesh_config = serde_json::json!({"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}});
    }
    for (name, target, address) in
        [("reviews", REVIEWS, "10.96.0.3"), ("ratings", RATINGS, "10.96.0.4"), ("details", DETAILS, "10.96.0.2"), ("httpbin", HTTPBIN, "10.96.1.1")]
    {
        case.document("networking", "DestinationRule", name, "default", &policy(dice, target));
        let short = target.host.split(".svc").next().unwrap().replace(".default", "");
        let host = dice.pick(&[short.clone(), target.host.to_owned(), format!("{short}:{}", target.port), address.to_owned()]);
        let base = outbound(address, target.port, &host, "/", &[]);
        if dice.happens(70) {
            let of = head(name, "default", target.host, "");
            for at in 0..RULES {
                let made = rules::rule(dice, at, target, &base);
                case.rule(&of, "http", made.text);
                case.calls.extend(made.calls);
            }
            if dice.happens(60) {
                case.rule(&of, "http", format!("{{name: rest, route: [{{destination: {{host: {}}}}}]}}", target.host));
            }
        } else {
            case.calls.push(Call { path: "/plain".into(), ..base });
        }
    }
    entries(dice, &mut case);
    case
}

fn policy(dice: &mut Dice, target: Target) -> String {
    let part = dice.pick(&[
        "",
        "trafficPolicy: {loadBalancer: {simple: RANDOM}}, ",
        "trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, connectionPool: {http: {maxRequestsPerConnection: 1}}}, ",
        "trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: end-user}}}, ",
        "trafficPolicy: {connectionPool: {tcp: {maxConnections: 5, connectTimeout: 3s}, http: {h2UpgradePolicy: UPGRADE}}}, ",
        "trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 9080}, loadBalancer: {simple: LEAST_REQUEST}}]}, ",
    ]);
    let subsets: Vec<String> = target.subsets.iter().map(|subset| format!("{{name: {subset}, labels: {{version: {subset}}}}}")).collect();
    format!("{{host: {}, {part}subsets: [{}]}}", target.host, subsets.join(", "))
}

/// Hosts that ServiceEntries add, and one that nobody knows.
fn entries(dice: &mut Dice, case: &mut Case) {
    for at in 0..3 {
        let host = format!("ext-{at}.example.com");
        let addresses = dice.pick(&["", "addresses: [198.51.100.9], "]);
        let found = dice.pick(&[
            "resolution: NONE",
            "resolution: STATIC, endpoints: [{address: 203.0.113.1}, {address: 203.0.113.2, ports: {http: 8080}}]",
            "resolution: DNS",
            "resolution: DNS, endpoints: [{address: a.example.net}, {address: b.example.net, weight: 3}]",
        ]);
        let port = dice.pick(&[80_u32, 80, 8123]);
        case.document(
            "networking",
            "ServiceEntry",
            &format!("ext-{at}"),
            "default",
            &format!("{{hosts: [{host}], {addresses}ports: [{{number: {port}, name: http, protocol: HTTP}}], {found}}}"),
        );
        for host in [host.clone(), format!("{host}:{port}"), format!("no.{host}")] {
            case.calls.push(outbound(dice.pick(&["", "198.51.100.9"]), port, &host, dice.pick(&["/", "/a?b=c"]), &[]));
        }
    }
    case.calls.push(outbound("192.0.2.7", 80, "nobody.example.org", "/", &[]));
    case.calls.push(outbound("192.0.2.7", 8999, "nobody.example.org", "/", &[]));
}
