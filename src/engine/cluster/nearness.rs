//! Which of a service's endpoints its clients go to for being near, and the field that says so.
//!
//! `GetTrafficDistribution` and `ConvertService` in `pilot/pkg/serviceregistry/kube/conversion.go`, `constructService` in
//! `pilot/pkg/serviceregistry/kube/controller/ambient/services.go` of istio/istio at 1.26.4.

use crate::engine::{
    resource::{Metadata, Service},
    source::Origin,
};

/// The annotation that says what `spec.trafficDistribution` says, also of a ServiceEntry.
pub const TRAFFIC_DISTRIBUTION: &str = "networking.istio.io/traffic-distribution";
/// The one value that Istio 1.26 knows; in the annotation however it is capitalised.
pub const PREFER_CLOSE: &str = "PreferClose";

/// What a service asks for; each is where it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nearness {
    /// Envoys go to the nearest endpoints first.
    pub for_envoy: Option<Origin>,
    /// ztunnel does. Unlike Envoys it does not ask the annotation where the field says anything.
    pub for_ztunnel: Option<Origin>,
    /// Nobody goes to endpoints on another node than the client's.
    pub own_node: Option<Origin>,
}

impl Nearness {
    pub(super) fn of_service(metadata: &Metadata, spec: &Service, origin: &Origin) -> Self {
        let field = spec.traffic_distribution.as_deref();
        let by_field = field.filter(|value| *value == PREFER_CLOSE).map(|_| origin.field("spec.trafficDistribution"));
        let by_annotation = annotated(metadata, origin);
        Self {
            for_ztunnel: by_field.clone().or_else(|| by_annotation.clone().filter(|_| field.is_none())),
            for_envoy: by_field.or(by_annotation),
            own_node: (spec.internal_traffic_policy == "Local").then(|| origin.field("spec.internalTrafficPolicy")),
        }
    }

    pub(super) fn of_service_entry(metadata: &Metadata, origin: &Origin) -> Self {
        let by_annotation = annotated(metadata, origin);
        Self { for_envoy: by_annotation.clone(), for_ztunnel: by_annotation, own_node: None }
    }
}

fn annotated(metadata: &Metadata, origin: &Origin) -> Option<Origin> {
    let value = metadata.annotations.get(TRAFFIC_DISTRIBUTION)?;
    value.eq_ignore_ascii_case(PREFER_CLOSE).then(|| origin.field(format!("metadata.annotations[{TRAFFIC_DISTRIBUTION}]")))
}
