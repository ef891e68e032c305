//! Behind the router: clusters, endpoints, attempts, retries, and what connection pools and outlier detection do to them.

mod backend;
mod balance;
mod endpoints;
mod outlier;
mod pool;
mod retry;
mod simulation;

pub(super) use balance::shares;
pub(super) use endpoints::{assignment, cluster, hosts, rank};
pub(super) use simulation::{Delivery, Simulation};

pub(super) use retry::Retries;

/// What the router needs to know to send one request upstream.
#[derive(Debug, Clone, Default)]
pub(super) struct Sending {
    /// Whether the cluster speaks HTTP/2 with its endpoints, where it does what the client does.
    pub(super) is_http2: bool,
    /// Whether the request is gRPC.
    pub(super) is_grpc: bool,
    /// The cluster's name.
    pub(super) cluster: String,
    /// Before the router gets it, for example by a fault; nanoseconds.
    pub(super) delay_nanos: i128,
    /// For all attempts together; none where there is no limit.
    pub(super) timeout_nanos: Option<i128>,
    /// For one attempt.
    pub(super) per_try_timeout_nanos: Option<i128>,
    /// The status for a cluster that does not exist.
    pub(super) not_found_status: u16,
    /// Which failures are tried again.
    pub(super) retries: Retries,
}
