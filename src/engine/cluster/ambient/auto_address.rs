//! The addresses that istiod gives to hosts of ServiceEntries that have none, so that ztunnel's DNS can answer with one.
//!
//! Retells `shouldV2AutoAllocateIPFromPieces` (`pilot/pkg/networking/serviceentry`) of istio/istio at 1.26.4; the block is istiod's
//! own, the order within it is that of the input.

use std::collections::HashMap;

use crate::engine::resource::{Resource, Spec};

const ENABLED: &str = "networking.istio.io/enable-autoallocate-ip";

/// An address for each namespace and host.
pub(super) fn allocate(resources: &[Resource]) -> HashMap<(String, String), String> {
    let mut addresses = HashMap::new();
    for resource in resources {
        let Spec::ServiceEntry(entry) = &resource.spec else { continue };
        let is_switched_off = resource.metadata.labels.get(ENABLED).is_some_and(|value| value.eq_ignore_ascii_case("false"));
        let has_resolution = entry.resolution.as_deref().is_some_and(|resolution| resolution != "NONE");
        if is_switched_off || !has_resolution || !entry.addresses.is_empty() {
            continue;
        }
        for host in entry.hosts.iter().filter(|host| !host.starts_with('*')) {
            // 240.240.0.0/16.
            let Ok(number) = u16::try_from(addresses.len() + 1) else { return addresses };
            let [high, low] = number.to_be_bytes();
            addresses.entry((resource.metadata.namespace.to_string(), host.clone())).or_insert_with(|| format!("240.240.{high}.{low}"));
        }
    }
    addresses
}
