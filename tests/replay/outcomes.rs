//! A real Envoy, given the xDS that we would push, ends every call as computed.

use meshwright::engine::{
    envoy::{self, Call, Mode, Tls},
    istiod,
    mesh::Scene,
};

use super::{agree, find_envoy, ingress_gateway, outbound, productpage, replay_with, replayer_with, sidecar, tcp};
use crate::engine::article::scene;

fn world(text: &str) -> Scene {
    let world = meshwright::engine::source::SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml"));
    Scene::new(&meshwright::engine::manifest::read(&world), "input", text)
}

fn gateway(port: u32, host: &str, path: &str) -> Call {
    Call { mode: Mode::Gateway, ..outbound("", port, host, path, &[]) }
}

#[test]
fn header_match_ends_as_computed() {
    let calls = [("jason", "/reviews/0"), ("Jason", "/reviews/1"), ("", "/reviews/2?x=1")]
        .map(|(user, path)| outbound("10.96.0.3", 9080, "reviews:9080", path, &[("end-user", user)]));
    agree(&scene("header-match"), &productpage(), &calls);
}

#[test]
fn weights_end_as_computed() {
    let answers = agree(&scene("weights"), &productpage(), &[outbound("10.96.0.3", 9080, "reviews", "/", &[])]);
    let real = answers[0].real.as_ref().unwrap();
    assert!(real.clusters.len() == 2 && real.requests.is_some_and(|requests| requests > 1), "{real:#?}");
}

#[test]
fn an_undefined_subset_and_a_passed_through_host_end_as_computed() {
    let calls = [outbound("10.96.0.4", 9080, "ratings", "/", &[]), outbound("10.96.0.2", 9080, "details", "/", &[])];
    let answers = agree(&scene("retries"), &productpage(), &calls);
    assert_eq!(answers[0].real.as_ref().unwrap().statuses.keys().collect::<Vec<_>>(), [&503]);
}

#[test]
fn limits_and_mirrors_end_as_computed() {
    agree(&scene("circuit-breaker"), &productpage(), &[outbound("10.96.0.3", 9080, "reviews", "/", &[])]);
    let answers = agree(&scene("mirror"), &sidecar("sleep", "foo", "10.1.1.71"), &[outbound("10.96.1.1", 8000, "httpbin:8000", "/get", &[])]);
    assert_eq!(answers[0].real.as_ref().unwrap().mirrors.len(), 1, "{answers:#?}");
}

#[test]
fn every_rule_of_a_busy_host_ends_as_computed() {
    let paths = ["/old/1?x=2", "/api/v2/reviews/7", "/img/small/12.png", "/status", "/flaky", "/search?q=abc", "/search?q=", "/nothing", "/PREFIX/x"];
    let answers = agree(&scene("../routes/busy-host"), &productpage(), &paths.map(|path| outbound("10.96.0.3", 9080, "reviews", path, &[])));
    let real = answers[0].real.as_ref().unwrap();
    assert_eq!((real.headers["location"].as_str(), real.statuses.keys().next()), ("http://reviews.example/new?x=2", Some(&302)));
}

#[test]
fn a_fault_for_everybody_ends_as_computed() {
    let text = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ratings}\nspec:\n  hosts: [ratings]\n  http:\n  \
                - fault: {abort: {httpStatus: 418, percentage: {value: 100}}}\n    route: [{destination: {host: ratings}}]\n";
    let answers = agree(&world(text), &productpage(), &[outbound("10.96.0.4", 9080, "ratings", "/ratings/0", &[])]);
    assert_eq!(answers[0].real.as_ref().unwrap().flags, ["FI"]);
}

#[test]
fn a_gateway_ends_as_computed() {
    let calls = [
        gateway(8080, "shop.example", "/productpage"),
        gateway(8080, "shop.example", "/login?next=1"),
        gateway(8080, "shop.example", "/other"),
        gateway(8080, "else.example", "/"),
        gateway(8080, "shop.example:80", "/productpage/7"),
        gateway(8081, "shop.example", "/"),
    ];
    agree(&scene("../routes/plain-gateway"), &ingress_gateway(), &calls);
}

