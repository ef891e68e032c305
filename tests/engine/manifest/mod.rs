//! YAML and JSON as kubectl reads them, sound and broken, within bounds.

mod faults;
mod values;

use std::{fs, path::Path, time::Instant};

use meshwright::engine::{
    manifest::{Limits, Manifest, read, read_bytes, read_with},
    source::SourceFile,
};

fn manifest(text: &str) -> Manifest {
    read(&SourceFile::new("t", text))
}

fn json(text: &str) -> Vec<String> {
    let manifest = manifest(text);
    assert!(manifest.diagnostics.is_empty(), "{text}: {:#?}", manifest.diagnostics);
    manifest.documents.iter().map(|document| document.root.to_json().to_string()).collect()
}

/// Line, column and message of each fault.
fn faults(text: &str) -> Vec<(usize, usize, String)> {
    manifest(text).diagnostics.iter().map(|d| (d.position().line, d.position().column, d.message.clone())).collect()
}

#[test]
fn a_stream_is_parted_by_lines() {
    assert_eq!(json("---\n# nothing\n---\n\n--- # remark\na: 1\n---\n---\nb: |\n  ---\n  x\n# the end\n"), [r#"{"a":1}"#, r#"{"b":"---\nx\n"}"#]);
    assert!(json("").is_empty());
    assert!(json("# only a remark").is_empty());
}

#[test]
fn json_is_read_too_several_objects_included() {
    assert_eq!(json("{\n\t\"a\": [1, {\"b\": \"x\\u00e9 }{\"}]\n}\n"), [r#"{"a":[1,{"b":"xé }{"}]}"#]);
    assert_eq!(json("{\"a\": 1}\n{\"b\": 2}"), [r#"{"a":1}"#, r#"{"b":2}"#]);
}

#[test]
fn marks_of_windows_change_no_place() {
    let manifest = manifest("\u{feff}a: 1\r\nbb:\r\n  c: x\r\n");
    let root = &manifest.documents[0].root;
    assert_eq!(root.to_json().to_string(), r#"{"a":1,"bb":{"c":"x"}}"#);
    let places: Vec<(usize, usize)> =
        root.entries().iter().map(|entry| manifest.documents[0].file.position(entry.key_span.start())).map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(1, 1), (2, 1)]);
}

#[test]
fn bounds_give_one_answer_each() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    for (text, words) in [
        ("a: b\n".repeat(1 << 20), "bytes are more than"),
        ("---\na: b\n".repeat(10_000), "more than 5000 documents"),
        (bomb.into(), "aliases expand"),
        ("[".repeat(1_000_000), "nested"),
        ("- ".repeat(500_000), "nested deeper than 100"),
        ("{\"a\":".repeat(400_000), "nested"),
        (format!("{}x", "&a [".repeat(90)), "opened and not closed"),
        ("a: \0".into(), "a NUL byte"),
        ("a: \u{7}".into(), "U+0007"),
    ] {
        let before = Instant::now();
        let found = faults(&text);
        assert_eq!(found.len(), 1, "{words}: {found:?}");
        assert!(found[0].2.contains(words), "{found:?}");
        // Far from a second even without optimization; a quadratic walk takes minutes.
        assert!(before.elapsed().as_secs() < 20, "{words} took {:?}", before.elapsed());
    }
}

/// Lines that end in CR LF are not read at once (`parse/usual.rs`), and mean the same.
#[test]
fn usual_lines_mean_what_others_do() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![package.join("content/worlds"), package.join("content/examples"), package.join("tests/fixtures")];
    let mut texts: Vec<String> =
        ["a: b\n c\nd: e\n", "a: b #c\n", "a: b# c\nd:\n", "- a\n- b: c\n  d: - e\n", "a: yes\nyes: b\nnull: ~\n", "a: b: c\n", "a:b: c\nd: 1.5\n"]
            .map(Into::into)
            .to_vec();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
    assert!(texts.len() > 100);
    for text in texts {
        let (one, other) = (read(&SourceFile::new("t", &*text)), read(&SourceFile::new("t", text.replace('\n', "\r\n"))));
        let messages = |manifest: &Manifest| manifest.diagnostics.iter().map(|d| (d.position().line, d.message.clone())).collect::<Vec<_>>();
        assert_eq!(messages(&one), messages(&other), "{text}");
        assert_eq!(one.documents.len(), other.documents.len(), "{text}");
        assert!(one.documents.iter().zip(&other.documents).all(|(one, other)| one.root.is_same(&other.root)), "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let (_, manifest) = read_bytes("t", b"kind: \xff\n", Limits::default());
    assert!(manifest.diagnostics[0].message.contains("byte 7 (0xFF)"));
    let (_, manifest) = read_bytes("t", b"\xff\xfea\0", Limits::default());
    assert!(manifest.diagnostics[0].message.contains("UTF-16"));
}

#[test]
fn hundreds_of_thousands_of_faults_are_told_in_short() {
    assert_eq!(faults(&"a: 1\n".repeat(300_000)).len(), 100);
}

#[test]
fn limits_can_be_set() {
    let file = SourceFile::new("t", "a: 1\n---\nb: 2\n");
    let manifest = read_with(&file, Limits { documents: 1, ..Limits::default() });
    assert_eq!(manifest.documents.len(), 0);
    assert_eq!(manifest.diagnostics.len(), 1);
}
