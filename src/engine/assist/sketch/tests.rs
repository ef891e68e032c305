//! Sketches of whole and of broken texts.

use super::{Sketch, Spot, Step, document_at};
use crate::engine::source::Span;

/// The spot at `|`, as `key PATH word` or `value PATH word`.
fn spot(text: &str) -> String {
    let at = text.find('|').expect("a text with a mark");
    let text = text.replacen('|', "", 1);
    let sketch = Sketch::of(&text);
    let path = |steps: &[Step]| {
        let steps = steps.iter().map(|step| match step {
            Step::Key(name) => name.clone(),
            Step::Index(at) => at.to_string(),
        });
        steps.collect::<Vec<_>>().join(".")
    };
    match sketch.spot(at) {
        None => "nothing".into(),
        Some(Spot::Key { parent, word, .. }) => format!("key {} {}", path(&sketch.path(parent)), sketch.slice(word)).trim_end().replace("  ", " "),
        Some(Spot::Value { path: steps, word, .. }) => format!("value {} {}", path(&steps), sketch.slice(word)).trim_end().to_owned(),
    }
}

#[test]
fn keys_and_values_in_blocks() {
    for (text, wanted) in [
        ("|", "key"),
        ("ki|", "key ki"),
        ("spec:\n  ho|", "key spec ho"),
        ("spec:\n  |", "key spec"),
        ("spec:\n|", "key"),
        ("spec:\n  hosts: [a]\n  |\n  http:\n", "key spec"),
        ("spec:\n  http:\n  - route:\n    - destination:\n        host: x\n      |", "key spec.http.0.route.0"),
        ("spec:\n  http:\n  - route:\n    - destination:\n        host: x\n        |", "key spec.http.0.route.0.destination"),
        ("spec:\n  http:\n  - route:\n    - destination:\n        host: x\n    |", "key spec.http.0"),
        ("spec:\n  http:\n  - route:\n    - destination:\n        host: x\n  |", "key spec"),
        ("spec:\n  http:\n  - match:\n  - ro|", "value spec.http.1 ro"),
        ("spec:\n  http:\n  - |", "value spec.http.0"),
        ("spec:\n  http:\n    - route: []\n      ti|\n", "key spec.http.0 ti"),
        ("spec:\n  host: rev|", "value spec.host rev"),
        ("spec:\n  host: |", "value spec.host"),
        ("spec:\n  host:|", "value spec.host"),
        ("spec:\n  host: reviews |", "nothing"),
        ("spec:\n  host: \"rev|", "value spec.host \"rev"),
        ("spec:\n  h|ost: reviews", "key spec host"),
        ("spec:\n  host: reviews # a |", "nothing"),
        ("# |", "nothing"),
        ("data:\n  a: >\n    x: |\n", "nothing"),
        ("data:\n  a: >\n    x: 1\n  b|", "key data b"),
        ("spec:\n  host: x\n    |", "nothing"),
        ("spec:\n  rules:\n  - from:\n    - source:\n        principals:\n        - a\n        - b|", "value spec.rules.0.from.0.source.principals.1 b"),
        ("a:\n- b\n- - c\n  - d|", "value a.1.1 d"),
    ] {
        assert_eq!(spot(text), wanted, "{text}");
    }
}

#[test]
fn keys_and_values_in_brackets() {
    for (text, wanted) in [
        ("spec: {|", "key spec"),
        ("spec: {ho|}", "key spec ho"),
        ("spec: {host: rev|}", "value spec.host rev"),
        ("spec: {host: |}", "value spec.host"),
        ("spec: {host: reviews, |}", "key spec"),
        ("spec: {host: reviews |}", "nothing"),
        ("spec: {host: reviews, sub|", "key spec sub"),
        ("spec: {port: {num|: 1}}", "key spec.port num"),
        ("spec: {port: {number: 1}, |}", "key spec"),
        ("spec: {hosts: [|]}", "value spec.hosts.0"),
        ("spec: {hosts: [a, b|]}", "value spec.hosts.1 b"),
        ("spec: {hosts: [a, |]}", "value spec.hosts.1"),
        ("spec: {http: [{route: [{destination: {host: |}}]}]}", "value spec.http.0.route.0.destination.host"),
        ("spec: {http: [{name: a}, {na|}]}", "key spec.http.1 na"),
        ("spec:\n  http:\n  - route:\n    - destination: {host: re|\n      weight: 90\n", "value spec.http.0.route.0.destination.host re"),
        ("spec:\n  http:\n  - route:\n    - destination: {host: re\n      wei|ght: 90\n", "key spec.http.0.route.0 weight"),
        ("spec: {\n  host: a,\n  sub|\n}\n", "key spec sub"),
        ("{\"spec\": {\"host\": \"re|\"}}", "value spec.host \"re\""),
        ("- {name: v1, labels: {ver|}}", "key 0.labels ver"),
    ] {
        assert_eq!(spot(text), wanted, "{text}");
    }
}

#[test]
fn the_document_of_a_place_ends_at_its_marks() {
    let text = "a: 1\n---\nb: 2\n--- # c\nd: 3";
    let at = |needle: &str| {
        let span = document_at(text, text.find(needle).expect("a part of the text"));
        &text[span.range()]
    };
    assert_eq!((at("a:"), at("b:"), at("d:")), ("a: 1\n", "b: 2\n", "d: 3"));
    assert_eq!(document_at(text, 5), Span::new(5, 5));
    assert_eq!(document_at(text, 9), Span::new(9, 14));
    assert_eq!(document_at(text, text.len()), Span::new(text.len() - 4, text.len()));
    assert_eq!(document_at("", 0), Span::new(0, 0));
    assert_eq!(document_at("---", 3), Span::new(3, 3));
    assert_eq!(document_at("---\n", 4), Span::new(4, 4));
}

#[test]
fn no_text_is_too_much() {
    let deep = |open: &str, count: usize| open.repeat(count);
    let mut stairs = String::new();
    for level in 0..1_000 {
        stairs += &[" ".repeat(level).as_str(), "a:\n"].concat();
    }
    for text in [
        deep("[", 100_000),
        deep("{a: ", 100_000),
        deep("- ", 100_000),
        stairs,
        deep("a: {\u{a0}", 1_000),
        "\u{a0}: \u{a0}".into(),
        "'".into(),
        "\"\\".into(),
        "{#\u{e9}".into(),
    ] {
        let sketch = Sketch::of(&text);
        for at in (0..=text.len()).step_by(1 + text.len() / 50).filter(|at| text.is_char_boundary(*at)) {
            sketch.spot(at);
        }
    }
}