#[test]
fn a_gateway_with_tls_ends_as_computed() {
    let tls = |sni: &str, path: &str| Call { tls: Tls::Tls, sni: sni.into(), ..gateway(8443, "bookinfo.example.com", path) };
    let calls = [
        tls("bookinfo.example.com", "/productpage"),
        tls("bookinfo.example.com", "/admin"),
        tls("else.example", "/"),
        gateway(8443, "bookinfo.example.com", "/"),
    ];
    agree(&scene("https-gateway-with-secret"), &ingress_gateway(), &calls);
    let answers = agree(&scene("https-gateway"), &ingress_gateway(), &calls[..1]);
    assert!(answers[0].real.as_ref().unwrap().error.is_some(), "{answers:#?}");
}

#[test]
fn tcp_and_tls_that_is_passed_on_end_as_computed() {
    let text = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: mongodb, namespace: prod}\nspec:\n  hosts: [mongodb]\n  tcp:\n  \
                - route: [{destination: {host: mongodb, port: {number: 27017}}}]\n";
    let scene = world(text);
    let mongodb = scene.cluster.resources.iter().find(|resource| resource.metadata.name == "mongodb").unwrap();
    let namespace = mongodb.metadata.namespace.clone();
    let answers = agree(&scene, &productpage(), &[tcp(Mode::Outbound, "", 27017)]);
    assert!(!answers[0].real.as_ref().unwrap().endpoints.is_empty(), "{namespace}: {answers:#?}");
    let passed_on = Call { tls: Tls::Tls, sni: "api.files.example".into(), ..outbound("", 443, "api.files.example", "/", &[]) };
    agree(&self::scene("service-entry"), &productpage(), &[passed_on]);
}

#[test]
fn mutual_tls_that_comes_in_ends_as_computed() {
    let inbound = |tls| Call { mode: Mode::Inbound, tls, ..outbound("10.1.0.11", 9080, "productpage:9080", "/productpage", &[]) };
    agree(&world(""), &productpage(), &[inbound(Tls::Mtls), inbound(Tls::Plaintext)]);
}

#[test]
fn a_script_of_the_backends_is_played() {
    let upstream = |json: serde_json::Value| Some(serde_json::from_value(json).unwrap());
    let call = |script| Call { upstream: upstream(script), ..outbound("10.96.0.3", 9080, "reviews", "/", &[]) };
    let calls = [
        call(serde_json::json!({"status": [503, 200]})),
        call(serde_json::json!({"status": "refused"})),
        Call { repeat: Some(3), ..call(serde_json::json!({"status": [500]})) },
    ];
    let answers = agree(&world(""), &productpage(), &calls);
    assert_eq!(answers[2].real.as_ref().unwrap().runs.as_ref().unwrap().len(), 3);
}

#[test]
fn a_wrong_answer_is_found() {
    let config = istiod::push(&scene("circuit-breaker").cluster, &productpage());
    let call = outbound("10.96.0.3", 9080, "reviews", "/", &[]);
    let right = envoy::run(&config, &call);
    let mut wrong = vec![right.clone(); 5];
    wrong[0].response.statuses = [(404, 1.0)].into();
    wrong[1].route = "another".into();
    wrong[2].clusters[0].name = "outbound|9080||ratings.default.svc.cluster.local".into();
    wrong[3].upstream.as_mut().unwrap().path = "/else".into();
    wrong[4].upstream.as_mut().unwrap().headers.insert("x-more".into(), "1".into());
    let pairs: Vec<_> = wrong.into_iter().map(|outcome| (call.clone(), outcome)).collect();
    let answers =
        replay_with(&replayer_with(find_envoy(), meshwright::replay::Bounds { time: super::PATIENCE, ..Default::default() }), &config, &pairs).unwrap();
    for (answer, word) in answers.iter().zip(["status", "route", "cluster", "path", "x-more"]) {
        assert!(answer.agrees == Some(false) && answer.differences.iter().any(|said| said.contains(word)), "{word}: {answer:#?}");
    }
}
