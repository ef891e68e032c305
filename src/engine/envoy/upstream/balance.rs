//! How a load balancer shares requests among endpoints: priorities first, then localities, then each endpoint by its weight.
//!
//! As `load_balancer_impl.cc` (`recalculatePerPriorityState`, `recalculateLoadInTotalPanic`, `hostSourceToUse`) and
//! `HostSetImpl::effectiveLocalityWeight` of Envoy have it:
//! <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority>.

use std::collections::{BTreeMap, BTreeSet};

use super::endpoints::Host;
use crate::engine::xds::Cluster;

/// Envoy takes a priority, and a locality, for whole while 100/140 of its endpoints are healthy.
const OVERPROVISIONING_PERCENT: usize = 140;
/// Below this share of healthy endpoints Envoy uses all, where the cluster says nothing else.
const DEFAULT_PANIC_PERCENT: f64 = 50.0;

/// The endpoints of one priority, by their places in the row of all.
struct Level {
    priority: u32,
    hosts: Vec<usize>,
    healthy: Vec<usize>,
}

impl Level {
    /// How much of all requests it could take, in whole per cent as Envoy counts.
    fn availability(&self) -> usize {
        (OVERPROVISIONING_PERCENT * self.healthy.len()).checked_div(self.hosts.len()).unwrap_or_default().min(100)
    }

    fn healthy_percent(&self) -> f64 {
        100.0 * self.healthy.len() as f64 / self.hosts.len().max(1) as f64
    }
}

/// Each host's share of the requests, in the hosts' order; all zero where none can be used.
/// `is_healthy` is asked by index, so that hosts which were thrown out meanwhile count as well.
pub(in crate::engine::envoy) fn shares(cluster: &Cluster, hosts: &[Host], is_healthy: impl Fn(usize) -> bool) -> Vec<f64> {
    shares_beyond(cluster, hosts, is_healthy, &BTreeSet::new())
}

/// The same for a request that passes over some priorities, where others can take it.
pub(super) fn shares_beyond(cluster: &Cluster, hosts: &[Host], is_healthy: impl Fn(usize) -> bool, passed_over: &BTreeSet<u32>) -> Vec<f64> {
    let levels = levels(hosts, is_healthy);
    let total = levels.iter().map(Level::availability).sum::<usize>().min(100);
    // While the priorities together can take all requests, none of them is in panic.
    let panics: Vec<bool> = levels.iter().map(|level| total < 100 && level.healthy_percent() < panic_percent(cluster)).collect();
    let mut shares = vec![0.0; hosts.len()];
    for ((level, load), panics) in levels.iter().zip(loads(&levels, &panics, passed_over)).zip(&panics) {
        let load = load as f64 / 100.0;
        if *panics {
            spread(cluster, hosts, &level.hosts, load, &mut shares);
        } else {
            spread_by_locality(cluster, hosts, level, load, &mut shares);
        }
    }
    shares
}

/// Whether priorities other than these could take requests.
pub(super) fn has_others(hosts: &[Host], is_healthy: impl Fn(usize) -> bool, passed_over: &BTreeSet<u32>) -> bool {
    levels(hosts, is_healthy).iter().any(|level| level.availability() > 0 && !passed_over.contains(&level.priority))
}

fn panic_percent(cluster: &Cluster) -> f64 {
    cluster.common_lb_config.as_ref().and_then(|lb| lb.healthy_panic_threshold.as_ref()).map_or(DEFAULT_PANIC_PERCENT, |percent| percent.value)
}

fn levels(hosts: &[Host], is_healthy: impl Fn(usize) -> bool) -> Vec<Level> {
    let mut levels: BTreeMap<u32, Level> = BTreeMap::new();
    for (at, host) in hosts.iter().enumerate() {
        let level = levels.entry(host.priority).or_insert_with(|| Level { priority: host.priority, hosts: Vec::new(), healthy: Vec::new() });
        level.hosts.push(at);
        if is_healthy(at) {
            level.healthy.push(at);
        }
    }
    levels.into_values().collect()
}

/// The load of each priority in per cent. Where all panic, health says nothing, and they share by how many endpoints they have.
fn loads(levels: &[Level], panics: &[bool], passed_over: &BTreeSet<u32>) -> Vec<usize> {
    if passed_over.is_empty() && panics.iter().all(|panics| *panics) {
        let counts: Vec<usize> = levels.iter().map(|level| level.hosts.len()).collect();
        return distribute(&counts, counts.iter().sum());
    }
    let available = |level: &Level| if passed_over.contains(&level.priority) { 0 } else { level.availability() };
    let available: Vec<usize> = levels.iter().map(available).collect();
    distribute(&available, available.iter().sum::<usize>().min(100))
}

/// Hands out 100 per cent from the first on, each its part of the total; what rounding leaves goes to the first that takes any.
fn distribute(parts: &[usize], total: usize) -> Vec<usize> {
    let mut left = 100;
    let part = |part: &usize| {
        let load = (part * 100).checked_div(total).unwrap_or_default().min(left);
        left -= load;
        load
    };
    let mut loads: Vec<usize> = parts.iter().map(part).collect();
    if let Some(first) = parts.iter().position(|part| *part > 0) {
        loads[first] += left;
    }
    loads
}

/// By the weights of the localities where the cluster says so; one that has lost too many of its endpoints weighs less.
fn spread_by_locality(cluster: &Cluster, hosts: &[Host], level: &Level, load: f64, shares: &mut [f64]) {
    let mut localities: BTreeMap<usize, (usize, Vec<usize>)> = BTreeMap::new();
    for &at in &level.hosts {
        localities.entry(hosts[at].locality).or_default().0 += 1;
    }
    for &at in &level.healthy {
        localities.entry(hosts[at].locality).or_default().1.push(at);
    }
    let weighted: Vec<(f64, Vec<usize>)> = localities
        .into_values()
        .map(|(all, healthy)| {
            let available = OVERPROVISIONING_PERCENT as f64 / 100.0 * healthy.len() as f64 / all as f64;
            (healthy.first().map_or(0.0, |&at| hosts[at].locality_weight) * available.min(1.0), healthy)
        })
        .collect();
    let whole: f64 = weighted.iter().map(|(weight, _)| weight).sum();
    let is_weighted = cluster.common_lb_config.as_ref().is_some_and(|lb| lb.locality_weighted_lb_config.is_some());
    if !is_weighted || whole <= 0.0 {
        spread(cluster, hosts, &level.healthy, load, shares);
        return;
    }
    for (weight, healthy) in weighted {
        spread(cluster, hosts, &healthy, load * weight / whole, shares);
    }
}

/// By the endpoints' own weights, which the random balancer does not look at.
fn spread(cluster: &Cluster, hosts: &[Host], used: &[usize], load: f64, shares: &mut [f64]) {
    let weight = |at: usize| if cluster.lb_policy == "RANDOM" { 1.0 } else { hosts[at].weight };
    let whole: f64 = used.iter().map(|&at| weight(at)).sum();
    for &at in used {
        shares[at] = load * weight(at) / whole;
    }
}
