//! Places: shares between them, and the order in which one stands in for another.
//!
//! Retells `pilot/pkg/networking/core/loadbalancer/loadbalancer.go` of istio/istio at 1.26.4.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::json;

use super::{Scope, clusters::Policy, endpoints::ByLocality};
use crate::engine::{
    cluster::Service,
    resource::{Distribute, Failover, LocalityLbSetting},
    xds::{Cluster, ClusterLoadAssignment, Locality, LocalityLbEndpoints, Origin, Percent},
};

/// `region/zone/subzone`, read.
pub(super) fn locality(text: &str) -> Locality {
    if text.is_empty() {
        return Locality::default();
    }
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Locality { region: next(), zone: next(), sub_zone: next() }
}

/// What holds for places, and what makes it hold where that is the service's own word.
struct Settings<'a> {
    of_places: &'a LocalityLbSetting,
    /// The service itself tells who is healthy, so that nobody else has to notice.
    of_service: Option<&'a Origin>,
}

/// What a rule says of places, else what the service asks for, else what the mesh says of them (`GetLocalityLbSetting`); none where they
/// are to be left alone.
fn settings<'a>(scope: &Scope<'a>, policy: Policy<'a>, service: &'a Service) -> Option<Settings<'a>> {
    static UNSET: LazyLock<LocalityLbSetting> = LazyLock::new(LocalityLbSetting::default);
    static CLOSE: LazyLock<LocalityLbSetting> = LazyLock::new(|| {
        let labels = ["topology.istio.io/network", "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];
        LocalityLbSetting { failover_priority: labels.map(str::to_owned).into(), ..LocalityLbSetting::default() }
    });
    let of_rule = policy.load_balancer.and_then(|lb| lb.locality_lb_setting.as_ref());
    let of_service = service.near.for_envoy.as_ref().filter(|_| of_rule.is_none());
    let of_places = match of_service {
        Some(_) => &CLOSE,
        None => of_rule.or(scope.mesh().locality_lb_setting.as_ref()).unwrap_or(&UNSET),
    };
    (of_places.enabled != Some(false)).then_some(Settings { of_places, of_service })
}

/// Notes in a cluster whether shares between places are to be kept, and applies them to endpoints that it brings along.
pub(super) fn spread_over_places(scope: &Scope, policy: Policy, service: &Service, cluster: &mut Cluster) {
    if service.near.for_envoy.is_some() {
        // It is told of endpoints that are not ready, and would use them in panic (`applyLoadBalancer` in `cluster_traffic_policy.go`).
        cluster.common_lb_config.get_or_insert_default().healthy_panic_threshold = Some(Percent { value: 0.0 });
    }
    let Some(Settings { of_places, of_service }) = settings(scope, policy, service) else { return };
    let may_fail_over = policy.outlier_detection.is_some() || of_service.is_some();
    let fails_over = may_fail_over && (!of_places.failover.is_empty() || !of_places.failover_priority.is_empty());
    if !of_places.distribute.is_empty() || fails_over {
        cluster.common_lb_config.get_or_insert_default().locality_weighted_lb_config = Some(json!({}));
    }
    if let Some(assignment) = &mut cluster.load_assignment {
        apply_locality(scope, policy, service, assignment, None);
    }
}

/// Sets shares or priorities as seen from the proxy's own place. `groups`: what the assignment's localities were made of, where that is at hand.
pub(super) fn apply_locality(scope: &Scope, policy: Policy, service: &Service, assignment: &mut ClusterLoadAssignment, groups: Option<&ByLocality>) {
    let Some(Settings { of_places, of_service }) = settings(scope, policy, service) else { return };
    let own = || locality(scope.locality());
    if !of_places.distribute.is_empty() {
        distribute(&own(), &mut assignment.endpoints, &of_places.distribute);
    } else if policy.outlier_detection.is_some() || of_service.is_some() {
        // Without either nobody would notice that a place is down.
        if of_places.failover_priority.is_empty() {
            fail_over(&own(), &mut assignment.endpoints, &of_places.failover);
            return;
        }
        if let Some(groups) = groups {
            by_labels(scope, &mut assignment.endpoints, groups, &of_places.failover_priority);
            assignment.origin = of_service.filter(|_| !groups.is_empty()).cloned();
        }
        if !of_places.failover.is_empty() {
            fail_over(&own(), &mut assignment.endpoints, &of_places.failover);
        }
    }
}

