//! Several requests on the virtual clock, with answers that the test states.

use meshwright::engine::{
    envoy::{Event, span_text},
    manifest::{self, Manifest},
    mesh::{Load, LoadRun, Request, Scene},
    source::SourceFile,
};

/// Two retries of 5xx, half a second each; one connection and one that waits; two failures in a row throw an endpoint out.
const RULES: &str = "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}
    outlierDetection: {consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: 30s, maxEjectionPercent: 40}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - retries: {attempts: 2, perTryTimeout: 500ms, retryOn: 5xx}
    route: [{destination: {host: reviews}}]
";

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

fn run(load: &Load) -> LoadRun {
    let scene = Scene::new(&world(), "input", RULES);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let request = Request { from: "productpage-v1-a.default".into(), url: "http://reviews:9080/".into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    scene.load(&journey, load).unwrap().expect("the client's sidecar sends it to the backends")
}

/// The moments of some kinds: when, and of which run.
fn moments(run: &LoadRun, events: &[Event]) -> Vec<(String, usize, Event)> {
    let wanted = run.timeline.moments.iter().filter(|moment| events.contains(&moment.event));
    wanted.map(|moment| (span_text(moment.at_nanos), moment.run, moment.event)).collect()
}

fn at(time: &str, run: usize, event: Event) -> (String, usize, Event) {
    (time.to_owned(), run, event)
}

/// Waits are the mean of Envoy's jittered back-off: 25 ms, then 75 ms, halved
/// (<https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-max-retries>).
#[test]
fn retries_follow_their_waits() {
    let run = run(&Load { status: "503, 503, 200".into(), ..Load::default() });
    let sent = moments(&run, &[Event::Sent, Event::Ended]);
    assert_eq!(sent, [at("0 ms", 0, Event::Sent), at("12.5 ms", 0, Event::Sent), at("50 ms", 0, Event::Sent), at("50 ms", 0, Event::Ended)]);
    assert_eq!(run.tally(), "1 × 200");
}

#[test]
fn an_attempt_has_no_more_than_its_time() {
    let run = run(&Load { delay: "700ms".into(), ..Load::default() });
    let late = moments(&run, &[Event::TimedOut]);
    assert_eq!(late, [at("500 ms", 0, Event::TimedOut), at("1.012 s", 0, Event::TimedOut), at("1.55 s", 0, Event::TimedOut)]);
    assert_eq!(run.tally(), "1 × 504 UT,URX");
}

/// An endpoint always gets its first connection; then one request waits and the next is turned away (`UO`).
#[test]
fn what_is_more_than_the_pool_takes_overflows() {
    let run = run(&Load { concurrency: 6, delay: "100ms".into(), ..Load::default() });
    assert_eq!(run.tally(), "4 × 200, 2 × 503 UO");
    assert_eq!(moments(&run, &[Event::Queued]), [at("0 ms", 3, Event::Queued)]);
    assert_eq!(moments(&run, &[Event::Overflowed]), [at("0 ms", 4, Event::Overflowed), at("0 ms", 5, Event::Overflowed)]);
    let words = &run.timeline.moments.iter().find(|moment| moment.event == Event::Overflowed).unwrap().reason;
    assert_eq!(words, "connections: 1, waiting requests: 1");
}

#[test]
fn an_endpoint_that_fails_in_a_row_is_thrown_out_and_the_next_one_spared() {
    let failing = run(&Load { repeat: 8, pause: "100ms".into(), status: "reviews-v1-a=503; reviews-v2-a=503".into(), ..Load::default() });
    let [ejection] = failing.timeline.ejections.as_slice() else { panic!("{:?}", failing.timeline.ejections) };
    assert_eq!(ejection.reason, "5xx errors in a row: 2");
    assert!(ejection.until_nanos >= ejection.at_nanos + 30_000_000_000 && ejection.until_nanos % 1_000_000_000 == 0, "at the detector's next round");
    // 40 % of three endpoints is one.
    assert!(!moments(&failing, &[Event::Spared]).is_empty());
    let after = failing.timeline.moments.iter().filter(|moment| moment.at_nanos > ejection.known_from_nanos && moment.event == Event::Sent);
    assert!(after.clone().count() > 0 && after.clone().all(|moment| moment.endpoint != ejection.endpoint), "nothing goes there meanwhile");
}

#[test]
fn time_is_counted_from_the_first_request_and_in_order() {
    let run = run(&Load { repeat: 3, pause: "2s".into(), ..Load::default() });
    assert_eq!(moments(&run, &[Event::Begun]), [at("0 ms", 0, Event::Begun), at("2 s", 1, Event::Begun), at("4 s", 2, Event::Begun)]);
    assert!(run.timeline.moments.is_sorted_by_key(|moment| moment.at_nanos));
}

#[test]
fn a_load_that_cannot_be_used_names_its_field() {
    let scene = Scene::new(&world(), "input", RULES);
    let request = Request { from: "productpage-v1-a.default".into(), url: "http://reviews:9080/".into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    for (load, field, words) in [
        (Load { status: "200, teapot".into(), ..Load::default() }, "status", "reset or refused"),
        (Load { status: "reviews-v1-b=503".into(), ..Load::default() }, "status", "did you mean \"reviews-v1-a\"?"),
        (Load { delay: "soon".into(), ..Load::default() }, "delay", "200ms"),
        (Load { pause: "-1s".into(), ..Load::default() }, "pause", "span of time"),
        (Load { repeat: 5000, ..Load::default() }, "repeat", "1000"),
    ] {
        let error = scene.load(&journey, &load).unwrap_err();
        assert_eq!(error.field, field);
        assert!(error.message.contains(words), "{}", error.message);
    }
}

#[test]
fn a_load_is_bounded_and_one_that_is_too_much_is_refused() {
    let most = run(&Load { repeat: 500, concurrency: 2, status: "503".into(), ..Load::default() });
    assert_eq!(most.outcome.runs.unwrap().len(), 1000);
    assert!(most.timeline.moments.len() == 4000 && most.timeline.omitted > 0);
    let scene = Scene::new(&world(), "input", RULES);
    let request = Request { from: "productpage-v1-a".into(), url: "http://reviews:9080/".into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    for (repeat, concurrency, field) in [(501, 2, "repeat"), (u32::MAX, u32::MAX, "concurrency"), (0, 1001, "concurrency")] {
        let error = scene.load(&journey, &Load { repeat, concurrency, ..Load::default() }).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
    let many = (0..101).map(|at| format!("10.0.0.{at}=503")).collect::<Vec<_>>().join(";");
    assert_eq!(scene.load(&journey, &Load { status: many, ..Load::default() }).unwrap_err().field, "status");
}
