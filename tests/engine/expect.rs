//! Lines of expectation against what requests come to.

use meshwright::engine::{
    manifest::{self, Manifest},
    mesh::{Expectation, Load, Request, Scene, Suite},
    source::SourceFile,
};

const RULES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - match: [{uri: {prefix: /api}}]
    rewrite: {uri: /v2, authority: reviews.example}
    headers: {request: {set: {x-env: canary}}, response: {set: {x-from: mesh}}}
    route: [{destination: {host: reviews, subset: v2}}]
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 90}
    - {destination: {host: reviews, subset: v2}, weight: 10}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 30s, maxEjectionPercent: 100}}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
";

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

/// What came instead, of each line that does not hold.
fn failing(url: &str, load: Option<&Load>, lines: &[&str]) -> Vec<(String, String)> {
    let scene = Scene::new(&world(), "input", RULES);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let request = Request { from: "productpage-v1-a".into(), url: url.into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    let run = load.and_then(|load| scene.load(&journey, load).unwrap());
    let judged = scene.judge(&journey, run.as_ref(), lines.iter().copied());
    judged.into_iter().filter(|line| !line.holds).map(|line| (line.line, line.came)).collect()
}

fn hold(url: &str, load: Option<&Load>, lines: &[&str]) {
    let failing = failing(url, load, lines);
    assert!(failing.is_empty(), "{url}: {failing:#?}");
}

#[track_caller]
fn fails(url: &str, load: Option<&Load>, line: &str, came: &str) {
    let failing = failing(url, load, &[line]);
    let [(_, why)] = failing.as_slice() else { panic!("{line} holds") };
    assert!(why.contains(came), "{line}: {why}");
}

const SPLIT: &str = "http://reviews:9080/";
const API: &str = "http://reviews:9080/api/x";
const OLD: &str = "http://reviews:9080/old";

#[test]
fn shares_are_exact_and_who_answers_has_many_names() {
    hold(SPLIT, None, &["200", "2xx", "90% from reviews/v1", "10% 200 from reviews-v2", ">= 80% from reviews-v1", "<= 10% from reviews-v2-a", "from reviews"]);
    hold(SPLIT, None, &["90% from reviews-v1-a.default", "never from reviews-v3", "never 503", "never refused", "from reviews.default.svc.cluster.local"]);
    hold(SPLIT, None, &["cluster outbound|9080|v2|reviews.default.svc.cluster.local", "mtls", "never plaintext", "through reviews-v1-a", "# a comment", ""]);
    fails(SPLIT, None, "89.9% from reviews/v1", "90% do; in all 200 reviews/v1 90% (reviews-v1-a.default 90%), 200 reviews/v2 10%");
    fails(SPLIT, None, "from reviews-v1", "90% do");
    fails(SPLIT, None, "never from reviews/v2", "10% do");
    fails(SPLIT, None, "403", "200 reviews/v1 90%");
    fails(SPLIT, None, "refused", "200 reviews/v1 90%");
    fails(SPLIT, None, "tls", "mtls");
    fails(SPLIT, None, "through waypoint", "through client sidecar productpage-v1-a.default");
    fails(SPLIT, None, "no cluster outbound|9080|v1|reviews.default.svc.cluster.local", "outbound|9080|v1|");
}

/// Otherwise a slip of the finger would hold for ever.
#[test]
fn nothing_holds_of_somebody_who_is_not_there() {
    fails(SPLIT, None, "never from reviws-v3", "nobody here is called \"reviws-v3\"; did you mean \"reviews-v3\"?");
    fails(SPLIT, None, "<= 10% from nobody", "nobody here is called");
    fails(SPLIT, None, "20o", "is no status");
    fails(SPLIT, None, "never ejected reviews-v1", "no load was sent");
}

#[test]
fn what_the_backend_and_the_client_see() {
    hold(API, None, &["200 from reviews/v2", "path /v2/x", "host reviews.example", "method GET", "header X-Env: canary", "header x-env", "no header x-other"]);
    hold(API, None, &["response header x-from: mesh", "no response header location", "never path /api/x"]);
    fails(API, None, "header x-env: prod", "header x-env: canary");
    fails(API, None, "no header x-env", "header x-env: canary");
    fails(API, None, "header x-none", "the backend gets no such header");
    fails(API, None, "path /api/x", "path /v2/x");
    hold(OLD, None, &["301", "response header location: http://reviews:9080/new", "never from reviews"]);
    fails(OLD, None, "path /old", "no proxy sends the request to a backend");
    hold("http://nowhere:9080/", None, &["no such host"]);
    fails("http://nowhere:9080/", None, "mtls", "not known");
    fails("http://nowhere:9080/", None, "never mtls", "not known");
}

#[test]
fn of_a_load_the_runs_count() {
    let load = Load { repeat: 4, status: "reviews-v2-a=503".into(), ..Load::default() };
    let api = "http://reviews:9080/api";
    fails(api, Some(&load), "200", "503");
    hold(api, Some(&load), &["attempts 1", "ejected reviews-v2", ">= 25% 503 from reviews-v2-a"]);
    fails(api, Some(&load), "never ejected reviews-v2-a", "thrown out: reviews-v2-a.default");
    fails(api, Some(&load), "attempts >= 2", "1 attempt");
    fails(SPLIT, None, "attempts 1", "no load was sent");
}

#[test]
fn what_came_can_be_expected() {
    let scene = Scene::new(&world(), "input", RULES);
    for (url, lines) in [
        (SPLIT, vec!["90% 200 from reviews/v1", "10% 200 from reviews/v2"]),
        (OLD, vec!["301", "response header location: http://reviews:9080/new"]),
        ("http://nowhere:9080/", vec!["no such host"]),
        ("http://ratings:9081/", vec!["200 from passthrough"]),
    ] {
        let request = Request { from: "productpage-v1-a".into(), url: url.into(), ..Request::default() };
        let journey = scene.send(&request).unwrap();
        let taken = scene.expectations_of(&journey, None);
        if url != "http://ratings:9081/" {
            assert_eq!(taken, lines);
        }
        let judged = scene.judge(&journey, None, taken.iter().map(String::as_str));
        assert!(!judged.is_empty() && judged.iter().all(|line| line.holds), "{url}: {judged:#?}");
    }
}

/// Whatever comes of the examples, taking it as expected must hold at once.
#[test]
fn what_came_of_every_example_can_be_expected() {
    let course = meshwright::course::Course::embedded().unwrap();
    let files = meshwright::course::Files::embedded();
    for exhibit in &course.gallery {
        let world = manifest::read(&SourceFile::new("world", files.text(&format!("worlds/{}.yaml", exhibit.world)).unwrap()));
        let scene = Scene::new(&world, "input", &exhibit.yaml);
        for probe in &exhibit.probes {
            let journey = scene.send(&probe.request).unwrap();
            let run = probe.load.as_ref().and_then(|load| scene.load(&journey, load).unwrap());
            let taken = scene.expectations_of(&journey, run.as_ref());
            let judged = scene.judge(&journey, run.as_ref(), taken.iter().map(String::as_str));
            assert!(!judged.is_empty() && judged.iter().all(|line| line.holds), "{}: {judged:#?}", exhibit.name);
        }
    }
}

#[test]
fn lines_are_bounded() {
    let many = vec!["200"; 60];
    let failing = failing(SPLIT, None, &many);
    assert_eq!(failing.len(), 1);
    assert!(failing[0].1.contains("more than 50 lines"));
}

/// The page that describes files and lines says nothing that cannot be read.
#[test]
fn the_description_holds() {
    let page = include_str!("../../docs/expectations.md");
    let yaml = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let suite = Suite::read(&manifest::read(&SourceFile::new("docs", yaml)), 100).unwrap();
    assert_eq!(suite.cases.len(), 4);
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_start_matches("| ").replace("\\|", "¦")).map(|row| row.split('|').next().unwrap().replace('¦', "|"));
    let around = page.lines().find(|line| line.starts_with("`no` or `never`")).unwrap().split_once("around:").unwrap().1.to_owned();
    let mut count = 0;
    for line in cells.chain([around]) {
        for span in line.split('`').skip(1).step_by(2) {
            Expectation::read(span).unwrap_or_else(|error| panic!("{error}"));
            count += 1;
        }
    }
    assert!(count > 25, "{count}");
}
