//! The traffic policy of one port: port settings replace those of the whole rule as a set, a subset's replace them one by one.

use crate::engine::{
    cluster::DestinationRule,
    resource::{ClientTlsSettings, ConnectionPoolSettings, LoadBalancerSettings, OutlierDetection, ProxyProtocol, TrafficPolicy},
};

/// What holds for one port.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engine::istiod) struct Policy<'a> {
    pub connection_pool: Option<&'a ConnectionPoolSettings>,
    pub outlier_detection: Option<&'a OutlierDetection>,
    pub load_balancer: Option<&'a LoadBalancerSettings>,
    pub tls: Option<&'a ClientTlsSettings>,
    pub proxy_protocol: Option<&'a ProxyProtocol>,
}

impl<'a> Policy<'a> {
    /// The policy of a rule for a port.
    pub fn new(policy: Option<&'a TrafficPolicy>, port: u32) -> Self {
        policy.map(|policy| of_port(policy, port).0).unwrap_or_default()
    }

    /// That policy with a subset's laid over it.
    pub fn with_subset(self, subset: Option<&'a TrafficPolicy>, port: u32) -> Self {
        let Some(subset) = subset else { return self };
        let (over, is_for_port) = of_port(subset, port);
        let keep = !is_for_port;
        Self {
            connection_pool: over.connection_pool.or(self.connection_pool.filter(|_| keep)),
            outlier_detection: over.outlier_detection.or(self.outlier_detection.filter(|_| keep)),
            load_balancer: over.load_balancer.or(self.load_balancer.filter(|_| keep)),
            tls: over.tls.or(self.tls.filter(|_| keep)),
            proxy_protocol: over.proxy_protocol.or(self.proxy_protocol),
        }
    }
}

/// What a policy says for a port, and whether it has settings for just that port.
fn of_port(policy: &TrafficPolicy, port: u32) -> (Policy<'_>, bool) {
    if let Some(setting) = policy.port_level_settings.iter().find(|setting| setting.port.as_ref().is_some_and(|p| p.number == port)) {
        let own = Policy {
            connection_pool: setting.connection_pool.as_ref(),
            outlier_detection: setting.outlier_detection.as_ref(),
            load_balancer: setting.load_balancer.as_ref(),
            tls: setting.tls.as_ref(),
            proxy_protocol: None,
        };
        (own, true)
    } else {
        let whole = Policy {
            connection_pool: policy.connection_pool.as_ref(),
            outlier_detection: policy.outlier_detection.as_ref(),
            load_balancer: policy.load_balancer.as_ref(),
            tls: policy.tls.as_ref(),
            proxy_protocol: policy.proxy_protocol.as_ref(),
        };
        (whole, false)
    }
}

/// The policy of a rule for a port and a subset, which may be the empty one.
pub(in crate::engine::istiod) fn subset_policy<'a>(rule: Option<&'a DestinationRule>, subset: &str, port: u32) -> Policy<'a> {
    let Some(rule) = rule else { return Policy::default() };
    let of_subset = rule.subset(subset).and_then(|subset| subset.subset.traffic_policy.as_deref());
    Policy::new(rule.traffic_policy.as_deref(), port).with_subset(of_subset, port)
}

/// The TLS mode that a rule asks for, of which a subset's own policy alone counts for the subset.
pub(in crate::engine::istiod) fn policy_tls_mode<'a>(rule: Option<&'a DestinationRule>, subset: &str, port: u32) -> Option<&'a str> {
    let rule = rule?;
    let policy = if subset.is_empty() { rule.traffic_policy.as_deref() } else { rule.subset(subset)?.subset.traffic_policy.as_deref() }?;
    let of_port = policy.port_level_settings.iter().find(|setting| setting.port.as_ref().is_some_and(|p| p.number == port));
    let tls = of_port.and_then(|setting| setting.tls.as_ref()).or(policy.tls.as_ref())?;
    Some(tls.mode.as_deref().unwrap_or("DISABLE"))
}
