//! Journeys made by hand, drawn, and the drawing read back.

use std::collections::BTreeMap;

use super::{layout, svg};
use crate::engine::{
    envoy::{Call, ClusterShare, Outcome, Stage, Step, Verdict},
    mesh::{Answer, AnswerPart, Hop, HopRole, Journey},
};

fn share(name: &str, share: f64, endpoints: usize) -> ClusterShare {
    ClusterShare { name: name.into(), share, endpoints: (0..endpoints).map(|n| format!("10.1.0.{n}:9080")).collect(), ..ClusterShare::default() }
}

fn route(subject: &str, verdict: Verdict) -> Step {
    Step { stage: Stage::Route, verdict, subject: subject.into(), reason: String::new(), origin: None }
}

fn journey(clusters: Vec<ClusterShare>, trace: Vec<Step>, parts: Vec<AnswerPart>) -> Journey {
    let outcome = Outcome {
        listener: "0.0.0.0_9080".into(),
        virtual_host: "reviews.default.svc.cluster.local:9080".into(),
        route: trace.iter().find(|s| s.verdict == Verdict::Chosen).map(|s| s.subject.clone()).unwrap_or_default(),
        clusters,
        trace,
        ..Outcome::default()
    };
    let hop = Hop { role: HopRole::ClientSidecar, proxy: "productpage-v1-a.default".into(), share: 1.0, call: Call::default(), outcome };
    Journey { answer: Answer { parts }, summary: String::new(), hops: vec![hop], not_simulated: Vec::new() }
}

/// Any two boxes of the drawing that share a place.
fn overlaps(journey: &Journey) -> Vec<(String, String)> {
    let picture = layout::picture(journey, &BTreeMap::new());
    let mut found = Vec::new();
    for (at, a) in picture.boxes.iter().enumerate() {
        assert!(a.x >= 0.0 && a.x + a.width <= layout::WIDTH && a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= picture.height, "{} is outside", a.name);
        for b in &picture.boxes[at + 1..] {
            if a.x < b.x + b.width && b.x < a.x + a.width && (a.y - b.y).abs() < f64::midpoint(a.height, b.height) {
                found.push((a.name.clone(), b.name.clone()));
            }
        }
    }
    found
}

#[test]
fn weights_stand_on_the_edges_and_pods_have_their_names() {
    let journey = journey(
        vec![share("outbound|9080|v1|reviews.default.svc.cluster.local", 0.9, 1), share("outbound|9080|v2|reviews.default.svc.cluster.local", 0.1, 2)],
        vec![route("canary", Verdict::Lost), route("weighted", Verdict::Chosen), route("rest", Verdict::Unreached)],
        Vec::new(),
    );
    let pods = BTreeMap::from([("10.1.0.0".to_owned(), "reviews-v1-a".to_owned())]);
    let drawn = svg(&journey, &pods);
    for wanted in [
        ">90 %<",
        ">10 %<",
        ">reviews/v1<",
        ">reviews/v2<",
        ">reviews-v1-a<",
        ">10.1.0.1:9080<",
        ">not looked at<",
        ">does not match<",
        "90 % to reviews/v1 with 1 endpoint",
    ] {
        assert!(drawn.contains(wanted), "{wanted} is missing in {drawn}");
    }
    assert!(!drawn.contains("style="), "the content security policy forbids style attributes");
    assert_eq!(overlaps(&journey), Vec::new());
}

#[test]
fn a_hundred_endpoints_and_many_routes_stay_within_bounds() {
    let clusters = (0..40).map(|n| share(&format!("outbound|80||s{n}.default.svc.cluster.local"), 0.025, 100)).collect();
    let trace = (0..200).map(|n| route(&format!("rule-{n}"), if n == 150 { Verdict::Chosen } else { Verdict::Lost })).collect();
    let journey = journey(clusters, trace, Vec::new());
    let drawn = svg(&journey, &BTreeMap::new());
    assert!(drawn.len() < 40_000, "{}", drawn.len());
    assert!(drawn.contains(">rule-150<"), "the route taken is always there");
    assert!(drawn.contains(">+ 99 more<") && drawn.contains(">+ 28 more<") && drawn.contains(">+ 194 more<"), "{drawn}");
    assert_eq!(overlaps(&journey), Vec::new());
}

#[test]
fn what_the_proxy_answers_itself_and_empty_clusters_are_drawn() {
    let fault = AnswerPart { text: "503".into(), status: Some(503), destination: String::new(), share: 0.2, pods: BTreeMap::new() };
    let clusters = |endpoints| vec![share("outbound|9080||ratings.default.svc.cluster.local", 1.0, endpoints)];
    let drawn = svg(&journey(clusters(1), vec![route("default", Verdict::Chosen)], vec![fault.clone()]), &BTreeMap::new());
    for wanted in [">503<", ">20 %<", ">by the proxy<", ">80 %<"] {
        assert!(drawn.contains(wanted), "{wanted} is missing in {drawn}");
    }
    let unhealthy = AnswerPart { share: 1.0, ..fault };
    let drawn = svg(&journey(clusters(0), vec![route("default", Verdict::Chosen)], vec![unhealthy]), &BTreeMap::new());
    assert!(drawn.contains(">no endpoints<") && !drawn.contains(">by the proxy<"), "one cause, drawn once: {drawn}");
}

#[test]
fn names_are_cut_and_escaped() {
    let name = "<script>alert(1)</script>\u{7}-and-much-more-than-fits";
    let drawn = svg(&journey(vec![share(name, 1.0, 1)], vec![route("\"&'", Verdict::Chosen)], Vec::new()), &BTreeMap::new());
    assert!(!drawn.contains("<script") && !drawn.contains('\u{7}'), "{drawn}");
    assert!(drawn.contains("&lt;script&gt;alert(…<"), "{drawn}");
    assert!(drawn.contains("and-much-more-than-fits"), "the whole name is in the title");
}

#[test]
fn journeys_without_a_proxy_or_without_hops_draw() {
    let mut lone = journey(
        Vec::new(),
        Vec::new(),
        vec![AnswerPart { text: "200 reviews".into(), status: Some(200), destination: "reviews".into(), share: 1.0, pods: BTreeMap::new() }],
    );
    lone.hops[0].role = HopRole::NoProxy;
    lone.hops[0].outcome = Outcome::default();
    assert!(svg(&lone, &BTreeMap::new()).contains(">outside the mesh<"));
    lone.hops.clear();
    assert!(svg(&lone, &BTreeMap::new()).starts_with("<svg"));
}

#[test]
fn the_way_into_a_proxys_own_workload_bears_the_workloads_name() {
    let mut journey = journey(vec![share("inbound|9080||", 1.0, 1)], vec![route("default", Verdict::Chosen)], Vec::new());
    journey.hops[0].proxy = "reviews-v2-a.default".into();
    let drawn = svg(&journey, &BTreeMap::new());
    assert!(drawn.contains(">reviews-v2-a<") && drawn.contains(">port 9080<"), "{drawn}");
    assert!(drawn.contains("100 % to reviews-v2-a with 1 endpoint"), "{drawn}");
}
