//! Addresses for what is written without one, as a cluster gives them: of the block for measurements (RFC 2544), which no network uses.

use std::{collections::HashSet, net::Ipv4Addr};

use crate::engine::resource::{Resource, Spec};

/// Hands them out in order, and none that the input has itself.
pub(super) struct Addresses {
    taken: HashSet<Ipv4Addr>,
    pods: std::ops::RangeInclusive<u32>,
    services: std::ops::RangeInclusive<u32>,
}

impl Addresses {
    pub(super) fn new(resources: &[Resource]) -> Self {
        let block = |second: u8| u32::from_be_bytes([198, second, 0, 1])..=u32::from_be_bytes([198, second, 255, 254]);
        let written = resources.iter().filter_map(|resource| match &resource.spec {
            Spec::Pod(pod) => Some(&pod.status.pod_ip),
            Spec::Service(service) => Some(&service.cluster_ip),
            _ => None,
        });
        let taken = written.filter(|address| address.starts_with("198.1")).filter_map(|address| address.parse().ok()).collect();
        Self { taken, pods: block(18), services: block(19) }
    }

    /// For a Pod; none where all are given away.
    pub(super) fn of_pod(&mut self) -> Option<String> {
        self.pods.by_ref().map(Ipv4Addr::from).find(|address| !self.taken.contains(address)).map(|address| address.to_string())
    }

    /// For a Service; none where all are given away.
    pub(super) fn of_service(&mut self) -> Option<String> {
        self.services.by_ref().map(Ipv4Addr::from).find(|address| !self.taken.contains(address)).map(|address| address.to_string())
    }
}

/// Gives every Service that has none an address, unless it has none on purpose (`clusterIP: None`) or is the name of something else.
pub(super) fn give_to_services(resources: &mut [Resource], addresses: &mut Addresses) {
    for resource in resources {
        if let Spec::Service(service) = &mut resource.spec
            && service.cluster_ip.is_empty()
            && service.cluster_ips.is_empty()
            && service.r#type != "ExternalName"
            && let Some(address) = addresses.of_service()
        {
            service.cluster_ip = address;
        }
    }
}
