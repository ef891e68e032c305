//! The course's content holds what it says, and each rule of the checker finds what it is for.

use meshwright::course::{Course, Fault, Files, Piece, check};

#[test]
fn the_content_holds_what_it_says() {
    let faults = check::check(&Files::embedded()).unwrap();
    assert!(faults.is_empty(), "{}", faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"));
}

/// A course of one chapter that the engine need not work for, and in which nothing is wrong.
fn sound() -> Files {
    let prose = "A sentence of exactly eight words stands here. ".repeat(200);
    let quick = "```check\nprompt: Which?\noptions:\n  - {text: one, correct: true, why: It is first.}\n  - {text: two, why: It is second.}\n```\n";
    let mut files = Files::default();
    files.insert(
        "course.yaml",
        r#"format: 1
title: T
exam: {name: E, istio_version: "1.26", curriculum_date: 2025-08-12, minutes: 120, pass_percent: 68, tasks: {least: 1, most: 2}, former_weights: {}}
domains:
  - {id: d1, title: D1, weight: 60, competencies: [{id: c1, title: C1}]}
  - {id: d2, title: D2, weight: 40, competencies: [{id: c2, title: C2}]}
parts:
  - {id: p1, title: P1, chapters: [mesh]}
covered: [c1]
"#,
    );
    files.insert(
        "chapters/mesh.md",
        format!(
            "---\ntitle: Mesh\nsummary: S.\nminutes: 5\nobjectives: [Say it]\ncompetencies: [c1]\nsources:\n  - {{title: S, url: \"https://istio.io/\"}}\n---\n\n\
             ## First {{#first}}\n\n{prose}\n\nSee [there](chapter:mesh#second).\n\n![What it shows](diagram:mesh)\n\n{quick}\n## Second\n\n{quick}\n\
             ```yaml check=\"fragment\"\na: 1\n```\n"
        ),
    );
    files.insert("diagrams/mesh.svg", r#"<svg viewBox="0 0 720 100"><text class="label" font-size="12" x="1" y="20">a</text></svg>"#);
    files.insert("worlds/bookinfo.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n");
    let question = |id: &str| {
        format!(
            "- id: {id}\n  kind: single\n  competency: c1\n  teaches: mesh#first\n  prompt: Which?\n  options:\n    - {{text: one, correct: true, why: W.}}\n    - {{text: two, why: W.}}\n"
        )
    };
    files.insert("questions/mesh.yaml", question("q1") + &question("q2"));
    files
}

/// What the checker says after `from` was replaced by `to` in a file.
#[track_caller]
fn faults_after(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = sound();
    let text = files.text(path).unwrap().to_owned();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    files.insert(path, text.replacen(from, to, 1));
    check::check(&files).unwrap().iter().map(Fault::to_string).collect()
}

/// Fails unless exactly one fault is found and it says `wanted`.
#[track_caller]
fn assert_found(path: &str, from: &str, to: &str, wanted: &str) {
    let faults = faults_after(path, from, to);
    assert!(matches!(faults.as_slice(), [one] if one.contains(wanted)), "wanted {wanted:?}, found {faults:#?}");
}

const CHAPTER: &str = "chapters/mesh.md";
const QUESTIONS: &str = "questions/mesh.yaml";
const DIAGRAM: &str = "diagrams/mesh.svg";
const MANIFEST: &str = "course.yaml";

#[test]
fn a_sound_course_has_no_fault() {
    assert_eq!(check::check(&sound()).unwrap(), []);
}

#[test]
fn broken_links_are_found_where_they_stand() {
    assert_found(
        CHAPTER,
        "chapter:mesh#second",
        "chapter:mesh#third",
        "content/chapters/mesh.md:15: the chapter \"mesh\" has no heading #third; it has first, second",
    );
    assert_found(CHAPTER, "chapter:mesh#second", "chapter:other", "there is no chapter \"other\"");
    assert_found(CHAPTER, "(chapter:mesh#second)", "(/course/mesh)", "leads nowhere");
    assert_found(CHAPTER, "(chapter:mesh#second)", "(http://istio.io)", "leads nowhere");
    assert_found(CHAPTER, "https://istio.io/", "http://istio.io/", "is not reached by https");
    assert_found(QUESTIONS, "teaches: mesh#first", "teaches: mesh#nowhere", "content/questions/mesh.yaml:1: the chapter \"mesh\" has no heading #nowhere");
    assert_found(QUESTIONS, "teaches: mesh#first", "teaches: mesh", "write chapter#anchor");
}

#[test]
fn names_that_are_taken_are_found() {
    assert_found(QUESTIONS, "id: q2", "id: q1", "the id q1 is taken");
    assert_found(CHAPTER, "## Second", "## Other {#first}\n\nText.\n\n## Second", "the anchor \"first\" is taken by line 11");
    let faults = faults_after(MANIFEST, "{id: c2, title: C2}", "{id: c1, title: C2}");
    assert!(faults.iter().any(|fault| fault.contains("the competency \"c1\" is there twice")), "{faults:#?}");
}

#[test]
fn files_without_a_place_and_places_without_a_file_are_found() {
    let mut files = sound();
    files.insert("chapters/extra.md", "---\n---\n");
    files.insert("questions/extra.yaml", "[]");
    let faults: Vec<String> = check::check(&files).unwrap().iter().map(Fault::to_string).collect();
    assert!(faults.iter().any(|fault| fault.starts_with("content/chapters/extra.md:1: no part of course.yaml")), "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.starts_with("content/questions/extra.yaml:1: no part of course.yaml")), "{faults:#?}");
    assert_found(MANIFEST, "[mesh]", "[mesh, gone]", "the chapter \"gone\" has no file content/chapters/gone.md");
}

#[test]
fn answers_without_a_reason_are_found() {
    assert_found(QUESTIONS, "{text: two, why: W.}", "{text: two}", "q1: 1 of 2 answers say no why");
    assert_found(CHAPTER, ", why: It is second.", "", "an option of the quick check says no why");
}

#[test]
fn questions_that_cannot_be_answered_rightly_are_found() {
    assert_found(QUESTIONS, "correct: true, ", "", "q1 has 0 correct options");
    assert_found(QUESTIONS, "{text: two, why: W.}", "{text: two, correct: true, why: W.}", "q1 has 2 correct options");
    assert_found(QUESTIONS, "kind: single", "kind: multiple\n  answers: [x]", "has no answers");
    assert_found(QUESTIONS, "{text: two, why: W.}", "{text: one, why: W.}", "q1 has the option \"one\" twice");
    assert_found(CHAPTER, "correct: true, ", "", "the quick check has 0 correct options of 2");
    let ordering =
        "kind: ordering\n  items: [{text: a, why: W.}, {text: b, why: W.}]\n  competency: c1\n  teaches: mesh#first\n  prompt: P\n- id: q3\n  kind: single";
    assert_found(QUESTIONS, "kind: single", ordering, "q1 has less than three items");
    let fill = "kind: fill\n  answers: [\"10\"]\n  why: W.\n  wrong: [{text: \" 10 \", why: W.}]\n  competency: c1\n  teaches: mesh#first\n  prompt: P\n- id: q3\n  kind: single";
    assert_found(QUESTIONS, "kind: single", fill, "q1 lists \" 10 \" as right and as wrong");
}

#[test]
fn promises_of_the_manifest_that_do_not_hold_are_found() {
    assert_found(MANIFEST, "weight: 60", "weight: 50", "content/course.yaml:4: the weights of the domains sum to 90, not to 100");
    assert_found(MANIFEST, "covered: [c1]", "covered: [c1, c9]", "there is no competency \"c9\"");
    let faults = faults_after(MANIFEST, "covered: [c1]", "covered: [c1, c2]");
    assert!(faults.iter().any(|fault| fault.contains("c2 is promised as covered, but no chapter lists it")), "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.contains("c2 is promised as covered and has 0 questions")), "{faults:#?}");
    assert_found(CHAPTER, "competencies: [c1]", "competencies: [c1, c7]", "there is no competency \"c7\"");
}

/// What the checker says of the page of IST0101 after `from` was replaced by `to`.
#[track_caller]
fn faults_of_the_rule(from: &str, to: &str) -> Vec<String> {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: catalog, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n";
    let route = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: shop}\n\
                 spec: {hosts: [a.example], http: [{route: [{destination: {host: catalog}}]}]}\n";
    let page = format!(
        "## What it says\n\nA.\n\n## Why it matters\n\nB, as [there](chapter:mesh#first) and in IST0102.\n\n## Example\n\n```yaml bad\n{route}```\n\n\
         ## How to mend it\n\n```yaml fixed\n{service}---\n{route}```\n\n## See also\n\n- [C](https://istio.io/)\n"
    );
    assert!(page.contains(from), "the page does not hold {from:?}");
    let mut files = sound();
    files.insert("rules/IST0101.md", page.replacen(from, to, 1));
    check::check(&files).unwrap().iter().map(Fault::to_string).collect()
}

#[test]
fn a_page_of_a_code_that_does_not_hold_what_it_says_is_found() {
    assert_eq!(faults_of_the_rule("", ""), [""; 0]);
    for (from, to, wanted) in [
        (
            "http: [{route: [{destination: {host: catalog}}]}]",
            "http: [{directResponse: {status: 200}}]",
            "IST0101.md:11: the bad example does not raise IST0101",
        ),
        ("hosts: [a.example]", "hosts: [a.example], gateways: [edge]", "the bad example raises more than IST0101: line 15: IST0132"),
        ("kind: Service", "kind: Secret", "the fixed example raises line"),
        ("namespace: shop}\nspec: {hosts", "namespace: [shop]}\nspec: {hosts", "the bad example raises more than IST0101: line 13: no code"),
        ("yaml bad", "yaml", "there is no example marked ```yaml bad"),
        ("yaml fixed", "yaml", "there is no example marked ```yaml fixed"),
        ("## Why it matters", "## Why", "the sections are What it says, Why it matters,"),
        ("- [C](https://istio.io/)\n", "", "the section \"See also\" is empty"),
        ("B, as", "B <b>bold</b>, as", "raw HTML is not shown"),
        ("chapter:mesh#first", "chapter:mesh#nowhere", "has no heading #nowhere"),
        ("chapter:mesh#first", "rule:IST9999", "the engine's catalogue has no code \"IST9999\""),
        ("A.\n", "A: TODO.\n", "marks a sentence that is not finished"),
    ] {
        let faults = faults_of_the_rule(from, to);
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "{to}: wanted {wanted:?}, found {faults:#?}");
    }
}

#[test]
fn codes_without_a_page_and_pages_without_a_code_are_found() {
    let mut files = Files::embedded();
    files.remove("rules/IST0101.md");
    files.insert("rules/IST9999.md", "## What it says\n");
    let list = files.text("rules.yaml").unwrap().replace("codes: [IST0101, IST0109,", "codes: [IST0101, IST0101, IST8888,");
    files.insert("rules.yaml", list);
    let faults: Vec<String> = check::check(&files).unwrap().iter().map(Fault::to_string).collect();
    for wanted in [
        "IST0101 has no page; write content/rules/IST0101.md",
        "content/rules/IST9999.md:1: the engine's catalogue has no such code",
        "IST0101 is listed twice",
        "the engine's catalogue has no code \"IST8888\"",
        "IST0109 (ConflictingMeshGatewayVirtualServiceHosts) is in no subject",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "wanted {wanted:?}, found {faults:#?}");
    }
}

#[test]
fn codes_in_prose_lead_to_their_pages() {
    let mut files = sound();
    let chapter = files.text(CHAPTER).unwrap().replacen("See [there]", "See IST0101, `IST0102`, [IST0103](https://istio.io/), IST9999 and [there]", 1);
    files.insert(CHAPTER, chapter.replacen("## Second", "## Second, IST0101 {#second}", 1));
    assert_eq!(check::check(&files).unwrap(), []);
    let course = Course::load(&files).unwrap();
    let prose: String = course.chapters[0].pieces.iter().filter_map(|piece| if let Piece::Prose(html) = piece { Some(html.as_str()) } else { None }).collect();
    assert!(prose.contains(r#"See <a href="/rules/IST0101">IST0101</a>, <a href="/rules/IST0102"><code>IST0102</code></a>, "#), "{prose}");
    assert_eq!(prose.matches("/rules/").count(), 2, "neither links, headings nor unknown codes: {prose}");
}

#[test]
fn yaml_that_does_not_do_what_its_fence_says_is_found() {
    let fence = "```yaml check=\"fragment\"\na: 1\n```";
    let block = |attributes: &str, yaml: &str| format!("```yaml {attributes}\n{yaml}\n```");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop";
    let broken = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: x\nspec:\n  hosts: [a]\n  htpp: []";
    assert_eq!(faults_after(CHAPTER, fence, &block("", namespace)), [""; 0]);
    assert_eq!(faults_after(CHAPTER, fence, &block("check=\"refused\"", broken)), [""; 0]);
    assert_found(CHAPTER, fence, &block("check=\"refused\"", namespace), "the fence says refused, but every document is accepted");
    assert_found(CHAPTER, fence, &block("", broken), "a document is refused: line 42: unknown field \"htpp\"");
    assert_found(CHAPTER, fence, &block("from=\"nobody.default\" request=\"GET http://x/\" outcome=\"404\"", namespace), "the request cannot be sent");
    assert_found(CHAPTER, fence, &block("world=\"mars\"", namespace), "there is no world \"mars\"");
    assert_found(CHAPTER, fence, &block("outcome=\"404\"", namespace), "an outcome needs from and request");
}

#[test]
fn an_outcome_that_the_engine_does_not_compute_is_found() {
    let mut files = Files::embedded();
    let text = files.text("chapters/routing.md").unwrap().replace("outcome=\"404\"", "outcome=\"418\"");
    files.insert("chapters/routing.md", text);
    let faults: Vec<String> = check::check(&files).unwrap().iter().map(Fault::to_string).collect();
    assert!(faults.iter().any(|fault| fault.contains("the fence promises the outcome \"418\", the engine computes \"404\"")), "{faults:#?}");
}

#[test]
fn a_prediction_without_exactly_one_true_outcome_is_found() {
    let verdict = |options: &str| {
        format!(
            "kind: predict\n  yaml: |\n    apiVersion: v1\n    kind: Namespace\n    metadata:\n      name: shop\n  options:\n{options}\n  competency: c1\n  teaches: mesh#first\n  prompt: P\n- id: q3\n  kind: single"
        )
    };
    let option = |outcome: &str| format!("    - {{outcome: {outcome}, why: W.}}\n");
    assert_eq!(faults_after(QUESTIONS, "kind: single", &verdict(&(option("accepted") + &option("refused")))), [""; 0]);
    assert_found(QUESTIONS, "kind: single", &verdict(&(option("perhaps") + &option("refused"))), "q1: the engine computes \"accepted\", which is no option");
    let twice = faults_after(QUESTIONS, "kind: single", &verdict(&(option("accepted") + &option("accepted"))));
    assert!(twice.iter().any(|fault| fault.contains("which is there 2 times")), "{twice:#?}");
}

#[test]
fn drawings_that_bring_more_than_lines_and_letters_are_found() {
    assert_found(DIAGRAM, "<svg viewBox", "<svg width=\"720\" viewBox", "the drawing has a width");
    assert_found(DIAGRAM, " viewBox=\"0 0 720 100\"", "", "needs a viewBox");
    assert_found(DIAGRAM, "font-size=\"12\"", "font-size=\"9\"", "letters of 9 units are too small");
    assert_found(DIAGRAM, "class=\"label\"", "style=\"fill: red\"", "a diagram has no style");
    assert_found(DIAGRAM, "class=\"label\"", "class=\"fancy\"", "the class \"fancy\" is not styled");
    assert_found(DIAGRAM, "class=\"label\"", "fill=\"#123456\"", "ignores the theme");
    assert_found(DIAGRAM, "class=\"label\"", "id=\"a\"", "begin it with mesh-");
    assert_found(DIAGRAM, "class=\"label\"", "onclick=\"x()\"", "onclick is a script");
    assert_found(DIAGRAM, "<text", "<script>x()</script><text", "<script> has no place in a diagram");
    assert_found(DIAGRAM, "<text", "<use href=\"https://x.example/y\"/><text", "leads out of the drawing");
    let faults = faults_after(CHAPTER, "![What it shows](diagram:mesh)", "Nothing.");
    assert!(faults.iter().any(|fault| fault.contains("no chapter shows this diagram")), "{faults:#?}");
    assert_found(CHAPTER, "![What it shows]", "![]", "has no text alternative");
}

#[test]
fn what_is_unfinished_or_out_of_shape_is_found() {
    assert_found(CHAPTER, "See [there]", "TODO: see [there]", "\"TODO\" marks a sentence that is not finished");
    assert_found(CHAPTER, &"A sentence of exactly eight words stands here. ".repeat(50), "", "words of prose; 1500 to 2500 are wanted");
    assert_found(CHAPTER, "objectives: [Say it]", "objectives: []", "no objectives");
    assert_found(CHAPTER, "## Second", "# Second", "headings are ## and ###");
    assert_found(CHAPTER, "## Second", "A line<br>\n\n## Second", "raw HTML is not shown");
    for (path, right, wrong, words) in [
        (CHAPTER, "minutes: 5", "minuets: 5", "content/chapters/mesh.md:4: the front matter cannot be read"),
        (QUESTIONS, "prompt: Which?", "promt: Which?", "content/questions/mesh.yaml:5: the questions cannot be read"),
    ] {
        let faults = faults_after(path, right, wrong);
        assert!(faults.iter().any(|fault| fault.starts_with(words)), "{faults:#?}");
    }
}

#[test]
fn raw_html_never_reaches_a_page() {
    let mut files = sound();
    let text = files.text(CHAPTER).unwrap().replace("## Second", "<script>alert(1)</script>\n\n## Second");
    files.insert(CHAPTER, text);
    let error = Course::load(&files).unwrap_err().to_string();
    assert!(error.contains("raw HTML is not shown"), "{error}");
}

#[test]
fn figures_of_the_exam_come_from_the_manifest() {
    let mut files = sound();
    let chapter = files.text("chapters/mesh.md").unwrap().replacen("See [there]", "It weighs {weight:d1} %. See [there]", 1);
    files.insert("chapters/mesh.md", chapter);
    assert!(check::check(&files).unwrap().is_empty());
    assert_found("chapters/mesh.md", "See [there]", "It weighs {weight:d9} %. See [there]", "the manifest has no figure {weight:d9}");
}

/// A course with an example that routes with Istio's API, and its twin.
fn with_example() -> Files {
    let mut files = sound();
    let service = |name: &str, version: &str, ip: u8| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: default}}\nspec: {{clusterIP: 10.0.0.{ip}, selector: {{app: a{version}}}, ports: [{{name: http, port: 80}}]}}\n"
        )
    };
    let pod = |name: &str, version: &str, ip: u8| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: default, labels: {{app: a, version: {version}}}}}\nspec: {{containers: [{{name: a, image: a}}, {{name: istio-proxy, image: p}}]}}\nstatus: {{phase: Running, podIP: 10.1.0.{ip}, conditions: [{{type: Ready, status: 'True'}}]}}\n"
        )
    };
    let namespace = files.text("worlds/bookinfo.yaml").unwrap().to_owned();
    files.insert("worlds/bookinfo.yaml", namespace + &service("a", "", 1) + &pod("a1", "v1", 1) + &pod("a2", "v2", 2));
    files.insert(
        "examples/shift.yaml",
        "# Try it.\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [a]\n  http:\n  - route:\n    - {destination: {host: a, subset: v1}, weight: 70}\n    - {destination: {host: a, subset: v2}, weight: 30}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec:\n  host: a\n  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]\n",
    );
    files.insert(
        "examples/shift.gateway.yaml",
        "# Try it.\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec:\n  parentRefs: [{group: '', kind: Service, name: a}]\n  rules:\n  - backendRefs: [{name: a1, port: 80, weight: 70}, {name: a2, port: 80, weight: 30}]\n"
            .to_owned()
            + &service("a1", ", version: v1", 11)
            + &service("a2", ", version: v2", 12),
    );
    files.insert(
        "examples/index.yaml",
        "- name: shift\n  title: Shift\n  question: How many?\n  competency: c1\n  requests:\n  - {from: a1.default, request: \"GET http://a/\", outcome: \"200 a/v1 70%, 200 a/v2 30%\"}\n",
    );
    files
}

