//! The real program as a process of its own, for tests that need a socket, an exit code or a signal.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, mpsc},
    time::Duration,
};

use tempfile::TempDir;

/// Starting includes migrations and the whole course, on a machine that runs other tests meanwhile.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program without the settings of whoever runs the tests; `MEASURED_PROGRAM` names another build of it.
pub fn command() -> Command {
    let built = env!("CARGO_BIN_EXE_meshwright").into();
    let mut command = Command::new(std::env::var_os("MEASURED_PROGRAM").unwrap_or(built));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MESHWRIGHT_")) {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end, which must come soon.
pub fn run(arguments: &[&str]) -> Output {
    let child = command().args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || drop(sender.send(child.wait_with_output())));
    if let Ok(output) = ended.recv_timeout(PATIENCE) {
        return output.unwrap();
    }
    drop(Command::new("kill").arg(id.to_string()).status());
    panic!("`meshwright {}` does not end", arguments.join(" "));
}

/// A portal that listens on a free port, with a data folder that vanishes with it.
pub struct Portal {
    child: Child,
    address: String,
    folder: TempDir,
    log: Mutex<mpsc::Receiver<String>>,
}

impl Portal {
    /// Starts one and waits until it listens.
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The same, with more options.
    pub fn start_with(change: impl FnOnce(&mut Command)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
        change(&mut command);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, log) = mpsc::channel();
        let errors = BufReader::new(child.stderr.take().expect("stderr is piped"));
        // Reads to the end, so that the program never waits for a reader of its log.
        std::thread::spawn(move || errors.lines().map_while(Result::ok).for_each(|line| drop(lines.send(line))));
        let mut portal = Self { child, address: String::new(), folder, log: Mutex::new(log) };
        let mut seen = Vec::new();
        while portal.address.is_empty() {
            let line = portal
                .log
                .lock()
                .unwrap()
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("the portal does not say where it listens; it said:\n{}", seen.join("\n")));
            if let Some((_, address)) = line.split_once("url=http://") {
                address.trim_end_matches('/').clone_into(&mut portal.address);
            }
            seen.push(line);
        }
        portal
    }

    /// Waits for a line of its log.
    #[cfg(unix)]
    pub fn wait_until_it_says(&self, words: &str) {
        let log = self.log.lock().unwrap();
        while !log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the portal does not say {words:?}")).contains(words) {}
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of a page, `path` starting with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // Where it has ended already there is nothing left to stop.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
