//! Gateways: servers of several protocols and hosts, and rules bound to them.

use meshwright::engine::envoy::{Call, Mode, Tls};

use super::{
    case::{Case, Piece, head},
    rules::{self, REVIEWS, TARGETS},
};
use crate::{
    dice::Dice,
    replay::{ingress_gateway, outbound},
};

const RULES: usize = 8;
pub const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: istio-system}\ntype: kubernetes.io/tls\ndata: {tls.crt: YQ==, tls.key: YQ==}\n";

pub fn case(dice: &mut Dice) -> Case {
    let mut case = Case::new(ingress_gateway());
    case.pieces.push(Piece::Document(SECRET.into()));
    for target in TARGETS {
        let subsets: Vec<String> = target.subsets.iter().map(|subset| format!("{{name: {subset}, labels: {{version: {subset}}}}}")).collect();
        let name = target.host.split('.').next().unwrap();
        case.document("networking", "DestinationRule", name, "default", &format!("{{host: {}, subsets: [{}]}}", target.host, subsets.join(", ")));
    }
    let hosts = dice.pick(&["'*'", "'*.example.com'", "a.example.com, b.example.com", "'default/*.example.com'", "'./*.example.com', 'default/*'"]);
    let plain = dice.pick(&["", "", ", tls: {httpsRedirect: true}"]);
    let servers = format!(
        "{{port: {{number: 80, name: http, protocol: HTTP}}, hosts: [{hosts}]{plain}}}, {{port: {{number: 443, name: https, protocol: HTTPS}}, hosts: ['*.example.com'], tls: {{mode: SIMPLE, credentialName: {}}}}}",
        dice.pick(&["cert", "cert", "gone"])
    );
    case.document("networking", "Gateway", "edge", "istio-system", &format!("{{selector: {{istio: ingressgateway}}, servers: [{servers}]}}"));
    for (name, host) in [("a", "a.example.com"), ("wide", "*.example.com"), ("b", "b.example.com")] {
        let of = head(name, "default", &format!("'{host}'"), "istio-system/edge");
        for at in 0..RULES {
            let base = base(dice, &host.replace('*', "w"));
            let made = rules::rule(dice, at, REVIEWS, &base);
            case.rule(&of, "http", made.text);
            case.calls.extend(made.calls);
        }
    }
    for host in ["example.com", "a.example.org", "x.y.example.com", "A.EXAMPLE.COM"] {
        let call = base(dice, host);
        case.calls.push(call);
    }
    case
}

fn base(dice: &mut Dice, host: &str) -> Call {
    let host_header = if dice.happens(20) { format!("{host}:80") } else { host.to_owned() };
    let call = Call { mode: Mode::Gateway, ..outbound("", 8080, &host_header, "/", &[]) };
    if dice.happens(35) { Call { port: 8443, tls: Tls::Tls, sni: host.to_lowercase(), ..call } } else { call }
}
