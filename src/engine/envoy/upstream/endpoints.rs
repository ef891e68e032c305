//! The endpoints of a cluster and how the load balancer shares requests among them.
//!
//! Priorities, health and panic: <https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority>.

use crate::engine::xds::{Cluster, ClusterLoadAssignment, LocalityLbEndpoints, ProxyConfig};

/// Envoy takes a priority for whole while 100/140 of its endpoints are healthy.
const OVERPROVISIONING: f64 = 1.4;
/// Below this share of healthy endpoints Envoy uses all, where the cluster says nothing else.
const DEFAULT_PANIC_PERCENT: f64 = 50.0;

/// An endpoint as the load balancer sees it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::envoy) struct Host {
    /// `address:port`, or the path of a socket.
    pub(in crate::engine::envoy) address: String,
    /// The name it was looked up by.
    pub(in crate::engine::envoy) hostname: String,
    priority: u32,
    locality: usize,
    locality_weight: f64,
    weight: f64,
    /// Whether EDS says that it may be used.
    pub(in crate::engine::envoy) is_healthy: bool,
}

/// A cluster by its name.
pub(in crate::engine::envoy) fn cluster<'a>(config: &'a ProxyConfig, name: &str) -> Option<&'a Cluster> {
    config.clusters.iter().find(|cluster| cluster.name == name)
}

/// All endpoints of a cluster. One that goes to the original destination has that one.
pub(in crate::engine::envoy) fn hosts(config: &ProxyConfig, cluster: &Cluster, original_destination: &str) -> Vec<Host> {
    if cluster.r#type == "ORIGINAL_DST" {
        let address = original_destination.to_owned();
        return vec![Host { address, hostname: String::new(), priority: 0, locality: 0, locality_weight: 1.0, weight: 1.0, is_healthy: true }];
    }
    let assignment = if cluster.r#type == "EDS" { eds(config, cluster) } else { cluster.load_assignment.as_ref() };
    let localities = assignment.map(|assignment| assignment.endpoints.as_slice()).unwrap_or_default();
    localities.iter().enumerate().flat_map(|(at, locality)| of_locality(at, locality, original_destination)).collect()
}

fn eds<'a>(config: &'a ProxyConfig, cluster: &Cluster) -> Option<&'a ClusterLoadAssignment> {
    let service = cluster.eds_cluster_config.as_ref().map(|eds| eds.service_name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&cluster.name);
    config.endpoints.iter().find(|assignment| assignment.cluster_name == service)
}

fn of_locality(at: usize, locality: &LocalityLbEndpoints, original_destination: &str) -> Vec<Host> {
    let host = |endpoint: &crate::engine::xds::LbEndpoint| {
        let target = endpoint.endpoint.as_ref();
        // Another listener of this Envoy that is told no more goes on to where the connection was going.
        let goes_on = || Some(original_destination.to_owned()).filter(|_| endpoint.internal_address().is_some());
        let address = endpoint.destination().or_else(goes_on)?;
        let named = endpoint.socket_address().filter(|socket| socket.address.parse::<std::net::IpAddr>().is_err()).map(|socket| socket.address.clone());
        let hostname = target.map(|target| target.hostname.clone()).filter(|name| !name.is_empty()).or(named).unwrap_or_default();
        Some(Host {
            address,
            hostname,
            priority: locality.priority,
            locality: at,
            locality_weight: f64::from(locality.load_balancing_weight.unwrap_or(0)),
            weight: f64::from(endpoint.load_balancing_weight.unwrap_or(1).max(1)),
            is_healthy: !matches!(endpoint.health_status.as_ref(), "UNHEALTHY" | "DRAINING" | "TIMEOUT"),
        })
    };
    locality.lb_endpoints.iter().filter_map(host).collect()
}

/// Each host's share of the requests, in the hosts' order; all zero where none can be used.
/// `is_healthy` is asked by index, so that hosts which were thrown out meanwhile count as well.
pub(in crate::engine::envoy) fn shares(cluster: &Cluster, hosts: &[Host], is_healthy: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut shares = vec![0.0; hosts.len()];
    let panic_percent =
        cluster.common_lb_config.as_ref().and_then(|lb| lb.healthy_panic_threshold.as_ref()).map_or(DEFAULT_PANIC_PERCENT, |percent| percent.value);
    let by_locality = cluster.common_lb_config.as_ref().is_some_and(|lb| lb.locality_weighted_lb_config.is_some());
    let mut priorities: Vec<u32> = hosts.iter().map(|host| host.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let of_priority = |priority: u32| (0..hosts.len()).filter(move |&at| hosts[at].priority == priority);
    let healthy_share = |priority: u32| {
        let (all, healthy) = of_priority(priority).fold((0.0, 0.0), |(all, healthy), at| (all + 1.0, healthy + f64::from(u8::from(is_healthy(at)))));
        if all > 0.0 { healthy / all } else { 0.0 }
    };
    let available = |priority: u32| (healthy_share(priority) * OVERPROVISIONING).min(1.0);
    let total: f64 = priorities.iter().map(|&priority| available(priority)).sum::<f64>().min(1.0);
    let all_in_panic = total == 0.0;
    let mut left = 1.0_f64;
    for &priority in &priorities {
        let load = if all_in_panic {
            // Nothing is healthy: the first priority takes all, if panic lets it.
            std::mem::replace(&mut left, 0.0)
        } else {
            let load = (available(priority) / total).min(left);
            left -= load;
            load
        };
        // While the priorities together can take all requests, none of them is in panic.
        let panics = total < 1.0 && healthy_share(priority) * 100.0 < panic_percent;
        let used: Vec<usize> = of_priority(priority).filter(|&at| panics || is_healthy(at)).collect();
        spread(&mut shares, hosts, &used, by_locality, load);
    }
    shares
}

/// Spreads the load over the hosts used: by the weights of their localities first where the cluster says so, then by their own.
fn spread(shares: &mut [f64], hosts: &[Host], used: &[usize], by_locality: bool, load: f64) {
    let mut localities: Vec<usize> = used.iter().map(|&at| hosts[at].locality).collect();
    localities.dedup();
    let locality_weight = |locality: usize| used.iter().find(|&&at| hosts[at].locality == locality).map_or(0.0, |&at| hosts[at].locality_weight);
    let whole: f64 = localities.iter().map(|&locality| locality_weight(locality)).sum();
    if by_locality && whole > 0.0 {
        for locality in localities {
            let own: Vec<usize> = used.iter().copied().filter(|&at| hosts[at].locality == locality).collect();
            spread(shares, hosts, &own, false, load * locality_weight(locality) / whole);
        }
        return;
    }
    let whole: f64 = used.iter().map(|&at| hosts[at].weight).sum();
    for &at in used {
        shares[at] = load * hosts[at].weight / whole;
    }
}