/// What the checker says after a change of a file of the gallery.
#[track_caller]
fn faults_of_example(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = with_example();
    let text = files.text(path).unwrap().to_owned();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    files.insert(path, text.replacen(from, to, 1));
    check::check(&files).unwrap().iter().map(Fault::to_string).collect()
}

#[test]
fn an_example_that_does_not_hold_what_it_says_is_found() {
    const INDEX: &str = "examples/index.yaml";
    const TWIN: &str = "examples/shift.gateway.yaml";
    assert_eq!(check::check(&with_example()).unwrap(), []);
    let request = "outcome: \"200 a/v1 70%, 200 a/v2 30%\"}";
    let with = |more: &str| format!("outcome: \"200 a/v1 70%, 200 a/v2 30%\", {more}}}");
    for (path, from, to, wanted) in [
        (INDEX, "  question: How many?\n", "", "content/examples/index.yaml:1: shift: it asks no question"),
        (INDEX, "How many?", "This says how many.", "\"This says how many.\" is no question"),
        (INDEX, "How many?", "Look here. How many?", "is no question"),
        (INDEX, "competency: c1", "competency: c9", "there is no competency \"c9\""),
        (INDEX, "competency: c1", "world: mars\n  competency: c1", "there is no world \"mars\""),
        (INDEX, "name: shift", "name: gone", "the example \"gone\" has no file content/examples/gone.yaml"),
        (INDEX, "title:", "titel:", "the examples cannot be read"),
        (
            INDEX,
            "  requests:\n  - {from: a1.default, request: \"GET http://a/\", outcome: \"200 a/v1 70%, 200 a/v2 30%\"}\n",
            "  requests: []\n",
            "it has no request",
        ),
        (
            INDEX,
            "70%, 200 a/v2 30%",
            "60%, 200 a/v2 40%",
            "the outcome should be \"200 a/v1 60%, 200 a/v2 40%\", the engine computes \"200 a/v1 70%, 200 a/v2 30%\"",
        ),
        (INDEX, "from: a1.default", "from: nobody.default", "cannot be sent: there is no workload"),
        (INDEX, request, &with("response: {x-a: b}"), "the answer's header x-a should be \"b\""),
        (INDEX, request, &with("backend: {path: /other}"), "the backend's path should be \"/other\", the engine computes \"/\""),
        (INDEX, request, &with("backend: {without: [x-forwarded-proto]}"), "the backend's header x-forwarded-proto should be \"\""),
        (INDEX, request, &with("pods: [a1.default]"), "the pods that answer should be \"a1.default\", the engine computes \"a1.default, a2.default\""),
        (INDEX, request, &with("mirrors: [a/v2 50%]"), "copies should be \"a/v2 50%\""),
        (INDEX, request, &with("load: {repeat: 2, tally: 3 × 200}"), "the load's tally should be \"3 × 200\", the engine computes \"2 × 200\""),
        (INDEX, "competency: c1", "refused: true\n  competency: c1", "every document is accepted, although `refused` is set"),
        (INDEX, "competency: c1", "no_twin: There is none.\n  competency: c1", "it has a twin and says why there is none"),
        (
            TWIN,
            "weight: 70",
            "weight: 60",
            "shift.gateway.yaml:1: GET http://a/ from a1.default: the twin ends otherwise: \"200 a1 66.6667%, 200 a2 33.3333%\" instead of",
        ),
        ("examples/shift.yaml", "# Try it.", "# Try it: IST0101 says so.", "shift.yaml:1: a comment names IST0101, and nothing in it raises IST0101"),
        (TWIN, "name: a2, port", "name: a1, port", "the twin ends otherwise"),
        (TWIN, "rules:", "rulez:", "shift.gateway.yaml:1: a document is refused: line 7"),
        (TWIN, "# Try it.\n", "", "does not begin with a comment"),
    ] {
        let faults = faults_of_example(path, from, to);
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "{to}: wanted {wanted:?}, found {faults:#?}");
    }
}

