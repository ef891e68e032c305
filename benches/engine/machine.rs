//! What the figures were measured on.

use std::{fs, process::Command};

pub fn print() {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let kilobytes = field("/proc/meminfo", "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("machine  {cores} cores, {model}, {} GiB, load {}", kilobytes >> 20, load.split(' ').next().unwrap_or_default());
    let rustc = Command::new("rustc").arg("--version").output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    println!("build    {}, meshwright {}", rustc.unwrap_or_else(|_| "rustc unknown".into()), env!("CARGO_PKG_VERSION"));
}

/// The value of the first line `name: value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(value.trim().to_owned())
}
