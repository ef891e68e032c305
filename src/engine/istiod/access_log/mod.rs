//! Access logs of a proxy: what its connection managers, TCP proxies and listeners write, and whom they tell.
//!
//! Retells `pilot/pkg/networking/core/accesslog.go` (istio/istio at 1.26.4). Which providers hold is asked of the cluster's Telemetries.

mod format;
mod provider;

use serde_json::{Value, json};

use self::provider::{cel_filter, http_service, mesh_file, of_provider, tcp_service};
use super::Scope;
use crate::engine::{
    cluster::{Service, WorkloadMode},
    xds::AccessLog,
};

/// What a proxy logs, on either side of its workload.
#[derive(Default)]
pub(super) struct AccessLogs {
    client: Chosen,
    server: Chosen,
    /// By the mesh's own settings, where no provider is chosen.
    file: Option<AccessLog>,
    tells_service: bool,
    leaves_listeners_out: bool,
}

/// The chosen providers; none where the mesh's own settings hold.
type Chosen = Option<Vec<Logger>>;

/// A provider that is turned on.
struct Logger {
    log: AccessLog,
    expression: Option<String>,
}

impl AccessLogs {
    /// By the Telemetries that hold for the proxy's workload.
    pub fn new(scope: &Scope) -> Self {
        Self::for_service(scope, None)
    }

    /// By those that hold for what a waypoint handles for a service.
    pub fn for_service(scope: &Scope, service: Option<&Service>) -> Self {
        let mesh = scope.mesh();
        Self {
            client: chosen(scope, service, WorkloadMode::Client),
            server: chosen(scope, service, WorkloadMode::Server),
            file: mesh_file(mesh),
            tells_service: mesh.enable_envoy_access_log_service,
            leaves_listeners_out: mesh.disable_envoy_listener_log,
        }
    }

    /// Of a connection manager.
    pub fn http(&self, mode: WorkloadMode) -> Vec<AccessLog> {
        self.logs(mode, None, Some(http_service))
    }

    /// Of a TCP proxy.
    pub fn tcp(&self, mode: WorkloadMode) -> Vec<AccessLog> {
        self.logs(mode, None, Some(|| tcp_service("tcp_envoy_accesslog")))
    }

    /// Of a listener itself: connections that no filter chain takes, which nobody behind it could log.
    pub fn listener(&self, mode: WorkloadMode) -> Vec<AccessLog> {
        if self.leaves_listeners_out {
            return Vec::new();
        }
        self.logs(mode, Some(json!({"responseFlagFilter": {"flags": ["NR"]}})), Some(|| tcp_service("listener_envoy_accesslog")))
    }

    /// Of the TCP proxy that opens tunnels: those that could not be opened.
    pub fn tunnel_out(&self, mode: WorkloadMode) -> Vec<AccessLog> {
        self.logs(mode, Some(json!({"responseFlagFilter": {"flags": ["UF"]}})), None)
    }

    /// Of the connection manager where tunnels end: those that are refused.
    pub fn tunnel_in(&self, mode: WorkloadMode) -> Vec<AccessLog> {
        let refused = json!({"op": "GE", "value": {"defaultValue": 400, "runtimeKey": "istio.io/unset"}});
        self.logs(mode, Some(json!({"statusCodeFilter": {"comparison": refused}})), None)
    }

    /// `only`: what is logged at this place at all. `service`: what tells the access log service.
    fn logs(&self, mode: WorkloadMode, only: Option<Value>, service: Option<fn() -> AccessLog>) -> Vec<AccessLog> {
        let chosen = match mode {
            WorkloadMode::Client => &self.client,
            WorkloadMode::Server => &self.server,
        };
        if let Some(loggers) = chosen {
            return loggers.iter().map(|logger| logger.with(only.as_ref())).collect();
        }
        let service = service.filter(|_| self.tells_service).map(|service| service());
        self.file.iter().cloned().chain(service).map(|log| AccessLog { filter: only.clone(), ..log }).collect()
    }
}

impl Logger {
    fn with(&self, only: Option<&Value>) -> AccessLog {
        let mut filters: Vec<Value> = only.cloned().into_iter().chain(self.expression.as_deref().map(cel_filter)).collect();
        let filter = if filters.len() > 1 { Some(json!({"andFilter": {"filters": filters}})) } else { filters.pop() };
        AccessLog { filter, ..self.log.clone() }
    }
}

/// The providers that Telemetries or the mesh choose, by name. Where none of them writes access logs it is as if none were chosen;
/// where all of them are turned off nothing is written.
fn chosen(scope: &Scope, service: Option<&Service>, mode: WorkloadMode) -> Chosen {
    let mesh = scope.mesh();
    let asked = scope.cluster.telemetries.access_logs(&scope.policy_subject(service), mode, &mesh.default_providers.access_logging);
    let mut known: Vec<(String, bool, Logger)> = Vec::new();
    for (name, wanted) in asked {
        let Some(provider) = mesh.provider(&name) else { continue };
        let Some(log) = of_provider(scope, &provider) else { continue };
        let log = AccessLog { label: format!("provider {}", provider.name), origin: wanted.origin, ..log };
        known.push((provider.name, wanted.is_disabled, Logger { log, expression: wanted.filter }));
    }
    known.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    if known.is_empty() { None } else { Some(known.into_iter().filter(|(_, is_disabled, _)| !is_disabled).map(|(_, _, logger)| logger).collect()) }
}
