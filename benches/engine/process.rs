//! Programs as a person starts them: time from start to end, and the most memory that they held.

use std::{
    ffi::OsString,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use crate::stopwatch::measure;

/// Runs of one program with the clock.
pub const RUNS: usize = 100;
/// Runs whose memory is watched.
const WATCHED: usize = 20;

/// A program with its arguments.
pub struct Call {
    program: OsString,
    arguments: Vec<OsString>,
    is_short: bool,
}

/// What it took.
pub struct Cost {
    pub median: Duration,
    pub megabytes: f64,
}

/// This very build as it is installed: copied. What a linker has written lies in the page cache in small pieces, which costs each
/// start a millisecond.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_meshwright"));
    let copy = built.with_extension("installed");
    fs::copy(built, &copy).unwrap();
    copy
});

/// A command of this very build. `is_short` means that it can be run a hundred times.
pub fn program(command: &str, files: &[PathBuf], is_short: bool) -> Call {
    let mut arguments: Vec<OsString> = vec![command.into()];
    for file in files {
        match command {
            "analyze" => arguments.push(file.into()),
            _ => arguments.extend(["-f".into(), file.into()]),
        }
    }
    Call { program: PROGRAM.as_os_str().to_owned(), arguments, is_short }
}

/// A request, by `send` or `replay`.
pub fn journey(command: &str, files: &[PathBuf], from: &str, url: &str) -> Call {
    let mut arguments: Vec<OsString> = vec![command.into(), "--from".into(), from.into()];
    for file in files {
        arguments.extend(["-f".into(), file.into()]);
    }
    arguments.push(url.into());
    Call { program: PROGRAM.as_os_str().to_owned(), arguments, is_short: true }
}

/// What any process costs on this machine.
pub fn nothing() -> Call {
    Call { program: "true".into(), arguments: Vec::new(), is_short: true }
}

/// `MESHWRIGHT_ISTIOCTL`, or the one on PATH.
pub fn istioctl() -> Option<OsString> {
    let found = || std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("istioctl")).find(|file| file.is_file());
    std::env::var_os("MESHWRIGHT_ISTIOCTL").or_else(|| found().map(Into::into))
}

pub fn istioctl_analyze(istioctl: &OsString, files: &[PathBuf]) -> Call {
    let mut arguments: Vec<OsString> = ["analyze", "--use-kube=false"].map(Into::into).to_vec();
    arguments.extend(files.iter().map(Into::into));
    Call { program: istioctl.clone(), arguments, is_short: true }
}

pub fn head() {
    println!("{:<40} {:>6} {:>12} {:>12} {:>9}", "", "runs", "least", "median", "peak MB");
}

pub fn row(what: &str, call: &Call) -> Cost {
    let (runs, watched) = if call.is_short { (RUNS, WATCHED) } else { (5, 2) };
    let times = measure(runs, || {
        let status = call.command().status().unwrap();
        assert!(status.code().is_some_and(|code| code < 2), "{} failed", call.program.display());
    });
    let peaks = (0..watched).map(|_| call.peak_kilobytes());
    let megabytes = peaks.max().unwrap_or(0) as f64 * 1024.0 / 1e6;
    println!("{what:<40} {runs:>6} {:>12.3?} {:>12.3?} {megabytes:>9.1}", times.least, times.median);
    Cost { median: times.median, megabytes }
}

impl Call {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The high-water mark of resident memory, looked at until the process is gone.
    fn peak_kilobytes(&self) -> u64 {
        let mut child = self.command().spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while let Some(now) = fs::read_to_string(&status).ok().as_deref().and_then(high_water) {
            peak = peak.max(now);
        }
        child.wait().unwrap();
        peak
    }
}

/// A process that has ended has no such line any more.
fn high_water(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|text| text.trim().trim_end_matches(" kB").parse().ok())
}
