//! Servers: PeerAuthentication, AuthorizationPolicy and RequestAuthentication, and callers of every kind.

use meshwright::engine::{
    envoy::{Call, Mode, Peer, Protocol, Tls},
    istiod::Proxy,
};
use serde_json::json;

use super::case::Case;
use crate::dice::Dice;
use crate::replay::{outbound, sidecar};

const CALLS: usize = 110;
pub const PRINCIPALS: [&str; 4] =
    ["cluster.local/ns/default/sa/sleep", "cluster.local/ns/foo/sa/sleep", "cluster.local/ns/istio-system/sa/gateway", "other.domain/ns/foo/sa/x"];

pub fn case(dice: &mut Dice) -> Case {
    let (port, proxy) = dice.pick(&[
        (80, sidecar("httpbin", "foo", "10.1.1.11")),
        (9080, sidecar("reviews", "default", "10.1.0.31")),
        (27017, sidecar("mongodb", "default", "10.1.0.51")),
    ]);
    let mut case = Case::new(proxy.clone());
    if dice.happens(30) {
        case.mesh_config = json!({"extensionProviders": [{"name": "asked", dice.pick(&["envoyExtAuthzHttp", "envoyExtAuthzGrpc"]): {"service": "details.default.svc.cluster.local", "port": 9080}}]});
    }
    let namespace = proxy.namespace.clone();
    let mode = |dice: &mut Dice| dice.pick(&["STRICT", "PERMISSIVE", "DISABLE", "UNSET"]);
    let own = dice.pick(&["STRICT", "PERMISSIVE", "DISABLE"]);
    let of_port = mode(dice);
    let levels = [
        ("mesh", "istio-system", format!("{{mtls: {{mode: {}}}}}", mode(dice))),
        ("all", namespace.as_str(), format!("{{mtls: {{mode: {}}}}}", mode(dice))),
        (
            "own",
            namespace.as_str(),
            format!(
                "{{selector: {{matchLabels: {{app: {}}}}}, mtls: {{mode: {own}}}, portLevelMtls: {{{port}: {{mode: {of_port}}}}}}}",
                proxy.labels.get("app").unwrap_or_default()
            ),
        ),
    ];
    for (name, namespace, spec) in levels {
        if dice.happens(30) {
            case.document("security", "PeerAuthentication", name, namespace, &spec);
        }
    }
    for at in 0..dice.below(5) {
        let namespace = dice.pick(&[namespace.as_str(), namespace.as_str(), "istio-system"]);
        let spec = authorization(dice, port, !case.mesh_config["extensionProviders"].is_null());
        case.document("security", "AuthorizationPolicy", &format!("policy-{at}"), namespace, &spec);
    }
    let has_tokens = dice.happens(50);
    if has_tokens {
        case.document("security", "RequestAuthentication", "tokens", &namespace, &tokens(dice));
    }
    for at in 0..CALLS {
        let call = call(dice, &proxy, port, at);
        case.calls.push(call);
    }
    case
}

fn some(dice: &mut Dice, of: &[&str]) -> String {
    let first = dice.pick(of);
    let second = dice.pick(of);
    if first == second || dice.happens(50) { format!("['{first}']") } else { format!("['{first}', '{second}']") }
}

const PATHS: [&str; 6] = ["/a", "/a*", "*.txt", "*", "/admin/*", "/{*}/x"];
const HOSTS: [&str; 4] = ["a.example", "*.example", "a.*", "web"];

fn source(dice: &mut Dice) -> String {
    let not = dice.pick(&["", "", "", "not"]);
    let field = |name: &str| if not.is_empty() { name.to_owned() } else { format!("not{}{}", name[..1].to_uppercase(), &name[1..]) };
    match dice.below(5) {
        0 => format!("{}: {}", field("principals"), some(dice, &["cluster.local/ns/default/sa/sleep", "cluster.local/ns/foo/*", "*/sa/sleep", "*"])),
        1 => format!("{}: {}", field("namespaces"), some(dice, &["default", "foo", "istio-*", "*-system"])),
        2 => format!("{}: {}", field("ipBlocks"), some(dice, &["198.51.100.0/24", "10.1.0.0/16", "10.1.0.71"])),
        3 => format!("{}: {}", field("remoteIpBlocks"), some(dice, &["203.0.113.0/24", "10.0.0.0/8"])),
        _ => format!("{}: {}", field("requestPrincipals"), some(dice, &["me/*", "me/ann", "*"])),
    }
}

fn operation(dice: &mut Dice, port: u32) -> String {
    let not = dice.happens(25);
    let field = |name: &str| if not { format!("not{}{}", name[..1].to_uppercase(), &name[1..]) } else { name.to_owned() };
    match dice.below(5) {
        0 => format!("{}: {}", field("methods"), some(dice, &["GET", "PUT", "P*"])),
        1 | 2 => format!("{}: {}", field("paths"), some(dice, &PATHS)),
        3 => format!("{}: {}", field("hosts"), some(dice, &HOSTS)),
        _ => format!("{}: ['{}']", field("ports"), dice.pick(&[port, 9999])),
    }
}

