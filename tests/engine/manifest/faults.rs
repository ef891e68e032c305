//! What kubectl's reader refuses: each fault at its place, with the cure.

use super::{faults, manifest};
use meshwright::engine::diagnostic::Level;

#[test]
fn faults_name_their_place_and_cure() {
    for (text, line, column, words) in [
        ("a:\n\tb: 1\n", 2, 1, "a tab indents"),
        ("a: b\n\t\nc: d\n", 2, 1, "a tab indents"),
        ("a:\n-\tb: c\n", 2, 2, "write a space"),
        ("a: |\n\tb\n", 2, 1, "a tab indents"),
        ("a: *.example.com\n", 1, 4, "\"*.example.com\""),
        ("a: [*]\n", 1, 5, "\"*\""),
        ("a: &\n", 1, 4, "\"&\" gives a value a name"),
        ("a: &x [*x]\n", 1, 8, "has no end"),
        ("a: b: c\n", 1, 5, "put the value in quotes"),
        ("a: @b\n", 1, 4, "put it in quotes"),
        ("a: `b`\n", 1, 4, "put it in quotes"),
        ("a: %b\n", 1, 4, "put it in quotes"),
        ("a: [|]\n", 1, 5, "cannot stand within brackets"),
        ("a: !e!x y\n", 1, 4, "\"!\" starts a tag"),
        ("a: !=b\nc: !x{}\n", 2, 4, "\"!\" starts a tag"),
        ("a: 1\nmetadata\n  name: x\n", 2, 1, "ends with a colon"),
        ("a: 1\nb:2\nc: 3\n", 2, 1, "needs a space behind it"),
        ("a: {b: 1\n", 1, 4, "opened and not closed"),
        ("a: {b: 1]\n", 1, 9, "cannot close"),
        ("a: b]\nd: ]\n", 2, 4, "closes nothing"),
        ("a: [b c, \"d\" e]\n", 1, 14, "a comma between items"),
        ("a: [b,, c]\n", 1, 7, "remove the extra comma"),
        ("a: 'b\n", 1, 4, "closing quote"),
        ("a: \"b\" c\n", 1, 8, "text follows"),
        ("a: \"\\d\"\n", 1, 5, "unknown escape"),
        ("a: '\\d'\nb: \"\\ud83d\"\n", 2, 5, "unknown escape"),
        ("a:\n- b\n c: 1\n", 3, 2, "fits to nothing above"),
        ("a:\n    b: 1\n  c: 1\n", 3, 3, "fits to nothing above"),
        ("a: - b\n", 1, 4, "starts an item"),
        ("a: | b\n  c\n", 1, 6, "start it on the next line"),
        ("a: {{ .Values.b }}\n", 1, 5, "template"),
        ("? [a]\n: b\n", 1, 3, "not a list"),
        ("~: b\n", 1, 1, "not nothing"),
        ("a: {<<: 1}\n", 1, 5, "takes the keys of a mapping"),
        ("a: .inf\n", 1, 4, "write a finite one"),
        ("a: !!int x\n", 1, 10, "remove the tag"),
        ("a: !!binary '*'\n", 1, 13, "base64"),
        ("%YAML 1.2\n---\na: 1\n", 1, 1, "remove this one"),
        ("a: 1\n--- b: 1\nc: 2\n", 2, 5, "on the next line"),
        ("a: |\n-----BEGIN CERTIFICATE-----\n", 2, 4, "on the next line"),
    ] {
        let found = faults(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert_eq!((found[0].0, found[0].1), (line, column), "{text:?}: {found:?}");
        assert!(found[0].2.contains(words), "{text:?}: {found:?}");
    }
}

#[test]
fn several_faults_of_a_document_are_told_and_none_reaches_the_next() {
    let found = faults("a: *\nb: 1\nc: 2\nd: @x\ne: 1\n---\nf: 1\n---\ng: 'x\n");
    assert_eq!(found.iter().map(|fault| fault.0).collect::<Vec<_>>(), [1, 4, 9]);
    let manifest = manifest("a: *\n---\nf: 1\n");
    assert_eq!(manifest.documents.len(), 1);
    assert_eq!(manifest.pieces.len(), 2);
    let lines: Vec<usize> = faults("a:\n\tb: 1\n\tc: 2\nd: 3\ne: @\n").iter().map(|fault| fault.0).collect();
    assert_eq!(lines, [2, 3, 5]);
}

#[test]
fn duplicate_keys_name_both_places_and_the_last_counts() {
    let text = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n1: x\n'1': z\n";
    assert_eq!(
        faults(text),
        [
            (4, 3, "key \"c\" is set twice, first on line 3; keep one of the two".into()),
            (5, 1, "key \"a\" is set twice, first on line 1; keep one of the two".into()),
            (7, 1, "key \"1\" is set twice, first on line 6; keep one of the two".into())
        ]
    );
    assert_eq!(manifest(text).documents[0].root.to_json().to_string(), r#"{"1":"z","a":3,"b":{"c":2}}"#);
    let many = (0..40).map(|at| format!("k{}: 1", at % 20)).collect::<Vec<_>>().join("\n");
    assert_eq!(faults(&many).len(), 20);
}

#[test]
fn text_behind_the_end_of_a_document_is_not_read() {
    for (text, line) in [("a: 1\n...\nb: 2\n---\nc: 3\n", 3), ("  a: 1\nb: 2\n---\nc: 3\n", 2), ("{a: 1} b\n---\nc: 3\n", 1)] {
        let manifest = manifest(text);
        let told: Vec<(Level, usize)> = manifest.diagnostics.iter().map(|d| (d.level, d.position().line)).collect();
        assert_eq!(told, [(Level::Warning, line)], "{text}");
        let documents: Vec<String> = manifest.documents.iter().map(|document| document.root.to_json().to_string()).collect();
        assert_eq!(documents, [r#"{"a":1}"#, r#"{"c":3}"#], "{text}");
    }
    assert!(faults("a: 1\n...\n# the end\n").is_empty());
}
