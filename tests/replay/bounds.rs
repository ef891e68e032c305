//! Nothing but loopback is dialled or bound, and an Envoy never outlives its replay.

use std::{
    collections::HashSet,
    fs,
    net::IpAddr,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use meshwright::{
    engine::{envoy, istiod, manifest, mesh::Scene, source::SourceFile},
    replay::{Bounds, ReplayError},
};
use tempfile::TempDir;

use super::{agree, find_envoy, outbound, processes, productpage, replay_with, replayer_with, wait_until};
use crate::program::command;

/// A service at a public address, and one that would be looked up.
const PUBLIC: &str = "\
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: public}
spec:
  hosts: [public.example]
  addresses: [198.51.100.7]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 203.0.113.10}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: named}
spec:
  hosts: [named.example]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
";

fn world(text: &str) -> Scene {
    let world = SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml"));
    Scene::new(&manifest::read(&world), "input", text)
}

/// An Envoy under a name by which its processes are known.
fn marked_envoy(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("envoy");
    symlink(fs::canonicalize(find_envoy()).unwrap(), &path).unwrap();
    path
}

#[test]
fn public_addresses_and_names_are_stood_in_for() {
    let calls = [
        outbound("198.51.100.7", 80, "public.example", "/", &[]),
        outbound("", 80, "named.example", "/", &[]),
        outbound("192.0.2.99", 8123, "else.example", "/", &[]),
    ];
    let answers = agree(&world(PUBLIC), &productpage(), &calls);
    let arrived: Vec<&[String]> = answers.iter().map(|answer| answer.real.as_ref().unwrap().endpoints.as_slice()).collect();
    assert_eq!(arrived, [["203.0.113.10:80"], ["named.example:80"], ["192.0.2.99:8123"]]);
}

/// The far and near ends of a process's TCP connections and listeners.
fn addresses(pid: u32) -> Vec<IpAddr> {
    let sockets: HashSet<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default());
    let mut found = Vec::new();
    for row in tables.iter().flat_map(|table| table.lines().skip(1)) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        if sockets.contains(cells[9]) {
            // A listener's far end is nowhere.
            let ends = if cells[3] == "0A" { &cells[1..2] } else { &cells[1..3] };
            found.extend(ends.iter().map(|end| address(end.split_once(':').unwrap().0)));
        }
    }
    found
}

/// As the kernel writes it: words of four bytes, each turned around.
fn address(hex: &str) -> IpAddr {
    let words: Vec<u8> = (0..hex.len() / 8).flat_map(|at| u32::from_str_radix(&hex[at * 8..at * 8 + 8], 16).unwrap().to_ne_bytes()).collect();
    match <[u8; 4]>::try_from(words.as_slice()) {
        Ok(four) => four.into(),
        Err(_) => <[u8; 16]>::try_from(words.as_slice()).unwrap().into(),
    }
}

/// A requests file whose answer takes a minute.
fn slow_requests(folder: &Path) -> PathBuf {
    let path = folder.join("requests.yaml");
    let text = "proxies: [{id: p, type: sidecar, namespace: default, labels: {app: productpage}, ip: 10.1.0.11}]\n\
                calls: [{name: slow, proxy: p, mode: outbound, address: 198.51.100.7, port: 80, host: public.example, path: /, upstream: {delay: 60s}}]\n";
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_envoy_has_loopback_only_and_dies_with_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let envoy = marked_envoy(&folder);
    fs::write(folder.path().join("public.yaml"), PUBLIC).unwrap();
    for signal in ["-KILL", "-TERM"] {
        let mut program = command()
            .args(["replay", "-f", "content/worlds/bookinfo.yaml", "-f"])
            .arg(folder.path().join("public.yaml"))
            .arg("--requests")
            .arg(slow_requests(folder.path()))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("MESHWRIGHT_ENVOY", &envoy)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let path = envoy.to_str().unwrap();
        // Its own line starts with its name; before that it is still our program.
        let running = || processes(path).into_iter().find(|(_, line)| line.starts_with(path)).map(|(pid, _)| pid);
        // A connection to it and one from it to the stub, so the request is on its way.
        wait_until("Envoy holds connections", || running().is_some_and(|pid| addresses(pid).len() >= 5));
        let seen = addresses(running().unwrap());
        assert!(seen.iter().all(IpAddr::is_loopback), "{seen:?}");
        assert!(Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap().success());
        program.wait().unwrap();
        wait_until("Envoy is gone", || processes(path).is_empty());
        let left =
            || fs::read_dir(folder.path()).unwrap().flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("meshwright-replay")).count();
        if signal == "-KILL" {
            assert_eq!(left(), 1, "who is killed cannot put anything away");
        } else {
            assert_eq!(left(), 0, "the next one puts it away, and its own");
        }
    }
}

#[test]
fn an_envoy_is_gone_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let envoy = marked_envoy(&folder);
    let config = istiod::push(&world(PUBLIC).cluster, &productpage());
    let slow = envoy::Call {
        upstream: Some(serde_json::from_value(serde_json::json!({"delay": "60s"})).unwrap()),
        ..outbound("198.51.100.7", 80, "public.example", "/", &[])
    };
    let outcome = envoy::run(&config, &slow);
    let replayer = replayer_with(envoy.clone(), Bounds { time: Duration::from_secs(5), ..Bounds::default() });
    // On a machine that is slow enough the time is over before Envoy listens; that is told as an error.
    match replay_with(&replayer, &config, &[(slow, outcome)]) {
        Ok(answers) => assert!(answers[0].agrees.is_none() && answers[0].not_compared[0].contains("took longer than 5 s"), "{answers:#?}"),
        Err(error) => assert!(matches!(error, ReplayError::TooSlow { .. }), "{error}"),
    }
    assert_eq!(processes(envoy.to_str().unwrap()), []);
}

#[test]
fn a_configuration_that_is_too_large_is_told() {
    let config = istiod::push(&world("").cluster, &productpage());
    let call = outbound("10.96.0.3", 9080, "reviews", "/", &[]);
    let pairs = [(call.clone(), envoy::run(&config, &call))];
    for bounds in [Bounds { stubs: 1, ..Bounds::default() }, Bounds { config_bytes: 100, ..Bounds::default() }] {
        assert!(matches!(replay_with(&replayer_with(find_envoy(), bounds), &config, &pairs), Err(ReplayError::TooLarge(_))));
    }
}