fn condition(dice: &mut Dice, port: u32) -> String {
    let key = dice.pick(&[
        "request.headers[x-a]",
        "source.ip",
        "remote.ip",
        "source.namespace",
        "source.principal",
        "destination.port",
        "request.auth.claims[role]",
        "request.auth.audiences",
        "destination.ip",
    ]);
    let port = port.to_string();
    let values: Vec<&str> = match key {
        "request.headers[x-a]" => vec!["1", "ab*", "*z", "*"],
        "source.ip" | "remote.ip" => vec!["198.51.100.0/24", "10.1.0.71"],
        "source.namespace" => vec!["default", "f*"],
        "source.principal" => vec![PRINCIPALS[0], "*/sa/sleep"],
        "destination.port" => vec![&port, "9999"],
        "destination.ip" => vec!["10.1.0.0/16", "10.9.0.0/16"],
        "request.auth.audiences" => vec!["shop", "else"],
        _ => vec!["admin", "re*"],
    };
    format!("{{key: '{key}', {}: {}}}", dice.pick(&["values", "values", "notValues"]), some(dice, &values))
}

pub fn authorization(dice: &mut Dice, port: u32, has_authorizer: bool) -> String {
    let action = if has_authorizer && dice.happens(40) { "CUSTOM" } else { dice.pick(&["ALLOW", "ALLOW", "DENY", "AUDIT"]) };
    let rules: Vec<String> = (0..=dice.below(2))
        .map(|_| {
            // An authorizer's rules may not ask who it is.
            let from = if action == "CUSTOM" || dice.happens(40) { String::new() } else { format!("from: [{{source: {{{}}}}}], ", source(dice)) };
            let to = if action == "CUSTOM" || dice.happens(60) { format!("to: [{{operation: {{{}}}}}], ", operation(dice, port)) } else { String::new() };
            let when = if action != "CUSTOM" && dice.happens(35) { format!("when: [{}], ", condition(dice, port)) } else { String::new() };
            format!("{{{}}}", format!("{from}{to}{when}").trim_end_matches(", "))
        })
        .collect();
    let provider = if action == "CUSTOM" { "provider: {name: asked}, " } else { "" };
    format!("{{action: {action}, {provider}rules: [{}]}}", rules.join(", "))
}

fn tokens(dice: &mut Dice) -> String {
    let place = dice.pick(&["", ", fromHeaders: [{name: x-token, prefix: 'T '}]", ", fromParams: [t]", ", fromCookies: [c]"]);
    let more = dice.pick(&[
        "",
        ", forwardOriginalToken: true",
        ", outputPayloadToHeader: x-payload",
        ", outputClaimToHeaders: [{header: x-user, claim: sub}]",
        ", audiences: [shop]",
    ]);
    let keys = "jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"YQ\"}]}'";
    let second = if dice.happens(30) { format!(", {{issuer: you, {keys}}}") } else { String::new() };
    format!("{{jwtRules: [{{issuer: me, {keys}{place}{more}}}{second}]}}")
}

fn call(dice: &mut Dice, proxy: &Proxy, port: u32, at: usize) -> Call {
    let path = dice.pick(&["/a", "/a/b", "/b.txt", "/admin/x", "/q/x", "/", "/A", "/a?x=1"]);
    let mut call = Call { mode: Mode::Inbound, ..outbound(&proxy.ip, port, dice.pick(&["a.example", "b.example:80", "web", "a.else"]), path, &[]) };
    call.name = format!("{at} {path}");
    call.method = dice.pick(&["GET", "GET", "PUT", "POST", "DELETE"]).into();
    if dice.happens(10) {
        call.port = 9999;
    }
    if dice.happens(30) {
        call.headers.insert("x-a".into(), dice.pick(&["1", "abc", "xyz", ""]).into());
    }
    if dice.happens(65) {
        call.tls = Tls::Mtls;
        call.peer = Some(Peer { principal: dice.pick(&PRINCIPALS).into(), trusted: dice.happens(8).then_some(false), ..Peer::default() });
    } else if dice.happens(10) {
        call.tls = Tls::Tls;
    }
    if dice.happens(30) {
        call.source_ip = Some(dice.pick(&["10.1.0.71", "198.51.100.7", "198.51.100.9"]).into());
    }
    if dice.happens(20) {
        call.remote_ip = Some(dice.pick(&["203.0.113.5", "10.1.0.71", "203.0.113.5, 10.1.0.71"]).into());
    }
    match dice.below(10) {
        0 => call.protocol = Protocol::Http2,
        1 => call.protocol = Protocol::Tcp,
        _ => {}
    }
    if dice.happens(40) && call.protocol != Protocol::Tcp {
        let place = dice.pick(&[
            json!({}),
            json!({"name": "x-token", "prefix": "T "}),
            json!({"location": "query", "name": "t"}),
            json!({"location": "cookie", "name": "c"}),
        ]);
        let mut token = json!({"issuer": dice.pick(&["me", "me", "you", "they"]), "subject": "ann"});
        token["claims"] = dice.pick(&[json!({}), json!({"role": "admin"}), json!({"role": ["reader", "admin"]})]);
        match dice.below(8) {
            0 => token["valid"] = false.into(),
            1 => token["expired"] = true.into(),
            2 | 3 => token["audiences"] = json!([dice.pick(&["shop", "else"])]),
            _ => {}
        }
        token.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        call.jwt = Some(serde_json::from_value(token).unwrap());
    }
    if dice.happens(50) {
        call.ext_authz = Some(dice.pick(&["allow", "deny", "unreachable"]).into());
    }
    call
}
