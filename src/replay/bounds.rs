//! What a replay may use up.

use std::time::Duration;

/// Limits of a replay. The defaults suit a terminal and are safe behind a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Envoys that may run at the same time; who comes later waits within its own time.
    pub at_once: usize,
    /// From the wait for a place to the last answer of one Envoy, after which it is killed.
    pub time: Duration,
    /// Processor time of one Envoy.
    pub processor_seconds: u64,
    /// Private memory of one Envoy.
    pub memory_bytes: u64,
    /// The bootstrap, as JSON.
    pub config_bytes: usize,
    /// Any file that an Envoy writes.
    pub file_bytes: u64,
    /// Backends that are stood in for.
    pub stubs: usize,
    /// Requests where chance decides, so that shares can be compared.
    pub samples: u32,
    /// How long samples are taken for one call; where they are slow there are fewer, and shares are seen less sharply.
    pub sampling_time: Duration,
    /// Whether that counts as chance which of several endpoints gets a request, where all are to get as many; where some are to get
    /// more, it always does.
    pub every_endpoint: bool,
    /// Requests of a call that repeats.
    pub requests: u32,
    /// How often requests that race each other are sent again.
    pub races: u32,
    /// Calls that share an Envoy.
    pub calls_for_one: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            at_once: 2,
            time: Duration::from_secs(30),
            processor_seconds: 30,
            memory_bytes: 512 << 20,
            config_bytes: 16 << 20,
            file_bytes: 16 << 20,
            stubs: 400,
            samples: 200,
            sampling_time: Duration::from_secs(4),
            every_endpoint: false,
            requests: 1000,
            races: 4,
            calls_for_one: 50,
        }
    }
}
