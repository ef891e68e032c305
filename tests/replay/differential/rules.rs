//! Rules of VirtualServices, and calls that meet them or just do not.

use meshwright::engine::envoy::{Call, Protocol};
use serde_json::json;

use crate::dice::Dice;

/// Where rules may send requests: a host, and subsets of it that exist.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub host: &'static str,
    pub port: u32,
    pub subsets: &'static [&'static str],
}

pub const REVIEWS: Target = Target { host: "reviews.default.svc.cluster.local", port: 9080, subsets: &["v1", "v2", "v3"] };
pub const RATINGS: Target = Target { host: "ratings.default.svc.cluster.local", port: 9080, subsets: &["v1"] };
pub const DETAILS: Target = Target { host: "details.default.svc.cluster.local", port: 9080, subsets: &["v1"] };
pub const HTTPBIN: Target = Target { host: "httpbin.foo.svc.cluster.local", port: 8000, subsets: &["v1", "v2"] };
pub const TARGETS: [Target; 4] = [REVIEWS, RATINGS, DETAILS, HTTPBIN];

/// A rule, and calls that were made for it.
pub struct Made {
    pub text: String,
    pub calls: Vec<Call>,
}

const WORDS: [&str; 6] = ["a", "a/b", "ab", "b.txt", "A", "x-1"];

/// What a match asks for, with a request that meets it.
fn matching(dice: &mut Dice, at: usize, call: &mut Call) -> String {
    let word = dice.pick(&WORDS);
    call.path = format!("/{at}/{word}");
    let uri = match dice.below(6) {
        0 => format!("uri: {{exact: /{at}/{word}}}"),
        1 => {
            call.path += dice.pick(&["", "/", "c", "/c?x=1"]);
            format!("uri: {{prefix: /{at}/{word}}}")
        }
        2 => {
            call.path += dice.pick(&["", "z", "/z"]);
            format!("uri: {{regex: '/{at}/{}.*'}}", word.replace('.', "[.]"))
        }
        3 => {
            call.path = call.path.to_uppercase();
            format!("uri: {{prefix: /{at}/{word}}}, ignoreUriCase: true")
        }
        4 => format!("uri: {{regex: '/{at}/[a-z./]+'}}"),
        _ => format!("uri: {{prefix: /{at}/}}"),
    };
    let more: Vec<String> = (0..dice.below(3)).map(|_| condition(dice, call)).collect();
    // A key that comes twice would be refused.
    let mut parts = vec![uri];
    for part in more {
        let key = part.split(':').next().unwrap_or_default().to_owned();
        if !parts.iter().any(|other| other.starts_with(&format!("{key}:"))) {
            parts.push(part);
        }
    }
    format!("{{{}}}", parts.join(", "))
}

fn condition(dice: &mut Dice, call: &mut Call) -> String {
    let mut header = |name: &str, value: &str| drop(call.headers.insert(name.into(), value.into()));
    match dice.below(12) {
        0 => {
            header("end-user", "jason");
            "headers: {end-user: {exact: jason}}".into()
        }
        1 => {
            header("end-user", "jason");
            "headers: {end-user: {prefix: ja}}".into()
        }
        2 => {
            header("x-number", "42");
            "headers: {x-number: {regex: '[0-9]+'}}".into()
        }
        3 => {
            header("x-there", "");
            "headers: {x-there: {}}".into()
        }
        4 => "withoutHeaders: {x-beta: {exact: 'on'}}".into(),
        5 => "withoutHeaders: {x-beta: {}}".into(),
        6 => "withoutHeaders: {x-beta: {regex: '*'}}".into(),
        7 => {
            call.path.push(if call.path.contains('?') { '&' } else { '?' });
            call.path.push_str("q=1");
            "queryParams: {q: {exact: '1'}}".into()
        }
        8 => {
            call.path.push(if call.path.contains('?') { '&' } else { '?' });
            call.path.push_str("q=abc");
            "queryParams: {q: {regex: '[a-c]+'}}".into()
        }
        9 => {
            call.method = "POST".into();
            "method: {exact: POST}".into()
        }
        10 => "method: {regex: 'GET|POST|PUT'}".into(),
        _ => "authority: {regex: '.*'}".into(),
    }
}

