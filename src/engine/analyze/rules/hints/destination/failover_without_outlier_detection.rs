//! Locality failover stands beside outlier detection.
//!
//! Without it istiod gives all localities one priority (`applyLocalityLoadBalancer` in
//! `pilot/pkg/networking/core/cluster_traffic_policy.go` of 1.26.4). Where `failover` or `failoverPriority` is written out, the
//! webhook warns too (IST0133); the default order of localities it passes without a word.

use super::policies::policies;
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{FailoverWithoutOutlierDetection, MW0003},
    resource::{DestinationRule, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "failover_without_outlier_detection",
    set: Set::Hints,
    summary: "locality failover stands beside outlier detection",
    reads: reads!(DestinationRule),
    emits: &[&MW0003],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<DestinationRule>() {
        for policy in policies(item.spec) {
            let Some(locality) = policy.load_balancer.and_then(|balancer| balancer.locality_lb_setting.as_ref()) else { continue };
            let is_off = locality.enabled == Some(false) || !locality.distribute.is_empty();
            if is_off || policy.outlier_detection.is_some() || policy.may_inherit_outlier_detection {
                continue;
            }
            let path = format!("{}.loadBalancer.localityLbSetting", policy.path);
            context.report(item.resource, &path, FailoverWithoutOutlierDetection { policy: policy.path });
        }
    }
}
