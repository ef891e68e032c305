//! Requests through the mesh, what one proxy is told in a large cluster, and a real Envoy's answer.

use std::{path::PathBuf, time::Duration};

use meshwright::engine::{
    cluster::MeshConfig,
    manifest::{self, Limits},
    mesh::{Request, Scene},
    source::SourceFile,
};
use meshwright::replay::find_envoy;

use crate::{process, promise, row, workload};

/// What is promised of a request through Bookinfo, of one sidecar's xDS among a thousand services, and of a replay.
const SEND: Duration = Duration::from_micros(200);
const PUSH: Duration = Duration::from_millis(50);
const REPLAY: Duration = Duration::from_millis(400);

const SERVICES: usize = 1_000;
const CALLER: &str = "productpage-v1-a";
const URL: &str = "http://reviews:9080/reviews/0";
/// A real Envoy waits for real, and a fault of the twenty resources delays what goes to reviews.
const UNDELAYED: &str = "http://details:9080/details/0";

/// Bookinfo with its twenty resources, then the large cluster.
pub fn bench(broken: &mut Vec<String>, texts: &[&str]) {
    let scene = scene(texts);
    let request = Request { from: CALLER.into(), url: URL.into(), ..Request::default() };
    assert!(scene.send(&request).is_ok_and(|journey| journey.hops.len() > 1), "{CALLER} reaches a server's sidecar");
    let send = row("send: two sidecars, xDS pushed before", 2_000, || scene.send(&request)).median;
    promise(broken, "send, median", send <= SEND, format!("{send:?} of {SEND:?}"));
    row("  xDS of its first sidecar", 200, || scene.proxy_config(CALLER, "default").map(drop).expect("the pod is there"));

    let text = workload::applications(SERVICES);
    let large = self::scene(&[&text]);
    let push = row("xDS of one sidecar, 1,000 services", 50, || large.proxy_config("app-0-v1", "team-0").map(drop).expect("the pod is there")).median;
    promise(broken, "xDS of one sidecar, median", push <= PUSH, format!("{push:?} of {PUSH:?}"));
}

/// As a process: what a person waits for who compares.
pub fn bench_replay(broken: &mut Vec<String>, files: &[PathBuf]) {
    if let Err(absent) = find_envoy() {
        println!("meshwright replay is not measured: {absent}");
        return;
    }
    let cost = process::row("meshwright replay", &process::journey("replay", files, CALLER, UNDELAYED));
    promise(broken, "replay, median", cost.median <= REPLAY, format!("{:?} of {REPLAY:?}", cost.median));
}

fn scene(texts: &[&str]) -> Scene {
    let limits = Limits { bytes: usize::MAX, documents: usize::MAX, ..Limits::default() };
    let manifests: Vec<_> = texts.iter().map(|text| manifest::read_with(&SourceFile::new("bench.yaml", *text), limits)).collect();
    Scene::of(&manifests, MeshConfig::default())
}
