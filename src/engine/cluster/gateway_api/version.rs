//! Which kinds istiod reads: GRPCRoute only of a Gateway API whose CRD says that it is 1.1 or newer
//! (`minimumVersionFilter`, `pkg/kube/kclient/crdwatcher.go` of istio/istio at 1.26.4).

use crate::engine::resource::{Kind, Resource};

const CRD: &str = "grpcroutes.gateway.networking.k8s.io";
const BUNDLE_VERSION: &str = "gateway.networking.k8s.io/bundle-version";

/// Whether the cluster has a CRD of GRPCRoute that istiod takes. One that does not tell its version is not taken.
pub fn has_grpc_routes(resources: &[Resource]) -> bool {
    let is_new = |resource: &Resource| {
        let version = resource.metadata.annotations.get(BUNDLE_VERSION).and_then(|version| parse(version.strip_prefix('v').unwrap_or(version)));
        resource.kind == Kind::CustomResourceDefinition && resource.metadata.name == CRD && version.is_some_and(|version| version >= (1, 1))
    };
    resources.iter().any(is_new)
}

/// Major and minor; what stands behind them does not count.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    let mut next = || parts.next()?.parse().ok();
    Some((next()?, next()?))
}