fn destination(dice: &mut Dice, own: Target) -> String {
    let target = if dice.happens(70) { own } else { dice.pick(&TARGETS) };
    let subset = match dice.below(10) {
        0 => ", subset: nobody".to_owned(),
        1..=6 => format!(", subset: {}", dice.pick(target.subsets)),
        _ => String::new(),
    };
    format!("destination: {{host: {}, port: {{number: {}}}{subset}}}", target.host, target.port)
}

fn header_operations(dice: &mut Dice) -> String {
    let request = dice.pick(&[
        "add: {x-new: '1'}",
        "set: {end-user: somebody}, add: {x-new: '2'}",
        "remove: [end-user], add: {x-path: '%REQ(:path)%'}",
        "set: {x-protocol: '%PROTOCOL%', x-percent: '100%%'}",
        "set: {host: other.example}",
        "add: {end-user: too}",
    ]);
    let response = dice.pick(&["set: {x-answer: 'yes'}", "add: {x-answer: 'a'}, remove: [x-none]", "set: {x-code: '%RESPONSE_CODE%'}"]);
    match dice.below(3) {
        0 => format!("headers: {{request: {{{request}}}}}"),
        1 => format!("headers: {{response: {{{response}}}}}"),
        _ => format!("headers: {{request: {{{request}}}, response: {{{response}}}}}"),
    }
}

fn redirect(dice: &mut Dice) -> String {
    dice.pick(&[
        "redirect: {uri: /moved}",
        "redirect: {uri: /moved, redirectCode: 308}",
        "redirect: {authority: else.example}",
        "redirect: {authority: 'else.example:8080', uri: /there}",
        "redirect: {scheme: https}",
        "redirect: {scheme: https, derivePort: FROM_PROTOCOL_DEFAULT}",
        "redirect: {derivePort: FROM_REQUEST_PORT, uri: /p}",
        "redirect: {port: 8443, scheme: https}",
        "directResponse: {status: 403}",
        "directResponse: {status: 200, body: {string: hello}}",
    ])
    .to_owned()
}

fn rewrite(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "rewrite: {uri: /}",
        "rewrite: {uri: /new}",
        "rewrite: {uri: /new/, authority: else.example}",
        "rewrite: {authority: else.example}",
        "rewrite: {uriRegexRewrite: {match: '/([0-9]+)/(.*)', rewrite: '/\\2/\\1'}}",
    ])
}

const CORS: &str = "corsPolicy: {allowOrigins: [{exact: 'http://a.example'}, {regex: 'https?://[a-z]+[.]b[.]example'}], allowMethods: [GET, PUT], allowHeaders: [x-a], exposeHeaders: [x-b], maxAge: 1h, allowCredentials: true}";

fn fault(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "fault: {abort: {httpStatus: 418, percentage: {value: 100}}}",
        "fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}",
        "fault: {delay: {fixedDelay: 0.02s, percentage: {value: 100}}}",
        "fault: {delay: {fixedDelay: 0.01s, percentage: {value: 100}}, abort: {httpStatus: 429, percentage: {value: 100}}}",
        "fault: {abort: {httpStatus: 503}}",
    ])
}

/// What lets chance decide; every such call is sent often.
fn chance(dice: &mut Dice, own: Target) -> String {
    let weight = dice.pick(&[10, 25, 50, 75]);
    match dice.below(3) {
        0 => format!("route: [{{{}, weight: {weight}}}, {{{}, weight: {}}}]", destination(dice, own), destination(dice, own), 100 - weight),
        1 => format!("fault: {{abort: {{httpStatus: 429, percentage: {{value: {weight}}}}}}}, route: [{{{}}}]", destination(dice, own)),
        _ => format!(
            "mirrorPercentage: {{value: {weight}}}, mirror: {{host: {}, port: {{number: {}}}}}, route: [{{{}}}]",
            RATINGS.host,
            RATINGS.port,
            destination(dice, own)
        ),
    }
}