#[test]
fn an_example_without_a_twin_says_why() {
    let mut files = with_example();
    files.remove("examples/shift.gateway.yaml");
    let said = |files: &Files| check::check(files).unwrap().iter().map(Fault::to_string).collect::<Vec<_>>();
    assert!(said(&files)[0].contains("shift: it has no Gateway API twin; write content/examples/shift.gateway.yaml, or `no_twin`"), "{:?}", said(&files));
    let index = files.text("examples/index.yaml").unwrap().to_owned();
    files.insert("examples/index.yaml", index.replace("competency: c1", "no_twin: None is needed.\n  competency: c1"));
    assert_eq!(check::check(&files).unwrap(), []);
    files.insert("examples/index.yaml", index.replace("competency: c1", "no_twin: none\n  competency: c1"));
    assert!(said(&files)[0].contains("\"none\" is no sentence"), "{:?}", said(&files));
    files.insert("examples/stray.yaml", "# Try.\n");
    assert!(
        said(&files).iter().any(|fault| fault.starts_with("content/examples/stray.yaml:1: examples/index.yaml lists no example for it")),
        "{:?}",
        said(&files)
    );
}

#[test]
fn a_world_that_nobody_describes_is_found() {
    let listed = |worlds: &str| {
        let mut files = sound();
        let manifest = files.text(MANIFEST).unwrap().to_owned();
        files.insert(MANIFEST, format!("{manifest}worlds:\n{worlds}"));
        check::check(&files).unwrap().iter().map(Fault::to_string).collect::<Vec<_>>()
    };
    assert_eq!(listed("- {name: bookinfo, title: B, about: Nobody is there.}\n"), [""; 0]);
    assert!(listed("- {name: bookinfo, title: B, about: nobody}\n")[0].contains("does not say who is in it"));
    assert!(listed("- {name: mars, title: M, about: Nobody is there.}\n").iter().any(|fault| fault.contains("has no file content/worlds/mars.yaml")));
    assert!(listed("- {name: mars, title: M, about: Nobody is there.}\n").iter().any(|fault| fault.starts_with("content/worlds/bookinfo.yaml:1:")));
    let sent = listed("- {name: bookinfo, title: B, about: Nobody is there., from: sleep-a.default, request: GET http://a/}\n");
    assert!(sent[0].contains("cannot be sent: there is no workload"), "{sent:?}");
}

#[test]
fn an_example_in_a_frame_is_there_and_has_a_title() {
    let framed = |text: &str| {
        let mut files = with_example();
        let chapter = files.text(CHAPTER).unwrap().replacen("## Second", &format!("{text}\n\n## Second"), 1);
        files.insert(CHAPTER, chapter);
        files
    };
    let said = |text: &str| check::check(&framed(text)).unwrap().iter().map(Fault::to_string).collect::<Vec<_>>();
    assert_eq!(said("![Try \"it\"](example:shift)"), [""; 0]);
    assert!(said("![Try it](example:nowhere)")[0].contains("there is no example \"nowhere\""), "{:?}", said("![Try it](example:nowhere)"));
    assert!(said("![](example:shift)")[0].contains("the example \"shift\" has no title"));
    let course = Course::load(&framed("![Try \"it\"](example:shift)")).unwrap();
    let prose: String = course.chapters[0].pieces.iter().filter_map(|piece| if let Piece::Prose(html) = piece { Some(html.as_str()) } else { None }).collect();
    assert!(
        prose.contains(r#"<iframe class="example-frame" src="/playground/embed?example=shift" title="Try &quot;it&quot;" loading="lazy"></iframe>"#),
        "{prose}"
    );
}
