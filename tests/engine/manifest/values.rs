//! What kubectl's reader takes, and the values it finds there: YAML 1.1 by the habits of go-yaml v2, handed on as JSON.

use super::json;

/// Every text holds one document.
fn table(cases: &[(&str, &str)]) {
    for (text, value) in cases {
        assert_eq!(json(text), [*value], "{text:?}");
    }
}

#[test]
fn words_that_are_booleans_or_nothing() {
    table(&[
        ("[yes, No, on, OFF, y, n, TRUE, tRUE, 'yes', \"no\"]", r#"[true,false,true,false,true,false,true,"tRUE","yes","no"]"#),
        ("[~, null, Null, '', nil, ]", r#"[null,null,null,"","nil"]"#),
        ("a:\nb: ~\nc: ''\n", r#"{"a":null,"b":null,"c":""}"#),
    ]);
}

#[test]
fn numbers_keep_their_exact_value() {
    table(&[
        ("[0777, 0o777, 0x1F, 0b101, -0b11, 1_000, 08, '0777', 0x_1F, 1__0]", r#"[511,511,31,5,-3,1000,8.0,"0777",31,10]"#),
        ("[1e3, .5, 1., +1, -0, 1.50, 0.1]", "[1000.0,0.5,1.0,1,0,1.5,0.1]"),
        ("[9223372036854775807, 18446744073709551615, -9223372036854775808]", "[9223372036854775807,18446744073709551615,-9223372036854775808]"),
        ("[18446744073709551616, 1e400]", r#"[1.8446744073709552e+19,"1e400"]"#),
    ]);
}

#[test]
fn text_that_only_looks_like_a_number() {
    table(&[
        ("[190:20:30, 12:30, 2001-12-14, '2001-12-14T21:59:43Z']", r#"["190:20:30","12:30","2001-12-14","2001-12-14T21:59:43Z"]"#),
        ("[1.26.4, 10s, 1e, 0x, _1, 1-2, 10.0.0.1, .5_0]", r#"["1.26.4","10s","1e","0x","_1","1-2","10.0.0.1",".5_0"]"#),
    ]);
}

#[test]
fn keys_are_text_whatever_they_look_like() {
    table(&[
        ("yes: 1\n1: 2\n1.50: 3\n0x10: 4\n.inf: 5\n'null': 6\n2001-01-01: 7", r#"{".inf":5,"1":2,"1.5":3,"16":4,"2001-01-01":7,"null":6,"true":1}"#),
        ("a b: 1\n\"c: d\": 2\n'e' : 3\nf-: 4\n-g: 5\n:h: 6\n?i: 7", r#"{"-g":5,":h":6,"?i":7,"a b":1,"c: d":2,"e":3,"f-":4}"#),
    ]);
}

#[test]
fn anchors_aliases_and_merges() {
    table(&[
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n*x : e", r#"{"2":"e","a":1,"b":1,"c":2,"d":2}"#),
        ("a: &k key\n&n b: *n", r#"{"a":"key","b":"b"}"#),
        ("a: &b {x: 1, v: 2}\nm: {<<: *b, v: 3}\nk:\n  <<: [{x: 7}, *b]", r#"{"a":{"v":2,"x":1},"k":{"v":2,"x":7},"m":{"v":3,"x":1}}"#),
        // The reader merges where it stands: what comes before loses, unlike in YAML's own rules.
        ("a: {x: 0, <<: {x: 1}}", r#"{"a":{"x":1}}"#),
        ("a: {'<<': {x: 1}}", r#"{"a":{"<<":{"x":1}}}"#),
        ("a: &outer\n  b: &outer 1\nc: *outer", r#"{"a":{"b":1},"c":1}"#),
        ("a: &x\n- b\nc: &z\n  d: *x", r#"{"a":["b"],"c":{"d":["b"]}}"#),
    ]);
}

#[test]
fn comments_and_blanks() {
    table(&[
        ("a: # nothing\n  # here\n  b: c # d\n\n  # e\nf: g#h", r#"{"a":{"b":"c"},"f":"g#h"}"#),
        ("a:\tb\nc: d\t# e", r#"{"a":"b","c":"d"}"#),
        ("{\n\ta:\t1,\n\tb: [\t2\t]\n}", r#"{"a":1,"b":[2]}"#),
        ("a: [b,\n\tc]", r#"{"a":["b","c"]}"#),
        ("a: \"b\"#c", r#"{"a":"b"}"#),
    ]);
}

#[test]
fn text_in_several_lines() {
    table(&[
        ("a: |\n  one\n   two\n\n  three\n\nb: |-\n  x\n\nc: |+\n  z\n\n", r#"{"a":"one\n two\n\nthree\n","b":"x","c":"z\n\n"}"#),
        ("a: >\n  a\n  b\n\n  c\n    d\n  e\nb: >-\n  a\n\n  b\n", r#"{"a":"a b\nc\n  d\ne\n","b":"a\nb"}"#),
        ("a: |2\n    x\n   z\nb: | # remark\n  x", r#"{"a":"  x\n z\n","b":"x\n"}"#),
        ("a: |\n  the last line ends here", r#"{"a":"the last line ends here\n"}"#),
        ("a: one\n  two\n\n  three\nb: x  z", r#"{"a":"one two\nthree","b":"x  z"}"#),
        ("a: \"one\n  two\n\n  three \\\n  four\"\nb: 'one\n  two'", r#"{"a":"one two\nthree four","b":"one two"}"#),
        ("a: |\n  - b\n  # c\n  d: e\n", r#"{"a":"- b\n# c\nd: e\n"}"#),
    ]);
}

#[test]
fn quotes_and_escapes() {
    table(&[
        (
            "a: \"\\tb\\u00e9\\x41\\U0001F600\\_\\L\\e\\0\\\"\\\\\"\nb: 'it''s \\n'",
            "{\"a\":\"\\tbéA😀\u{a0}\u{2028}\\u001b\\u0000\\\"\\\\\",\"b\":\"it's \\\\n\"}",
        ),
        ("{\"a\": \"\\ud83d\\ude00\\/\", \"b\": 1e2}", "{\"a\":\"😀/\",\"b\":100.0}"),
        ("a: 😀 中文\né: 1", "{\"a\":\"😀 中文\",\"é\":1}"),
        ("u: http://x:80/b?z#f\nw: a:b\nx: -1-\nz: a,b", r#"{"u":"http://x:80/b?z#f","w":"a:b","x":"-1-","z":"a,b"}"#),
    ]);
}

#[test]
fn collections_in_either_style() {
    table(&[
        ("[a, {b: c}, [d], e: f, 'g': h, \"i\":j]", r#"["a",{"b":"c"},["d"],{"e":"f"},{"g":"h"},{"i":"j"}]"#),
        ("{a: , b, 'c': , ? d : e, \"f\":g}", r#"{"a":null,"b":null,"c":null,"d":"e","f":"g"}"#),
        ("{a: [\n  1,\n  2,\n]\n}", r#"{"a":[1,2]}"#),
        ("a:\n- 1\n- b: 2\n  c: 3\n-\n  - 4\n- - 5\n  - 6", r#"{"a":[1,{"b":2,"c":3},[4],[5,6]]}"#),
        ("a:\n  - 1\n  -\n    b: 2\n?  c\n: d\n? e", r#"{"a":[1,{"b":2}],"c":"d","e":null}"#),
    ]);
}

#[test]
fn tags() {
    table(&[
        ("[!!str 5, !!int '5', !!float 5, !!bool yes, !!null '', ! 5, !own 5, !!binary aGk=]", r#"["5",5,5.0,true,null,"5","5","hi"]"#),
        ("[!<tag:yaml.org,2002:str> 5, !!map {a: 1}]\n", r#"["5",{"a":1}]"#),
        ("a: !!map\n  b: c\nd: !!seq &x\n- e\nf: !!str", r#"{"a":{"b":"c"},"d":["e"],"f":""}"#),
    ]);
}

#[test]
fn line_breaks_of_every_kind() {
    table(&[("\u{feff}a: 1\r\nb: |\r\n  x\r\n  z\r\n", r#"{"a":1,"b":"x\nz\n"}"#), ("a: 1\rb: 2\u{2028}c: 3\u{85}d: 4", r#"{"a":1,"b":2,"c":3,"d":4}"#)]);
}

#[test]
fn a_key_has_its_colon_within_1024_characters_except_in_json() {
    let key = "k".repeat(1024);
    assert_eq!(json(&format!("{key}: 1")), [format!("{{\"{key}\":1}}")]);
    let key = "é".repeat(2000);
    assert!(!super::faults(&format!("{key}: 1")).is_empty());
    assert_eq!(json(&format!("{{\"{key}\"\n: 1}}")), [format!("{{\"{key}\":1}}")]);
}
