//! Who may call whom, as plain data.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Source, config::Sources};
use crate::engine::mesh::{Access, AccessCell, AccessVerdict, Scene, Transport};

/// Which method and path are asked about.
#[derive(Debug, Clone)]
pub struct AccessQuestion {
    /// Empty means GET.
    pub method: String,
    /// Begins with a slash; empty means the root.
    pub path: String,
}

/// Callers and Services, and what mutual TLS and authorization make of one request of each to each.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessReport {
    /// The columns, for example `reviews:9080`.
    pub services: Vec<String>,
    /// The rows.
    pub rows: Vec<AccessRow>,
    /// Callers that are left out; at most 16 are compared with at most 12 Services, fewer in a large cluster.
    pub callers_omitted: usize,
    /// Services that are left out.
    pub services_omitted: usize,
}

/// One caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessRow {
    /// `pod.namespace`
    pub caller: String,
    /// One for each of `services`.
    pub cells: Vec<AccessCellReport>,
}

/// What becomes of its request to one Service.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessCellReport {
    /// `allowed`, `denied`, `mixed` where endpoints differ, or `failed` for another reason.
    #[schema(value_type = String)]
    pub verdict: AccessVerdict,
    /// How the connection to the server is secured: `mtls`, `tls` or `plaintext`.
    #[schema(value_type = String)]
    pub transport: Transport,
    /// What comes out, in one line.
    pub answer: String,
    /// Why; empty where no rule was asked.
    pub reason: String,
    /// The rule that decided, then the PeerAuthentication that holds.
    pub sources: Vec<Source>,
}

impl AccessReport {
    pub(super) fn of(scene: &Scene, access: &Access) -> Self {
        let mut places = Sources::new(scene);
        let mut rows = Vec::new();
        for (caller, cells) in &access.rows {
            let cell = |cell: &AccessCell, sources| AccessCellReport {
                verdict: cell.verdict,
                transport: cell.transport,
                answer: cell.answer.clone(),
                reason: cell.reason.clone(),
                sources,
            };
            let cells = cells.iter().map(|one| cell(one, one.origins.iter().map(|origin| places.source(origin)).collect())).collect();
            rows.push(AccessRow { caller: caller.id.clone(), cells });
        }
        Self { services: access.services.clone(), rows, callers_omitted: access.callers_omitted, services_omitted: access.services_omitted }
    }
}
