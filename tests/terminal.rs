//! The terminal as people and scripts use it: what is printed, what is changed, what the exit code says.

mod proxy_config;
mod requests;

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{command, run};

/// A VirtualService whose gateway does not exist, in a namespace that it names or not.
fn service(name: &str, namespace: &str) -> String {
    let namespace = if namespace.is_empty() { String::new() } else { format!(", namespace: {namespace}") };
    format!(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: {name}{namespace}}}\nspec:\n  hosts: [a.example]\n  gateways: [nowhere]\n  \
         http: [{{redirect: {{authority: b.example}}}}]\n"
    )
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

fn pipe(arguments: &[&str], input: &str) -> Output {
    let mut child = command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The origins of IST0101, in the order of the answer.
fn origins(output: &Output) -> Vec<String> {
    json(output).iter().filter(|finding| finding["code"] == "IST0101").map(|finding| finding["origin"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_finding_has_the_fields_of_istioctl_and_ours() {
    let folder = folder(&[("mesh/a.yaml", &service("a", "shop"))]);
    let output = run(&["analyze", path(&folder), "-A", "-o", "json", "--portal", "https://study.example/"]);
    let findings = json(&output);
    let finding = findings.iter().find(|finding| finding["code"] == "IST0101").unwrap();
    assert_eq!(finding["level"], "Error");
    assert_eq!(finding["origin"], "VirtualService shop/a");
    assert_eq!(finding["reference"], format!("{}/mesh/a.yaml:6", path(&folder)));
    assert_eq!(finding["documentationUrl"], "https://study.example/rules/IST0101");
    assert_eq!(finding["path"], "spec.gateways[0]");
    assert_eq!((&finding["line"], &finding["column"]), (&6.into(), &14.into()));
    for words in ["message", "why"] {
        assert!(!finding[words].as_str().unwrap().is_empty(), "{words}");
    }
    assert_eq!(code(&output), 1);
}

#[test]
fn yaml_says_what_json_says() {
    let folder = folder(&[("a.yaml", &service("a", "shop"))]);
    let yaml: Value = serde_yaml_value(&out(&run(&["analyze", path(&folder), "-A", "-o", "yaml"])));
    assert_eq!(yaml, Value::Array(json(&run(&["analyze", path(&folder), "-A", "-o", "json"]))));
}

/// YAML in our hands is read by the engine's own reader.
fn serde_yaml_value(text: &str) -> Value {
    use meshwright::engine::{manifest, source::SourceFile};
    manifest::read(&SourceFile::new("answer.yaml", text)).documents[0].root.to_json()
}

#[test]
fn the_log_is_one_line_as_istioctls_and_then_the_place_and_the_reason() {
    let folder = folder(&[("a.yaml", &service("a", "shop"))]);
    let said = out(&run(&["analyze", path(&folder), "-A"]));
    let first = format!("Error [IST0101] (VirtualService shop/a {}/a.yaml:6) ", path(&folder));
    let lines: Vec<&str> = said.lines().collect();
    let at = lines.iter().position(|line| line.starts_with(&first)).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(lines[at + 1], " 6 |   gateways: [nowhere]");
    assert!(lines[at + 2].ends_with("^^^^^^^"), "{said}");
    assert!(lines[at + 3].contains("why: ") && lines[at + 3].contains("meshwright explain IST0101"), "{said}");
}

#[test]
fn objects_without_a_namespace_are_of_the_one_that_is_looked_at() {
    let folder = folder(&[("a.yaml", &format!("{}---\n{}", service("bare", ""), service("other", "shop")))]);
    let ask = |arguments: &[&str]| origins(&run(&[&["analyze", path(&folder), "-o", "json"], arguments].concat()));
    assert_eq!(ask(&[]), ["VirtualService default/bare"]);
    assert_eq!(ask(&["-n", "shop"]), ["VirtualService shop/bare", "VirtualService shop/other"]);
    assert_eq!(ask(&["--all-namespaces"]), ["VirtualService bare", "VirtualService shop/other"]);
    assert_eq!(ask(&["-n", "elsewhere"]), ["VirtualService elsewhere/bare"]);
}

#[test]
fn thresholds_decide_what_is_printed_and_what_fails() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let folder = folder(&[("a.yaml", namespace)]);
    let ask = |arguments: &[&str]| {
        let output = run(&[&["analyze", path(&folder), "-A", "-o", "json"], arguments].concat());
        (json(&output).len(), code(&output))
    };
    assert_eq!(ask(&[]), (1, 0), "an Info does not fail");
    assert_eq!(ask(&["--failure-threshold", "info"]), (1, 1), "unless it is asked to, in any case of letters");
    assert_eq!(ask(&["--output-threshold", "Warning"]), (0, 0));
    assert_eq!(ask(&["--output-threshold", "Error", "--failure-threshold", "Info"]), (0, 1), "what is not printed fails all the same");
}

#[test]
fn findings_are_suppressed_by_option_and_by_annotation() {
    let annotated =
        service("quiet", "shop").replace("namespace: shop}", "namespace: shop, annotations: {galley.istio.io/analyze-suppress: \"IST0101,IST0132\"}}");
    let folder = folder(&[("a.yaml", &format!("{}---\n{}---\n{annotated}", service("one", "shop"), service("two", "bar")))]);
    let ask = |arguments: &[&str]| origins(&run(&[&["analyze", path(&folder), "-A", "-o", "json"], arguments].concat()));
    assert_eq!(ask(&[]), ["VirtualService shop/one", "VirtualService bar/two"]);
    assert_eq!(ask(&["--suppress", "IST0101=VirtualService shop/*"]), ["VirtualService bar/two"]);
    assert_eq!(ask(&["-S", "IST0101=VirtualService sho"]).len(), 2, "the whole name must fit");
    let wrong = run(&["analyze", path(&folder), "-S", "IST9999=Pod a"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("IST9999"), "{}", err(&wrong));
}

#[test]
fn what_cannot_be_read_is_said_and_fails_and_the_rest_is_looked_at() {
    let folder = folder(&[("a.yaml", &service("a", "shop")), ("b.yaml", "kind: [\n"), ("notes.txt", "no YAML at all: [")]);
    let output = run(&["analyze", path(&folder), "-A", "-o", "json", "-S", "IST0101=*", "-S", "IST0132=*"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("b.yaml:"), "{}", err(&output));
    let missing = run(&["analyze", "no/such/file.yaml"]);
    assert_eq!((code(&missing), err(&missing).contains("no/such/file.yaml")), (2, true));
    assert_eq!(code(&run(&["analyze"])), 2, "nothing to analyze");
}

#[test]
fn standard_input_is_read() {
    let output = pipe(&["analyze", "-A", "-o", "json", "-"], &service("a", "shop"));
    let findings = json(&output);
    assert!(findings.iter().any(|finding| finding["reference"] == "-:6"), "{findings:#?}");
}

#[test]
fn the_meshs_networks_are_read_from_a_file() {
    let folder = folder(&[("networks.yaml", "networks:\n  far:\n    endpoints:\n    - fromRegistry: nowhere\n"), ("a/a.yaml", "")]);
    let networks = format!("{}/networks.yaml", path(&folder));
    let output = run(&["analyze", &format!("{}/a", path(&folder)), "-A", "-o", "json", "--mesh-networks", &networks]);
    assert!(json(&output).iter().any(|finding| finding["code"] == "IST0126"), "{}", out(&output));
    fs::write(Path::new(&networks), "networks: 3\n").unwrap();
    let wrong = run(&["analyze", &format!("{}/a", path(&folder)), "--mesh-networks", &networks]);
    assert_eq!((code(&wrong), err(&wrong).contains("networks.yaml")), (2, true), "{}", err(&wrong));
}

const QUOTED: &str = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [a]\n  http:\n  - route:\n    \
                      - destination: {host: a, port: {number: \"80\"}} # stays\n";

#[test]
fn certain_cures_are_shown_and_then_made() {
    let folder = folder(&[("a.yaml", QUOTED), ("b.yaml", &service("b", "shop"))]);
    let file = folder.path().join("a.yaml");
    let shown = run(&["validate", "-f", path(&folder), "--fix", "--dry-run"]);
    assert_eq!(code(&shown), 1, "nothing is mended yet");
    let said = out(&shown);
    assert!(
        said.contains("\n-    - destination: {host: a, port: {number: \"80\"}} # stays\n+    - destination: {host: a, port: {number: 80}} # stays\n"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), QUOTED);

    let mended = run(&["validate", "-f", path(&folder), "--fix"]);
    assert_eq!(code(&mended), 0, "{}", err(&mended));
    assert!(err(&mended).contains("1 fault put right in 1 file"), "{}", err(&mended));
    assert_eq!(fs::read_to_string(&file).unwrap(), QUOTED.replace("\"80\"", "80"));
    assert_eq!(fs::read_to_string(folder.path().join("b.yaml")).unwrap(), service("b", "shop"), "what has no cure stays as it is");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside the files");
}

/// A name that is one slip away from a field or a choice, unless the field is there already.
#[test]
fn slips_of_the_finger_are_mended() {
    let rule = |field: &str, word: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: a}}\nspec:\n  {field}: a\n  trafficPolicy: {{loadBalancer: {{simple: {word}}}}}\n"
        )
    };
    let mended = pipe(&["validate", "-f", "-", "--fix"], &rule("hots", "round-robin"));
    assert_eq!((out(&mended), code(&mended)), (rule("host", "ROUND_ROBIN"), 0), "{}", err(&mended));
    let doubtful = rule("host: b\n  hots", "NEXT");
    let kept = pipe(&["validate", "-f", "-", "--fix"], &doubtful);
    assert_eq!((out(&kept), code(&kept)), (doubtful, 1), "{}", err(&kept));
}

#[test]
fn mended_standard_input_goes_on_to_standard_output() {
    let output = pipe(&["validate", "-f", "-", "--fix"], QUOTED);
    assert_eq!((out(&output), code(&output)), (QUOTED.replace("\"80\"", "80"), 0));
    let sound = service("b", "shop");
    assert_eq!(out(&pipe(&["validate", "-f", "-", "--fix"], &sound)), sound, "also where there is nothing to mend");
    let folder = folder(&[("a.yaml", QUOTED)]);
    assert_eq!(code(&pipe(&["validate", "-f", "-", "-f", path(&folder), "--fix"], QUOTED)), 2, "two texts cannot share one output");
    assert_eq!(code(&run(&["validate", "-f", path(&folder), "--dry-run"])), 2, "a dry run of what?");
}

#[test]
fn a_linked_file_is_mended_where_it_lies() {
    let folder = folder(&[("real/a.yaml", QUOTED)]);
    let link = folder.path().join("link.yaml");
    std::os::unix::fs::symlink(folder.path().join("real/a.yaml"), &link).unwrap();
    assert_eq!(code(&run(&["validate", "-f", link.to_str().unwrap(), "--fix"])), 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.path().join("real/a.yaml")).unwrap(), QUOTED.replace("\"80\"", "80"));
}

#[test]
fn ten_thousand_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..10_000 {
        let file = folder.path().join(format!("{:02}/{at:05}.yaml", at / 500));
        if at % 500 == 0 {
            fs::create_dir(file.parent().unwrap()).unwrap();
        }
        fs::write(file, service(&format!("s{at}"), "shop")).unwrap();
    }
    let output = run(&["validate", "-f", path(&folder)]);
    assert_eq!((out(&output).trim_end(), code(&output)), ("10000 documents: accepted", 0), "{}", err(&output));
    let output = run(&["analyze", path(&folder), "-A", "-o", "json"]);
    assert_eq!(origins(&output).len(), 10_000);
}

/// The portal takes 5,000 documents of 4 MiB; whoever runs the program has a machine of their own.
#[test]
fn ten_thousand_objects_of_one_file_are_read() {
    let all: Vec<String> = (0..10_000).map(|at| service(&format!("s{at}"), "shop")).collect();
    let output = pipe(&["validate", "-f", "-"], &all.join("---\n"));
    assert_eq!((out(&output).trim_end(), code(&output)), ("10000 documents: accepted", 0), "{}", err(&output));
}

#[test]
fn codes_are_explained() {
    let output = run(&["explain", "ist0101"]);
    let said = out(&output);
    assert!(said.starts_with("# IST0101 ReferencedResourceNotFound (Error)\n") && said.contains("## Why it matters"), "{said}");
    let all = out(&run(&["explain"]));
    assert!(all.lines().count() > 50 && all.lines().any(|line| line.starts_with("MW0001 ")), "{all}");
    let wrong = run(&["explain", "IST0010"]);
    assert_eq!((code(&wrong), err(&wrong).contains("IST0010")), (2, true));
    assert!(out(&run(&["analyze", "--list-analyzers"])).contains("unknown_gateway"));
}

#[test]
fn several_requests_are_told_on_the_virtual_clock() {
    let folder = folder(&[("world.yaml", include_str!("../content/worlds/bookinfo.yaml"))]);
    let ask = |arguments: &[&str]| run(&[&["send", "-f", path(&folder), "--from", "productpage-v1-a", "http://reviews:9080/"], arguments].concat());
    let said = out(&ask(&["--repeat", "2", "--upstream-status", "reviews-v1-a=reset", "--upstream-delay", "20ms"]));
    let (_, timeline) = said.split_once("timeline of 2 requests at the client sidecar productpage-v1-a.default: ").unwrap_or_else(|| panic!("{said}"));
    assert!(timeline.contains("20 ms  #1   attempt 1 at reviews-v1-a (10.1.0.31:9080) ends as a connection that was closed"), "{timeline}");
    assert!(!out(&ask(&[])).contains("timeline"), "one request to backends that answer has no story");
    let json: Value = serde_json::from_slice(&ask(&["--repeat", "2", "-o", "json"]).stdout).unwrap();
    assert_eq!(json["load"]["runs"].as_array().unwrap().len(), 2);
    assert!(json["answer"]["text"].is_string());
    let many = vec!["503"; 1001].join(",");
    for (arguments, cure) in [
        (vec!["--upstream-status", "teapot"], "reset or refused"),
        (vec!["--upstream-status", &many], "1000 entries"),
        (vec!["--repeat", "100", "--concurrency", "11"], "ask for fewer"),
    ] {
        let wrong = ask(&arguments);
        assert_eq!(code(&wrong), 2);
        assert!(err(&wrong).contains(cure), "{}", err(&wrong));
    }
}

/// A way in ambient mode: every proxy with what it compared, and the line that decided it.
#[test]
fn a_way_in_ambient_mode_is_explained() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ambient/shop.yaml");
    let send = |from: &str, request: &[&str]| run(&[&["send", "-f", shop, "--from", from], request].concat());
    let told = out(&send("web-1.shop", &["http://cart.shop/"]));
    let hops: Vec<&str> = told.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).skip(1).collect();
    assert_eq!(hops[..2], ["1 client ztunnel web-1.shop", "2 waypoint waypoint.shop"], "{told}");
    assert!(hops[2].starts_with("3 server ztunnel cart-1.shop"), "{told}");
    assert!(told.starts_with("200 cart.shop\n"), "{told}");
    for line in [
        "✓ service      waypoint.shop.svc.cluster.local: this waypoint stands before it",
        "✓ filter       ns[shop]-policy[only-get]-rule[0]: this ALLOW rule matches",
        "✓ policy       shop/through-waypoint: this ALLOW policy matches: the sender is cluster.local/ns/shop/sa/waypoint.  [",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(out(&send("web-1.shop", &["POST", "http://cart.shop/"])).starts_with("403\n"));
    // A sidecar passes the waypoint by, and ztunnel wants the waypoint.
    let told = out(&send("legacy-1.default", &["http://cart.shop/"]));
    assert!(told.starts_with("503\n") && told.contains("✕ response     closed: where there are ALLOW policies one of them has to match"), "{told}");
    let told = send("web-1.shop", &["http://10.1.0.1:8080/", "-o", "json"]);
    let journey: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&journey["answer"]["text"], &journey["hops"][1]["role"]), (&"connection closed".into(), &"server_ztunnel".into()));
    let policy = &journey["hops"][1]["outcome"]["trace"][2];
    assert_eq!((&policy["stage"], &policy["verdict"]), (&"policy".into(), &"lost".into()), "{journey}");
}
