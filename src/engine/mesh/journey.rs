//! A request and what became of it.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use super::{Answer, Certificate, Token, answer::percent, describe};
use crate::engine::{
    diagnostic::Diagnostic,
    envoy::{Call, ClusterShare, Outcome, UpstreamRequest},
};

/// What a visitor or a chapter asks: somebody calls a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `pod.namespace`, `pod` in `default`, or `outside`.
    pub from: String,
    /// Empty means GET.
    pub method: String,
    /// `http://host[:port]/path?query`.
    pub url: String,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// A token in the header `authorization`, unless the request has one of its own.
    pub token: Option<Box<Token>>,
    /// What a client outside shows; a workload has its sidecar's.
    pub certificate: Option<Box<Certificate>>,
}

/// Why a request cannot be sent at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No such workload.
    #[error("there is no workload {given:?}{}", near.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    UnknownCaller {
        /// As given.
        given: String,
        /// A name that is close.
        near: Option<String>,
    },
    /// The URL cannot be used.
    #[error("the URL {given:?} cannot be used: {reason}")]
    BadUrl {
        /// As given.
        given: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// A header cannot be used.
    #[error("the header {given:?} cannot be used: {reason}")]
    BadHeader {
        /// As given.
        given: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// The method cannot be used.
    #[error("the method {given:?} cannot be used: a method is letters only, such as GET or POST")]
    BadMethod {
        /// As given.
        given: String,
    },
    /// The token cannot be made.
    #[error("the token cannot be used: {reason}")]
    BadToken {
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// The certificate cannot be shown.
    #[error("the client certificate cannot be used: {reason}")]
    BadCertificate {
        /// What is wrong and how to mend it.
        reason: String,
    },
}

/// The whole path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Journey {
    /// The end of it in one line, and as data.
    pub answer: Answer,
    /// In words for a learner, one sentence or two.
    pub summary: String,
    /// The proxies that the most frequent path goes through, in order.
    pub hops: Vec<Hop>,
    /// Resources that could change this and are not simulated yet.
    #[serde(serialize_with = "messages")]
    pub not_simulated: Vec<Diagnostic>,
}

fn messages<S: Serializer>(diagnostics: &[Diagnostic], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(diagnostics.iter().map(|diagnostic| &diagnostic.message))
}

impl Journey {
    /// The headers of the answer that the configuration causes, as the caller sees them.
    pub fn response_headers(&self) -> BTreeMap<&str, &str> {
        let first = self.hops.iter().find(|hop| hop.role.is_envoy());
        first.into_iter().flat_map(|hop| &hop.outcome.response.headers).map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The request as the backend of the most frequent path sees it; none where no Envoy sends it to one.
    pub fn backend(&self) -> Option<&UpstreamRequest> {
        self.hops.iter().rev().find_map(|hop| hop.outcome.upstream.as_ref())
    }

    /// Where copies go.
    pub fn mirrors(&self) -> Vec<Copies> {
        let copies = |hop: &Hop, mirror: &ClusterShare| Copies {
            destination: describe::destination(&mirror.name),
            share: mirror.share * hop.share,
            endpoints: mirror.endpoints.clone(),
        };
        self.hops.iter().flat_map(|hop| hop.outcome.mirrors.iter().map(move |mirror| copies(hop, mirror))).collect()
    }
}

/// Copies of requests, and where they go.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// For example `reviews/v2`.
    pub destination: String,
    /// The share of all requests that is copied, 0 to 1.
    pub share: f64,
    /// The endpoints that may get them, `address:port`.
    pub endpoints: Vec<String>,
}

/// `reviews/v2 50%`
impl fmt::Display for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}%", self.destination, percent(self.share))
    }
}

/// One proxy on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hop {
    /// What the proxy is on this path.
    pub role: HopRole,
    /// `pod.namespace`.
    pub proxy: String,
    /// The share of all requests that comes this way, 0 to 1.
    pub share: f64,
    /// What reached the proxy.
    #[serde(skip)]
    pub call: Call,
    /// What the proxy did.
    pub outcome: Outcome,
}

/// What a proxy is on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HopRole {
    /// The caller's sidecar.
    ClientSidecar,
    /// A gateway that clients from outside reach.
    IngressGateway,
    /// A gateway in the middle.
    Gateway,
    /// The sidecar of the workload that answers.
    ServerSidecar,
    /// The caller's ztunnel.
    ClientZtunnel,
    /// A waypoint.
    Waypoint,
    /// The ztunnel of the workload that answers.
    ServerZtunnel,
    /// There is no proxy: the workload is not in the mesh, or iptables do not hand the connection to its sidecar.
    NoProxy,
}

impl HopRole {
    /// Whether it is an Envoy, which istiod pushes xDS to.
    pub fn is_envoy(self) -> bool {
        !matches!(self, Self::NoProxy | Self::ClientZtunnel | Self::ServerZtunnel)
    }
}

impl fmt::Display for HopRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientSidecar => "client sidecar",
            Self::IngressGateway => "ingress gateway",
            Self::Gateway => "gateway",
            Self::ServerSidecar => "server sidecar",
            Self::ClientZtunnel => "client ztunnel",
            Self::Waypoint => "waypoint",
            Self::ServerZtunnel => "server ztunnel",
            Self::NoProxy => "no sidecar",
        })
    }
}
