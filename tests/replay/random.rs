//! Rules without end: whatever Bookinfo's hosts are told, a real Envoy does with a request what the engine computes.

use std::fmt::Write;

use meshwright::engine::{istiod, manifest, mesh::Scene, source::SourceFile};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{outbound, productpage, replay};

/// Rules on the host `reviews`, each on a path of its own behind its number.
const RULES: usize = 24;
/// Configurations, each with an Envoy of its own.
const ROUNDS: usize = 3;

/// A match on what follows the rule's number, and a path that mostly meets it.
fn path_match(at: usize) -> impl Strategy<Value = (String, String)> {
    let behind = prop::sample::select(vec!["", "", "/", "/c", "c", "?x=1"]);
    let elsewhere = prop::sample::select(vec!["A/b", "ab", "a?x=2", ""]);
    (0..5_usize, prop::sample::select(vec!["a", "a/b", "b"]), behind, prop::option::weighted(0.2, elsewhere)).prop_map(
        move |(kind, text, behind, elsewhere)| {
            let matching = match kind {
                0 => format!("uri: {{exact: /{at}/{text}}}"),
                1 => format!("uri: {{prefix: /{at}/{text}}}"),
                2 => format!("uri: {{regex: \"/{at}/{text}.*\"}}"),
                3 => format!("uri: {{prefix: /{at}/{text}}}, ignoreUriCase: true"),
                _ => format!("uri: {{prefix: /{at}/}}, queryParams: {{x: {{exact: '1'}}}}"),
            };
            (matching, elsewhere.map_or_else(|| format!("/{at}/{text}{behind}"), |elsewhere| format!("/{at}/{elsewhere}")))
        },
    )
}

fn header_match() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        ", headers: {end-user: {exact: jason}}",
        ", headers: {end-user: {prefix: ja}}",
        ", headers: {end-user: {regex: \"[a-z]+\"}}",
        ", withoutHeaders: {end-user: {exact: jason}}",
        ", method: {exact: GET}",
        ", authority: {prefix: reviews}",
    ])
    .prop_map(str::to_owned)
}

fn action() -> impl Strategy<Value = String> {
    let subset = || prop::sample::select(vec!["v1", "v2", "v3", "none"]);
    let one = subset().prop_map(|subset| format!("route: [{{destination: {{host: reviews, subset: {subset}}}}}]"));
    let split = (subset(), subset(), 1..99_u32).prop_map(|(a, b, weight)| {
        format!("route: [{{destination: {{host: reviews, subset: {a}}}, weight: {weight}}}, {{destination: {{host: ratings}}, weight: {}}}]", 100 - weight)
            .replace("subset: none", if b == "v1" { "subset: v1" } else { "subset: v2" })
    });
    let changed = prop::sample::select(vec![
        "rewrite: {uri: /}",
        "rewrite: {uri: /new, authority: else.example}",
        "rewrite: {uriRegexRewrite: {match: \"/([0-9]+)/(.*)\", rewrite: \"/\\\\2/\\\\1\"}}",
        "headers: {request: {add: {x-new: '1'}, remove: [end-user]}, response: {set: {x-answer: 'yes'}}}",
        "headers: {request: {set: {end-user: '%REQ(:path)%'}}}",
        "retries: {attempts: 2, retryOn: 5xx}",
        "timeout: 3s",
        "corsPolicy: {allowOrigins: [{exact: 'http://a.example'}], allowMethods: [GET]}",
        "mirror: {host: ratings}",
    ])
    .prop_map(|change| format!("{change}\n    route: [{{destination: {{host: reviews, subset: v1}}}}]"));
    let answer = prop::sample::select(vec![
        "redirect: {uri: /moved, redirectCode: 308}",
        "redirect: {authority: else.example}",
        "redirect: {scheme: https, derivePort: FROM_PROTOCOL_DEFAULT}",
        "directResponse: {status: 403}",
        "fault: {abort: {httpStatus: 418, percentage: {value: 100}}}\n    route: [{destination: {host: reviews}}]",
        "fault: {abort: {httpStatus: 429, percentage: {value: 30}}}\n    route: [{destination: {host: reviews}}]",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => one, 2 => split, 3 => changed, 2 => answer]
}

/// The text of a rule, the path of a request and the user who sends it.
fn rule(at: usize) -> impl Strategy<Value = (String, String, &'static str)> {
    (path_match(at), header_match(), action(), prop::sample::select(vec!["jason", "jason", "jane", "Jason", ""]))
        .prop_map(|((matching, path), more, action, user)| (format!("  - match: [{{{matching}{more}}}]\n    {action}\n"), path, user))
}

#[test]
fn random_rules_end_as_computed() {
    let world = manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")));
    // The seed is fixed, so that a failure comes again.
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut met = 0;
    for round in 0..ROUNDS {
        let mut text =
            String::from("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews}\nspec:\n  hosts: [reviews]\n  http:\n");
        let mut calls = Vec::new();
        for at in 0..RULES {
            let (rule, path, user) = rule(at).new_tree(&mut runner).unwrap().current();
            text += &rule;
            let headers: &[(&str, &str)] = if user.is_empty() { &[] } else { &[("end-user", user), ("origin", "http://a.example")] };
            calls.push(outbound("10.96.0.3", 9080, "reviews:9080", &path, headers));
        }
        text += "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews}\nspec:\n  host: reviews\n  subsets:\n";
        for version in ["v1", "v2", "v3"] {
            writeln!(text, "  - {{name: {version}, labels: {{version: {version}}}}}").unwrap();
        }
        let scene = Scene::new(&world, "random", &text);
        assert!(!scene.is_refused(), "{:?}\n{text}", scene.findings());
        let answers = replay(&istiod::push(&scene.cluster, &productpage()), &calls);
        met += answers.iter().filter(|answer| !answer.computed.statuses.contains_key(&404)).count();
        let wrong: Vec<_> = answers.iter().filter(|answer| answer.agrees != Some(true)).collect();
        assert!(wrong.is_empty(), "round {round}: {wrong:#?}\n{text}");
    }
    assert!(met > RULES * ROUNDS / 4, "only {met} requests meet a rule");
}
