//! A running Envoy: started in a folder of its own, watched by a thread that kills and reaps it, gone when dropped.

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, ExitStatus},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::oneshot,
    time::{Instant, sleep},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Bounds, ReplayError, audit,
    authorizer::Authorizer,
    certificates::Certificates,
    folder::Folder,
    journal::Journal,
    launch::Launch,
    prepare::{self, Plan, Surroundings},
    script::Script,
    stub::Stubs,
    tokens::Tokens,
};
use crate::engine::{
    envoy::{Call, Mode},
    xds::ProxyConfig,
};

/// How often Envoy is asked whether it listens.
const ASK_EVERY: Duration = Duration::from_millis(4);
/// How often the keeper looks whether the time is over.
const KEEPER_TICK: Duration = Duration::from_millis(20);
/// How often Envoy writes out its journal, in milliseconds.
const FLUSH_EVERY: &str = "5";
/// How much Envoy may say about itself.
const ADMIN_BYTES: u64 = 4 << 20;
/// How much of a complaint is passed on.
const COMPLAINT_CHARS: usize = 600;

/// An Envoy with a proxy's configuration, and the stubs behind it.
pub(super) struct RealEnvoy {
    // Dropped in this order: the process before its backends, the folder last.
    _keeper: Keeper,
    pub(super) stubs: Stubs,
    pub(super) authorizer: Authorizer,
    pub(super) certificates: Certificates,
    pub(super) tokens: Tokens,
    pub(super) journal: Journal,
    entries: Vec<(&'static str, SocketAddr)>,
    notes: BTreeSet<String>,
    ejects: bool,
    _folder: Folder,
}

impl RealEnvoy {
    pub(super) async fn start(
        envoy: &Path,
        launcher: &Path,
        bounds: &Bounds,
        config: &ProxyConfig,
        calls: &[&Call],
        deadline: Instant,
    ) -> Result<Self, ReplayError> {
        let folder = Folder::new()?;
        let certificates = Certificates::new()?;
        let tokens = Tokens::new()?;
        let authorizer = Authorizer::start().await?;
        let plan = Plan::new(config, calls);
        let script = Script::new(calls.iter().find_map(|call| call.upstream.as_ref()));
        let stubs = Stubs::start(plan.endpoints(bounds)?, script, TlsAcceptor::from(certificates.stub()?))?;
        let ejects = plan.ejects();
        let (bootstrap, notes) = plan.bootstrap(&Surroundings {
            stubs: stubs.addresses(),
            authorizer: authorizer.address(),
            certificates: &certificates,
            tokens: &tokens,
            folder: &folder,
        })?;
        audit::audit(&bootstrap, folder.path())?;
        if bootstrap.to_string().len() > bounds.config_bytes {
            return Err(ReplayError::TooLarge(format!("it takes more than {} MiB", bounds.config_bytes >> 20)));
        }
        folder.write_bootstrap(&bootstrap)?;
        let mut command = command(envoy, launcher, bounds, &folder);
        let complaints = File::create(folder.complaints()).map_err(ReplayError::machine("write into the folder of the replay"))?;
        command.stderr(complaints);
        let keeper = Keeper::start(command, deadline).await.map_err(ReplayError::machine("start Envoy"))?;
        let wanted: BTreeSet<&'static str> = calls.iter().map(|call| prepare::entry(call.mode)).collect();
        let entries = wait_for_entries(&keeper, &folder, wanted).await?;
        let journal = Journal::new(folder.journal());
        Ok(Self { _keeper: keeper, stubs, authorizer, certificates, tokens, journal, entries, notes, ejects, _folder: folder })
    }

    /// Where connections of a mode go; none for a mode that no call has.
    pub(super) fn entry(&self, mode: Mode) -> Option<SocketAddr> {
        let name = prepare::entry(mode);
        self.entries.iter().find(|(entry, _)| *entry == name).map(|(_, address)| *address)
    }

    /// Whether endpoints can be thrown out.
    pub(super) fn ejects(&self) -> bool {
        self.ejects
    }

    /// What this Envoy leaves out.
    pub(super) fn notes(&self) -> &BTreeSet<String> {
        &self.notes
    }
}

fn command(envoy: &Path, launcher: &Path, bounds: &Bounds, folder: &Folder) -> Command {
    let mut arguments: Vec<String> =
        ["--disable-hot-restart", "--concurrency", "1", "--log-level", "error", "--file-flush-interval-msec", FLUSH_EVERY].map(str::to_owned).to_vec();
    arguments.extend(["--config-path".to_owned(), folder.bootstrap().display().to_string()]);
    let launch = Launch {
        parent: std::process::id(),
        memory_bytes: bounds.memory_bytes,
        processor_seconds: bounds.processor_seconds,
        file_bytes: bounds.file_bytes,
        envoy: envoy.to_owned(),
        arguments,
    };
    let mut command = launch.command(launcher);
    command.current_dir(folder.path());
    command
}

/// The thread that owns the process. It started it, so it must live as long as the process: the signal at the parent's death is
/// sent when the thread dies that started it.
struct Keeper {
    /// Dropped, it tells the thread to end.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    ended: Arc<Mutex<Option<ExitStatus>>>,
}

impl Keeper {
    async fn start(mut command: Command, deadline: Instant) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let (tell, told) = oneshot::channel();
        let ended = Arc::new(Mutex::new(None));
        let end = Arc::clone(&ended);
        let thread = thread::Builder::new().name("envoy-keeper".into()).spawn(move || match command.spawn() {
            Ok(child) => {
                drop(tell.send(Ok(())));
                keep(child, &stopped, deadline.into_std(), &end);
            }
            Err(error) => drop(tell.send(Err(error))),
        })?;
        let keeper = Self { stop: Some(stop), thread: Some(thread), ended };
        told.await.map_err(|_| io::Error::other("the thread that keeps Envoy ended"))??;
        Ok(keeper)
    }

