//! The traffic policies of a DestinationRule, each where it is written.

use crate::engine::resource::{DestinationRule, Labels, LoadBalancerSettings, OutlierDetection, PortTrafficPolicy, TrafficPolicy};

/// A policy for a destination, a port, a subset, or a port of a subset.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    /// Where it is written.
    pub path: String,
    pub load_balancer: Option<&'a LoadBalancerSettings>,
    pub outlier_detection: Option<&'a OutlierDetection>,
    /// Whether outlier detection may hold all the same, from the policy that this one adds to.
    pub may_inherit_outlier_detection: bool,
    /// The labels of the subset, none for the whole destination.
    pub labels: Option<&'a Labels>,
}

/// All of them. A subset's policy adds to the destination's, field by field; a port's stands alone (`MergeSubsetTrafficPolicy`
/// in `pilot/pkg/networking/util/util.go` of 1.26.4).
pub(super) fn policies(rule: &DestinationRule) -> Vec<Policy<'_>> {
    let mut found = Vec::new();
    if let Some(policy) = &rule.traffic_policy {
        add(&mut found, "spec.trafficPolicy".to_owned(), policy, false, None);
    }
    let whole = rule.traffic_policy.as_ref();
    let is_detecting =
        whole.is_some_and(|policy| policy.outlier_detection.is_some() || policy.port_level_settings.iter().any(|port| port.outlier_detection.is_some()));
    for (at, subset) in rule.subsets.iter().enumerate() {
        if let Some(policy) = &subset.traffic_policy {
            add(&mut found, format!("spec.subsets[{at}].trafficPolicy"), policy, is_detecting, Some(&subset.labels));
        }
    }
    found
}

fn add<'a>(found: &mut Vec<Policy<'a>>, path: String, policy: &'a TrafficPolicy, inherits: bool, labels: Option<&'a Labels>) {
    let ports = policy.port_level_settings.iter().enumerate().map(|(at, port): (usize, &PortTrafficPolicy)| Policy {
        path: format!("{path}.portLevelSettings[{at}]"),
        load_balancer: port.load_balancer.as_ref(),
        outlier_detection: port.outlier_detection.as_ref(),
        may_inherit_outlier_detection: false,
        labels,
    });
    let ports: Vec<Policy> = ports.collect();
    found.push(Policy {
        path,
        load_balancer: policy.load_balancer.as_ref(),
        outlier_detection: policy.outlier_detection.as_ref(),
        may_inherit_outlier_detection: inherits,
        labels,
    });
    found.extend(ports);
}
