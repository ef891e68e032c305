//! The catalogue, the rules, their pages and their fixtures belong together.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use meshwright::engine::{
    analyze::{rules, run},
    diagnostic::{Code, hints, istio},
};

use super::{Cluster, fixtures, pages};

#[test]
fn codes_are_sorted_and_unique() {
    for catalogue in [istio::ALL, hints::ALL] {
        assert!(catalogue.is_sorted_by(|a, b| a.id < b.id), "the catalogue is in the order of its codes");
    }
    assert!(istio::ALL.iter().all(|code| code.id.starts_with("IST")) && hints::ALL.iter().all(|code| code.id.starts_with("MW")));
}

#[test]
fn every_code_has_a_rule_a_page_and_a_fixture() {
    let all: BTreeSet<String> = Code::all().map(|code| code.id.to_owned()).collect();
    let emitted: BTreeSet<String> = rules::all().flat_map(|rule| rule.emits).map(|code| code.id.to_owned()).collect();
    let paged: BTreeSet<String> = pages::all().into_keys().collect();
    let tried: BTreeSet<String> = fixtures::all().into_iter().map(|(code, _)| code).collect();
    for (what, some) in [("rule", emitted), ("page", paged), ("fixture", tried)] {
        let missing: Vec<_> = all.difference(&some).collect();
        let strange: Vec<_> = some.difference(&all).collect();
        assert!(missing.is_empty() && strange.is_empty(), "codes without a {what}: {missing:?}; {what} without a code: {strange:?}");
    }
}

#[test]
fn rules_have_names_of_their_own_and_say_what_they_do() {
    let mut names = BTreeSet::new();
    for rule in rules::all() {
        assert!(names.insert(rule.name), "two rules are called {}", rule.name);
        assert!(!rule.summary.is_empty() && !rule.reads.is_empty() && !rule.emits.is_empty(), "{} says too little", rule.name);
    }
}

/// Over all fixtures, each rule reads no kind that it does not declare and each that it does, and each of its codes is raised.
#[test]
fn rules_read_and_raise_what_they_declare() {
    let mut seen: BTreeMap<&str, (BTreeSet<String>, BTreeSet<&str>)> = BTreeMap::new();
    for (_, path) in fixtures::all() {
        let cluster = Cluster::new(&fs::read_to_string(&path).unwrap());
        let snapshot = cluster.snapshot();
        for rule in rules::all() {
            let run = run(&snapshot, rule);
            let (read, raised) = seen.entry(rule.name).or_default();
            read.extend(run.read.iter().map(|kind| format!("{kind:?}")));
            raised.extend(run.findings.iter().map(|finding| finding.code.id));
        }
    }
    for rule in rules::all() {
        let (read, raised) = seen.remove(rule.name).unwrap_or_default();
        assert_eq!(read, rule.reads.iter().map(|kind| format!("{kind:?}")).collect(), "the kinds that {} reads", rule.name);
        assert_eq!(raised, rule.emits.iter().map(|code| code.id).collect(), "the codes that {} raises in some fixture", rule.name);
    }
}

/// Findings do not hang on the order in which objects come.
#[test]
fn the_order_of_the_input_does_not_matter() {
    for (_, path) in fixtures::all() {
        let mut cluster = Cluster::new(&fs::read_to_string(&path).unwrap());
        let words =
            |cluster: &Cluster| cluster.findings().iter().map(|f| format!("{} {} {} {}", f.code, f.origin(), f.line, f.diagnostic.message)).collect::<Vec<_>>();
        let before = words(&cluster);
        cluster.resources.reverse();
        assert_eq!(before, words(&cluster), "{}", path.display());
    }
}