fn action(dice: &mut Dice, own: Target, call: &mut Call) -> String {
    let script = |call: &mut Call, script: serde_json::Value| call.upstream = Some(serde_json::from_value(script).unwrap());
    let mut parts: Vec<String> = Vec::new();
    match dice.below(12) {
        0 => return redirect(dice),
        1 => parts.push(rewrite(dice).into()),
        2 => parts.push(header_operations(dice)),
        3 => parts.push(fault(dice).into()),
        4 => {
            call.headers.insert("origin".into(), dice.pick(&["http://a.example", "https://x.b.example", "http://else.example"]).into());
            if dice.happens(50) {
                call.method = "OPTIONS".into();
                call.headers.insert("access-control-request-method".into(), "PUT".into());
            }
            parts.push(CORS.into());
        }
        5 | 6 => {
            let answers = [json!([503]), json!([503, 200]), json!([500, 502, 200]), json!([429, 200]), json!(["reset", 200]), json!([404]), json!([200])];
            script(call, json!({"status": dice.pick(&answers)}));
            let conditions =
                ["", ", retryOn: 5xx", ", retryOn: 'gateway-error,reset'", ", retryOn: '429,503'", ", retryOn: retriable-4xx", ", retryOn: connect-failure"];
            parts.push(match dice.below(4) {
                0 => String::new(),
                1 => "retries: {attempts: 0}".into(),
                _ => format!("retries: {{attempts: {}{}, backoff: 0.005s}}", 1 + dice.below(3), dice.pick(&conditions)),
            });
        }
        7 => parts.push(format!("mirrors: [{{destination: {{host: {}, port: {{number: {}}}}}}}]", RATINGS.host, RATINGS.port)),
        8 => parts.push("timeout: 5s".into()),
        9 => return chance(dice, own),
        10 if dice.happens(20) => {
            script(call, json!({"delay": ["4s", "0s"]}));
            parts.push(dice.pick(&["timeout: 1s", "retries: {attempts: 1, perTryTimeout: 1s, retryOn: 5xx}"]).into());
        }
        _ => {}
    }
    parts.retain(|part| !part.is_empty());
    let operations = if dice.happens(20) { format!(", {}", header_operations(dice)) } else { String::new() };
    parts.push(format!("route: [{{{}{operations}}}]", destination(dice, own)));
    parts.join(", ")
}

/// A rule for paths below its number, with calls; `base` says how they reach the proxy.
pub fn rule(dice: &mut Dice, at: usize, own: Target, base: &Call) -> Made {
    let mut call = base.clone();
    let first = matching(dice, at, &mut call);
    let mut matches = vec![first];
    if dice.happens(20) {
        matches.push(matching(dice, at, &mut base.clone()));
    }
    let action = action(dice, own, &mut call);
    let name = if dice.happens(50) { format!("name: rule-{at}, ") } else { String::new() };
    let mut calls = vec![varied(dice, &call), changed(dice, &call)];
    // What lets chance decide is sent hundreds of times, so that it is not asked twice.
    if !action.contains("weight:") && !action.contains("mirrorPercentage") && !action.contains("429, percentage") {
        calls.push(changed(dice, &call));
    }
    Made { text: format!("{{{name}match: [{}], {action}}}", matches.join(", ")), calls }
}

/// The same call in another form, which decides nothing.
fn varied(dice: &mut Dice, call: &Call) -> Call {
    let mut call = call.clone();
    if dice.happens(15) {
        call.protocol = Protocol::Http2;
    }
    call
}

/// Something of a call is changed, so that it may miss what it was made for.
fn changed(dice: &mut Dice, call: &Call) -> Call {
    let mut call = call.clone();
    match dice.below(9) {
        0 => drop(call.headers.insert("x-beta".into(), dice.pick(&["on", "off", ""]).into())),
        1 => drop(call.headers.insert("end-user".into(), dice.pick(&["jane", "Jason", "jason,jane", ""]).into())),
        2 => call.path += dice.pick(&["?x=2", "/", "//", "%2e", "z"]),
        3 => call.path = call.path.to_uppercase(),
        4 => call.path = format!("/{}{}", dice.below(20), dice.pick(&["", "/", "/a", "/zzz", "/a?q=1"])),
        5 => call.method = dice.pick(&["PUT", "DELETE", "HEAD", "OPTIONS"]).into(),
        6 => call.headers.clear(),
        7 => drop(call.headers.insert("x-number".into(), dice.pick(&["42", "a42", "-1"]).into())),
        _ => call.path = dice.pick(&["/", "/a/../b", "/./x", "/none?y"]).into(),
    }
    call
}
