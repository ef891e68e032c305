//! What Envoy writes down about requests and connections, and how it is read.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde::Deserialize;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, SeekFrom},
    time::{Instant, sleep},
};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// How long a line may be on its way after its connection has ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a line is about: a connection, one that comes out of a tunnel, or the tunnel itself. Others are about requests.
pub(super) const CONNECTION: &str = "connection";
pub(super) const INSIDE: &str = "inside";
pub(super) const TUNNEL: &str = "tunnel";

/// A line: what `prepare::listener` has Envoy write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    /// `http`, `tcp`, or one of the above.
    pub(super) kind: String,
    pub(super) listener: String,
    /// The client, `address:port`.
    pub(super) peer: String,
    /// What the client called the request, where it could be read.
    pub(super) id: Option<String>,
    pub(super) chain: Option<String>,
    /// Response flags, comma between; `-` for none.
    pub(super) flags: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) route_config: Option<String>,
    pub(super) virtual_host: Option<String>,
    pub(super) route: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) code: Option<u16>,
    pub(super) details: Option<String>,
    pub(super) attempts: Option<u32>,
}

impl Line {
    pub(super) fn port(&self) -> Option<u16> {
        self.peer.rsplit_once(':')?.1.parse().ok()
    }

    /// Whether the cluster that was chosen does not exist.
    pub(super) fn misses_cluster(&self) -> bool {
        self.details.as_deref() == Some("cluster_not_found") || self.kind == "tcp" && self.flags().iter().any(|flag| flag == "NC")
    }

    /// Whether a connection that nobody reads was not passed on.
    pub(super) fn is_turned_away(&self) -> bool {
        self.kind == "tcp" && self.flags().iter().any(|flag| matches!(flag.as_str(), "NC" | "UF" | "UH" | "UO"))
    }

    pub(super) fn flags(&self) -> Vec<String> {
        let flags = self.flags.as_deref().unwrap_or_default();
        flags.split(',').filter(|flag| !matches!(*flag, "" | "-")).map(str::to_owned).collect()
    }
}

/// The access log of one Envoy, read from where the last reading ended.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    read: AtomicU64,
}

impl Journal {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: AtomicU64::new(0) }
    }

    /// Waits until the connections from these ports are written down, which happens when they have ended, and what came out of their
    /// tunnels; returns all lines. A port that comes several times has had as many connections.
    pub(super) async fn wait_for(&self, ports: impl Iterator<Item = u16>) -> Vec<Line> {
        let until = Instant::now() + PATIENCE;
        let mut lines: Vec<Line> = Vec::new();
        let mut open: BTreeMap<(&str, u16), i32> = BTreeMap::new();
        ports.for_each(|port| *open.entry((CONNECTION, port)).or_default() += 1);
        loop {
            for line in self.news().await.unwrap_or_default() {
                match (line.kind.as_str(), line.port()) {
                    (CONNECTION, Some(port)) => *open.entry((CONNECTION, port)).or_default() -= 1,
                    // Both are on their way when the tunnel stands, in any order.
                    (TUNNEL, Some(port)) => *open.entry((INSIDE, port)).or_default() += 1,
                    (INSIDE, Some(port)) => *open.entry((INSIDE, port)).or_default() -= 1,
                    _ => {}
                }
                lines.push(line);
            }
            if open.values().all(|count| *count <= 0) || Instant::now() >= until {
                return lines;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Whole lines that have come since.
    async fn news(&self) -> std::io::Result<Vec<Line>> {
        let start = self.read.load(Ordering::Relaxed);
        let mut file = File::open(&self.path).await?;
        file.seek(SeekFrom::Start(start)).await?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).await?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        self.read.store(start + whole as u64, Ordering::Relaxed);
        Ok(text[..whole].split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}
