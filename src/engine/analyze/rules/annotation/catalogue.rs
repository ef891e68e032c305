//! The annotations that Istio knows at 1.26.4, and the kinds of object that take them (`annotation/annotations.yaml` of istio/api).

/// An annotation.
#[derive(Debug)]
pub(super) struct Annotation {
    /// Its key.
    pub name: &'static str,
    /// The kinds that take it, `Any` for all.
    pub kinds: &'static [&'static str],
    /// Whether it is to be used no more.
    pub is_deprecated: bool,
}

impl Annotation {
    /// Whether objects of a kind take it.
    pub fn belongs_on(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| *known == kind || *known == "Any")
    }
}

const fn known(kinds: &'static [&'static str], name: &'static str) -> Annotation {
    Annotation { name, kinds, is_deprecated: false }
}

const fn deprecated(kinds: &'static [&'static str], name: &'static str) -> Annotation {
    Annotation { name, kinds, is_deprecated: true }
}

/// The annotation of a name.
pub(super) fn find(name: &str) -> Option<&'static Annotation> {
    ALL.binary_search_by(|known| known.name.cmp(name)).ok().map(|at| &ALL[at])
}

/// What Istio calls its labels, which are easily taken for annotations (`label/labels.yaml` of istio/api).
pub(super) const LABELS: &[&str] = &[
    "gateway.istio.io/managed",
    "istio.io/dataplane-mode",
    "istio.io/tag",
    "istio.io/use-waypoint",
    "istio.io/use-waypoint-namespace",
    "istio.io/waypoint-for",
    "networking.istio.io/enable-autoallocate-ip",
    "networking.istio.io/gatewayPort",
    "security.istio.io/tlsMode",
    "service.istio.io/canonical-name",
    "service.istio.io/canonical-revision",
    "service.istio.io/workload-name",
    "topology.istio.io/cluster",
    "topology.istio.io/network",
    "topology.istio.io/subzone",
];

/// All of them, by name.
pub(super) const ALL: &[Annotation] = &[
    deprecated(&["Service"], "alpha.istio.io/canonical-serviceaccounts"),
    deprecated(&["Service"], "alpha.istio.io/kubernetes-serviceaccounts"),
    known(&["Pod"], "ambient.istio.io/bypass-inbound-capture"),
    known(&["Pod"], "ambient.istio.io/dns-capture"),
    known(&["Pod"], "ambient.istio.io/redirection"),
    known(&["GatewayClass", "Gateway"], "ambient.istio.io/waypoint-inbound-binding"),
    known(&["Any"], "galley.istio.io/analyze-suppress"),
    known(&["Any"], "gateway.istio.io/controller-version"),
    known(&["Gateway"], "gateway.istio.io/name-override"),
    known(&["Gateway"], "gateway.istio.io/service-account"),
    known(&["Pod"], "inject.istio.io/templates"),
    known(&["WorkloadEntry"], "istio.io/autoRegistrationGroup"),
    known(&["WorkloadEntry"], "istio.io/connectedAt"),
    known(&["WorkloadEntry"], "istio.io/disconnectedAt"),
    known(&["AuthorizationPolicy"], "istio.io/dry-run"),
    known(&["Pod"], "istio.io/reroute-virtual-interfaces"),
    known(&["Pod"], "istio.io/rev"),
    known(&["WorkloadEntry"], "istio.io/workloadController"),
    known(&["Ingress"], "kubernetes.io/ingress.class"),
    known(&["Service"], "networking.istio.io/exportTo"),
    known(&["Gateway"], "networking.istio.io/service-type"),
    known(&["Service", "ServiceEntry"], "networking.istio.io/traffic-distribution"),
    known(&["Pod"], "prometheus.istio.io/merge-metrics"),
    known(&["Pod"], "proxy.istio.io/config"),
    known(&["Pod"], "proxy.istio.io/overrides"),
    known(&["Pod"], "readiness.status.sidecar.istio.io/applicationPorts"),
    known(&["Pod"], "readiness.status.sidecar.istio.io/failureThreshold"),
    known(&["Pod"], "readiness.status.sidecar.istio.io/initialDelaySeconds"),
    known(&["Pod"], "readiness.status.sidecar.istio.io/periodSeconds"),
    known(&["Pod"], "sidecar.istio.io/agentLogLevel"),
    known(&["Pod"], "sidecar.istio.io/bootstrapOverride"),
    known(&["Pod"], "sidecar.istio.io/componentLogLevel"),
    deprecated(&["Pod"], "sidecar.istio.io/discoveryAddress"),
    deprecated(&["Pod"], "sidecar.istio.io/extraStatTags"),
    deprecated(&["Pod"], "sidecar.istio.io/inject"),
    known(&["Pod"], "sidecar.istio.io/interceptionMode"),
    known(&["Pod"], "sidecar.istio.io/logLevel"),
    known(&["Pod"], "sidecar.istio.io/nativeSidecar"),
    known(&["Pod"], "sidecar.istio.io/proxyCPU"),
    known(&["Pod"], "sidecar.istio.io/proxyCPULimit"),
    known(&["Pod"], "sidecar.istio.io/proxyImage"),
    known(&["Pod"], "sidecar.istio.io/proxyImageType"),
    known(&["Pod"], "sidecar.istio.io/proxyMemory"),
    known(&["Pod"], "sidecar.istio.io/proxyMemoryLimit"),
    known(&["Pod"], "sidecar.istio.io/rewriteAppHTTPProbers"),
    known(&["Pod"], "sidecar.istio.io/statsCompression"),
    known(&["Pod"], "sidecar.istio.io/statsHistogramBuckets"),
    deprecated(&["Pod"], "sidecar.istio.io/statsInclusionPrefixes"),
    deprecated(&["Pod"], "sidecar.istio.io/statsInclusionRegexps"),
    deprecated(&["Pod"], "sidecar.istio.io/statsInclusionSuffixes"),
    known(&["Pod"], "sidecar.istio.io/status"),
    known(&["Pod"], "sidecar.istio.io/userVolume"),
    known(&["Pod"], "sidecar.istio.io/userVolumeMount"),
    known(&["Pod"], "status.sidecar.istio.io/port"),
    known(&["Namespace"], "topology.istio.io/controlPlaneClusters"),
    known(&["Service"], "traffic.istio.io/nodeSelector"),
    known(&["Pod"], "traffic.sidecar.istio.io/excludeInboundPorts"),
    known(&["Pod"], "traffic.sidecar.istio.io/excludeInterfaces"),
    known(&["Pod"], "traffic.sidecar.istio.io/excludeOutboundIPRanges"),
    known(&["Pod"], "traffic.sidecar.istio.io/excludeOutboundPorts"),
    known(&["Pod"], "traffic.sidecar.istio.io/includeInboundPorts"),
    known(&["Pod"], "traffic.sidecar.istio.io/includeOutboundIPRanges"),
    known(&["Pod"], "traffic.sidecar.istio.io/includeOutboundPorts"),
    deprecated(&["Pod"], "traffic.sidecar.istio.io/kubevirtInterfaces"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_annotation_is_found() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
        assert!(ALL.iter().all(|known| find(known.name).is_some()) && find("istio.io/revision").is_none());
    }
}
