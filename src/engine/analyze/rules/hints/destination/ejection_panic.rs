//! `minHealthPercent` leaves room for one ejection.
//!
//! Below the threshold Envoy panics and balances over all endpoints, ejected ones included; but never while the healthy ones,
//! counted 1.4 times, make up the whole pool (`recalculatePerPriorityPanic` in `source/common/upstream/load_balancer_impl.cc`).

use super::{ejection_impossible::largest, policies::policies, pool::pools};
use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::resolve_short_name,
    diagnostic::hints::{EjectionUndoneByPanic, MW0005},
    resource::{DestinationRule, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "ejection_panic",
    set: Set::Hints,
    summary: "minHealthPercent leaves room for one ejection",
    reads: reads!(DestinationRule registry fleet),
    emits: &[&MW0005],
    check,
};

fn check(context: &mut Context<'_>) {
    let (registry, fleet) = (context.registry(), context.fleet());
    for item in context.each::<DestinationRule>() {
        let policies = policies(item.spec);
        let asks = |detection: &crate::engine::resource::OutlierDetection| detection.min_health_percent > 0;
        if !policies.iter().any(|policy| policy.outlier_detection.is_some_and(asks)) {
            continue;
        }
        let Some(pools) = pools(registry, fleet, &resolve_short_name(&item.spec.host, item.namespace())) else { continue };
        for policy in &policies {
            let Some(detection) = policy.outlier_detection.filter(|detection| asks(detection)) else { continue };
            let endpoints = largest(policy, &pools);
            let threshold = detection.min_health_percent.clamp(0, 100).unsigned_abs() as usize;
            if panics_at_the_first(endpoints, threshold) {
                let path = format!("{}.outlierDetection.minHealthPercent", policy.path);
                context.report(item.resource, &path, EjectionUndoneByPanic { endpoints, threshold });
            }
        }
    }
}

/// Whether the pool is in panic as soon as one endpoint is ejected.
fn panics_at_the_first(endpoints: usize, threshold: usize) -> bool {
    let Some(healthy) = endpoints.checked_sub(1) else { return false };
    let is_enough = 140 * healthy >= 100 * endpoints;
    !is_enough && 100 * healthy < threshold * endpoints
}

#[cfg(test)]
mod tests {
    use super::panics_at_the_first;

    #[test]
    fn four_endpoints_never_panic_at_the_first_ejection() {
        assert!(panics_at_the_first(3, 67) && !panics_at_the_first(3, 66));
        assert!(panics_at_the_first(2, 51) && !panics_at_the_first(2, 50));
        assert!(panics_at_the_first(1, 1));
        assert!(!panics_at_the_first(4, 100) && !panics_at_the_first(0, 100));
    }
}
