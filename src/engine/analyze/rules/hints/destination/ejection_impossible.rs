//! The cap on ejections lets at least one endpoint of the pool go.
//!
//! Envoy since 1.28: a host is ejected where (ejected + 1) / hosts is at most `max_ejection_percent`, 10 % where it is not given
//! (`ejectHost` in `source/common/upstream/outlier_detection_impl.cc`); Istio never sets `always_eject_one_host`.

use super::{
    policies::{Policy, policies},
    pool::{Server, pools},
};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::resolve_short_name,
    diagnostic::hints::{EjectionImpossible, MW0004},
    resource::{DestinationRule, Kind, OutlierDetection},
};

pub(super) static RULE: Rule = Rule {
    name: "ejection_impossible",
    set: Set::Hints,
    summary: "outlier detection can eject one endpoint of the pool",
    reads: reads!(DestinationRule registry fleet),
    emits: &[&MW0004],
    check,
};

fn check(context: &mut Context<'_>) {
    let (registry, fleet) = (context.registry(), context.fleet());
    for item in context.each::<DestinationRule>() {
        let policies = policies(item.spec);
        if !policies.iter().any(|policy| policy.outlier_detection.is_some_and(is_on)) {
            continue;
        }
        let Some(pools) = pools(registry, fleet, &resolve_short_name(&item.spec.host, item.namespace())) else { continue };
        for policy in &policies {
            let Some(detection) = policy.outlier_detection.filter(|detection| is_on(detection)) else { continue };
            let cap = match detection.max_ejection_percent {
                0 => 10,
                percent => percent.clamp(1, 100).unsigned_abs() as usize,
            };
            let largest = largest(policy, &pools);
            if largest == 0 || 100 <= cap * largest {
                continue;
            }
            let path = format!("{}.outlierDetection", policy.path);
            let field = format!("{path}.maxEjectionPercent");
            let place = if item.resource.node(&field).is_some() { field } else { path };
            context.report(item.resource, &place, EjectionImpossible { endpoints: largest, cap, needed: 100usize.div_ceil(largest) });
        }
    }
}

/// Whether it looks at anything.
fn is_on(detection: &OutlierDetection) -> bool {
    let counts = |errors: Option<u32>| errors.is_some_and(|errors| errors > 0);
    detection.consecutive_5xx_errors != Some(0) || counts(detection.consecutive_gateway_errors) || counts(detection.consecutive_local_origin_failures)
}

/// The endpoints of the largest pool that the policy governs.
pub(super) fn largest(policy: &Policy<'_>, pools: &[Vec<Server<'_, '_>>]) -> usize {
    let count = |pool: &Vec<Server>| pool.iter().filter(|server| policy.labels.is_none_or(|labels| server.may_carry(labels))).map(Server::count).sum();
    pools.iter().map(count).max().unwrap_or_default()
}
