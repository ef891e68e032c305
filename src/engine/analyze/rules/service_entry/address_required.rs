//! ServiceEntries for TCP have addresses (`analyzers/serviceentry/protocoladdresses.go` of 1.26.4).
//!
//! istiod of 1.26 gives most ServiceEntries an address by itself; the analyzer knows only what the mesh's proxyMetadata says.

use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::MeshConfig,
    diagnostic::istio::{IST0134, ServiceEntryAddressesRequired},
    resource::{Kind, ServiceEntry},
};

pub(super) static RULE: Rule = Rule {
    name: "address_required",
    set: Set::Istio,
    summary: "ServiceEntries for TCP have addresses",
    reads: &[Kind::ServiceEntry],
    emits: &[&IST0134],
    check,
};

fn check(context: &mut Context<'_>) {
    if gives_addresses(context.mesh()) {
        return;
    }
    for item in context.each::<ServiceEntry>().filter(|item| item.spec.addresses.is_empty()) {
        for (at, port) in item.spec.ports.iter().enumerate() {
            if port.protocol.is_empty() || port.protocol.eq_ignore_ascii_case("TCP") {
                context.report_at(item.resource, &format!("spec.ports[{at}].name"), &format!("spec.ports[{at}].protocol"), ServiceEntryAddressesRequired {});
            }
        }
    }
}

/// Whether the mesh's settings say that DNS is captured and addresses are made.
fn gives_addresses(mesh: &MeshConfig) -> bool {
    let is_on = |key: &str| mesh.default_config.proxy_metadata.get(key).is_some_and(|value| value == "true");
    is_on("ISTIO_META_DNS_CAPTURE") && (is_on("ISTIO_META_DNS_AUTO_ALLOCATE") || is_on("PILOT_ENABLE_IP_AUTOALLOCATE"))
}
