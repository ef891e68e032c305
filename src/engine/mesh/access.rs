//! Who may call whom: every caller, every Service, one method and path, and what mutual TLS and authorization make of it.

use serde::Serialize;

use super::{Caller, Hop, HopRole, Journey, OUTSIDE, Request, RequestError, Scene, describe, names};
use crate::engine::{
    envoy::{Mode, Stage, Step, Tls, Verdict},
    xds::Origin,
};

/// So many callers are compared, and so many Services.
const MOST_CALLERS: usize = 16;
const MOST_SERVICES: usize = 12;
/// Each cell costs as much as the cluster is large: a large one gets fewer.
const MOST_WORK: usize = 60_000;

/// A table of callers and Services.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Its columns, for example `reviews:9080`.
    pub services: Vec<String>,
    /// Its rows, with a cell for each Service.
    pub rows: Vec<(Caller, Vec<AccessCell>)>,
    /// Callers that are left out.
    pub callers_omitted: usize,
    /// Services that are left out.
    pub services_omitted: usize,
}

/// What becomes of one caller's request to one Service.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessCell {
    /// Whether it is let through.
    pub verdict: AccessVerdict,
    /// How the connection to the server is secured.
    pub transport: Transport,
    /// In the notation of answers.
    pub answer: String,
    /// Why, in one sentence; empty where no rule was asked.
    pub reason: String,
    /// The rule that decided, then the PeerAuthentication that holds, where there are such.
    pub origins: Vec<Origin>,
}

/// Whether a request is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessVerdict {
    /// By every endpoint.
    Allowed,
    /// By none: 401, 403, or a connection that is not taken.
    Denied,
    /// By some endpoints.
    Mixed,
    /// It comes to nothing for another reason, such as a route to nowhere.
    Failed,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Both sides show certificates.
    Mtls,
    /// The server does.
    Tls,
    /// Not at all.
    Plaintext,
}

impl Scene {
    /// Compares callers and Services, `istio-system` aside. The request is the same for all: its `from` and host are put in.
    pub fn access(&self, request: &Request, path: &str) -> Result<Access, RequestError> {
        let callers: Vec<Caller> = self.callers().into_iter().filter(|caller| caller.id != OUTSIDE && !caller.id.ends_with(".istio-system")).collect();
        let services: Vec<(String, String)> = names::services(&self.cluster)
            .filter(|(resource, service)| resource.metadata.namespace != "istio-system" && !service.ports.is_empty())
            .map(|(resource, service)| {
                let (name, home) = (&resource.metadata.name, &resource.metadata.namespace);
                let port = service.ports.iter().find(|port| port.name.starts_with("http")).unwrap_or(&service.ports[0]).port;
                (format!("{}:{port}", describe::service_name(name, home, "")), format!("http://{name}.{home}:{port}{path}"))
            })
            .collect();
        let affordable = (MOST_WORK / self.cluster.resources.len().max(1)).max(4);
        let shown_services = services.len().min(MOST_SERVICES).min(affordable);
        let shown_callers = callers.len().min(MOST_CALLERS).min((affordable / shown_services.max(1)).max(1));
        let omitted = (callers.len() - shown_callers, services.len() - shown_services);
        let mut rows = Vec::new();
        for caller in callers.into_iter().take(shown_callers) {
            let cell = |(_, url): &(String, String)| {
                let request = Request { from: caller.id.clone(), url: url.clone(), ..request.clone() };
                Ok(AccessCell::of(&self.send(&request)?))
            };
            let cells = services.iter().take(shown_services).map(cell).collect::<Result<_, RequestError>>()?;
            rows.push((caller, cells));
        }
        let services = services.into_iter().take(shown_services).map(|(name, _)| name).collect();
        Ok(Access { services, rows, callers_omitted: omitted.0, services_omitted: omitted.1 })
    }
}

impl Transport {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mtls => "mtls",
            Self::Tls => "tls",
            Self::Plaintext => "plaintext",
        }
    }
}

impl Journey {
    /// How the connection to the server is secured; none where no proxy of the server's tells it.
    pub fn transport(&self) -> Option<Transport> {
        // ztunnels speak mTLS with each other, whatever they carry.
        if self.hops.iter().any(|hop| hop.call.mode == Mode::Tunnel) {
            return Some(Transport::Mtls);
        }
        server(self).map(|hop| match hop.call.tls {
            Tls::Mtls => Transport::Mtls,
            Tls::Tls => Transport::Tls,
            Tls::Plaintext => Transport::Plaintext,
        })
    }
}

fn keeps(hop: &Hop) -> bool {
    hop.outcome.error.is_some() || hop.outcome.response.status.is_some_and(|status| matches!(status, 401 | 403))
}

/// The proxy in front of the server: the one that keeps the request from it, else the first.
fn server(journey: &Journey) -> Option<&Hop> {
    let servers = || journey.hops.iter().filter(|hop| matches!(hop.role, HopRole::ServerSidecar | HopRole::Waypoint | HopRole::ServerZtunnel));
    servers().find(|hop| keeps(hop)).or(servers().next())
}

impl AccessCell {
    fn of(journey: &Journey) -> Self {
        let server = server(journey);
        let is_kept = |text: &str| server.is_some_and(keeps) && (text == "503" || text == "connection closed");
        let parts = &journey.answer.parts;
        let is_denied = |text: &str, status: Option<u16>| matches!(status, Some(401 | 403)) || is_kept(text);
        let denied = parts.iter().filter(|part| is_denied(&part.text, part.status)).count();
        let reached = parts.iter().filter(|part| part.status == Some(200) || (part.status.is_none() && !part.destination.is_empty())).count();
        let verdict = match (denied, reached) {
            (0, 0) => AccessVerdict::Failed,
            (_, 0) => AccessVerdict::Denied,
            (0, _) if reached == parts.len() => AccessVerdict::Allowed,
            _ => AccessVerdict::Mixed,
        };
        let transport = journey.transport().unwrap_or(Transport::Plaintext);
        let steps = || server.into_iter().flat_map(|hop| &hop.outcome.trace);
        let comes_from = |step: &Step, kind: &str| step.origin.as_ref().is_some_and(|origin| origin.resource.starts_with(kind));
        let is_rule = |step: &&Step| {
            matches!(step.stage, Stage::Filter | Stage::Policy) && (comes_from(step, "AuthorizationPolicy/") || comes_from(step, "RequestAuthentication/"))
        };
        let rule = match verdict {
            AccessVerdict::Denied | AccessVerdict::Mixed => steps().rfind(is_rule),
            _ => steps().rfind(|step| is_rule(step) && step.verdict == Verdict::Chosen),
        };
        let refused = steps().rfind(|step| step.verdict == Verdict::Lost).filter(|_| verdict == AccessVerdict::Denied);
        let peer = steps().find(|step| step.stage == Stage::FilterChain && comes_from(step, "PeerAuthentication/"));
        let origins = [rule, peer].into_iter().flatten().filter_map(|step| step.origin.clone()).collect();
        let reason = rule.or(refused).map(|step| step.reason.clone()).unwrap_or_default();
        Self { verdict, transport, answer: journey.answer.to_string(), reason, origins }
    }
}