fn covers(rule: &str, place: &Locality) -> bool {
    let rule = locality(rule);
    let part = |rule: &str, place: &str| rule == "*" || rule == place;
    part(&rule.region, &place.region)
        && (rule.zone.is_empty() || part(&rule.zone, &place.zone))
        && (rule.sub_zone.is_empty() || part(&rule.sub_zone, &place.sub_zone))
}

fn distribute(own: &Locality, groups: &mut [LocalityLbEndpoints], settings: &[Distribute]) {
    let Some(setting) = settings.iter().find(|setting| covers(&setting.from, own)) else { return };
    let mut left: BTreeSet<usize> = (0..groups.len()).collect();
    for (place, share) in &setting.to {
        let here: Vec<usize> = left.iter().copied().filter(|&at| groups[at].locality.as_ref().is_some_and(|locality| covers(place, locality))).collect();
        let weight = |group: &LocalityLbEndpoints| u64::from(group.load_balancing_weight.unwrap_or(1));
        let total: u64 = here.iter().map(|&at| weight(&groups[at])).sum();
        for at in here {
            left.remove(&at);
            // Rounded up, so that no place is left with nothing.
            let part = (weight(&groups[at]) * u64::from(*share)).div_ceil(total.max(1));
            if part > 0 {
                groups[at].load_balancing_weight = u32::try_from(part).ok();
            }
        }
    }
    for at in left {
        groups[at].lb_endpoints.clear();
    }
}

/// 0 for the same subzone, then the same zone, the same region, elsewhere, and elsewhere where the rule names another region.
fn fail_over(own: &Locality, groups: &mut [LocalityLbEndpoints], settings: &[Failover]) {
    let unknown = Locality::default();
    for group in groups.iter_mut() {
        let place = group.locality.as_ref().unwrap_or(&unknown);
        let mut distance = match (place.region == own.region, place.zone == own.zone, place.sub_zone == own.sub_zone) {
            (true, true, true) => 0,
            (true, true, false) => 1,
            (true, false, _) => 2,
            (false, ..) => 3,
        };
        if distance == 3 && settings.iter().find(|setting| setting.from == own.region).is_some_and(|setting| setting.to != place.region) {
            distance = 4;
        }
        group.priority = group.priority * 5 + distance;
    }
    close_gaps(groups);
}

/// Priorities must follow each other without a gap.
fn close_gaps(groups: &mut [LocalityLbEndpoints]) {
    let mut used: Vec<u32> = groups.iter().map(|group| group.priority).collect();
    used.sort_unstable();
    used.dedup();
    for group in groups {
        group.priority = u32::try_from(used.partition_point(|priority| *priority < group.priority)).unwrap_or_default();
    }
}

/// Splits groups by how many of the labels, in order, an endpoint shares with the proxy.
fn by_labels(scope: &Scope, groups: &mut Vec<LocalityLbEndpoints>, places: &ByLocality, priorities: &[String]) {
    let own = scope.topology_labels();
    let lowest = u32::try_from(priorities.len()).unwrap_or(u32::MAX);
    let wanted: Vec<(&str, &str, u32)> = priorities
        .iter()
        .zip((0..=lowest).rev())
        .map(|(label, rest)| {
            let (key, value) = label.split_once('=').unwrap_or_else(|| (label, own.get(label).unwrap_or_default()));
            (key, value, rest)
        })
        .collect();
    let mut out = Vec::with_capacity(groups.len());
    for (group, (_, endpoints)) in std::mem::take(groups).into_iter().zip(places) {
        let mut split: BTreeMap<u32, LocalityLbEndpoints> = BTreeMap::new();
        for (endpoint, made_of) in group.lb_endpoints.into_iter().zip(endpoints) {
            let first_other = wanted.iter().find(|(key, value, _)| made_of.labels.get(key).unwrap_or_default() != *value);
            let priority = first_other.map_or(0, |(.., rest)| *rest);
            let part = split.entry(priority).or_insert_with(|| LocalityLbEndpoints {
                locality: group.locality.clone(),
                lb_endpoints: Vec::new(),
                priority,
                load_balancing_weight: Some(0),
            });
            part.load_balancing_weight =
                Some(part.load_balancing_weight.unwrap_or_default().saturating_add(endpoint.load_balancing_weight.unwrap_or_default()));
            part.lb_endpoints.push(endpoint);
        }
        out.extend(split.into_values());
    }
    *groups = out;
    close_gaps(groups);
}
