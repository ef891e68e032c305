//! A real Envoy, given the xDS that we would push, ends every call as computed.

mod bootstrap;
mod process;

use std::collections::{BTreeMap, HashSet};

use meshwright::engine::{
    envoy::{self, Call, Mode, Outcome},
    istiod::{self, Proxy, ProxyType},
    mesh::Scene,
    xds::ProxyConfig,
};
use process::RealEnvoy;

use super::article::scene;

/// Requests a distribution is measured with. A share that is off by more than six standard deviations fails;
/// a right one does so once in 500 million runs.
const SAMPLES: u32 = 400;

fn sidecar(name: &str, namespace: &str, ip: &str) -> Proxy {
    Proxy {
        id: format!("{name}.{namespace}"),
        namespace: namespace.into(),
        labels: BTreeMap::from([("app".into(), name.into())]),
        ip: ip.into(),
        service_account: name.into(),
        ..Proxy::default()
    }
}

fn ingress_gateway() -> Proxy {
    let labels = BTreeMap::from([("app".into(), "istio-ingressgateway".into()), ("istio".into(), "ingressgateway".into())]);
    Proxy { id: "gateway".into(), r#type: ProxyType::Gateway, namespace: "istio-system".into(), labels, ip: "10.1.9.11".into(), ..Proxy::default() }
}

fn outbound(address: &str, port: u32, host: &str, path: &str, headers: &[(&str, &str)]) -> Call {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Call {
        name: path.into(),
        mode: Mode::Outbound,
        address: address.into(),
        port,
        host: host.into(),
        path: path.into(),
        method: "GET".into(),
        headers,
        ..Call::default()
    }
}

/// Sends each call to a real Envoy and compares status, chosen endpoints and what the backend saw with the computed outcome.
fn compare(scene: &Scene, proxy: &Proxy, calls: &[Call]) {
    let config = istiod::push(&scene.cluster, proxy);
    let outcomes: Vec<Outcome> = calls.iter().map(|call| envoy::run(&config, call)).collect();
    let listener = &outcomes[0].listener;
    assert!(outcomes.iter().all(|outcome| outcome.listener == *listener), "one listener a comparison");
    let real = RealEnvoy::start(&config, listener);
    for (call, outcome) in calls.iter().zip(&outcomes) {
        compare_call(&real, &config, call, outcome);
    }
}

fn compare_call(real: &RealEnvoy, config: &ProxyConfig, call: &Call, outcome: &Outcome) {
    let headers: Vec<(&str, &str)> = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let is_certain = outcome.clusters.len() <= 1 && outcome.response.statuses.len() <= 1;
    let samples = if is_certain { 3 } else { SAMPLES };
    let mut statuses: BTreeMap<u16, u32> = BTreeMap::new();
    let mut arrived: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..samples {
        let reply = real.get(&call.host, &call.path, &headers);
        *statuses.entry(reply.status).or_default() += 1;
        if let Some(endpoint) = reply.headers.get("x-endpoint") {
            *arrived.entry(endpoint.clone()).or_default() += 1;
            let upstream = outcome.upstream.as_ref().unwrap_or_else(|| panic!("{}: a backend was reached", call.name));
            assert_eq!((&reply.headers["x-path"], &reply.headers["x-host"]), (&upstream.path, &upstream.authority), "{}", call.name);
        }
        if let Some(location) = outcome.response.headers.get("location") {
            assert_eq!(reply.headers.get("location"), Some(location), "{}", call.name);
        }
    }
    for status in statuses.keys().chain(outcome.response.statuses.keys()) {
        close(
            &call.name,
            &status.to_string(),
            statuses.get(status).copied().unwrap_or(0),
            samples,
            outcome.response.statuses.get(status).copied().unwrap_or(0.0),
        );
    }
    let replies = outcome.response.statuses.get(&200).copied().unwrap_or(0.0);
    for cluster in outcome.clusters.iter().filter(|cluster| !cluster.endpoints.is_empty() && !arrived.is_empty()) {
        let known: HashSet<&String> = cluster.endpoints.iter().collect();
        let count = arrived.iter().filter(|(endpoint, _)| known.contains(endpoint)).map(|(_, count)| count).sum();
        close(&call.name, &cluster.name, count, samples, cluster.share * replies);
    }
    assert!(config.listeners.iter().any(|listener| listener.name == outcome.listener));
}

#[track_caller]
fn close(call: &str, what: &str, count: u32, samples: u32, share: f64) {
    let (count, samples) = (f64::from(count), f64::from(samples));
    let tolerance = 6.0 * (samples * share * (1.0 - share)).max(0.0).sqrt() + 1e-9;
    assert!((count - samples * share).abs() <= tolerance, "{call}: {what}: real {count} of {samples}, computed a share of {share}");
}

#[test]
fn header_match_ends_as_computed() {
    let calls = [("jason", "/reviews/0"), ("Jason", "/reviews/1"), ("", "/reviews/2?x=1")]
        .map(|(user, path)| outbound("10.96.0.3", 9080, "reviews:9080", path, &[("end-user", user)]));
    compare(&scene("header-match"), &sidecar("productpage", "default", "10.1.0.11"), &calls);
}

#[test]
fn weights_end_as_computed() {
    compare(&scene("weights"), &sidecar("productpage", "default", "10.1.0.11"), &[outbound("10.96.0.3", 9080, "reviews", "/", &[])]);
}

#[test]
fn an_undefined_subset_and_a_passed_through_host_end_as_computed() {
    let scene = scene("retries");
    compare(
        &scene,
        &sidecar("productpage", "default", "10.1.0.11"),
        &[outbound("10.96.0.4", 9080, "ratings", "/", &[]), outbound("10.96.0.2", 9080, "details", "/", &[])],
    );
}

#[test]
fn limits_and_mirrors_end_as_computed() {
    compare(&scene("circuit-breaker"), &sidecar("productpage", "default", "10.1.0.11"), &[outbound("10.96.0.3", 9080, "reviews", "/", &[])]);
    compare(&scene("mirror"), &sidecar("sleep", "foo", "10.1.1.71"), &[outbound("10.96.1.1", 8000, "httpbin:8000", "/get", &[])]);
}

#[test]
fn every_rule_of_a_busy_host_ends_as_computed() {
    let calls = [
        outbound("10.96.0.3", 9080, "reviews", "/old/1?x=2", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/api/v2/reviews/7", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/img/small/12.png", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/status", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/flaky", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/search?q=abc", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/search?q=", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/nothing", &[]),
        outbound("10.96.0.3", 9080, "reviews", "/PREFIX/x", &[]),
    ];
    compare(&scene("../routes/busy-host"), &sidecar("productpage", "default", "10.1.0.11"), &calls);
}

#[test]
fn a_gateway_ends_as_computed() {
    let scene = scene("../routes/plain-gateway");
    let call = |host: &str, path: &str| Call { mode: Mode::Gateway, ..outbound("", 8080, host, path, &[]) };
    compare(
        &scene,
        &ingress_gateway(),
        &[
            call("shop.example", "/productpage"),
            call("shop.example", "/login?next=1"),
            call("shop.example", "/other"),
            call("else.example", "/"),
            call("shop.example:80", "/productpage/7"),
        ],
    );
}
