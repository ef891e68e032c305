//! Security policies as filters of a proxy: which certificates, which tokens, who may do what.
//!
//! What `pilot/pkg/security` and `pilot/pkg/networking/plugin` do.

mod authorization;
mod conditions;
mod ext_authz;
mod jwt;
mod matchers;
mod mtls;
mod rule;
mod trust_domain;

pub(super) use authorization::is_dry_run;
pub(super) use matchers::claim;
pub(super) use mtls::{Chain as SecuredChain, chains, peer_socket};

use super::{ProxyType, Scope};
use crate::engine::{
    cluster::{MergedMtls, MtlsMode, Service},
    xds::{Filter, HttpFilter},
};

/// The filters that a proxy's policies come to, the same on all of its chains.
#[derive(Default)]
pub(super) struct Security {
    /// In the order in which they stand behind the peer metadata.
    pub http: Vec<HttpFilter>,
    pub network: Vec<Filter>,
}

impl Security {
    /// Reads the policies that hold for the proxy's workload.
    pub fn new(scope: &Scope) -> Self {
        Self::for_service(scope, None)
    }

    /// The same for connections out of a tunnel, whose end knows the peer.
    pub fn in_tunnel(scope: &Scope) -> Self {
        Self::of(scope, None, true)
    }

    /// Reads the policies that hold for what a waypoint handles for a service; without one, for what is addressed to workloads.
    pub fn for_service(scope: &Scope, service: Option<&Service>) -> Self {
        Self::of(scope, service, scope.proxy.r#type == ProxyType::Waypoint)
    }

    fn of(scope: &Scope, service: Option<&Service>, by_state: bool) -> Self {
        let policies = &scope.cluster.policies;
        let subject = scope.policy_subject(service);
        let authorization = authorization::Authorization::new(scope, &policies.authorization_policies(&subject), by_state);
        let mut http = authorization.custom_http();
        let clears_route_cache = scope.proxy.r#type != ProxyType::Sidecar;
        http.extend(jwt::filter(&policies.request_authentications(&subject), clears_route_cache));
        http.extend(authorization.http());
        Self { http, network: authorization.network() }
    }
}

/// What the proxy's workload takes on its ports.
pub(super) fn own_mtls(scope: &Scope) -> MergedMtls {
    scope.cluster.policies.mtls(&scope.proxy.namespace, &scope.proxy.labels)
}

/// Whether a client may choose mTLS towards a service, by what its namespace says (`BestEffortInferServiceMTLSMode`).
pub(super) fn may_use_mtls(scope: &Scope, service: &Service) -> bool {
    scope.cluster.policies.namespace_mtls(&service.namespace) != MtlsMode::Disable
}
