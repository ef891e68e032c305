//! The configurations that the product was asked to explain, one of each kind, give the outcome that Istio gives.

use meshwright::engine::{
    manifest,
    mesh::{Journey, Request, Scene, headers_from_lines},
    source::SourceFile,
};

use super::fixture;

/// Applies `tests/fixtures/article/<name>.yaml` to the Bookinfo world.
pub fn scene(name: &str) -> Scene {
    let world = SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml"));
    Scene::new(&manifest::read(&world), name, &fixture(&format!("article/{name}.yaml")))
}

fn send(name: &str, from: &str, url: &str, headers: &[&str]) -> Journey {
    let scene = scene(name);
    assert!(!scene.is_refused(), "{name}: {:?}", scene.findings());
    let headers = headers_from_lines(headers.iter().copied()).unwrap();
    scene.send(&Request { from: from.into(), url: url.into(), headers, ..Request::default() }).unwrap()
}

#[track_caller]
fn answers(name: &str, from: &str, url: &str, headers: &[&str], expected: &str) {
    let journey = send(name, from, url, headers);
    assert_eq!(journey.answer.to_string(), expected, "{name}: {url} {headers:?}\n{journey:#?}");
}

const PRODUCTPAGE: &str = "productpage-v1-a.default";
const REVIEWS: &str = "http://reviews:9080/reviews/0";

#[test]
fn a_header_picks_the_version() {
    answers("header-match", PRODUCTPAGE, REVIEWS, &["end-user: jason"], "200 reviews/v2");
    answers("header-match", PRODUCTPAGE, REVIEWS, &["end-user: Jason"], "200 reviews/v1");
    answers("header-match", PRODUCTPAGE, REVIEWS, &[], "200 reviews/v1");
}

#[test]
fn the_trace_names_the_rule_that_won_and_why_the_other_lost() {
    let journey = send("header-match", PRODUCTPAGE, REVIEWS, &["end-user: anna"]);
    let trace = &journey.hops[0].outcome.trace;
    let lost = trace.iter().find(|step| step.origin.as_ref().is_some_and(|origin| origin.path.starts_with("spec.http[0]"))).expect("rule 1 is in the trace");
    assert!(lost.reason.contains("end-user") && lost.reason.contains("anna") && lost.reason.contains("jason"), "{}", lost.reason);
    let scene = scene("header-match");
    let (file, span) = scene.locate(lost.origin.as_ref().unwrap()).expect("the rule has a place");
    assert_eq!(file.position(span.start()).line, 11);
}

#[test]
fn weights_are_exact_shares() {
    answers("weights", PRODUCTPAGE, REVIEWS, &[], "200 reviews/v1 90%, 200 reviews/v2 10%");
}

#[test]
fn affinity_changes_the_endpoint_not_the_service() {
    answers("cookie-affinity", PRODUCTPAGE, REVIEWS, &[], "200 reviews");
}

#[test]
fn an_https_gateway_without_its_secret_ends_no_handshake() {
    let journey = send("https-gateway", "outside", "https://bookinfo.example.com/productpage", &[]);
    assert_eq!(journey.answer.to_string(), "TLS handshake failed");
    assert!(journey.summary.contains("bookinfo-credential"), "{}", journey.summary);
}

#[test]
fn an_https_gateway_lets_one_path_in() {
    answers("https-gateway-with-secret", "outside", "https://bookinfo.example.com/productpage", &[], "200 productpage");
    answers("https-gateway-with-secret", "outside", "https://bookinfo.example.com/admin", &[], "404");
    answers("https-gateway-with-secret", "outside", "http://bookinfo.example.com/productpage", &[], "connection refused");
}

#[test]
fn a_service_entry_is_passed_on_unopened() {
    answers("service-entry", "sleep-a.default", "https://api.files.example/", &[], "200 api.files.example");
}

#[test]
fn the_way_out_needs_a_gateway_and_a_service_entry() {
    answers("egress-alone", "sleep-a.default", "http://httpbin.example/get", &[], "503");
    let journey = send("egress-complete", "sleep-a.default", "http://httpbin.example/get", &[]);
    assert_eq!(journey.answer.to_string(), "200 httpbin.example");
    let proxies: Vec<&str> = journey.hops.iter().map(|hop| hop.proxy.as_str()).collect();
    assert_eq!(proxies, ["sleep-a.default", "istio-egressgateway-a.istio-system"]);
}

#[test]
fn a_mirror_does_not_answer() {
    let journey = send("mirror", "sleep-a.foo", "http://httpbin:8000/get", &[]);
    assert_eq!(journey.answer.to_string(), "200 httpbin.foo/v1");
    let mirrors: Vec<(&str, f64)> = journey.hops[0].outcome.mirrors.iter().map(|mirror| (mirror.name.as_str(), mirror.share)).collect();
    assert_eq!(mirrors, [("outbound|8000|v2|httpbin.foo.svc.cluster.local", 1.0)]);
}

#[test]
fn a_route_to_an_undefined_subset_is_a_503() {
    answers("retries", PRODUCTPAGE, "http://ratings:9080/ratings/0", &[], "503");
}

#[test]
fn limits_do_not_touch_a_single_request() {
    answers("circuit-breaker", PRODUCTPAGE, REVIEWS, &[], "200 reviews");
}

#[test]
fn what_is_left_out_is_said_at_its_place() {
    let world = manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")));
    let scene = Scene::new(&world, "limits", &fixture("routes/limits.yaml"));
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let said: Vec<(usize, &str)> = scene.findings().iter().map(|note| (note.position().line, note.message.as_str())).collect();
    let wanted = [(11, "WorkloadGroup/default/shop"), (27, "AUTO_PASSTHROUGH")];
    assert_eq!(said.len(), wanted.len(), "{said:?}");
    for ((line, message), (wanted_line, words)) in said.into_iter().zip(wanted) {
        assert!(line == wanted_line && message.starts_with("accepted, not simulated yet: ") && message.contains(words), "{line}: {message}");
    }
}

/// What becomes of rules that overlap, on the whole path: the connection goes where unknown hosts go, and both rules are named.
#[test]
fn a_listener_that_envoy_refuses_is_told_with_the_rules_behind_it() {
    let world = manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")));
    let scene = Scene::new(&world, "refused", &fixture("routes/refused-listener.yaml"));
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let journey = scene.send(&Request { from: PRODUCTPAGE.into(), url: "https://vault.example.com:8443/".into(), ..Request::default() }).unwrap();
    let outcome = &journey.hops[0].outcome;
    assert_eq!((outcome.listener.as_str(), outcome.clusters[0].name.as_str()), ("virtualOutbound", "PassthroughCluster"), "{journey:#?}");
    let lines: Vec<(usize, &str)> = outcome.trace[..2]
        .iter()
        .map(|step| {
            let (file, span) = scene.locate(step.origin.as_ref().unwrap()).unwrap();
            (file.position(span.start()).line, step.reason.as_str())
        })
        .collect();
    let why = "Envoy refuses this listener, so it is as if it had not been pushed: filter chain 0 and filter chain 1 overlap, \
               for both take connections with the server name vault.example.com to 198.51.100.0/24.";
    assert_eq!(lines, [(21, why), (19, "this is the chain that filter chain 1 overlaps.")]);
}
