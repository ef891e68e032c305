//! What stands between us and an Envoy: the program calls itself, takes on limits that cannot be lifted again, and becomes Envoy.
//!
//! Limits and the signal at the parent's death belong to the process that starts and outlive `exec`; taking them on in a process
//! of our own needs no `unsafe`, which running code between fork and exec would.

use std::{
    convert::Infallible,
    io,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use rustix::process::{Resource, Rlimit, getppid, setrlimit};

/// Open files of an Envoy: a socket for each request of a call and each connection behind it.
const OPEN_FILES: u64 = 8192;

/// What becomes of the process, and under which limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The process that started this one. Where it is gone already, nothing is started.
    pub parent: u32,
    /// Private memory.
    pub memory_bytes: u64,
    /// Processor time.
    pub processor_seconds: u64,
    /// Any file that is written.
    pub file_bytes: u64,
    /// The Envoy.
    pub envoy: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Launch {
    /// The word by which the program is told to become an Envoy.
    pub const COMMAND: &str = "replay-launch";

    /// The command that calls `launcher` with all this.
    pub(super) fn command(&self, launcher: &std::path::Path) -> Command {
        let mut command = Command::new(launcher);
        command.arg(Self::COMMAND);
        for (name, value) in [
            ("--parent", u64::from(self.parent)),
            ("--memory-bytes", self.memory_bytes),
            ("--processor-seconds", self.processor_seconds),
            ("--file-bytes", self.file_bytes),
        ] {
            command.arg(name).arg(value.to_string());
        }
        command.arg("--").arg(&self.envoy).args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null());
        // Nothing of the environment is Envoy's business.
        command.env_clear();
        command
    }
}

/// Becomes the Envoy; returns only where that fails.
pub fn launch(what: &Launch) -> io::Result<Infallible> {
    for (resource, limit) in [
        (Resource::Data, what.memory_bytes),
        (Resource::Cpu, what.processor_seconds),
        (Resource::Fsize, what.file_bytes),
        (Resource::Core, 0),
        (Resource::Nofile, OPEN_FILES),
    ] {
        lower(resource, limit)?;
    }
    die_with_parent()?;
    // The parent may have died before the signal was asked for.
    if getppid().is_none_or(|parent| u32::try_from(parent.as_raw_nonzero().get()) != Ok(what.parent)) {
        return Err(io::Error::other("the process that wanted an Envoy is gone"));
    }
    Err(Command::new(&what.envoy).args(&what.arguments).exec())
}

/// Never above what the process has been given.
fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let given = rustix::process::getrlimit(resource).maximum;
    let limit = Some(given.map_or(limit, |given| given.min(limit)));
    Ok(setrlimit(resource, Rlimit { current: limit, maximum: limit })?)
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?)
}

/// Elsewhere the keeper kills it, and its processor time is bounded.
#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> io::Result<()> {
    Ok(())
}