    /// How it ended, if it did.
    fn ended(&self) -> Option<ExitStatus> {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(mut child: Child, stopped: &mpsc::Receiver<()>, deadline: std::time::Instant, ended: &Mutex<Option<ExitStatus>>) {
    loop {
        let is_wanted = matches!(stopped.recv_timeout(KEEPER_TICK), Err(mpsc::RecvTimeoutError::Timeout)) && std::time::Instant::now() < deadline;
        let status = child.try_wait().ok().flatten();
        if status.is_none() && is_wanted {
            continue;
        }
        // It may have ended by itself; then there is nothing left to end.
        drop(child.kill());
        let status = status.or_else(|| child.wait().ok());
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = status;
        return;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has no way to panic; and if it did, there would be nothing to do about it here.
            drop(thread.join());
        }
    }
}

async fn wait_for_entries(keeper: &Keeper, folder: &Folder, wanted: BTreeSet<&'static str>) -> Result<Vec<(&'static str, SocketAddr)>, ReplayError> {
    loop {
        if let Some(status) = keeper.ended() {
            return Err(gone(status, folder));
        }
        if let Some(listeners) = ask(&folder.admin()).await {
            let found: Vec<_> = wanted.iter().filter_map(|&name| Some((name, address_of(&listeners, name)?))).collect();
            if found.len() == wanted.len() {
                return Ok(found);
            }
            // A proxy without such a listener, say a gateway that is asked for its outbound one.
            if let Some(missing) = wanted.iter().find(|name| !is_listed(&listeners, name)) {
                return Err(ReplayError::Unsafe(format!("the proxy has no listener {missing}")));
            }
        }
        sleep(ASK_EVERY).await;
    }
}

fn gone(status: ExitStatus, folder: &Folder) -> ReplayError {
    let said = complaint(&std::fs::read_to_string(folder.complaints()).unwrap_or_default());
    ReplayError::Refused(if said.is_empty() { format!("it ended with {status}") } else { said })
}

/// What Envoy's log says last, without its decoration and without the configuration that it repeats.
fn complaint(log: &str) -> String {
    let line = log.lines().rfind(|line| line.contains("[critical]") || line.contains("[error]")).or_else(|| log.lines().last()).unwrap_or_default();
    let said = line.rsplit("] ").next().unwrap_or(line);
    let said = said.split_once("error `").and_then(|(_, rest)| rest.split_once("` initializing")).map_or(said, |(inner, _)| inner);
    said.chars().take(COMPLAINT_CHARS).collect()
}

/// The listeners as Envoy tells them; none while it does not answer.
async fn ask(admin: &Path) -> Option<Value> {
    let mut stream = UnixStream::connect(admin).await.ok()?;
    stream.write_all(b"GET /listeners?format=json HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n").await.ok()?;
    let mut answer = Vec::new();
    stream.take(ADMIN_BYTES).read_to_end(&mut answer).await.ok()?;
    // The body is one chunk; its braces tell where the JSON is.
    let (start, end) = (answer.iter().position(|&byte| byte == b'{')?, answer.iter().rposition(|&byte| byte == b'}')?);
    serde_json::from_slice(answer.get(start..=end)?).ok()
}

fn is_listed(listeners: &Value, name: &str) -> bool {
    listeners["listener_statuses"].as_array().is_some_and(|all| all.iter().any(|listener| listener["name"] == name))
}

fn address_of(listeners: &Value, name: &str) -> Option<SocketAddr> {
    let listener = listeners["listener_statuses"].as_array()?.iter().find(|listener| listener["name"] == name)?;
    let port = u16::try_from(listener["local_address"]["socket_address"]["port_value"].as_u64()?).ok()?;
    (port > 0).then(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn a_complaint_is_what_envoy_says_and_no_more() {
        let log = "[2026-01-01 00:00:00.000][1][error][main] [source/server/server.cc:1] first\n\
                   [2026-01-01 00:00:00.000][1][critical][main] [source/server/server.cc:1] error `route: no such thing` initializing config ' {}  '\n\
                   [2026-01-01 00:00:00.000][1][info][main] [source/server/server.cc:1] exiting\n";
        assert_eq!(complaint(log), "route: no such thing");
        assert_eq!(complaint("it is no program\n"), "it is no program");
    }
}
